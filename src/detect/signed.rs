//! What a presigned URL or a signed header says of itself.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp, civil};

use super::artefact;
use super::request::{REACH, over_lines, request_around};
use crate::finding::SignedRequest;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// No request signed with version 4 is accepted longer after it was signed.
///
/// Source: `X-Amz-Expires` in "Authenticating Requests: Using Query Parameters" of the Amazon S3 API reference.
const MAX_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Reads the request around the key ID that ends at `id_end`. Whatever cannot be read is left out.
pub(super) fn read(text: &[u8], id_end: usize) -> SignedRequest {
    let request = &text[request_around(text, id_end)];
    let whole = parameter(request, "x-amz-expires").is_none().then(|| over_lines(text, id_end)).flatten();
    let request = whole.as_deref().unwrap_or(request);
    let mut scope = text[id_end..].split(|&byte| byte == b'/').skip(1).take(4);
    let (date, region, service, end) = (scope.next(), scope.next(), scope.next(), scope.next());
    let is_v4 = end.is_some_and(|end| end.starts_with(b"aws4_request"));
    if !is_v4 {
        let expires_at =
            parameter(request, "expires").and_then(|seconds| Timestamp::from_second(number(seconds)?).ok());
        let expires_at = expires_at.or_else(|| policy_end(text, id_end));
        return SignedRequest { expires_at, ..SignedRequest::default() };
    }
    let exact = parameter(request, "x-amz-date").and_then(moment);
    let signed_at = exact.or_else(|| moment(date?));
    let lifetime = parameter(request, "x-amz-expires").and_then(number).map(SignedDuration::from_secs);
    let of_policy = if lifetime.is_none() { policy_end(text, id_end) } else { None };
    // Of the scope's day, it may have been the last second.
    let lifetime =
        lifetime.unwrap_or(MAX_LIFETIME) + if exact.is_some() { SignedDuration::ZERO } else { DAY };
    SignedRequest {
        signed_at,
        expires_at: of_policy.or_else(|| signed_at.and_then(|at| at.checked_add(lifetime).ok())),
        region: region.and_then(word),
        service: service.and_then(word),
    }
}

/// When the policy of the form around the key ID ends.
fn policy_end(text: &[u8], id_end: usize) -> Option<Timestamp> {
    const NAME: &str = "\"expiration\"";
    let around = &text[id_end.saturating_sub(REACH)..text.len().min(id_end + REACH)];
    let policy = artefact::policy(&String::from_utf8_lossy(around))?;
    let policy = String::from_utf8(data_encoding::BASE64.decode(policy.as_bytes()).ok()?).ok()?;
    let value = policy[policy.find(NAME)? + NAME.len()..].split('"').nth(1)?;
    value.parse().ok()
}

/// The value of a query parameter, by its name in lower case.
fn parameter<'a>(request: &'a [u8], name: &str) -> Option<&'a [u8]> {
    request.split(|byte| matches!(byte, b'?' | b'&' | b';')).find_map(|pair| {
        let pair = pair.trim_ascii();
        let equals = pair.iter().position(|&byte| byte == b'=')?;
        pair[..equals].eq_ignore_ascii_case(name.as_bytes()).then(|| &pair[equals + 1..])
    })
}

/// `20260131T235959Z`, or `20260131` for its midnight.
fn moment(text: &[u8]) -> Option<Timestamp> {
    let part = |range: Range<usize>| i8::try_from(number(text.get(range)?)?).ok();
    let year = i16::try_from(number(text.get(..4)?)?).ok()?;
    let has_time = text.get(8) == Some(&b'T');
    let (hour, minute, second) =
        if has_time { (part(9..11)?, part(11..13)?, part(13..15)?) } else { (0, 0, 0) };
    let moment = civil::DateTime::new(year, part(4..6)?, part(6..8)?, hour, minute, second, 0).ok()?;
    jiff::tz::Offset::UTC.to_timestamp(moment).ok()
}

fn number(digits: &[u8]) -> Option<i64> {
    let digits = std::str::from_utf8(digits).ok()?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn word(text: &[u8]) -> Option<String> {
    let plain = text.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-');
    (plain && !text.is_empty()).then(|| String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(before: &str, after: &str) -> SignedRequest {
        let text = format!("curl '{before}ID{after}' -o x");
        read(text.as_bytes(), text.find("ID").unwrap() + 2)
    }

    #[test]
    fn a_presigned_url_tells_when_it_expires() {
        let signed = request(
            "https://b/k?X-Amz-Expires=900&X-Amz-Credential=",
            "/20260131/eu-west-1/s3/aws4_request&X-Amz-Date=20260131T235959Z",
        );
        assert_eq!(signed.signed_at, "2026-01-31T23:59:59Z".parse().ok());
        assert_eq!(signed.expires_at, "2026-02-01T00:14:59Z".parse().ok());
        assert_eq!((signed.region.as_deref(), signed.service.as_deref()), (Some("eu-west-1"), Some("s3")));
    }

    #[test]
    fn a_signed_header_tells_its_day_and_ends_seven_days_after_it_at_the_latest() {
        let signed = request("Credential=", "/20260131/eu-west-1/sts/aws4_request, SignedHeaders=host");
        assert_eq!(signed.signed_at, "2026-01-31T00:00:00Z".parse().ok());
        assert_eq!(signed.expires_at, "2026-02-08T00:00:00Z".parse().ok());
    }

    #[test]
    fn an_older_presigned_url_tells_its_end_only() {
        let signed = request("https://b/k?AWSAccessKeyId=", "&Expires=1767225600&Signature=x");
        assert_eq!(signed.expires_at, "2026-01-01T00:00:00Z".parse().ok());
    }

    #[test]
    fn a_blank_at_a_parameter_breaks_a_url_and_does_not_end_it() {
        for after in ["& Expires=1767225600&x=y", "\n&Expires=1767225600", " &amp;\n  Expires=1767225600 "] {
            let signed = request("https://b/k?AWSAccessKeyId=", after);
            assert_eq!(signed.expires_at, "2026-01-01T00:00:00Z".parse().ok(), "{after}");
        }
        assert_eq!(request("https://b/k?AWSAccessKeyId=", " Expires=1767225600").expires_at, None);
    }

    #[test]
    fn a_url_over_lines_of_one_width_is_read_whole() {
        let url = format!(
            "https://bucket.s3.amazonaws.com/key?X-Amz-Credential=ID%2F20260131&X-Amz-Expires=900&X-Amz-Date={}",
            "0".repeat(40)
        );
        let broken = |width: usize, end: &str| {
            let lines: Vec<&str> = (0..url.len().div_ceil(width))
                .map(|nth| &url[nth * width..url.len().min((nth + 1) * width)])
                .collect();
            format!("See this:\n\n{}\n\nBye", lines.join(end))
        };
        for (width, end) in [(60, "\n"), (76, "\r\n"), (72, "\n")] {
            let text = broken(width, end);
            let at = text.find("ID").unwrap() + 2;
            assert_eq!(over_lines(text.as_bytes(), at).as_deref(), Some(url.as_bytes()), "{text}");
        }
        // Another line of a log and lines of other widths are not part of it.
        for text in [format!("{}\nGET /x y\n", &url[..90]), format!("{url}\n{url}\n")] {
            let at = text.find("ID").unwrap() + 2;
            let whole = over_lines(text.as_bytes(), at);
            assert!(whole.is_none_or(|whole| !whole.ends_with(b"y") && !whole.ends_with(b"0")), "{text}");
        }
    }

    #[test]
    fn a_date_that_is_none_is_left_out() {
        let signed = request("Credential=", "/20261399/eu-west-1/sts/aws4_request");
        assert_eq!(signed.signed_at, None);
    }
}
