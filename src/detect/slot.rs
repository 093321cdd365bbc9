//! Fields that are named for a part of a credential and hold none: the part is somewhere else.
//!
//! Where `secret_access_key: ${VAR}` stands beside a key ID, the secret is not here, and no other secret near by is
//! its own. Where a field for a key ID holds a placeholder, the secret beside it belongs to that, and to no key ID
//! further off.

use std::ops::Range;

use super::candidate::{Candidate, Missing, Part, Standing};
use super::meter::Meter;
use super::name;
use super::view::View;
use crate::level::Certainty;
use crate::rule::{Rule, RuleSet, Yields};

/// A secret that was cut is at least as long, and shorter than a whole one.
const CUT: Range<usize> = 16..40;

/// How far behind the start of a field the default for its value may be, in bytes.
const DEFAULT: usize = 120;

/// Steps to compare a field with the parts in its reach.
const SLOT: u64 = 10_000;

/// How far behind an empty field, and before it, a field of the same name may be that holds the part, in bytes.
const REACH: usize = 2048;

/// Returns the empty fields of `view`, where `found` are all parts in it, in the order of their starts.
pub(super) fn find(
    rules: &RuleSet,
    view: &View<'_>,
    found: &[Candidate],
    meter: &mut Meter<'_>,
) -> Vec<Candidate> {
    let slots = rules.iter().flat_map(|rule| of_rule(rule, view)).take_while(|_| meter.spend(SLOT));
    let names: Vec<Vec<String>> =
        found.iter().map(|part| name::of_value(view.bytes(), part.range.start)).collect();
    let is_empty = |slot: &Candidate| {
        // Only what is in reach: a text may have as many fields as parts.
        let at = slot.range.start;
        let first = found.partition_point(|part| part.range.start + REACH < at);
        let end = found.partition_point(|part| part.range.start <= at + REACH);
        !is_filled(slot, view, &found[first..end], &names[first..end])
    };
    slots.filter(is_empty).collect()
}

fn of_rule<'a>(rule: &'a Rule, view: &'a View<'_>) -> impl Iterator<Item = Candidate> + use<'a> {
    let bytes = view.bytes();
    let captures = rule.slots.iter().flat_map(move |slot| {
        let missing = match rule.yields {
            Yields::Secret => Missing::Secret,
            _ if slot.of_other_service => Missing::OtherKeyId,
            _ => Missing::KeyId,
        };
        slot.expression.regex().captures_iter(bytes).map(move |captures| (missing, captures))
    });
    captures.filter_map(move |(missing, captures)| {
        let value = captures.name("value")?;
        let is_letters =
            value.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"/+".contains(byte));
        let is_cut = missing == Missing::Secret && is_letters && value.len() >= CUT.start;
        // Behind the name of another part the field is that part's: `secret_access_key` is none for a key ID.
        let names = name::of_value(bytes, value.start());
        let is_of_other = missing != Missing::Secret && names.iter().any(|word| word.contains("secret"));
        let is_whole = is_cut && !CUT.contains(&value.len());
        let is_tag = is_tag(&bytes[..value.start()], value.as_bytes());
        (!is_of_other && !is_whole && !is_tag).then(|| Candidate {
            part: Part::Missing(missing),
            range: value.range(),
            rule: rule.id.clone(),
            certainty: Certainty::Low,
            doubts: Vec::new(),
            standing: Standing::NamedNearId,
            is_example: false,
            affix: name::affix_before(bytes, value.start()),
            owner: None,
            encodings: Vec::new(),
        })
    })
}

/// Elements of HTML that a value may be in.
const ELEMENTS: [&[u8]; 18] = [
    b"a", b"b", b"code", b"dd", b"div", b"em", b"font", b"i", b"kbd", b"mark", b"p", b"pre", b"samp",
    b"span", b"strong", b"td", b"tt", b"u",
];

/// Whether `value` is a tag of HTML, or `before` ends with a closing tag, or with an opening one whose content is on the
/// lines that follow.
fn is_tag(before: &[u8], value: &[u8]) -> bool {
    /// No tag is longer, in bytes.
    const LONGEST: usize = 512;
    let element = value.strip_prefix(b"<").map(|tag| {
        tag.split(|byte| !byte.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase()
    });
    if element.is_some_and(|element| ELEMENTS.contains(&element.as_slice())) {
        return true;
    }
    let near = &before[before.len().saturating_sub(LONGEST)..];
    let line = &near[memchr::memrchr(b'\n', near).map_or(0, |end| end + 1)..];
    let is_blank = value.trim_ascii().is_empty();
    let tag = || memchr::memrchr(b'<', line).map(|at| &line[at..]);
    line.trim_ascii_end().ends_with(b">") && tag().is_some_and(|tag| is_blank || tag.starts_with(b"</"))
}

/// Whether the part is there after all, among those in reach: as a default in the field itself, or in another field for the same, with no part
/// of the other kind between the two, which could have a field of its own.
fn is_filled(slot: &Candidate, view: &View<'_>, found: &[Candidate], names: &[Vec<String>]) -> bool {
    let at = slot.range.start;
    let own = name::of_value(view.bytes(), at);
    let fills = |part: &&Candidate| match slot.part {
        Part::Missing(Missing::Secret) => matches!(part.part, Part::Secret(_)),
        _ => part.is_key_id(),
    };
    let is_apart = |range: &Range<usize>| {
        let between = at.min(range.start)..at.max(range.start);
        found.iter().any(|part| !fills(&part) && between.contains(&part.range.start))
    };
    found.iter().zip(names).filter(|(part, _)| fills(part)).any(|(part, name)| {
        let start = part.range.start;
        let is_default = start.checked_sub(at).is_some_and(|len| len <= DEFAULT)
            && view.bytes().get(at..start).is_some_and(|between| !opens_field(between));
        let is_same =
            *name == own || is_specific(name) && slot.affix.compare(&part.affix) == name::Match::Same;
        is_default || is_same && start.abs_diff(at) < REACH && !is_apart(&part.range)
    })
}

/// Whether a name says AWS, or what only AWS calls so.
fn is_specific(name: &[String]) -> bool {
    name.iter()
        .any(|word| ["aws", "amazon", "s3", "access", "accesskey", "secretaccesskey"].contains(&&**word))
}

/// Whether another field begins in `between`, or another line.
fn opens_field(between: &[u8]) -> bool {
    let is_end_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'"' | b'\'');
    between.iter().enumerate().any(|(at, &byte)| {
        let before = between[..at].trim_ascii_end().last().copied().unwrap_or_default();
        let is_value_apart = || between.get(at + 1).is_none_or(|next| b" \t\"'".contains(next));
        byte == b'\n' || matches!(byte, b':' | b'=') && is_end_of_name(before) && is_value_apart()
    })
}
