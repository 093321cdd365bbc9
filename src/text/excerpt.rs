//! The line around a match, with everything secret masked while it is cut.

use std::fmt;
use std::ops::Range;

use super::{Escaped, is_continuation};

/// A line as a report may show it. The bytes under a mask never get in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    parts: Vec<Part>,
}

/// A stretch of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text around the match, made printable.
    Plain(String),
    /// Text of the match that may be shown: a key ID.
    Marked(String),
    /// Something secret; always shown as the same four stars, so that not even its length is told.
    Masked,
    /// Left out to keep the excerpt short.
    Elided,
}

/// How much of a line is shown on each side of what it is shown for, in bytes.
const REACH: usize = 90;
/// A character has so many bytes at most.
const CHARACTER: usize = 4;

impl Excerpt {
    /// No byte further than this from what an excerpt is shown for is in it.
    pub(crate) const REACH: usize = REACH + CHARACTER;

    /// Cuts `line` around `focus`, masking `masks` and marking `marks`. All ranges count from the line's start and may
    /// stick out of it; a mask wins over a mark.
    pub fn cut(line: &[u8], focus: &Range<usize>, masks: &[Range<usize>], marks: &[Range<usize>]) -> Self {
        let start = char_start(line, focus.start.min(line.len()).saturating_sub(REACH));
        let end = char_start(line, focus.end.saturating_add(REACH).min(line.len()));
        let indent = line[start..end].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let mut excerpt = Self::default();
        if start > 0 {
            excerpt.parts.push(Part::Elided);
        }
        let mut at = start + if start == 0 { indent } else { 0 };
        while at < end {
            let (style, until) = style_at(at, end, masks, marks);
            let shown = Escaped(&line[at..until]).to_string();
            excerpt.parts.push(match style {
                Style::Plain => Part::Plain(shown),
                Style::Mark => Part::Marked(shown),
                Style::Mask => Part::Masked,
            });
            at = until;
        }
        if end < line.len() {
            excerpt.parts.push(Part::Elided);
        }
        excerpt
    }

    /// Takes a line as it was shown: four stars were a mask. What was marked is not known any more.
    pub fn of_shown(line: &str) -> Self {
        let mut parts = Vec::new();
        for (nth, plain) in line.split("****").enumerate() {
            if nth > 0 {
                parts.push(Part::Masked);
            }
            if !plain.is_empty() {
                parts.push(Part::Plain(plain.to_owned()));
            }
        }
        Self { parts }
    }

    /// The stretches, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
}

enum Style {
    Plain,
    Mark,
    Mask,
}

/// How the byte at `at` is shown, and up to where that holds.
fn style_at(at: usize, end: usize, masks: &[Range<usize>], marks: &[Range<usize>]) -> (Style, usize) {
    let covering = |ranges: &[Range<usize>]| {
        ranges.iter().filter(|range| range.contains(&at)).map(|range| range.end).max()
    };
    let next = |ranges: &[Range<usize>]| {
        ranges.iter().map(|range| range.start).filter(|&start| start > at).min().unwrap_or(end)
    };
    if let Some(until) = covering(masks) {
        (Style::Mask, until.min(end))
    } else if let Some(until) = covering(marks) {
        (Style::Mark, until.min(next(masks)).min(end))
    } else {
        (Style::Plain, next(masks).min(next(marks)).min(end))
    }
}

/// The nearest start of a character at or before `at`.
fn char_start(line: &[u8], at: usize) -> usize {
    let continues = |&i: &usize| line.get(i).is_some_and(|&byte| is_continuation(byte));
    (at.saturating_sub(3)..=at).rev().find(|i| !continues(i)).unwrap_or(at)
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Plain(text) | Part::Marked(text) => f.write_str(text),
            Part::Masked => f.write_str("****"),
            Part::Elided => f.write_str("…"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn masks_are_cut_out_and_marks_kept() {
        let (key, secret) = (5..8, 16..19);
        let (mask, mark) = (slice::from_ref(&secret), slice::from_ref(&key));
        let excerpt = Excerpt::cut(b"  id=KEY secret=abc end", &key, mask, mark);
        assert_eq!(excerpt.to_string(), "id=KEY secret=**** end");
        assert_eq!(excerpt.parts()[1], Part::Marked("KEY".to_owned()));
    }

    #[test]
    fn a_long_line_is_shown_around_its_focus() {
        let line = [b"a".repeat(1000), b"KEY".to_vec(), b"b".repeat(1000)].concat();
        let key = 1000..1003;
        let shown = Excerpt::cut(&line, &key, &[], slice::from_ref(&key)).to_string();
        assert_eq!(shown, format!("…{}KEY{}…", "a".repeat(REACH), "b".repeat(REACH)));
    }

    proptest! {
        #[test]
        fn no_masked_byte_is_shown(line in "[a-z]{0,80}", start in 0_usize..80, len in 0_usize..40) {
            let start = start.min(line.len());
            let end = (start + len).min(line.len());
            let mut upper = line.into_bytes();
            upper[start..end].make_ascii_uppercase();
            let mask = start..end;
            let excerpt = Excerpt::cut(&upper, &(0..0), slice::from_ref(&mask), &[]);
            prop_assert!(!excerpt.to_string().bytes().any(|b| b.is_ascii_uppercase()));
        }
    }
}
