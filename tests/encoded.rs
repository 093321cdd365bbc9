//! Credentials in encoded text, also where every character of a value is encoded, and secrets alone.

use akid::aws::Credential;
use akid::aws::fake;
use akid::detect::{Detector, Found};
use akid::rule::RuleSet;
use data_encoding::BASE64;

fn found(text: &[u8]) -> Vec<Found> {
    static DETECTOR: std::sync::LazyLock<Detector> =
        std::sync::LazyLock::new(|| Detector::new(&RuleSet::built_in()));
    DETECTOR.detect(text).found
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn each(text: &str, spell: impl Fn(u8) -> String) -> String {
    text.bytes().map(spell).collect()
}

const SECRET_NAMES: [&str; 5] =
    ["aws_secret_access_key", "SecretAccessKey", "AWS_SECRET_KEY", "s3.secret.key", "aws-secret"];

#[test]
fn a_secret_alone_is_found_in_encoded_text() {
    for (seed, name) in (0..20).zip(SECRET_NAMES.into_iter().cycle()) {
        let key = fake::pair(seed);
        let text = format!("{}{name}={}\n", ".".repeat(usize::from(seed % 4 == 3)), key.secret_text());
        let binary =
            |alignment: usize| [&b"\x01\x7f"[..], &vec![9; alignment], &wide(&text), b"\0\0\xff"].concat();
        let command = format!("powershell -EncodedCommand {}\n", BASE64.encode(&wide(&text)));
        for encoded in [
            binary(0),
            binary(1),
            command.into_bytes(),
            format!("config.env: {}\n", BASE64.encode(text.as_bytes())).into_bytes(),
        ] {
            let found = found(&encoded);
            assert_eq!(found.len(), 1, "{name} {:?}", String::from_utf8_lossy(&encoded));
            assert_eq!(found[0].credential.secret(), Some(key.secret()), "{name}");
        }
    }
}

#[test]
fn a_session_token_alone_is_found_in_wide_text() {
    let key = fake::temporary(1);
    let Some(token) = key.token() else { unreachable!("it is temporary") };
    let text = format!("token = {}\n", key.token_text());
    for encoded in [
        [&b"\x01\x7f\x01"[..], &wide(&text), b"\0\0"].concat(),
        format!("x {}\n", BASE64.encode(&wide(&text))).into_bytes(),
    ] {
        let found = found(&encoded);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].credential, Credential::Token(token.clone()));
    }
}

#[test]
fn a_pair_is_found_where_every_character_is_spelled_by_its_value() {
    let spellings: [fn(u8) -> String; 11] = [
        |byte| format!("%{byte:02X}"),
        |byte| format!("%{byte:02x}"),
        |byte| format!("%25{byte:02X}"),
        |byte| format!("&#{byte};"),
        |byte| format!("&#x{byte:x};"),
        |byte| format!("&amp;#{byte};"),
        |byte| format!("\\{byte:03o}"),
        |byte| format!("\\\\x{byte:02x}"),
        |byte| format!("{byte}, "),
        |byte| format!("{byte},"),
        |byte| format!("{byte:02x} "),
    ];
    for (seed, spell) in (0..).zip(spellings) {
        let key = fake::pair(seed);
        let line = |name: &str, value: &str| format!("{name} = [{}]\n", each(value, spell).trim_end());
        let (id, secret) = (line("access_key", key.id_text()), line("secret_key", key.secret_text()));
        let whole = each(&format!("access_key={}\nsecret_key={}\n", key.id_text(), key.secret_text()), spell);
        let plain = format!("secret_key = {}\n", key.secret_text());
        for text in [format!("{id}{secret}"), format!("{secret}{id}"), whole, format!("{id}{plain}")] {
            let found = found(text.as_bytes());
            assert_eq!(found.len(), 1, "{text}\n{found:?}");
            assert_eq!(found[0].credential.id(), Some(key.id()), "{text}");
            assert_eq!(found[0].credential.secret(), Some(key.secret()), "{text}");
        }
    }
}

#[test]
fn a_prefix_that_is_spelled_by_values_may_go_on_as_it_is() {
    let key = fake::pair(1);
    let id = key.id_text();
    let text = format!("id=%41%4B%49%41{}&secret_key={}\n", &id[4..], key.secret_text());
    let found = found(text.as_bytes());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].credential.secret(), Some(key.secret()));
    assert_eq!(found[0].credential.id(), Some(key.id()));
}
