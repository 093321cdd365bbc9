//! Forms that are shown whole: dates, UUIDs, IP addresses, public IDs of AWS.

use super::number::{spelled_by, spelled_by_hex};
use crate::aws::AccessKeyId;

/// The length of the date, the time, the UUID or the IP address that `text` starts with.
pub(super) fn len(text: &[u8]) -> Option<usize> {
    uuid(text).or_else(|| date(text)).or_else(|| clock(text)).or_else(|| ip_address(text))
}

/// Unless it is the text of a secret in that form.
fn uuid(text: &[u8]) -> Option<usize> {
    let len = form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")?;
    let digits: Vec<u8> = text[..len].iter().copied().filter(|&byte| byte != b'-').collect();
    (spelled_by_hex(&digits) < 6).then_some(len)
}

/// A date with or without a time: `2026-01-31T12:00:00.123Z`, `20260131T120000Z`, `2026/01/31`.
fn date(text: &[u8]) -> Option<usize> {
    if let Some(len) = form(text, "ddddddddTddddddZ") {
        return is_month(&text[4..8]).then_some(len);
    }
    let len = form(text, "dddd-dd-dd").or_else(|| form(text, "dddd/dd/dd"))?;
    let month_and_day = [text[5], text[6], text[8], text[9]];
    if !is_month(&month_and_day) {
        return None;
    }
    let rest = &text[len..];
    let time = rest.first().filter(|byte| matches!(byte, b'T' | b' ')).and_then(|_| clock(&rest[1..]));
    Some(len + time.map_or(0, |time| time + 1))
}

/// `12:00`, `12:00:00.123Z`, `12:00:00+01:00`.
fn clock(text: &[u8]) -> Option<usize> {
    let len = form(text, "dd:dd:dd").or_else(|| form(text, "dd:dd"))?;
    if number(&text[..2]) > 24 || number(&text[3..5]) > 59 || text.get(len).is_some_and(|&byte| byte == b':')
    {
        return None;
    }
    let fraction = text.get(len).filter(|byte| matches!(byte, b'.' | b',')).map_or(0, |_| {
        let digits = text[len + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if (1..=9).contains(&digits) { digits + 1 } else { 0 }
    });
    let zone = &text[len + fraction..];
    let zone = form(zone, "+dd:dd").or_else(|| form(zone, "-dd:dd")).or_else(|| form(zone, "Z")).unwrap_or(0);
    Some(len + fraction + zone)
}

/// `192.168.0.1`, unless most of its numbers are codes of a secret's characters.
fn ip_address(text: &[u8]) -> Option<usize> {
    let len = text.iter().take(16).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let parts = || text[..len].split(|&byte| byte == b'.');
    let is_part = |part: &[u8]| (1..=3).contains(&part.len()) && number(part) < 256;
    let codes = parts().filter(|part| !part.is_empty() && spelled_by(part) > 0).count();
    (parts().count() == 4 && parts().all(is_part) && codes < 3).then_some(len)
}

/// Whether four digits are a month and a day.
fn is_month(digits: &[u8]) -> bool {
    (1..=12).contains(&number(&digits[..2])) && (1..=31).contains(&number(&digits[2..]))
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit.wrapping_sub(b'0')))
}

/// The length of `form` if `text` starts so and goes on with something else: `d` is a digit, `x` one of base 16, all
/// else is itself.
fn form(text: &[u8], form: &str) -> Option<usize> {
    let fits = |(byte, sign): (&u8, u8)| match sign {
        b'd' => byte.is_ascii_digit(),
        b'x' => byte.is_ascii_hexdigit(),
        _ => *byte == sign,
    };
    let goes_on = |byte: &u8| byte.is_ascii_digit();
    let is_so = text.len() >= form.len() && text.iter().zip(form.bytes()).all(fits);
    (is_so && !text.get(form.len()).is_some_and(goes_on)).then_some(form.len())
}

/// Where in `letters` a key ID stands, or another ID of AWS's that is public, of a user or a role.
pub(super) fn public_id(letters: &[u8]) -> Option<std::ops::Range<usize>> {
    let key_id = letters.windows(AccessKeyId::LEN).position(|id| AccessKeyId::parse(id).is_some());
    key_id.map(|at| at..at + AccessKeyId::LEN).or_else(|| is_principal(letters).then_some(0..letters.len()))
}

fn is_principal(letters: &[u8]) -> bool {
    const PREFIXES: [&[u8]; 8] = [b"AGPA", b"AIDA", b"AIPA", b"ANPA", b"ANVA", b"APKA", b"AROA", b"ASCA"];
    (16..=21).contains(&letters.len())
        && PREFIXES.iter().any(|prefix| letters.starts_with(prefix))
        && letters.iter().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_uuids_are_known_and_secrets_in_their_form_are_not() {
        for (text, known) in [
            ("2026-01-31", Some(10)),
            ("2026-01-31T12:30:00.123Z ", Some(24)),
            ("2026-01-31 12:30, ", Some(16)),
            ("20260131T120000Z", Some(16)),
            ("12:30:00+01:00", Some(14)),
            ("2026-21-31", None),
            ("119:74:97:108", None),
            ("192.168.0.77:443", Some(12)),
            ("119.74.97.108", None),
            ("12:74:97:10:8", None),
            ("12:34:56:78", None),
            ("1.2.3", None),
            ("123e4567-e89b-12d3-a456-426614174000", Some(36)),
            ("774a616c-7258-5574-6e46-454d49614b37", None),
        ] {
            assert_eq!(len(text.as_bytes()), known, "{text}");
        }
    }
}
