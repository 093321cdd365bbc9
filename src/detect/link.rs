//! How well a key ID and another part go together, judged by the text between them.

use super::candidate::{Candidate, Part, Standing};
use super::name::Match;

/// How far from a key ID its secret or token may stand, in bytes of the text that both stand in.
pub(super) const REACH: usize = 8 * 1024;

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
/// Cost of a documented example together with what is none.
const EXAMPLE_MIXED: u32 = 8000;

/// The cost of taking `id` and `other` for parts of one credential, both in `text`, and whether they are adjacent;
/// `None` if they cannot be.
pub(super) fn judge(text: &[u8], id: &Candidate, other: &Candidate) -> Option<(u32, bool)> {
    let (first, second) = if id.range.start <= other.range.start { (id, other) } else { (other, id) };
    let between = text.get(first.range.end..second.range.start)?;
    if between.len() > REACH || crosses_section(between) || !can_belong(id, other) {
        return None;
    }
    if id.affix.is_of_value() && other.affix.is_of_value() && leaves_object(between) {
        return None;
    }
    let adjacent = is_adjacent(between);
    let unnamed = other.standing == Standing::UnnamedNearId && !adjacent;
    let cost = distance_cost(between.len())
        + SCOPE * scope_steps(between).min(5)
        + BLANK_LINE * blank_lines(between).min(4)
        + name_cost(id, other)
        + if other.range.start < id.range.start { SECRET_FIRST } else { 0 }
        + if unnamed { UNNAMED } else { 0 }
        + if id.is_example == other.is_example { 0 } else { EXAMPLE_MIXED };
    Some((cost, adjacent))
}

/// What the parts themselves rule out: an account in the token that is not the key ID's; an unnamed secret for a key
/// ID in a signed request.
fn can_belong(id: &Candidate, other: &Candidate) -> bool {
    let Part::KeyId { id: key_id, signed } = &id.part else { return false };
    match &other.part {
        Part::KeyId { .. } => false,
        Part::Secret(_) => signed.is_none() || other.standing == Standing::Own,
        Part::Token(token) => match (key_id.account(), token.claims().account) {
            (Some(of_id), Some(of_token)) => of_id == of_token,
            _ => true,
        },
    }
}

/// A little more than the distance itself the farther it is: of two lists side by side, first goes with first.
fn distance_cost(distance: usize) -> u32 {
    u32::try_from(distance + distance * distance / 65_536).unwrap_or(u32::MAX)
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

/// Whether an INI section starts between the two.
fn crosses_section(between: &[u8]) -> bool {
    // Most text between two parts has no bracket at all: the look for one is all that it costs.
    if memchr::memchr(b'[', between).is_none() {
        return false;
    }
    between.split(|&byte| byte == b'\n').skip(1).any(|line| {
        let line = line.trim_ascii();
        line.len() > 2
            && line.starts_with(b"[")
            && line.ends_with(b"]")
            && line[1..line.len() - 1]
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b" _.:@/-\"'".contains(byte))
    })
}

/// Whether an object ends and another begins between the two: fields that are named by themselves are fields of one
/// object. In a list of names with values each field is an object, and its name stands farther off.
fn leaves_object(between: &[u8]) -> bool {
    if memchr::memchr(b'}', between).is_none() {
        return false;
    }
    // `${…}` and `#{…}` are no objects, and neither is what closes one right behind a value.
    if between.windows(2).any(|pair| matches!(pair, b"${" | b"#{")) {
        return false;
    }
    let braces = between.iter().scan(0_i32, |depth, byte| {
        *depth += i32::from(*byte == b'{') - i32::from(*byte == b'}');
        Some(*depth)
    });
    let (mut lowest, mut last) = (0, 0);
    for depth in braces {
        lowest = lowest.min(depth);
        last = depth;
    }
    lowest < 0 && last > lowest
}

/// How many scopes are left and entered on the way: none within one object, two from an object to its neighbour.
fn scope_steps(between: &[u8]) -> u32 {
    let (mut depth, mut lowest) = (0_i32, 0_i32);
    for (at, byte) in between.iter().enumerate() {
        let next = between.get(at + 1);
        depth += match byte {
            b'{' | b'[' | b'(' => 1,
            b'}' | b']' | b')' => -1,
            b'<' if next == Some(&b'/') => -1,
            b'<' if next.is_some_and(u8::is_ascii_alphabetic) => 1,
            b'/' if next == Some(&b'>') => -1,
            _ => 0,
        };
        lowest = lowest.min(depth);
    }
    // Out by -lowest, in by depth - lowest.
    u32::try_from((-lowest).min(depth - lowest) * 2 + (depth.abs()).min(1)).unwrap_or(0)
}

fn blank_lines(between: &[u8]) -> u32 {
    let lines = between.split(|&byte| byte == b'\n').skip(1);
    let blank = lines.clone().filter(|line| line.trim_ascii().is_empty()).count();
    // What stands before the second part on its own line is not a line.
    let last_is_indent = lines.last().is_some_and(|line| line.trim_ascii().is_empty());
    u32::try_from(blank - usize::from(last_is_indent)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_counted_out_and_in() {
        assert_eq!(scope_steps(b"\", \"secret\": \""), 0);
        assert_eq!(scope_steps(b"\"}, {\"secret\": \""), 2);
        assert_eq!(scope_steps(b"</value></property><property><name>x</name><value>"), 4);
    }

    #[test]
    fn a_section_is_crossed_by_its_header_only() {
        assert!(crosses_section(b"\n[profile prod]\naws_secret = "));
        assert!(!crosses_section(b"\n  args = [\"a\", \"b\"]\n"));
    }

    #[test]
    fn an_object_is_left_where_another_begins() {
        assert!(leaves_object(b"\"},\n  {\"secretAccessKey\": \""));
        assert!(!leaves_object(b"\"}, \"secretAccessKey\": \""));
        assert!(!leaves_object(b"\", \"nested\": {\"secretAccessKey\": \""));
    }

    #[test]
    fn blank_lines_are_lines_with_nothing_on_them() {
        assert_eq!(blank_lines(b"\n\nsecret = "), 1);
        assert_eq!(blank_lines(b"\n  "), 0);
        assert_eq!(blank_lines(b", "), 0);
    }

    #[test]
    fn values_side_by_side_are_adjacent() {
        assert!(is_adjacent(b"\", \""));
        assert!(is_adjacent(b":"));
        assert!(!is_adjacent(b"\n"));
        assert!(!is_adjacent(b" and "));
    }
}
