//! Which lines are decided together.
//!
//! A line is decided by itself and by what comes before it, so that a log is shown while it is written. Where a value may
//! go on in the next line, the next line is waited for: wrapped base64, dumps of bytes, strings in pieces, a named secret
//! that is not whole.

use std::ops::Range;

use super::named;

/// A line of letters alone that is shorter may be a word.
const SHORTEST_LINE: usize = 20;
/// The first line of a wrapped token has as many letters at least.
const SHORTEST_OF_TOKEN: usize = 48;
/// Shorter pieces of a value show too little of it.
const SHORTEST_PIECE: usize = 8;
/// The longest line that is a row of a dump or of a list of numbers.
const LONGEST_ROW: usize = 400;
/// What may stand before a row: signs of quotes, of comments and of diffs.
const LONGEST_LEAD: usize = 4;
/// Fewer values at the end of a line are numbers.
const FEWEST_VALUES: usize = 8;
/// The longest URL of a request.
const LONGEST_URL: usize = 4096;
/// A line that is broken is not shorter.
const SHORTEST_URL: usize = 50;

/// Whether what `line` shows may go on in the next line. `line` may end in a line end.
pub(super) fn goes_on(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    !line.is_empty()
        && (ends_in_letters(line)
            || is_broken(line)
            || is_row(line)
            || ends_in_values(line)
            || is_open_request(line)
            || named::is_open(line))
}

/// Of the lines that end in `range` of `text`, which begins with a line: the end of the last one that does not go on,
/// `None` if there is none, and the end of the last line.
pub(super) fn last_end(text: &[u8], range: Range<usize>) -> (Option<usize>, usize) {
    let line_end =
        |end: usize| memchr::memrchr(b'\n', &text[range.start..end]).map(|at| range.start + at + 1);
    let last = line_end(range.end).unwrap_or(range.start);
    let mut end = last;
    while end > range.start {
        let start = line_end(end - 1).unwrap_or(range.start);
        if !goes_on(&text[start..end]) {
            return (Some(end), last);
        }
        end = start;
    }
    (None, last)
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

/// Whether a byte may stand before a piece of a value in its line.
fn is_lead(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'#' | b'>' | b'*' | b'|' | b'(' | b'[' | b',')
}

/// A line of base64 with nothing before it but an indent or a sign, or one that ends in as many letters as a wrapped line
/// of a token has.
fn ends_in_letters(line: &[u8]) -> bool {
    // An `=` ends base64, or stands between a name and its value: a line `NAME=value` is whole.
    let padding = line.iter().rev().take_while(|byte| **byte == b'=').count();
    let before = line[..line.len() - padding].iter().rev();
    let letters = padding + before.take_while(|byte| is_letter(**byte) && **byte != b'=').count();
    if letters < SHORTEST_PIECE {
        return false;
    }
    let (lead, piece) = line.split_at(line.len() - letters);
    let has = |kind: fn(&u8) -> bool| piece.iter().any(kind);
    let is_mixed = || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    if lead.iter().all(|byte| is_lead(*byte)) {
        return letters >= SHORTEST_LINE && has(u8::is_ascii_alphanumeric) || is_random(piece);
    }
    letters >= SHORTEST_OF_TOKEN && is_mixed()
}

/// A value that ends in what joins it to its next piece: a quote, an operator, a continuation.
fn is_broken(line: &[u8]) -> bool {
    let is_joint = |byte: &u8| {
        matches!(
            byte,
            b'"' | b'\''
                | b'`'
                | b'\\'
                | b'^'
                | b'.'
                | b'&'
                | b'~'
                | b'|'
                | b','
                | b' '
                | b'\t'
                | b'<'
                | b'>'
                | b'+'
                | b')'
                | b'('
                | b'_'
                | b'='
        )
    };
    let joint = line.iter().rev().take(SHORTEST_PIECE).take_while(|byte| is_joint(byte)).count();
    let (value, joint) = line.split_at(line.len() - joint);
    // A full stop ends a sentence, and a blank is no joint.
    let joins = joint.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'^' | b'='));
    if !joins {
        return false;
    }
    let letters = value.iter().rev().take_while(|byte| is_letter(**byte)).count();
    let piece = &value[value.len() - letters..];
    letters >= SHORTEST_PIECE && is_random(piece)
}

/// Whether letters may be a piece of a secret: no word is written like that.
fn is_random(piece: &[u8]) -> bool {
    let has = |kind: fn(&u8) -> bool| piece.iter().skip(1).any(kind);
    (has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase))
        || has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

/// A row of a dump, or of a list of the values of bytes.
fn is_row(line: &[u8]) -> bool {
    // Nearly every line is told by its first bytes.
    let start = line.iter().take(32 + LONGEST_LEAD);
    let is_of_row = |byte: &u8| {
        byte.is_ascii_hexdigit()
            || matches!(
                byte,
                b' ' | b'\t'
                    | b','
                    | b'x'
                    | b'X'
                    | b':'
                    | b'\\'
                    | b'['
                    | b'{'
                    | b'('
                    | b'"'
                    | b'\''
                    | b'%'
                    | b'&'
                    | b'#'
                    | b';'
                    | b']'
                    | b'}'
                    | b')'
                    | b'*'
            )
    };
    // What quotes it, or adds it in a diff, may stand before it.
    let lead = line
        .iter()
        .take(LONGEST_LEAD)
        .take_while(|byte| matches!(byte, b'+' | b'-' | b'>' | b'/' | b' ' | b'|'))
        .count();
    if line.len() > LONGEST_ROW || !start.skip(lead).all(is_of_row) {
        return false;
    }
    let numbers =
        line[lead..].split(|byte| !byte.is_ascii_alphanumeric()).filter(|number| !number.is_empty());
    let (mut values, mut others) = (0_usize, 0_usize);
    for (nth, number) in numbers.enumerate() {
        match value_len(number) {
            Some(len) => values += len,
            // The offset before a row.
            None if nth == 0 && number.len() >= 4 => {}
            None => others += 1,
        }
    }
    // Behind the bytes of a row stand their characters.
    values >= 1 && others <= values
}

/// Whether a line ends in values of bytes, whatever it begins with.
fn ends_in_values(line: &[u8]) -> bool {
    let tail = &line[line.len().saturating_sub(LONGEST_ROW)..];
    // Nearly every line is told by its last characters.
    let joint = tail.iter().rev().take(8).take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X' | b'u' | b'\\');
    let value = tail[..tail.len() - joint].iter().rev().take(4);
    if !value.clone().all(|byte| is_digit(byte) || !byte.is_ascii_alphanumeric()) || value.len() < 2 {
        return false;
    }
    let numbers = tail.rsplit(|byte| !byte.is_ascii_alphanumeric()).filter(|number| !number.is_empty());
    let values = numbers.map_while(value_len).take(FEWEST_VALUES).sum::<usize>();
    values >= FEWEST_VALUES
}

/// Whether a line ends within a signed request, of which the signature is not whole.
fn is_open_request(line: &[u8]) -> bool {
    let is_of_url = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`');
    let len = line.iter().rev().take(LONGEST_URL).take_while(|byte| is_of_url(byte)).count();
    let url = &line[line.len() - len..];
    let has = |word: &[u8]| memchr::memmem::find(url, word).is_some();
    if len < SHORTEST_URL || !(has(b"X-Amz-") || has(b"AWSAccessKeyId=")) {
        return false;
    }
    let signature = memchr::memmem::rfind(url, b"ignature=").map(|at| &url[at + b"ignature=".len()..]);
    signature
        .is_none_or(|rest| rest.len() < 64 && rest.iter().all(u8::is_ascii_hexdigit) || rest.ends_with(b"="))
}

/// How many bytes a number of a dump or list spells that are text.
fn value_len(number: &[u8]) -> Option<usize> {
    let digits = number.strip_prefix(b"0x").or_else(|| number.strip_prefix(b"0X")).unwrap_or(number);
    let digits = digits.strip_prefix(b"x").or_else(|| digits.strip_prefix(b"u00")).unwrap_or(digits);
    let is_text = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\t' | b' '..=b'~' | 0);
    let text = std::str::from_utf8(digits).ok()?;
    let decimal = || {
        let value = text.parse::<u8>().ok()?;
        ((2..=3).contains(&text.len()) && is_text(value)).then_some(1)
    };
    let hex = || {
        let pairs = digits.as_chunks::<2>().0;
        let is_pair = |pair: &[u8; 2]| {
            std::str::from_utf8(pair)
                .ok()
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                .is_some_and(is_text)
        };
        (digits.len().is_multiple_of(2) && !pairs.is_empty() && pairs.iter().all(is_pair))
            .then_some(pairs.len())
    };
    let octal = || {
        let value = u8::from_str_radix(text, 8).ok()?;
        (text.len() == 3 && is_text(value)).then_some(1)
    };
    hex().or_else(decimal).or_else(octal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    #[test]
    fn a_line_of_a_log_stands_by_itself() {
        for line in [
            "2026-11-27 11:22:33,123 INFO starting worker 17 of 20\n",
            "Compiling akid v0.1.0 (/work/akid)\n",
            "\n",
            "done.\n",
            "{\"level\": \"info\", \"message\": \"started\"}\n",
            "  \"name\": \"production\",\n",
            "----------------------------------------------\n",
            "12345 67890 11111 22222\n",
            "drwxr-xr-x 2 root root 4096 Nov 27 11:03 tasks\n",
            "GET /index.html 200",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
            "took 12, 34 and 56 ms\n",
            "connect 10.11.12.13:4567 from 192.168.10.20:8080\n",
            "https://b.s3.amazonaws.com/k?prefix=2026/11/27/and-so-on-until-the-line-is-long-enough\n",
        ] {
            assert!(!goes_on(line.as_bytes()), "{line}");
        }
        let secret = fake::pair(3).secret_text().to_owned();
        assert!(!goes_on(format!("AWS_SECRET_ACCESS_KEY={secret}\n").as_bytes()));
    }

    #[test]
    fn a_line_that_shows_a_part_of_a_value_waits_for_the_next() {
        let secret = fake::pair(3).secret_text().to_owned();
        let encoded = data_encoding::BASE64.encode(format!("aws_secret_access_key={secret}").as_bytes());
        let dump: String = secret.bytes().take(16).map(|byte| format!("{byte:02x} ")).collect();
        let list: String = secret.bytes().take(8).map(|byte| format!("{byte}, ")).collect();
        for line in [
            format!("{}\n", &encoded[..60]),
            format!("    {}\r\n", &encoded[..76.min(encoded.len())]),
            format!("key = \"{}\" +\n", &secret[..20]),
            format!("key={}\\\n", &secret[..20]),
            format!("  \"{}\",\n", &secret[..20]),
            format!("00000000: {dump} {}\n", &secret[..16]),
            format!("  {list}\n"),
            format!("  {},\n", secret.as_bytes()[0]),
            format!("> 00000000: {dump} {}\n", &secret[..16]),
            format!("var key = []byte{{{list}\n"),
            format!("payload: {}\n", data_encoding::HEXLOWER.encode(&secret.as_bytes()[..20])),
            format!(
                "x = \"{}\" +\n",
                secret.bytes().take(12).map(|byte| format!("\\u{byte:04x}")).collect::<String>()
            ),
            format!(
                "GET https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={}\n",
                "0a".repeat(9)
            ),
        ] {
            assert!(goes_on(line.as_bytes()), "{line}");
        }
    }
}
