//! What the fuzz targets share.

pub mod store;

use akid::aws::Credential;
use akid::aws::fake::Fake;
use akid::detect::{Detection, Found};

/// Replaces `{{key-id}}`, `{{secret}}` and `{{token}}` by the parts of a made-up credential, so that no seed in the
/// repository holds anything that looks like a key.
pub fn fill(input: &[u8], key: &Fake) -> Vec<u8> {
    let parts: [(&[u8], &str); 3] = [
        (b"{{key-id}}", key.id_text()),
        (b"{{secret}}", key.secret_text()),
        (b"{{token}}", key.token_text()),
    ];
    let mut filled = Vec::with_capacity(input.len());
    let mut rest = input;
    while let Some((&first, after)) = rest.split_first() {
        if let Some((name, value)) = parts.iter().find(|(name, _)| rest.starts_with(name)) {
            filled.extend_from_slice(value.as_bytes());
            rest = &rest[name.len()..];
        } else {
            filled.push(first);
            rest = after;
        }
    }
    filled
}

/// What can be compared of one credential: rule, credential, places.
pub type Told<'a> = (&'a str, &'a Credential, Vec<(u64, u64)>);

/// What was found, in a form that can be compared.
pub fn told(detection: &Detection) -> Vec<Told<'_>> {
    let places = |found: &Found| {
        found.places.iter().map(|place| (place.main().span.start, place.main().span.end)).collect()
    };
    detection.found.iter().map(|found| (found.rule.as_str(), &found.credential, places(found))).collect()
}
