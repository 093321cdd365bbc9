//! Units side by side: a secret that is cut in pieces is many short ones that are no words.

use std::ops::Range;

use super::Strictness;
use super::fixed;
use super::fixed::public_id;
use super::forty;
use super::glyph::{Glyph, Spelled, glyphs};
use super::unit::{DIGEST, FOREIGN, Kind, kind};

/// What stands at one place without a break.
#[derive(Clone, Debug)]
struct Unit {
    kind: Kind,
    at: Range<usize>,
}

/// The stretches of `text` that are not known to be harmless, in order and apart.
pub(super) fn hidden(text: &[u8], strictness: Strictness) -> Vec<Range<usize>> {
    let units = units(text, strictness);
    if !units.iter().any(|unit| matches!(unit.kind, Kind::Doubtful(_))) {
        return if strictness == Strictness::Name { apart(forty::secrets(text)) } else { Vec::new() };
    }
    let (least, _) = strictness.limits();
    let is_too_much = |unit: &Unit| matches!(unit.kind, Kind::Doubtful(spelled) if spelled >= least);
    let mut is_hidden: Vec<bool> = units.iter().map(is_too_much).collect();
    for number in runs(text, &units, strictness).into_iter().flatten() {
        is_hidden[number] |= matches!(units[number].kind, Kind::Doubtful(_));
    }
    let after = beside(text, strictness, units.iter().zip(&is_hidden));
    let before = beside(text, strictness, units.iter().zip(&is_hidden).rev());
    let mut is_hidden: Vec<bool> =
        after.into_iter().zip(before.into_iter().rev()).map(|(after, before)| after || before).collect();
    if strictness == Strictness::Name {
        hide_enclosed(&units, &mut is_hidden);
    }
    let hidden = units.iter().zip(is_hidden).map(|(unit, is_hidden)| (unit.at.clone(), is_hidden));
    let mut hidden = merged(text, hidden);
    if strictness == Strictness::Name {
        hidden.iter_mut().for_each(|mask| mask.end += end_of_token(mask, text));
        hidden.extend(forty::secrets(text));
        hidden.sort_unstable_by_key(|mask| (mask.start, mask.end));
    }
    apart(hidden)
}

/// How much behind a mask is the end of the session token that it hides: by chance that looks like a folder or a word.
fn end_of_token(mask: &Range<usize>, text: &[u8]) -> usize {
    if mask.len() < TOKEN {
        return 0;
    }
    let behind = text[mask.end..].iter().take(CLOSE);
    behind.take_while(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte)).count()
}

/// What is hidden and has as many bytes is a token, no secret.
const TOKEN: usize = 64;

/// Hides what stands between two hidden units that are close to each other or have no word between them: by chance, a
/// part of a secret looks like words or an identifier.
fn hide_enclosed(units: &[Unit], is_hidden: &mut [bool]) {
    let is_word = |unit: &Unit| match unit.kind {
        Kind::Known => true,
        Kind::LittleWord => unit.at.len() >= WORD,
        Kind::Short(_) | Kind::Doubtful(_) => false,
    };
    let (mut last, mut has_word) = (None, false);
    for number in 0..units.len() {
        if !is_hidden[number] {
            has_word |= is_word(&units[number]);
            continue;
        }
        if let Some(start) = last.replace(number) {
            let is_close = units[number].at.start - units[start].at.end < CLOSE;
            if is_close || !has_word {
                is_hidden[start..number].fill(true);
            }
        }
        has_word = false;
    }
}

/// Between hidden parts that are fewer bytes apart than this, and so far behind a token, words are not shown either.
const CLOSE: usize = 24;

/// A word from this many characters on is none by chance, between two parts of a secret.
const WORD: usize = 4;

/// Makes one mask of those that overlap. The masks come in order of their start.
fn apart(masks: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(masks.len());
    for mask in masks {
        match apart.last_mut() {
            Some(last) if mask.start < last.end => last.end = last.end.max(mask.end),
            _ => apart.push(mask),
        }
    }
    apart
}

fn units(text: &[u8], strictness: Strictness) -> Vec<Unit> {
    let glyphs = glyphs(text);
    let mut units = Vec::new();
    let mut next = 0;
    while let Some(first) = glyphs.get(next) {
        if let Some(len) = fixed_len(text, first) {
            let end = first.at.start + len;
            units.push(Unit { kind: Kind::Known, at: first.at.start..end });
            next += glyphs[next..].partition_point(|glyph| glyph.at.start < end);
            continue;
        }
        let len = glyphs[next..].iter().take_while(|spelled| letter(spelled).is_some()).count();
        match first.glyph {
            Glyph::Letter(b'X' | b'x') if len == 1 && text.get(first.at.end) == Some(&b'-') => {
                // A header of HTTP's.
                units.push(Unit { kind: Kind::LittleWord, at: first.at.clone() });
            }
            // Names have come in many encodings.
            Glyph::Odd if strictness == Strictness::Name => {}
            Glyph::Odd => units.push(Unit { kind: Kind::Doubtful(1), at: first.at.clone() }),
            _ if len > 0 && is_of_syntax(text, spelled(&glyphs[next..next + len]), units.last()) => {
                units.push(Unit { kind: Kind::LittleWord, at: spelled(&glyphs[next..next + len]) });
            }
            _ if len > 0 => push_letters(&glyphs[next..next + len], strictness, &mut units),
            _ => {}
        }
        next += len.max(1);
    }
    doubt_values(text, &mut units);
    units
}

/// Where `glyphs`, of which there is one at least, are spelled.
fn spelled(glyphs: &[Spelled]) -> Range<usize> {
    glyphs[0].at.start..glyphs[glyphs.len() - 1].at.end
}

/// Whether one or two letters are what they look like by the signs around them: an option (`-v /srv`), an element of HTML
/// (`</td>`), the end of a name (`ACCESS_KEY_ID`).
fn is_of_syntax(text: &[u8], at: Range<usize>, last: Option<&Unit>) -> bool {
    const ELEMENTS: [&[u8]; 12] =
        [b"br", b"dd", b"dl", b"dt", b"em", b"hr", b"ol", b"td", b"th", b"tr", b"tt", b"ul"];
    let (before, letters, after) = (&text[..at.start], &text[at.clone()], &text[at.end..]);
    match letters {
        [letter] if letter.is_ascii_alphabetic() => {
            before.ends_with(b" -") && after.starts_with(b" ") && after.get(1) != Some(&b'-')
        }
        [b'I' | b'i', b'D' | b'd'] => {
            let is_name = |unit: &Unit| {
                matches!(unit.kind, Kind::Known | Kind::LittleWord) && unit.at.end + 1 == at.start
            };
            (before.ends_with(b"_") || before.ends_with(b"-")) && last.is_some_and(is_name)
        }
        [_, _] => {
            let is_opened = before.ends_with(b"<") || before.ends_with(b"</");
            is_opened && matches!(after.first(), Some(b'>' | b' ')) && ELEMENTS.contains(&letters)
        }
        _ => false,
    }
}

/// Doubts digests that a name says are secret: who has the signature of a presigned URL can use it.
fn doubt_values(text: &[u8], units: &mut [Unit]) {
    const NAMES: [&[u8]; 6] = [b"signature", b"secret", b"token", b"password", b"passwd", b"pwd"];
    for at in 1..units.len() {
        let (name, value) = (&text[units[at - 1].at.clone()], &text[units[at].at.clone()]);
        let is_named = NAMES.iter().any(|known| {
            name.len() >= known.len() && name[name.len() - known.len()..].eq_ignore_ascii_case(known)
        });
        if is_named && value.len() >= DIGEST && value.iter().all(u8::is_ascii_hexdigit) {
            units[at].kind = Kind::Doubtful(value.len());
        }
    }
}

/// The length of a date or the like at a glyph that a unit may begin with.
fn fixed_len(text: &[u8], first: &Spelled) -> Option<usize> {
    let starts =
        matches!(first.glyph, Glyph::Letter(letter) if letter.is_ascii_hexdigit()) && first.at.len() == 1;
    let is_inside = first.at.start.checked_sub(1).is_some_and(|before| text[before].is_ascii_alphanumeric());
    if starts && !is_inside { fixed::len(&text[first.at.start..]) } else { None }
}

fn letter(spelled: &Spelled) -> Option<u8> {
    match spelled.glyph {
        Glyph::Letter(letter) => Some(letter),
        Glyph::Foreign => Some(FOREIGN),
        Glyph::Odd | Glyph::Break => None,
    }
}

/// Adds the unit that letters are; a key ID among them is one of its own.
fn push_letters(glyphs: &[Spelled], strictness: Strictness, units: &mut Vec<Unit>) {
    let letters: Vec<u8> = glyphs.iter().filter_map(letter).collect();
    let mut at = 0;
    let mut push = |range: Range<usize>, kind: Kind| {
        if !range.is_empty() {
            let spelled = glyphs[range.start].at.start..glyphs[range.end - 1].at.end;
            units.push(Unit { kind, at: spelled });
        }
    };
    while let Some(id) = public_id(&letters[at..]) {
        let id = at + id.start..at + id.end;
        push(at..id.start, kind_of(&letters[at..id.start], strictness));
        push(id.clone(), Kind::Known);
        at = id.end;
    }
    push(at..letters.len(), kind_of(&letters[at..], strictness));
}

fn kind_of(letters: &[u8], strictness: Strictness) -> Kind {
    if letters.is_empty() { Kind::Known } else { kind(letters, strictness) }
}

/// The runs of units, as numbers, that could be pieces of more of a secret than may be shown: few words are between
/// them. A short unit counts half: more often it is a name. What is too much by itself is no piece.
fn runs(text: &[u8], units: &[Unit], strictness: Strictness) -> Vec<Range<usize>> {
    let (least, apart) = strictness.limits();
    let mut runs: Vec<Run> = Vec::new();
    let mut words = 0;
    let mut end = 0;
    for (number, unit) in units.iter().enumerate() {
        let halves = match unit.kind {
            Kind::Known | Kind::LittleWord => {
                words += 1;
                continue;
            }
            Kind::Short(len) if is_added(text, &unit.at) => 2 * len,
            Kind::Short(len) => len,
            Kind::Doubtful(spelled) if spelled >= least => continue,
            Kind::Doubtful(spelled) => 2 * spelled,
        };
        if runs.is_empty() || words > apart {
            runs.push(Run { units: number..number, halves: 0, is_doubtful: false });
        }
        let before = &text[end..unit.at.start];
        end = unit.at.end;
        let halves = halves + signs(before);
        if let Some(run) = runs.last_mut() {
            run.units.end = number + 1;
            run.halves += halves;
            run.is_doubtful |= matches!(unit.kind, Kind::Doubtful(_));
        }
        words = 0;
    }
    runs.into_iter().filter(|run| run.is_doubtful && run.halves >= 2 * least).map(|run| run.units).collect()
}

/// How much the signs of a secret's own at the end of `before` count, in halves: those behind the last `/`, which by
/// itself divides the folders of a path.
fn signs(before: &[u8]) -> usize {
    let is_sign = |byte: &&u8| matches!(byte, b'+' | b'/');
    let signs = &before[before.len() - before.iter().rev().take_while(is_sign).count()..];
    if signs.contains(&b'+') { 2 * signs.len() } else { 0 }
}

/// Whether what stands at `at` is glued to something else by a `+`, as names and paths are not.
fn is_added(text: &[u8], at: &Range<usize>) -> bool {
    text[..at.start].ends_with(b"+")
        || matches!(text[at.end..], [b'+', next, ..] if next.is_ascii_alphanumeric())
}

/// Units in a row with few words between them.
struct Run {
    units: Range<usize>,
    /// Twice the number of characters of a secret that it could spell.
    halves: usize,
    is_doubtful: bool,
}

/// Says of each unit that is no word whether it is hidden or beside a hidden one: after it, and before it if `units` go
/// backwards. Two little words may be between, which chance writes into a secret. In names, a short folder beside a
/// secret stays to be seen.
fn beside<'a>(
    text: &[u8],
    strictness: Strictness,
    units: impl Iterator<Item = (&'a Unit, &'a bool)>,
) -> Vec<bool> {
    // A name's short units are judged apart from the others: folders divide them.
    let (mut is_beside, mut is_short_beside, mut little_words, mut last) = (false, false, 0, 0..0);
    let judge = |(unit, is_hidden): (&Unit, &bool)| {
        let gap = text.get(last.end..unit.at.start).or_else(|| text.get(unit.at.end..last.start));
        last = unit.at.clone();
        let is_apart = gap.is_some_and(|gap| gap.iter().any(|byte| b"/<>!".contains(byte)));
        is_short_beside &= !(is_apart && strictness == Strictness::Name);
        match unit.kind {
            Kind::Known => (is_beside, little_words) = (false, 0),
            Kind::LittleWord => {
                little_words += 1;
                is_beside &= little_words < 3;
            }
            Kind::Doubtful(_) => {
                is_beside |= is_hidden;
                (is_short_beside, little_words) = (is_beside, 0);
                return is_beside;
            }
            Kind::Short(_) => {
                little_words = 0;
                return is_beside && is_short_beside;
            }
        }
        false
    };
    units.map(judge).collect()
}

/// This many masks in a row are shown as one mask,
const MANY: usize = 4;
/// if at most this many bytes are between two of them.
const NEAR: usize = 8;

/// Makes one mask of those between which there is nothing but a sign of the secret's own, or of many in a row.
fn merged(text: &[u8], units: impl Iterator<Item = (Range<usize>, bool)>) -> Vec<Range<usize>> {
    let units: Vec<(Range<usize>, bool)> = units.collect();
    let mut merged: Vec<Range<usize>> = Vec::new();
    for row in units.chunk_by(|a, b| a.1 && b.1).filter(|row| row[0].1) {
        let first = merged.len();
        for (unit, _) in row {
            let last = merged[first..].last_mut();
            let gap = last.as_ref().map_or(0..0, |last| last.end..unit.start);
            match last {
                Some(last) if is_glue(&text[gap.clone()]) || row.len() >= MANY && gap.len() <= NEAR => {
                    last.end = unit.end;
                }
                _ => merged.push(unit.clone()),
            }
        }
    }
    for mask in &mut merged {
        *mask = with_signs(text, mask);
    }
    merged
}

/// A mask with the signs of a secret's own that are at its ends.
fn with_signs(text: &[u8], mask: &Range<usize>) -> Range<usize> {
    let before = match &text[..mask.start] {
        [.., b'+', b'+' | b'/'] | [.., b'/', b'/'] if !text[..mask.start].ends_with(b"://") => 1,
        [.., b'+'] => 1,
        _ => 0,
    };
    mask.start - before..mask.end + usize::from(text.get(mask.end) == Some(&b'+'))
}

/// Whether `gap` is what a secret is spelled with between its letters.
fn is_glue(gap: &[u8]) -> bool {
    gap.len() <= 2
        && gap.iter().all(|byte| matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | b'%' | b'\\' | 0))
}
