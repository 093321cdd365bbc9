//! What may stand directly beside a key ID.

use crate::corpus::layout::Layout;
use crate::corpus::wrap::Wrap;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new("_AKIA", "cp old_{{key-id}} backup/\n"),
    Layout::new("AKIA…_old", "user_{{key-id}}_old: inactive\n"),
    Layout::new("AKIA…-old", "{{word}}-{{key-id}}-old.csv\n"),
    Layout::new("AKIA….csv", "rm ~/Downloads/{{key-id}}.csv\n"),
    Layout::new("/AKIA…/", "s3://{{word}}/{{key-id}}/{{word}}/2025\n"),
    Layout::new("+AKIA", "+{{key-id}}\n"),
    Layout::new("@AKIA…", "user@{{key-id}}, {{word}}\n"),
    Layout::new("\\nAKIA in a JSON string", "{\"text\": \"{{word}}\\n{{key-id}}\\n{{word}}\"}\n"),
    Layout::new("\\tAKIA in a JSON string", "{\"text\": \"{{word}}\\t{{key-id}}\\t{{word}}\"}\n"),
    Layout::new("\\r\\nAKIA in a JSON string", "{\"text\": \"{{word}}\\r\\n{{key-id}}\\r\\n\"}\n"),
    Layout::new(
        "\\\\nAKIA in JSON in JSON",
        "{\"text\": \"{\\\"a\\\": \\\"{{word}}\\\\n{{key-id}}\\\"}\"}\n",
    ),
    Layout::new("%3DAKIA", "GET /?q=key%3D{{key-id}}%26n%3D{{n}}\n"),
    Layout::new("%22AKIA", "GET /?q=%7B%22id%22%3A%22{{key-id}}%22%7D\n"),
    Layout::new("%3dAKIA, lower case", "GET /?q=key%3d{{key-id}}%26n\n"),
    Layout::new("\\u003dAKIA", "{\"q\":\"id\\u003d{{key-id}}\\u0026n\"}\n"),
    Layout::new("\\u0022AKIA", "{\"q\":\"\\u0022{{key-id}}\\u0022\"}\n"),
    Layout::new("\\x22AKIA", "var t = '\\x22{{key-id}}\\x22';\n"),
    Layout::new("&quot;AKIA", "<p>id=&quot;{{key-id}}&quot;</p>\n"),
    Layout::new("&#34;AKIA", "<p>id=&#34;{{key-id}}&#34;</p>\n"),
    Layout::new("&gt;AKIA", "&lt;id&gt;{{key-id}}&lt;/id&gt;\n"),
    Layout::new("ANSI colour, ID", "\u{1b}[32m{{key-id}}\u{1b}[0m\n"),
    Layout::new("ANSI colour with m, ID", "id=\u{1b}[1;31m{{key-id}}\u{1b}[m {{word}}\n"),
    Layout::new("ANSI colour, written out", "echo -e \"\\033[31m{{key-id}}\\033[0m\"\n"),
    Layout::new(
        "ANSI colour, pair",
        "AWS_ACCESS_KEY_ID=\u{1b}[33m{{key-id}}\u{1b}[0m\nAWS_SECRET_ACCESS_KEY=\u{1b}[33m{{secret}}\u{1b}[0m\n",
    ),
    Layout::new("quotes of typographers", "The key “{{key-id}}” is old.\n"),
    Layout::new("letters of other scripts", "ключ{{key-id}}日本\n"),
    Layout::new("ID among Latin-1", "id {{key-id}} \n").outer(Wrap::Latin1),
    Layout::new("NUL bytes around", "\0\0{{key-id}}\0\0{{secret}}\0\0"),
    Layout::new(
        "git log -G colours",
        "\u{1b}[32m+\u{1b}[m\u{1b}[32maws_access_key_id={{key-id}}\u{1b}[m\n\u{1b}[32m+\u{1b}[m\u{1b}[32maws_secret_access_key={{secret}}\u{1b}[m\n",
    ),
];
