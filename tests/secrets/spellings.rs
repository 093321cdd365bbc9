//! How a secret may be spelled, and what may stand before and after it.

use data_encoding::{BASE64, BASE64URL_NOPAD};

/// A way to spell a text: its name, and what spells it.
pub(crate) type Spelling = (&'static str, fn(&str) -> String);

/// Spells each character with `spell`.
fn each(text: &str, spell: impl Fn(u32) -> String) -> String {
    text.chars().map(|c| spell(u32::from(c))).collect()
}

fn pieces(text: &str, len: usize, joint: &str) -> String {
    let parts: Vec<_> = text.as_bytes().chunks(len).map(String::from_utf8_lossy).collect();
    parts.join(joint)
}

/// Spellings in which eight characters are spelled the same wherever they stand.
pub(crate) const BY_CHARACTER: &[Spelling] = &[
    ("plain", |text| text.to_owned()),
    ("URL-safe", |text| text.replace('+', "-").replace('/', "_")),
    ("slashes escaped", |text| text.replace('/', "\\/")),
    ("hex", |text| each(text, |c| format!("{c:02x}"))),
    ("HEX", |text| each(text, |c| format!("{c:02X}"))),
    ("hex with colons", |text| each(text, |c| format!("{c:02x}:"))),
    ("hex with spaces", |text| each(text, |c| format!("{c:02x} "))),
    ("0x list", |text| each(text, |c| format!("0x{c:02x}, "))),
    ("percent", |text| each(text, |c| format!("%{c:02X}"))),
    ("\\u", |text| each(text, |c| format!("\\u{c:04x}"))),
    ("\\x", |text| each(text, |c| format!("\\x{c:02x}"))),
    ("HTML decimal", |text| each(text, |c| format!("&#{c};"))),
    ("HTML hex", |text| each(text, |c| format!("&#x{c:x};"))),
    ("octal", |text| each(text, |c| format!("\\{c:03o}"))),
    ("decimal list", |text| each(text, |c| format!("{c}, "))),
    ("characters", |text| text.chars().map(|c| format!("'{c}', ")).collect()),
    ("quoted-printable", |text| each(text, |c| format!("={c:02X}"))),
    ("zero-width spaces", |text| text.chars().map(|c| format!("{c}\u{200b}")).collect()),
    ("soft hyphens", |text| text.chars().map(|c| format!("{c}&shy;")).collect()),
    ("<wbr>", |text| text.chars().map(|c| format!("{c}<wbr>")).collect()),
    ("UTF-16", |text| text.chars().map(|c| format!("{c}\0")).collect()),
    ("UTF-16, other order", |text| text.chars().map(|c| format!("\0{c}")).collect()),
];

/// Spellings in which it counts what stands before.
pub(crate) const AS_A_WHOLE: &[Spelling] = &[
    ("base64", |text| BASE64.encode(text.as_bytes())),
    ("base64url", |text| BASE64URL_NOPAD.encode(format!(":{text}").as_bytes())),
    ("base64, third phase", |text| BASE64.encode(format!("k=\"{text}").as_bytes())),
    ("base64 twice", |text| BASE64.encode(BASE64.encode(text.as_bytes()).as_bytes())),
    ("base64 of UTF-16", |text| BASE64.encode(&text.bytes().flat_map(|byte| [byte, 0]).collect::<Vec<u8>>())),
    ("lines of 20", |text| pieces(text, 20, "\n    ")),
    ("pieces of 4", |text| pieces(text, 4, "\" + \"")),
    ("pieces of 7", |text| pieces(text, 7, " ")),
    ("pieces of 8", |text| pieces(text, 8, "\", \"")),
    ("soft line break", |text| pieces(text, 13, "=\r\n")),
    ("swapped halves", |text| format!("{}\" + \"{}", &text[20..], &text[..20])),
];

/// What may stand before a secret, glued to it or not.
pub(crate) const PREFIXES: [&str; 50] = [
    "",
    " ",
    "=",
    ":",
    "\"",
    "key=",
    "secret: ",
    "x",
    "pw",
    "-",
    "_",
    "/",
    "https://example.com/",
    "https://example.com/api/v1/users/",
    "https://hooks.slack.com/services/",
    "https://vault.internal/v1/secret/data/production/",
    "https://user:",
    "https://host/?token=",
    "s3://my-bucket/backup/",
    "/home/deploy/.aws/credentials/",
    "/etc/kubernetes/secrets/application/",
    "C:\\Users\\deploy\\secrets\\",
    "/authentication/configuration/development/environment/",
    "production_secret_access_key_",
    "my-service-secret-",
    "arn_aws_secretsmanager_us-east-1_",
    "arn:aws:iam::123456789012:role/",
    "--header=x-api-key-",
    "--secret-key=",
    "--secret-key ",
    "-p",
    "refs/heads/feature/remove-",
    "refs/tags/v1.0-",
    "fix/",
    "host.example.com:",
    "user@host:",
    "Authorization: Bearer ",
    "Authorization: Basic x:",
    "export SECRET=",
    "ENV SECRET ",
    "<Secret>",
    "{\"secret\":\"",
    "['",
    "SecretAccessKey",
    "0123456789abcdef",
    "2026-01-31T12:00:00Z",
    "rotate ",
    "was: ",
    "#",
    "%20",
];

/// What may stand after it.
pub(crate) const SUFFIXES: [&str; 7] = ["", " ", "\"", "/file.txt", "_production", "x", "&b=1"];
