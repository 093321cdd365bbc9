//! How well a key ID and another part go together, judged by the text between them.

use std::ops::Range;

use super::candidate::{Candidate, Missing, Part, Standing};
use super::name::Match;
use super::nesting::Nesting;
use super::section::{self, Block};
use crate::aws::{KeyKind, ServiceSecretKind};
use crate::text::is_continuation;

/// How far from a key ID its secret or token may stand, in bytes of the text that both stand in.
pub(super) const REACH: usize = 8 * 1024;

/// Parts on each side of a key ID that it may be linked with: the nearest. Only where keys stand as dense as in a dump
/// of them is there a farther one.
const MAX_NEIGHBOURS: usize = 8;

/// A key ID and a secret, or a key ID and a token, that may belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Index of the key ID's candidate.
    pub(super) id: usize,
    /// Index of the other part's candidate.
    pub(super) other: usize,
    /// How badly they go together.
    pub(super) cost: u32,
    /// Whether nothing but punctuation stands between them: arguments, columns, user info.
    pub(super) adjacent: bool,
}

/// What it costs to leave a key ID without a secret. A link that costs more is worse than none. All costs are in bytes of
/// distance.
pub(super) const ALONE: u32 = 16_000;

/// Cost of a step out of one brace, bracket or element and into another.
const SCOPE: u32 = 1600;
/// Cost of a line end between the two: more than [`SECRET_FIRST`], so that in rows a secret goes with its own row's key
/// ID, whichever of them comes first.
const OTHER_LINE: u32 = 64;
/// Cost of a blank line between the two.
const BLANK_LINE: u32 = 800;
/// Cost of names that say different things.
const OTHER_NAME: u32 = 9600;
/// Cost of one name that says something and one that says nothing.
const SILENT_NAME: u32 = 320;
/// Cost of a secret that comes first: less than the key ID and the secret of one more pair take, so that in a list in
/// which every secret comes first none is paired with the key ID before it.
const SECRET_FIRST: u32 = 48;
/// Cost of a secret without a name.
const UNNAMED: u32 = 4000;
/// Cost of a secret in a comment for a key ID that is in none, or the other way round: an old secret is often kept so.
const COMMENTED: u32 = 600;
/// Cost of a documented example together with what is none.
const EXAMPLE_MIXED: u32 = 8000;

/// The candidates of one text in the order of their places, with what stands between them: what a link costs is looked
/// up, not read anew for each.
pub(super) struct Layout<'a> {
    text: &'a [u8],
    parts: Vec<Laid<'a>>,
    /// The places among `parts` of those that are no key IDs.
    others: Vec<usize>,
}

/// A candidate, and what is told of the text around it.
struct Laid<'a> {
    candidate: &'a Candidate,
    /// How many of the [others](Layout::others) come before it.
    rank: usize,
    /// What whole lines there are before the line that it starts in.
    before: Lines,
    /// What whole lines there are up to the end of the line that it ends in.
    through: Lines,
    own: Nesting,
    /// Whether the line that it starts in is a comment.
    is_commented: bool,
    /// Whether nothing else but its name is in the braces around it: they make no object of several fields.
    is_sole: bool,
    /// The blocks that it is in, where there is a field that holds nothing: a field is of its own block only.
    block: Block,
    /// From its end to the next of the others.
    to_next: Nesting,
    /// From the end of the last of the others to its start.
    from_last: Nesting,
}

impl<'a> Layout<'a> {
    /// Lays out `candidates` of `text`, which come in the order of their starts.
    pub(super) fn new(text: &'a [u8], candidates: impl IntoIterator<Item = &'a Candidate>) -> Self {
        let candidates: Vec<&Candidate> = candidates.into_iter().collect();
        let has_field = candidates.iter().any(|candidate| matches!(candidate.part, Part::Missing(_)));
        let bounds = candidates.first().zip(candidates.last());
        let bounds = bounds.map_or(0..0, |(a, b)| a.range.start..b.range.end);
        // There a byte is a length or a tag, whatever sign it is of a text.
        let is_binary = is_binary(text, &bounds);
        let nesting = |range| if is_binary { Nesting::default() } else { Nesting::of(text, range) };
        let lines = if is_binary { LineCounts::new(&[], 0..0) } else { LineCounts::new(text, bounds) };
        let mut others = Vec::new();
        let mut parts: Vec<Laid<'a>> = Vec::with_capacity(candidates.len());
        for (at, candidate) in candidates.into_iter().enumerate() {
            let Range { start, end } = candidate.range;
            parts.push(Laid {
                candidate,
                rank: others.len(),
                before: lines.before(start),
                through: lines.through(end),
                own: nesting(start..end),
                is_commented: is_commented(text, start),
                is_sole: is_sole(text, start..end),
                block: if has_field { Block::around(text, start) } else { Block::default() },
                to_next: Nesting::default(),
                from_last: Nesting::default(),
            });
            others.extend((!candidate.takes_parts()).then_some(at));
        }
        let gap = |pair: &[Laid<'_>]| pair[0].candidate.range.end..pair[1].candidate.range.start;
        let gaps: Vec<Nesting> = parts.windows(2).map(|pair| nesting(gap(pair))).collect();
        for (at, gap) in gaps.iter().enumerate() {
            let last = &parts[at];
            parts[at + 1].from_last =
                if last.candidate.takes_parts() { last.from_last.then(last.own).then(*gap) } else { *gap };
        }
        for (at, gap) in gaps.iter().enumerate().rev() {
            let next = &parts[at + 1];
            parts[at].to_next =
                if next.candidate.takes_parts() { gap.then(next.own).then(next.to_next) } else { *gap };
        }
        Self { text, parts, others }
    }

    /// What the key ID at `id` may belong together with, as places in the layout: the nearest on each side, in reach.
    pub(super) fn links_of(&self, id: usize) -> Vec<Link> {
        let is_near = |other: usize| {
            let (first, second) =
                (&self.parts[id.min(other)].candidate, &self.parts[id.max(other)].candidate);
            second.range.start.saturating_sub(first.range.end) <= REACH
        };
        let (before, after) = self.others.split_at(self.parts[id].rank);
        let mut links = Vec::new();
        let mut nesting = self.parts[id].to_next;
        for &at in after.iter().take(MAX_NEIGHBOURS).take_while(|&&at| is_near(at)) {
            links.extend(self.link(id, at, nesting));
            nesting = nesting.then(self.parts[at].own).then(self.parts[at].to_next);
        }
        let mut nesting = self.parts[id].from_last;
        for &at in before.iter().rev().take(MAX_NEIGHBOURS).take_while(|&&at| is_near(at)) {
            links.extend(self.link(id, at, nesting));
            nesting = self.parts[at].from_last.then(self.parts[at].own).then(nesting);
        }
        links
    }

    /// What it costs to take the parts at `id` and `other` for parts of one credential; `None` if they cannot be.
    fn link(&self, id: usize, other: usize, nesting: Nesting) -> Option<Link> {
        let (first, second) = (&self.parts[id.min(other)], &self.parts[id.max(other)]);
        let between = self.text.get(first.candidate.range.end..second.candidate.range.start)?;
        let lines = second.before.since(first.through);
        let (key_id, part) = (self.parts[id].candidate, self.parts[other].candidate);
        if lines.headers > 0 || !can_belong(key_id, part) {
            return None;
        }
        // What is another service's, by its name, belongs only to what is so, too.
        if part.owner.is_some() && part.owner != key_id.owner && key_id.is_key_id() {
            return None;
        }
        let is_in_objects = key_id.affix.is_of_value() && part.affix.is_of_value();
        if is_in_objects && nesting.leaves_object() && !(first.is_sole && second.is_sole) {
            return None;
        }
        let is_field = matches!(part.part, Part::Missing(_)) || !key_id.is_key_id();
        if is_field && is_in_objects && !first.block.is_nested(&second.block) {
            return None;
        }
        let adjacent = is_adjacent(between);
        let unnamed = part.standing == Standing::UnnamedNearId && !adjacent;
        // A field that is commented out says as well that the secret is somewhere else.
        let is_comment_apart =
            first.is_commented != second.is_commented && !matches!(part.part, Part::Missing(_));
        let cost = distance_cost(between.len())
            + SCOPE * nesting.scopes.steps().min(5)
            + BLANK_LINE * lines.blank.min(4)
            + if lines.ends > 0 { OTHER_LINE } else { 0 }
            + name_cost(key_id, part)
            + if other < id { SECRET_FIRST } else { 0 }
            + if unnamed { UNNAMED } else { 0 }
            + if is_comment_apart { COMMENTED } else { 0 }
            + if key_id.is_example == part.is_example { 0 } else { EXAMPLE_MIXED };
        Some(Link { id, other, cost, adjacent })
    }
}

/// What the parts themselves rule out: an account in the token that is not the key ID's; an unnamed secret for a key
/// ID in a signed request.
fn can_belong(id: &Candidate, other: &Candidate) -> bool {
    let Part::KeyId { id: key_id, signed } = &id.part else {
        // Only what is named belongs to a field that holds no key ID.
        return !matches!(other.part, Part::Token(_) | Part::Service(_))
            && other.standing != Standing::UnnamedNearId;
    };
    match &other.part {
        Part::KeyId { .. } | Part::Missing(Missing::KeyId | Missing::OtherKeyId) => false,
        Part::Missing(Missing::Secret) => signed.is_none(),
        // Its user name is a key ID.
        Part::Service(part) => {
            let is_password = part.secret.kind() == ServiceSecretKind::SesSmtpPassword;
            is_password && signed.is_none() && key_id.kind() == KeyKind::LongTerm
        }
        Part::Secret(_) => signed.is_none() || other.standing == Standing::Own,
        Part::Token(token) => match (key_id.account(), token.claims().account) {
            (Some(of_id), Some(of_token)) => of_id == of_token,
            _ => true,
        },
    }
}

/// Whether the text around the values in `bounds` is no text: it has bytes that only binary data has.
fn is_binary(text: &[u8], bounds: &Range<usize>) -> bool {
    /// How much of it is looked at on each side, in bytes: the tag and the length before the first value, at least.
    const AROUND: usize = 16;
    let start = bounds.start.saturating_sub(AROUND);
    let around = &text[start..text.len().min(bounds.end + AROUND)];
    // Texts have tabs, page breaks, colours and backspaces.
    let is_control = |byte: &u8| matches!(byte, 0..=7 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    // Bytes that are no UTF-8 are letters in older encodings, but those texts have lines.
    let is_other = || memchr::memchr(b'\n', around).is_none() && !is_utf8_but_for_ends(around, start > 0);
    around.iter().any(is_control) || is_other()
}

/// Whether `text` is UTF-8 but for a character that its end cuts, and one that its start cuts if it `is_cut` there.
fn is_utf8_but_for_ends(text: &[u8], is_cut: bool) -> bool {
    let continued = text.iter().take(3).take_while(|byte| is_continuation(**byte)).count();
    let start = if is_cut { continued } else { 0 };
    match std::str::from_utf8(&text[start..]) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// Whether the braces around the value at `range` hold it and at most its name, as in a dictionary of C# or a block of
/// Ruby.
fn is_sole(text: &[u8], range: Range<usize>) -> bool {
    /// How far a brace may be from the value, in bytes.
    const REACH: usize = 120;
    let before = &text[range.start.saturating_sub(REACH)..range.start];
    let after = &text[range.end..text.len().min(range.end + REACH)];
    let Some(open) = before.iter().rposition(|byte| b"{}".contains(byte)) else { return false };
    let Some(close) = after.iter().position(|byte| b"{}".contains(byte)) else { return false };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let words = |text: &[u8]| text.split(|byte| !is_name(byte)).filter(|word| !word.is_empty()).count();
    before[open] == b'{' && after[close] == b'}' && words(&before[open..]) <= 1 && words(&after[..close]) == 0
}

/// Whether the line that `at` is in begins as a comment.
fn is_commented(text: &[u8], at: usize) -> bool {
    /// A name and its value start no farther from the start of their line, in bytes.
    const REACH: usize = 200;
    const SIGNS: [&[u8]; 5] = [b"#", b"//", b";", b"--", b"<!--"];
    let before = &text[at.saturating_sub(REACH)..at];
    let Some(start) = memchr::memrchr(b'\n', before).or((before.len() == at).then_some(usize::MAX)) else {
        return false;
    };
    let line = before[start.wrapping_add(1)..].trim_ascii_start();
    // `#define` and a heading of Markdown are none, and neither is an option of a command.
    SIGNS.iter().any(|sign| line.starts_with(sign))
        && !line.starts_with(b"#define")
        && !line.starts_with(b"##")
}

/// A little more than the distance itself the farther it is: of two lists side by side, first goes with first.
fn distance_cost(distance: usize) -> u32 {
    // The second term decides between short lines, the third between long lists.
    let near = distance.min(256);
    u32::try_from(distance + near * near / 1024 + distance * distance / 65_536).unwrap_or(u32::MAX)
}

fn name_cost(id: &Candidate, other: &Candidate) -> u32 {
    match id.affix.compare(&other.affix) {
        Match::Same => 0,
        Match::Silent => SILENT_NAME,
        Match::Different => OTHER_NAME,
    }
}

/// Whether only a few separators stand between two values, on one line.
fn is_adjacent(between: &[u8]) -> bool {
    (1..=10).contains(&between.len())
        && between
            .iter()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b',' | b';' | b':' | b'|' | b'/'))
}

/// Numbers of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lines {
    ends: u32,
    blank: u32,
    /// Headers of INI sections.
    headers: u32,
}

impl Lines {
    fn since(self, earlier: Self) -> Self {
        Self {
            // The line end that follows the earlier place counts.
            ends: (self.ends + 1).saturating_sub(earlier.ends),
            blank: self.blank.saturating_sub(earlier.blank),
            headers: self.headers.saturating_sub(earlier.headers),
        }
    }
}

/// How many lines of each kind there are before each line of a text.
struct LineCounts {
    /// Where each line starts, and what came before it.
    starts: Vec<(usize, Lines)>,
}

impl LineCounts {
    fn new(text: &[u8], range: Range<usize>) -> Self {
        let mut starts = Vec::new();
        let (mut at, mut lines) = (range.start, Lines::default());
        for line in text[range].split(|&byte| byte == b'\n') {
            starts.push((at, lines));
            at += line.len() + 1;
            let line = line.trim_ascii();
            lines.ends += 1;
            lines.blank += u32::from(line.is_empty());
            lines.headers += u32::from(section::is_header(line));
        }
        starts.push((at, lines));
        Self { starts }
    }

    fn line_at(&self, at: usize) -> usize {
        self.starts.partition_point(|(start, _)| *start <= at).saturating_sub(1)
    }

    /// The lines before the one at `at`.
    fn before(&self, at: usize) -> Lines {
        self.starts[self.line_at(at)].1
    }

    /// The lines up to and with the one at `at`.
    fn through(&self, at: usize) -> Lines {
        self.starts[(self.line_at(at) + 1).min(self.starts.len() - 1)].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What whole lines there are between two places of which the first ends and the second starts at a `|`.
    fn lines(text: &str) -> Lines {
        let bars: Vec<usize> = text.match_indices('|').map(|(at, _)| at).collect();
        let counts = LineCounts::new(text.as_bytes(), 0..text.len());
        counts.before(bars[1]).since(counts.through(bars[0]))
    }

    #[test]
    fn a_comment_begins_its_line() {
        let commented = |text: &str| is_commented(text.as_bytes(), text.len());
        for line in ["# a = ", "x\n  //secret: ", "a\n;b=", "-- id: ", "<!-- key "] {
            assert!(commented(line), "{line}");
        }
        for line in ["a = ", "# x\nkey = ", "#define ID \"", "a # b ", "https://x/"] {
            assert!(!commented(line), "{line}");
        }
    }

    #[test]
    fn a_section_is_crossed_by_its_header_only() {
        assert_eq!(lines("id = |\n[profile prod]\naws_secret = |").headers, 1);
        assert_eq!(lines("id = |\n  args = [\"a\", \"b\"]\n  |").headers, 0);
        assert_eq!(lines("[|]\nsecret = |").headers, 0);
    }

    #[test]
    fn blank_lines_are_lines_with_nothing_on_them() {
        assert_eq!(lines("|\n\nsecret = |").blank, 1);
        assert_eq!(lines("|\n  |").blank, 0);
        assert_eq!(lines("|, |").blank, 0);
    }

    #[test]
    fn line_ends_are_counted_between_places() {
        assert_eq!(lines("|, |").ends, 0);
        assert_eq!(lines("|\n|").ends, 1);
        assert_eq!(lines("|\n\n |").ends, 2);
    }

    #[test]
    fn values_side_by_side_are_adjacent() {
        assert!(is_adjacent(b"\", \""));
        assert!(is_adjacent(b":"));
        assert!(!is_adjacent(b"\n"));
        assert!(!is_adjacent(b" and "));
    }
}
