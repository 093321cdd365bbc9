//! Everything that a secret is spelled as in tests.

/// `secret` in every spelling that is read.
pub(super) fn all(secret: &str) -> Vec<String> {
    let hex = |text: &str| each(text, |c| format!("{:02x}", code(c)));
    let base64 = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    vec![
        secret.to_owned(),
        secret.replace('/', "_").replace('+', "-"),
        secret.replace('/', "\\/"),
        secret.replace('/', "%2F").replace('+', "%252b"),
        each(secret, |c| format!("%{:02X}", code(c))),
        each(secret, |c| format!("\\u{:04x}", code(c))),
        each(secret, |c| format!("\\\\u{{{:x}}}", code(c))),
        each(secret, |c| format!("\\x{:02x}", code(c))),
        each(secret, |c| format!("\\{:03o}", code(c))),
        each(secret, |c| format!("&#{};", code(c))),
        each(secret, |c| format!("&amp;#x{:X};", code(c))),
        each(secret, |c| format!("={:02X}", code(c))),
        each(secret, |c| format!("{c}\u{200b}")),
        each(secret, |c| format!("{c}&shy;")),
        each(secret, |c| format!("{c}<wbr>")),
        format!("{}=\r\n{}", &secret[..secret.len() / 2], &secret[secret.len() / 2..]),
        each(secret, |c| format!("{c}\\x00")),
        each(secret, |c| format!("{c}\\u0000")),
        hex(secret),
        hex(secret).to_uppercase(),
        each(secret, |c| format!("{:02x}:", code(c))),
        each(secret, |c| format!("0x{:02X}, ", code(c))),
        each(secret, |c| format!("{:02x}00", code(c))),
        each(secret, |c| format!("{}, ", code(c))),
        each(secret, |c| format!("0{:o}, ", code(c))),
        each(secret, |c| format!("'{c}', ")),
        base64(secret),
        base64(&format!("x{secret}")).replace('/', "\\/"),
        base64(&format!("xy{secret}")).replace('+', "-").replace('/', "_"),
        base64(&base64(secret)),
        base64(&each(secret, |c| format!("{c}\0"))),
        format!("{}\" + \"{}", &secret[..7], &secret[7..]),
        secret.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part) + "\", \"").collect(),
    ]
}

/// `secret` with each of its characters spelled by `spell`.
pub(super) fn each(secret: &str, spell: impl Fn(char) -> String) -> String {
    secret.chars().map(spell).collect()
}

fn code(c: char) -> u32 {
    u32::from(c)
}
