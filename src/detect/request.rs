//! How far a signed request goes in a text.

use std::ops::Range;

/// How far on each side of the key ID the rest of the request is read, in bytes: a session token is part of a URL.
pub(super) const REACH: usize = 4096;

/// How many blanks break a URL where a parameter starts or ends.
const BREAK: usize = 16;

/// The URL or the header line that the ID stands in. A blank before or behind a `&` breaks a URL and does not end it.
pub(super) fn request_around(text: &[u8], at: usize) -> Range<usize> {
    let text = &text[..text.len().min(at + REACH)];
    let ends = |place: &usize| {
        let is_quote = matches!(text[*place], b'"' | b'\'' | b'<' | b'>' | b'`');
        is_quote || text[*place].is_ascii_whitespace() && !is_broken(text, *place)
    };
    let low = at.saturating_sub(REACH);
    let start = (low..at).rev().find(ends).map_or(low, |place| place + 1);
    let end = (at..text.len()).find(ends).unwrap_or(text.len());
    start..end
}

/// No line that a URL is broken into is shorter or longer.
const LINE: Range<usize> = 40..200;
/// A URL is broken into fewer lines.
const MAX_LINES: usize = 64;

/// The URL around `at` in one piece, if it is broken into lines as mail and terminals do it: all are equally long but the
/// last, and nothing but the URL is in those between.
pub(super) fn over_lines(text: &[u8], at: usize) -> Option<Vec<u8>> {
    let low = at.saturating_sub(REACH);
    let start = text[low..at].iter().rposition(|&byte| byte == b'\n').map_or(low, |end| low + end + 1);
    let own = line_at(text, start)?;
    let is_full = |line: &[u8]| LINE.contains(&line.len()) && line.len() >= own.len();
    let mut pieces = vec![own];
    let mut first = start;
    // Up to the line in which it starts.
    while pieces.len() < MAX_LINES && !pieces[0].contains(&b':') && first > 0 {
        let before = &text[..first - 1];
        let begin = before.iter().rev().take(LINE.end + 2).position(|&byte| byte == b'\n');
        let begin = first - 1 - begin?;
        let line = line_at(text, begin).filter(|line| is_full(line))?;
        pieces.insert(0, line);
        first = begin;
    }
    let width = pieces[0].len();
    let mut next = start + memchr::memchr(b'\n', &text[start..])? + 1;
    while pieces.len() < MAX_LINES && pieces.last().is_some_and(|last| last.len() == width) {
        let Some(line) = line_at(text, next).filter(|line| is_of_url(line) && line.len() <= width) else {
            break;
        };
        pieces.push(line);
        next += line.len();
        next += memchr::memchr(b'\n', &text[next..]).map_or(text.len() - next, |end| end + 1);
    }
    if pieces.len() < 2 || !LINE.contains(&width) {
        return None;
    }
    let head = pieces[0].iter().rposition(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'<' | b'('));
    pieces[0] = &pieces[0][head.map_or(0, |end| end + 1)..];
    Some(pieces.concat())
}

/// The line that starts at `start`, without its end.
fn line_at(text: &[u8], start: usize) -> Option<&[u8]> {
    let rest = text.get(start..)?;
    let rest = &rest[..rest.len().min(LINE.end + 2)];
    let line = &rest[..memchr::memchr(b'\n', rest).or((rest.len() < LINE.end).then_some(rest.len()))?];
    Some(line.strip_suffix(b"\r").unwrap_or(line)).filter(|line| !line.is_empty())
}

/// Whether all of a line may be part of a URL that starts above it.
fn is_of_url(line: &[u8]) -> bool {
    memchr::memmem::find(line, b"://").is_none()
        && line.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(byte))
}

/// Whether the blank at `at` is one of a few beside a `&`, or behind the `;` that ends `&amp;`.
fn is_broken(text: &[u8], at: usize) -> bool {
    let blanks = |byte: &&u8| byte.is_ascii_whitespace();
    let before = text[..at].iter().rev().take(BREAK).find(|byte| !blanks(byte));
    let behind = text[at..].iter().take(BREAK).find(|byte| !blanks(byte));
    matches!(before, Some(b'&' | b';')) || behind == Some(&b'&')
}
