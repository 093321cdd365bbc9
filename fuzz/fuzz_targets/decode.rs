//! A key in any text, wrapped in up to three encodings: no panic, and where the text around it is plain, it is found.
#![no_main]

use std::sync::LazyLock;

use akid::aws::fake;
use akid::detect::Detector;
use akid::rule::RuleSet;
use arbitrary::Arbitrary;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case {
    seed: u16,
    before: String,
    after: String,
    wraps: [Option<Wrap>; 3],
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
enum Wrap {
    Base64,
    Base64Lines(u8),
    Base64Url,
    Utf16 { big: bool, bom: bool },
    Json,
    Percent,
    Entities,
    Unicode,
}

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(&RuleSet::built_in()));

impl Wrap {
    fn wrap(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Base64 => BASE64.encode(text).into_bytes(),
            Self::Base64Lines(width) => {
                let encoded = BASE64.encode(text);
                let lines: Vec<_> = encoded.as_bytes().chunks(usize::from(width) + 1).collect();
                lines.join(&b'\n')
            }
            Self::Base64Url => BASE64URL_NOPAD.encode(text).into_bytes(),
            Self::Utf16 { big, bom } => utf16(text, big, bom),
            Self::Json => each(text, b"\\\"\n/", |byte| match byte {
                b'\n' => b"\\n".to_vec(),
                byte => vec![b'\\', byte],
            }),
            Self::Percent => each(text, b"%+/=\n \"", |byte| format!("%{byte:02X}").into_bytes()),
            Self::Entities => each(text, b"&+/=<>\"'", |byte| format!("&#{byte};").into_bytes()),
            Self::Unicode => each(text, b"\\+/=<>\"'", |byte| format!("\\u{byte:04x}").into_bytes()),
        }
    }
}

fn each(text: &[u8], escaped: &[u8], escape: impl Fn(u8) -> Vec<u8>) -> Vec<u8> {
    text.iter().flat_map(|&byte| if escaped.contains(&byte) { escape(byte) } else { vec![byte] }).collect()
}

fn utf16(text: &[u8], big: bool, bom: bool) -> Vec<u8> {
    let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    let mark = bom.then_some(0xfeff_u16);
    mark.into_iter().chain(text.iter().map(|&byte| u16::from(byte))).flat_map(bytes).collect()
}

fuzz_target!(|case: Case| {
    let key = fake::pair(case.seed.into());
    let planted =
        format!("\naws_access_key_id = {}\naws_secret_access_key = {}\n", key.id_text(), key.secret_text());
    let mut text = [case.before.as_bytes(), planted.as_bytes(), case.after.as_bytes()].concat();
    for wrap in case.wraps.into_iter().flatten() {
        text = wrap.wrap(&text);
    }
    let found = DETECTOR.detect(&text);
    let wraps: Vec<_> = case.wraps.iter().flatten().collect();
    let is_surely_read = match wraps[..] {
        [] | [Wrap::Base64 | Wrap::Base64Url] => true,
        [Wrap::Utf16 { bom, .. }] => *bom,
        _ => false,
    };
    if is_surely_read && [&case.before, &case.after].iter().all(|text| text.bytes().all(|b| b == b' ')) {
        assert!(found.found.iter().any(|found| found.credential.id() == Some(key.id())));
    }
});
