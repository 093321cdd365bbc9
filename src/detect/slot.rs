//! Fields that are named for a part of a credential and hold none: the part is somewhere else.
//!
//! Where `secret_access_key: ${VAR}` stands beside a key ID, the secret is not here, and no other secret near by is
//! its own. Where a field for a key ID holds a placeholder, the secret beside it belongs to that, and to no key ID
//! further off.

use std::cell::LazyCell;
use std::ops::Range;

use super::candidate::{Candidate, Missing, Part, Standing};
use super::meter::Meter;
use super::name;
use super::nesting::Nesting;
use super::section::{self, Block};
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

/// A part that was found, and what says which field it is in.
struct Filling<'a> {
    part: &'a Candidate,
    name: Vec<String>,
    block: Block,
}

impl<'a> Filling<'a> {
    fn new(text: &[u8], part: &'a Candidate) -> Self {
        let start = part.range.start;
        Self { part, name: name::of_value(text, start), block: Block::around(text, start) }
    }
}

/// Returns the empty fields of `view`, where `found` are all parts in it, in the order of their starts.
pub(super) fn find(
    rules: &RuleSet,
    view: &View<'_>,
    found: &[Candidate],
    meter: &mut Meter<'_>,
) -> Vec<Candidate> {
    let text = view.bytes();
    let slots = rules.iter().flat_map(|rule| of_rule(rule, view)).take_while(|_| meter.spend(SLOT));
    let filling = |part| Filling::new(text, part);
    // Most texts have no such field.
    let parts = LazyCell::new(|| found.iter().map(filling).collect::<Vec<_>>());
    let is_empty = |slot: &Candidate| {
        // Only what is in reach: a text may have as many fields as parts.
        let at = slot.range.start;
        let first = found.partition_point(|part| part.range.start + REACH < at);
        let end = found.partition_point(|part| part.range.start <= at + REACH);
        !is_filled(slot, text, &parts[first..end])
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

/// Whether the part is there after all, among those in reach: as a default in the field itself, as what the field refers to
/// by its name, or in another field for the same, with no part of the other kind between the two, which could have a field
/// of its own.
fn is_filled(slot: &Candidate, text: &[u8], parts: &[Filling<'_>]) -> bool {
    let at = slot.range.start;
    let (own, block) = (name::of_value(text, at), Block::around(text, at));
    let referred = name::at(text, at);
    let fills = |it: &&Filling<'_>| match slot.part {
        Part::Missing(Missing::Secret) => matches!(it.part.part, Part::Secret(_)),
        _ => it.part.is_key_id(),
    };
    let between = |start: usize| at.min(start)..at.max(start);
    let others = || parts.iter().filter(|it| !fills(it)).map(|it| it.part.range.start);
    let is_on_line = |start: usize| memchr::memchr(b'\n', &text[between(start)]).is_none();
    // Beside the other part on one line it is a field of that: an argument, a column.
    let is_argument = others().any(is_on_line);
    parts.iter().filter(fills).any(|Filling { part, name, block: its_block }| {
        let start = part.range.start;
        let is_default = start.checked_sub(at).is_some_and(|len| len <= DEFAULT)
            && text.get(at..start).is_some_and(|between| !opens_field(between));
        let is_same =
            *name == own || is_specific(name) && slot.affix.compare(&part.affix) == name::Match::Same;
        let is_fields = slot.affix.is_of_value() && part.affix.is_of_value();
        let is_elsewhere =
            || is_fields && (!block.is_same(its_block) || is_section_left(text, &slot.range, &part.range));
        let is_there = !own.is_empty()
            && is_same
            && start.abs_diff(at) < REACH
            && !others().any(|other| between(start).contains(&other))
            && (!is_argument || is_on_line(start))
            && !is_elsewhere();
        is_default || is_there || !name.is_empty() && *name == referred
    })
}

/// Whether a section, an object or an element ends between two places of `text`, and another begins.
fn is_section_left(text: &[u8], one: &Range<usize>, two: &Range<usize>) -> bool {
    let (first, second) = if one.start < two.start { (one, two) } else { (two, one) };
    let Some(between) = text.get(first.end..second.start) else { return false };
    // The element that the first is all of is not left.
    let own = between.starts_with(b"</").then(|| memchr::memchr(b'>', between)).flatten();
    let nesting = Nesting::of(text, first.end + own.unwrap_or_default()..second.start);
    let has = |word: &[u8]| memchr::memmem::find(between, word).is_some();
    has(b"\n[") && between.split(|&byte| byte == b'\n').skip(1).any(section::is_header)
        || nesting.leaves_object() && !has(b"else") && !has(b"catch")
        || nesting.leaves_scope() && has(b"</")
}

/// Whether a name says AWS, or what only AWS calls so.
fn is_specific(name: &[String]) -> bool {
    name.iter()
        .any(|word| ["aws", "amazon", "s3", "access", "accesskey", "secretaccesskey"].contains(&&**word))
}

/// Whether another field begins in `between`, or another line.
fn opens_field(between: &[u8]) -> bool {
    // `${NAME:default}` and the like.
    if between.starts_with(b"${") && !between.iter().any(|byte| b"}\n".contains(byte)) {
        return false;
    }
    let is_end_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'"' | b'\'');
    between.iter().enumerate().any(|(at, &byte)| {
        let before = between[..at].trim_ascii_end().last().copied().unwrap_or_default();
        let is_value_apart = || between.get(at + 1).is_none_or(|next| b" \t\"'".contains(next));
        byte == b'\n' || matches!(byte, b':' | b'=') && is_end_of_name(before) && is_value_apart()
    })
}
