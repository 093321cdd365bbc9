//! Values whose characters are spelled in another way: by mail, by their codes, with something unseen between them.
//! Each in three texts: the key ID first, the secret first, and several credentials.

use crate::corpus::layout::Layout;
use crate::corpus::style::{Style, Values};
use crate::corpus::wrap::Wrap;

const MAIL: [&str; 3] = [
    "<p>Hello {{Word}}, as promised, here are the credentials that you need to reach the bucket.</p><div>access key=<b>{{key-id}}</b>, secret key=<b>{{secret}}</b>, region={{region}}</div>\n",
    "Use SECRET_ACCESS_KEY={{secret}} together with ACCESS_KEY_ID={{key-id}} when you log in to the console next time, and do not tell anybody.\n",
    "account {{word}}#: AWS_ACCESS_KEY_ID={{key-id.#}} AWS_SECRET_ACCESS_KEY={{secret.#}} REGION={{region}}\n",
];
const INI: [&str; 3] = [
    "aws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\n",
    "secret_access_key: {{secret}}\naccess_key_id: {{key-id}}\n",
    "[{{word}}-#]\naccess_key = {{key-id.#}}\nsecret_key = {{secret.#}}\n\n",
];
const CODE: [&str; 3] = [
    "String accessKey = \"{{key-id}}\";\nString secretKey = \"{{secret}}\";\n",
    "secret_key = \"{{secret}}\"\naccess_key = \"{{key-id}}\"\n",
    "{ name: \"{{word}}#\", accessKeyId: \"{{key-id.#}}\", secretAccessKey: \"{{secret.#}}\" },\n",
];
const LIST: [&str; 3] = [
    "byte accessKey[] = { {{key-id}} };\nbyte secretKey[] = { {{secret}} };\n",
    "var secretKey = []byte{\n    {{secret}},\n}\nvar accessKey = []byte{\n    {{key-id}},\n}\n",
    "// {{word}}\naccess_key# = [ {{key-id.#}} ]\nsecret_key# = [ {{secret.#}} ]\n\n",
];
const FILE: [&str; 3] = [
    "aws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\n",
    "secret_access_key: {{secret}}\naccess_key_id: {{key-id}}\n",
    "[profile-#]\naws_access_key_id = {{key-id.#}}\naws_secret_access_key = {{secret.#}}\n\n",
];

macro_rules! in_three_texts {
    ($(($name:literal, $texts:ident, $($special:tt)*)),* $(,)?) => {
        &[$(
            Layout::new(concat!($name, ", ID first"), $texts[0])$($special)*,
            Layout::new(concat!($name, ", secret first"), $texts[1])$($special)*,
            Layout::new(concat!($name, ", several"), $texts[2]).times(4)$($special)*,
        )*]
    };
}

pub(crate) const LAYOUTS: &[Layout] = in_three_texts![
    ("quoted-printable", MAIL, .inner(Wrap::QuotedPrintable)),
    ("octal secret", CODE, .secret(Style::Values(Values::Octal))),
    ("zero-width space", INI, .all(Style::Broken("\u{200b}"))),
    ("soft hyphen", INI, .all(Style::Broken("\u{ad}"))),
    ("<wbr>", INI, .all(Style::Broken("<wbr>"))),
    ("&shy;", INI, .all(Style::Broken("&shy;"))),
    ("joined key ID", CODE, .all(Style::Broken("\" + \""))),
    ("joined key ID on two lines", CODE, .all(Style::Broken("\"\n    + \""))),
    ("continued key ID", CODE, .all(Style::Broken("\\\n"))),
    ("values in hex", CODE, .all(Style::Values(Values::Hex))),
    ("values in HEX", INI, .all(Style::Values(Values::UpperHex))),
    ("values as \\x41", CODE, .all(Style::Values(Values::Escapes))),
    ("values as &#x41;", INI, .all(Style::Values(Values::Entities))),
    ("values as lists of hex", LIST, .all(Style::Values(Values::List))),
    ("text in hex", FILE, .inner(Wrap::Values(Values::Hex))),
    ("text in HEX", FILE, .inner(Wrap::Values(Values::UpperHex))),
    ("text in lines of hex", FILE, .inner(Wrap::Values(Values::HexLines))),
    ("text as \\x41", FILE, .inner(Wrap::Values(Values::Escapes))),
    ("text as &#x41;", FILE, .inner(Wrap::Values(Values::Entities))),
    ("text as a list of hex", FILE, .inner(Wrap::Values(Values::List))),
    ("text as hex of the registry", FILE, .inner(Wrap::Values(Values::Registry))),
    ("hexdump -C", FILE, .inner(Wrap::Values(Values::Hexdump))),
    ("xxd", FILE, .inner(Wrap::Values(Values::Xxd))),
];
