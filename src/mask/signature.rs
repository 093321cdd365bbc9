//! Signatures of requests, which open what they sign until they expire.

use std::ops::Range;

use crate::aws::AccessKeyId;

/// Where signatures of requests stand in `text`: behind their name, and behind the key ID of a header of version 2.
pub(super) fn signatures(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let named = memchr::memmem::find_iter(text, b"ignature").filter_map(|at| {
        let start = at + b"ignature".len();
        let sign = text[start..]
            .iter()
            .take(8)
            .take_while(|byte| !byte.is_ascii_alphanumeric() && **byte != b'%')
            .count();
        let escaped = text[start + sign..].len() >= 3
            && text[start + sign..start + sign + 3].eq_ignore_ascii_case(b"%3d");
        signature_at(text, start + sign + if escaped { 3 } else { 0 })
    });
    let headers = memchr::memmem::find_iter(text, b"AWS A").filter_map(|at| {
        let id = at + b"AWS ".len();
        AccessKeyId::parse(text.get(id..id + AccessKeyId::LEN)?)?;
        (text.get(id + AccessKeyId::LEN) == Some(&b':'))
            .then(|| signature_at(text, id + AccessKeyId::LEN + 1))?
    });
    named.chain(headers)
}

/// The signature that starts at `start`: hex digits, or base64 as it is or in a URL.
fn signature_at(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let hex = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if hex >= 64 {
        return Some(start..start + hex);
    }
    let is_letter =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'%' | b'=' | b'-' | b'_');
    let len = rest.iter().take(200).take_while(|byte| is_letter(byte)).count();
    let is_mixed =
        rest[..len].iter().any(u8::is_ascii_uppercase) && rest[..len].iter().any(u8::is_ascii_lowercase);
    ((27..=140).contains(&len) && is_mixed).then_some(start..start + len)
}
