//! What the console lets people download, and what spreadsheets make of it.

use crate::corpus::layout::Layout;
use crate::corpus::wrap::Wrap;

const SHORT: &str = "Access key ID,Secret access key\n{{key-id}},{{secret}}\n";
const USERS: &str = "User Name,Access Key Id,Secret Access Key\n\"{{word}}\",{{key-id}},{{secret}}\n";
const LOGIN: &str = "User name,Password,Access key ID,Secret access key,Console login link\n{{word}},,{{key-id}},{{secret}},https://{{account}}.signin.aws.amazon.com/console\n";

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new("CSV, access keys", SHORT),
    Layout::new("CSV, access keys, top of file", SHORT).top(),
    Layout::new("CSV, access keys, BOM", SHORT).outer(Wrap::Bom).top(),
    Layout::new("CSV, access keys, CR LF", SHORT).outer(Wrap::Crlf),
    Layout::new("CSV, access keys, UTF-16", SHORT).outer(Wrap::Utf16 { big: false, bom: true }),
    Layout::new(
        "CSV, access keys, quoted",
        "\"Access key ID\",\"Secret access key\"\r\n\"{{key-id}}\",\"{{secret}}\"\r\n",
    ),
    Layout::new("CSV, new user", LOGIN),
    Layout::new("CSV, new user, CR LF", LOGIN).outer(Wrap::Crlf),
    Layout::new("CSV, credentials", USERS),
    Layout::new("CSV, many users", "{{word}}#,{{key-id.#}},{{secret.#}}\n").times(8),
    Layout::new("CSV, secret column first", "secret,access_key,region\n{{secret}},{{key-id}},{{region}}\n"),
    Layout::new("CSV, many rows, secret column first", "{{secret.#}},{{key-id.#}},{{word}}\n").times(6),
    Layout::new("CSV, semicolons", "Access key ID;Secret access key\n{{key-id}};{{secret}}\n"),
    Layout::new("tabs", "Access key ID\tSecret access key\n{{key-id}}\t{{secret}}\n"),
    Layout::new(
        "SQL insert",
        "INSERT INTO {{word}} VALUES ({{n}},'{{word}}','{{key-id}}','{{secret}}','{{date}}');\n",
    ),
    Layout::new("SQL insert, many rows", "({{n}},'{{word}}','{{key-id.#}}','{{secret.#}}'),\n").times(6),
];
