//! The forms in which an anchor is looked for.
//!
//! The prefixes of key IDs: in UTF-16, in UTF-32, and in base64 in all three phases, two levels deep, also where a line
//! break stands inside of them; in base64 of UTF-16; by the values of their bytes. What the names of secrets share: in
//! UTF-16, in base64, and in base64 of UTF-16.

use super::{Form, Literal, Opens, Radix, fragment};
use crate::aws::{KeyKind, ServiceSecret};
use crate::rule::{Rule, RuleSet, Yields};

type Literals = Vec<Literal>;

/// Every literal that the anchors of `rules` are looked for by.
pub(super) fn of(rules: &RuleSet) -> Literals {
    let mut literals = Literals::new();
    for rule in rules.iter() {
        // No rule's reach is longer.
        let reach = u16::try_from(rule.reach).unwrap_or(u16::MAX);
        let plain = |anchor: &str| Form::Plain { opens: opened(rule, anchor.as_bytes()), reach };
        let anchors = || rule.anchors.iter().map(|anchor| (anchor.as_bytes().to_vec(), plain(anchor)));
        literals.extend(anchors());
        match rule.yields {
            Yields::LongTermKeyId | Yields::TemporaryKeyId => {
                for (prefix, form) in anchors() {
                    literals.extend(of_key_id(&prefix));
                    literals.extend(in_json(&prefix).map(|escaped| (escaped, form)));
                }
            }
            Yields::Secret | Yields::SessionToken => {
                let is_named = rule.yields == Yields::Secret;
                let is_wanted = |anchor: &[u8]| is_named || anchor.len() >= TOKEN_OF_TODAY;
                let wanted = anchors().filter(|(anchor, _)| is_wanted(anchor));
                for (core, holders) in fragment::shared::<CORE>(wanted.collect()) {
                    literals.extend(of_core(&core, is_named));
                    let form = holders.first().filter(|_| is_named).map(|(_, (_, form))| *form);
                    literals.extend(form.into_iter().flat_map(|form| in_json(&core).map(|it| (it, form))));
                }
                literals.extend(anchors().filter(|_| is_named).filter_map(in_markdown));
            }
            _ => {}
        }
    }
    literals.extend(PACKED.map(|start| (start.to_vec(), Form::Packed)));
    literals
}

/// What may stand where `anchor` of `rule` does.
fn opened(rule: &Rule, anchor: &[u8]) -> Opens {
    match rule.yields {
        _ if KeyKind::PREFIXES.iter().any(|(prefix, _)| prefix.as_bytes() == anchor) => Opens::KeyId,
        Yields::LongTermKeyId | Yields::TemporaryKeyId | Yields::SignedRequest => Opens::NearKeyId,
        Yields::ApiKey if ServiceSecret::LONG_TERM.contains(&anchor) => Opens::ApiKey,
        Yields::SessionToken => Opens::Token,
        _ => Opens::Value,
    }
}

/// What of the anchors of secrets and tokens is looked for in encoded text, in bytes: what was decoded is searched for
/// all of them.
const CORE: usize = 5;

/// Tokens of earlier years start with fewer letters that are known. All of them have expired, and alone they open nothing:
/// they are looked for as they are written only.
const TOKEN_OF_TODAY: usize = 10;

/// How gzip begins in base64, and in base64 of that; how zlib begins at its usual level.
const PACKED: [&[u8]; 6] = [b"H4sI", b"SDRzSUF", b"eJw", b"eJx", b"eJy", b"eJz"];

/// `text` with each of its characters escaped, as JSON may be written, once and in a string of another JSON text.
fn in_json(text: &[u8]) -> [Vec<u8>; 4] {
    let escaped = |spell: &dyn Fn(u8) -> String| text.iter().map(|&byte| spell(byte)).collect::<String>();
    let forms: [&dyn Fn(u8) -> String; 4] = [
        &|byte| format!("\\u{byte:04x}"),
        &|byte| format!("\\u{byte:04X}"),
        &|byte| format!("\\\\u{byte:04x}"),
        &|byte| format!("\\\\u{byte:04X}"),
    ];
    forms.map(|form| escaped(form).into_bytes())
}

/// An anchor as Markdown has it, where an underscore that is meant as one stands behind a backslash.
fn in_markdown((anchor, form): Literal) -> Option<Literal> {
    let escaped = anchor.iter().flat_map(|&byte| [b'\\', byte].into_iter().skip(usize::from(byte != b'_')));
    anchor.contains(&b'_').then(|| (escaped.collect(), form))
}

fn of_key_id(prefix: &[u8]) -> Literals {
    let mut forms = vec![(wide_core(prefix, 2), Form::Utf16), (wide_core(prefix, 4), Form::Utf32)];
    forms.extend(base64_forms(prefix));
    // Their ends are the same, and a line end leaves them whole more often than all of a prefix.
    let end = &prefix[prefix.len().saturating_sub(2)..];
    forms.extend(base64_of_wide(end));
    forms.extend(value_forms(prefix));
    forms
}

/// The forms of what the names of secrets share, or of the start of a token. In base64 alone a token is not looked for:
/// it opens nothing without the other parts.
fn of_core(core: &[u8], is_named: bool) -> Literals {
    let mut forms = vec![(wide_core(core, 2), Form::Utf16)];
    forms.extend(base64_of_wide(core));
    if is_named {
        forms.extend(base64_of(core));
    }
    forms
}

/// The base64 forms of `text` in UTF-16, little end first.
fn base64_of_wide(text: &[u8]) -> Literals {
    base64_of(&text.iter().flat_map(|&byte| [byte, 0]).collect::<Vec<u8>>())
}

/// The base64 forms of `text` in each phase.
fn base64_of(text: &[u8]) -> Literals {
    let forms = PHASES.map(|phase| base64_texts(&[text.to_vec()], phase));
    let forms = forms.into_iter().map(|(digit, texts)| (common_start(&texts), Form::Base64 { digit }));
    forms.collect()
}

/// The forms of the end of `literal`, whose bytes are spelled by their values.
fn value_forms(literal: &[u8]) -> Literals {
    let [.., before, first, last] = *literal else { return Literals::new() };
    let lower = [before, first, last].map(|byte| format!("{byte:02x}"));
    let upper = [before, first, last].map(|byte| format!("{byte:02X}"));
    let mut forms = Vec::new();
    for [before, first, last] in [lower, upper] {
        forms.extend([&before, " ", "\n"].map(|before| format!("{before}{first}{last}")));
        forms.extend([" ", ",", ",00,"].map(|joint| format!("{first}{joint}{last}")));
        let joints = ["\\x", "\\\\x", ", 0x", ",0x", ";&#x", ";&amp;#x"];
        forms.extend(joints.map(|joint| format!("x{first}{joint}{last}")));
        forms.extend([format!("x{first},\n"), format!("x{first},\r"), format!("{first},\\")]);
        // The last byte of a row of a dump, before its characters.
        forms.extend(["", " "].map(|joint| format!("{before}{joint}{first}  ")));
        forms.extend(["%", "%25"].map(|joint| format!("{first}{joint}{last}")));
    }
    forms.extend([";&#", ";&amp;#"].map(|joint| format!("{first}{joint}{last}")));
    forms.extend(["\\", "\\\\"].map(|joint| format!("\\{first:o}{joint}{last:o}")));
    let forms = forms.into_iter().map(|form| (form.into_bytes(), Form::Values(Radix::Hex)));
    let lists =
        [", ", ","].map(|joint| (format!("{first}{joint}{last}").into_bytes(), Form::Values(Radix::Decimal)));
    forms.chain(lists).collect()
}

/// The bytes that both byte orders of an encoding with units of `unit` bytes share: the characters with zeros between.
fn wide_core(literal: &[u8], unit: usize) -> Vec<u8> {
    let zeros = std::iter::repeat_n(0, unit - 1);
    let mut core: Vec<u8> =
        literal.iter().flat_map(|&byte| std::iter::once(byte).chain(zeros.clone())).collect();
    core.truncate(core.len() - (unit - 1));
    core
}

/// The base64 forms of `literal`: one level deep, whole or broken by a line end, and two levels deep.
fn base64_forms(literal: &[u8]) -> Literals {
    // A letter of base32 follows, which decides a character more of most forms two levels deep.
    let letters = (b'A'..=b'Z').chain(b'2'..=b'7');
    let texts: Vec<Vec<u8>> = letters.map(|letter| [literal, &[letter]].concat()).collect();
    let mut forms = Literals::new();
    for (digit, once) in PHASES.map(|phase| base64_texts(&texts, phase)) {
        for (digit, twice) in PHASES.map(|phase| base64_texts(&once, phase)) {
            forms.push((common_start(&twice), Form::Base64 { digit }));
        }
        forms.extend(unbroken_and_broken(&common_start(&once), digit));
    }
    forms
}

/// How many bytes may stand before a text in its group of three, each with the place in a group of four of the first
/// character that the text alone decides.
const PHASES: [(usize, u8); 3] = [(0, 0), (1, 2), (2, 3)];

/// The characters of base64 text that each of `texts` alone decides in one of its phases, with the place of the first in
/// its group of four.
fn base64_texts(texts: &[Vec<u8>], (before, digit): (usize, u8)) -> (u8, Vec<Vec<u8>>) {
    let encode = |text: &Vec<u8>| {
        let padded = [&vec![0; before], &text[..]].concat();
        let encoded = data_encoding::BASE64_NOPAD.encode(&padded);
        encoded.as_bytes()[usize::from(digit)..padded.len() * 8 / 6].to_vec()
    };
    (digit, texts.iter().map(encode).collect())
}

/// What all of `texts` start with.
fn common_start(texts: &[Vec<u8>]) -> Vec<u8> {
    let mut start = texts.first().cloned().unwrap_or_default();
    for text in texts {
        start.truncate(start.iter().zip(text).take_while(|(a, b)| a == b).count());
    }
    start
}

/// Four characters are rare enough to be an anchor by themselves.
const ENOUGH: usize = 4;

/// Literals of which one is in `core`, wherever a line ends in it, with the place of their first character in its group:
/// a stretch of [`ENOUGH`] characters on one side of the line end, or a shorter one together with the line end or the
/// last blank of the indent.
///
/// What follows a key ID's prefix is base32, which narrows the character after a four-character core to two: so a cut
/// in its middle leaves three characters, too.
fn unbroken_and_broken(core: &[u8], digit: u8) -> Literals {
    let mut forms = vec![(core[..ENOUGH].to_vec(), Form::Base64 { digit })];
    for cut in 1..core.len() {
        let (head, tail) = core.split_at(cut);
        let of_tail = Form::Base64 { digit: (digit + u8::try_from(cut).unwrap_or(0)) % 4 };
        match (head.len(), tail.len()) {
            (ENOUGH.., _) => {}
            (_, ENOUGH..) => forms.push((tail.to_vec(), of_tail)),
            (3, _) => forms.extend(b"\n\r".map(|end| ([head, &[end]].concat(), Form::Base64 { digit }))),
            (_, 3) if core.len() == ENOUGH => forms.extend(narrowed(tail).map(|tail| (tail, of_tail))),
            (_, 3) => forms.extend(after_blank(tail, of_tail)),
            _ => forms.extend(narrowed(tail).into_iter().flat_map(|tail| after_blank(&tail, of_tail))),
        }
    }
    forms
}

/// The end of a four-character core with each character that may follow it.
fn narrowed(tail: &[u8]) -> [Vec<u8>; 2] {
    [b"E", b"F"].map(|next| [tail, next].concat())
}

/// `tail` behind a line end or an indent. The hit is at the blank, one place before the tail's first character.
fn after_blank(tail: &[u8], form: Form) -> Literals {
    let Form::Base64 { digit } = form else { return Literals::new() };
    let before = Form::Base64 { digit: (digit + 3) % 4 };
    b"\n ".map(|blank| ([&[blank], tail].concat(), before)).to_vec()
}
