//! Any token: its claims are read without a panic, and no claim is longer than the token.
#![no_main]

use akid::aws::SessionToken;
use data_encoding::BASE64;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    // The bytes as a token's text, and as what a token's text decodes to.
    for text in [input.to_vec(), BASE64.encode(input).into_bytes()] {
        if let Some(token) = SessionToken::parse(&text) {
            let claims = token.claims();
            assert!(claims.region.is_none_or(|region| region.len() <= text.len()));
            assert!(!format!("{token:?}").contains(&*String::from_utf8_lossy(&text)));
        }
    }
});
