//! GitHub's line hash, by which code scanning follows an alert through edits of its file.

use std::collections::HashMap;
use std::fmt;

/// A line's hash, `hex:count`, where `count` tells lines of equal hash apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LineHash(String);

/// How many characters from a line's start go into its hash.
const WINDOW: usize = 100;
const FACTOR: u64 = 37;

/// Hashes the lines of one file in order.
#[derive(Debug, Default)]
pub struct LineHasher {
    seen: HashMap<u64, u64>,
}

impl LineHasher {
    /// The hash of the line that `text` starts with, counted among the lines given to this hasher before.
    ///
    /// `text` goes on to the end of the file: a window reaches over line ends. The sum runs over 100 UTF-16 units
    /// from the line's start, spaces and tabs left out, CR and CRLF as LF; the end of the file counts as one unit
    /// 65535, then as zeros. Source: the fingerprint code that GitHub's upload action runs.
    pub fn next_line(&mut self, text: &str) -> LineHash {
        let sum = window(text).0;
        let count = self.seen.entry(sum).and_modify(|count| *count += 1).or_insert(1);
        LineHash(format!("{sum:x}:{count}"))
    }
}

impl LineHash {
    /// The hash of a text that stands for a line of which the file's own text must not be hashed.
    pub fn of_text(text: &str) -> Self {
        Self(format!("{:x}:1", window(text).0))
    }

    /// The hash as SARIF spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number of bytes of `text` that go into the hash of its first line.
pub(crate) fn window_len(text: &str) -> usize {
    window(text).1
}

/// The sum over the window at the start of `text`, and how many bytes the window covers.
fn window(text: &str) -> (u64, usize) {
    let (mut sum, mut units, mut covered) = (0_u64, 0, 0);
    let mut add = |unit: u64| {
        sum = sum.wrapping_mul(FACTOR).wrapping_add(unit);
        units += 1;
        units == WINDOW
    };
    let mut after_cr = false;
    for c in text.chars() {
        let skipped = matches!(c, ' ' | '\t') || (c == '\n' && after_cr);
        after_cr = c == '\r';
        let c = if after_cr { '\n' } else { c };
        covered += c.len_utf8();
        if !skipped && c.encode_utf16(&mut [0; 2]).iter().any(|unit| add(u64::from(*unit))) {
            return (sum, covered);
        }
    }
    // The end of the file is a unit of its own, and zeros follow it.
    let mut is_full = add(65_535);
    while !is_full {
        is_full = add(0);
    }
    (sum, covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Vec<String> {
        let mut hasher = LineHasher::default();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1));
        starts.map(|start| hasher.next_line(&text[start..]).to_string()).collect()
    }

    /// The vectors of the upload action's own tests.
    #[test]
    fn known_vectors_come_out() {
        assert_eq!(hashes(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            hashes(" a\nb\n  \t\tc\n d"),
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]
        );
    }

    #[test]
    fn equal_lines_are_counted() {
        let text = "x".repeat(200) + "\n" + &"x".repeat(200);
        let hashes = hashes(&text);
        assert_eq!(hashes[0].strip_suffix(":1"), hashes[1].strip_suffix(":2"));
    }
}
