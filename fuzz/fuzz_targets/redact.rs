//! Any text with a secret in it: what is shown holds neither the secret nor a control character.
#![no_main]

use akid::aws::{Likeness, fake};
use akid::redact::redact;
use akid_fuzz::fill;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let key = fake::temporary(1);
    assert_eq!(key.secret().likeness(), Likeness::RandomKey);
    let shown = redact(&fill(input, &key));
    assert!(!shown.chars().any(char::is_control));
    // The engine learns the secret from our own comparisons, and then writes it where no secret can stand.
    let is_written_out = String::from_utf8_lossy(input).contains(key.secret_text());
    if is_delimited(input) && !is_written_out {
        assert!(!shown.contains(key.secret_text()));
    }
});

/// Whether each placeholder of a secret stands between characters that no secret holds.
fn is_delimited(input: &[u8]) -> bool {
    let name = b"{{secret}}";
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| b" \n\"'<>,;:".contains(byte));
    let starts = (0..input.len()).filter(|&at| input[at..].starts_with(name));
    starts
        .into_iter()
        .all(|at| ends(at.checked_sub(1).and_then(|at| input.get(at))) && ends(input.get(at + name.len())))
}
