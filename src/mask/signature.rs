//! Signatures of requests, which open what they sign until they expire.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::named::regex;
use crate::aws::AccessKeyId;

/// Hex digits of a signature of version 4.
const HEX: usize = 64;

/// What a form has between the name of a field and its value.
static VALUE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"^(?i-u)["'](?:\s+(?:type|id|class)\s*=\s*["'][\w -]{0,40}["']){0,3}\s+(?:value|content)\s*=\s*["']"#,
    )
});

/// Where signatures of requests stand in `text`: behind their name, and behind the key ID of a header of version 2. Where
/// no name is seen, as in one that a line end breaks, all that looks like a signature is one.
pub(super) fn signatures(text: &[u8]) -> Vec<Range<usize>> {
    let named = memchr::memmem::find_iter(text, b"ignature").filter_map(|at| {
        let start = at + b"ignature".len();
        let sign = match VALUE.find(&text[start..]) {
            Some(joint) => joint.end(),
            None => sign_len(&text[start..]),
        };
        signature_at(text, start + sign)
    });
    let headers = memchr::memmem::find_iter(text, b"AWS A").filter_map(|at| {
        let id = at + b"AWS ".len();
        AccessKeyId::parse(text.get(id..id + AccessKeyId::LEN)?)?;
        (text.get(id + AccessKeyId::LEN) == Some(&b':'))
            .then(|| signature_at(text, id + AccessKeyId::LEN + 1))?
    });
    let found: Vec<Range<usize>> = named.chain(headers).collect();
    if found.is_empty() { unnamed(text) } else { found }
}

/// The length of what stands between the name of a signature and the signature.
fn sign_len(text: &[u8]) -> usize {
    let sign = text.iter().take(8).take_while(|byte| !byte.is_ascii_alphanumeric() && **byte != b'%').count();
    let is_escaped = text.get(sign..sign + 3).is_some_and(|sign| sign.eq_ignore_ascii_case(b"%3d"));
    sign + if is_escaped { 3 } else { 0 }
}

/// Runs of as many hex digits as a signature has.
fn unnamed(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].iter().position(u8::is_ascii_hexdigit).map(|start| at + start) {
        let run = hex_at(text, start);
        at = run.end;
        let digits = text[run.clone()].iter().filter(|byte| byte.is_ascii_hexdigit()).count();
        found.extend((digits == HEX).then_some(run));
    }
    found
}

/// The hex digits from `start` on, up to those of a signature over the ends of lines.
fn hex_at(text: &[u8], start: usize) -> Range<usize> {
    let (mut at, mut digits) = (start, 0);
    loop {
        let more = text[at..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        (at, digits) = (at + more, digits + more);
        let broken = if more > 0 && digits < HEX { line_end(&text[at..]) } else { None };
        match broken.filter(|len| text.get(at + len).is_some_and(u8::is_ascii_hexdigit)) {
            Some(len) => at += len,
            None => return start..at,
        }
    }
}

/// The length of a line end that breaks a value, with what quotes the next line.
fn line_end(text: &[u8]) -> Option<usize> {
    let soft = usize::from(text.first() == Some(&b'='));
    let end = text[soft..].iter().position(|byte| *byte != b'\r')?;
    (text.get(soft + end) == Some(&b'\n')).then_some(())?;
    let start = soft + end + 1;
    Some(start + text[start..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'>')).count())
}

/// The signature that starts at `start`: hex digits, or base64 as it is or in a URL.
fn signature_at(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let hex = hex_at(text, start);
    if text[hex.clone()].iter().filter(|byte| byte.is_ascii_hexdigit()).count() >= HEX {
        return Some(hex);
    }
    let is_letter =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'%' | b'=' | b'-' | b'_');
    let len = rest.iter().take(200).take_while(|byte| is_letter(byte)).count();
    let is_mixed =
        rest[..len].iter().any(u8::is_ascii_uppercase) && rest[..len].iter().any(u8::is_ascii_lowercase);
    ((27..=140).contains(&len) && is_mixed).then_some(start..start + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_found_however_it_is_named_and_broken() {
        let hex = "0123456789abcdef".repeat(4);
        let (a, b) = hex.split_at(23);
        for (before, after) in [
            ("X-Amz-Signature=", "&x=1"),
            ("Signature%3D", "%26"),
            ("\"x-amz-signature\": \"", "\""),
            ("<input name=\"X-Amz-Signature\" value=\"", "\">"),
            ("<input type='hidden' name='X-Amz-Signature' type='hidden' value='", "'>"),
            ("<input value=\"", "\" name=\"policy\">"),
            ("&X-Amz-Signa\nture=", "\n"),
        ] {
            for signature in [hex.clone(), format!("{a}\n{b}"), format!("{a}=\r\n{b}"), format!("{a}\n> {b}")]
            {
                let text = format!("{before}{signature}{after}");
                let found = signatures(text.as_bytes());
                let whole = before.len()..before.len() + signature.len();
                let is_covered =
                    found.iter().any(|range| range.start <= whole.start && range.end >= whole.end);
                assert!(is_covered, "{text}\n{found:?}");
            }
        }
    }
}
