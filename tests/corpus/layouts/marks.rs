//! Values that markup, the signs of a diff or of a comment, or the slashes of a path touch.

use crate::corpus::layout::Layout;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new("between equals signs", "Access key: ={{key-id}}=\nSecret key: ={{secret}}=\n"),
    Layout::new("between equals signs, secret first", "={{secret}}= ={{key-id}}=\n"),
    Layout::new("between plus signs", "Access key: +{{key-id}}+\nSecret key: +{{secret}}+\n"),
    Layout::new("between plus signs, bare lines", "+{{key-id.#}}+\n+{{secret.#}}+\n\n").times(3),
    Layout::new("between underscores", "_{{key-id}}_\n_{{secret}}_\n"),
    Layout::new("between double underscores", "__{{secret}}__\n__{{key-id}}__\n"),
    Layout::new("between asterisks", "**{{key-id.#}}** / **{{secret.#}}**\n\n").times(3),
    Layout::new("between tildes and ticks", "~~{{key-id}}~~ `{{secret}}`\n"),
    Layout::new("between bars", "| id | |{{key-id.#}}|{{secret.#}}|\n").times(3),
    Layout::new("quoted mail", "> {{key-id}}\n> {{secret}}\n"),
    Layout::new("quoted mail, no blanks", ">{{secret}}\n>{{key-id}}\n"),
    Layout::new("diff, added lines", "@@ -0,0 +1,2 @@\n+{{key-id}}\n+{{secret}}\n"),
    Layout::new("diff, removed lines", "@@ -1,2 +0,0 @@\n-{{secret}}\n-{{key-id}}\n"),
    Layout::new("diff of a CSV", "+{{secret.#}},{{key-id.#}}\n").times(3),
    Layout::new("commented out, no blanks", "//{{key-id}}\n//{{secret}}\n"),
    Layout::new("commented out, dashes", "--{{secret}}\n--{{key-id}}\n"),
    Layout::new("separated by a slash", "{{key-id.#}}/{{secret.#}}\n").times(3),
    Layout::new("separated by a slash, secret first", "{{secret.#}}/{{key-id.#}}\n").times(3),
    Layout::new("parts of a path", "/x/{{key-id}}/{{secret}}/\n"),
    Layout::new("parts of a path, secret first", "/x/{{secret}}/{{key-id}}/\n"),
    Layout::new(
        "names escaped for Markdown",
        "AWS\\_ACCESS\\_KEY\\_ID={{key-id}}\nAWS\\_SECRET\\_ACCESS\\_KEY={{secret}}\n",
    ),
    Layout::new(
        "Authorization header of version 2",
        "Authorization: AWS {{key-id}}:MDEyMzQ1Njc4OWFiY2RlZmdoaWo=\n",
    )
    .signed(),
    Layout::new("body of a signed request", "AWSAccessKeyId={{key-id}}&Action=SendMessage&Signature=x%3D\n")
        .signed(),
];
