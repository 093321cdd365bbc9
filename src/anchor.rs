//! The gate: literals without which there is nothing to find, searched for in one pass of SIMD instructions.
//!
//! Rules name their anchors; the key-ID prefixes are searched for in their encoded forms, too: UTF-16, and base64 in
//! all three phases, two levels deep, also where a line break stands inside the literal.

use aho_corasick::{AhoCorasick, MatchKind, packed};

use crate::rule::{RuleSet, Yields};

/// Finds every anchor in a blob.
#[derive(Debug)]
pub struct Gate {
    passes: Vec<Pass>,
}

/// An anchor that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Where its literal starts.
    pub at: usize,
    /// How the literal is written there.
    pub form: Form,
}

/// How an anchor is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// As the rule has it.
    Plain,
    /// In UTF-16; the hit is at the first byte that is not zero.
    Utf16,
    /// In base64. The character at `at` is number `digit` of a group of four.
    Base64 {
        /// Place in the group, from 0 to 3.
        digit: u8,
    },
}

/// One search through the bytes, for at most [`PASS_LIMIT`] literals.
#[derive(Debug)]
struct Pass {
    searcher: Searcher,
    forms: Vec<Form>,
}

#[derive(Debug)]
enum Searcher {
    Simd(packed::Searcher),
    Automaton(AhoCorasick),
}

/// More literals than this leave the SIMD path.
const PASS_LIMIT: usize = 64;

impl Gate {
    /// The gate for the anchors of `rules`.
    pub fn new(rules: &RuleSet) -> Self {
        let mut literals: Vec<(Vec<u8>, Form)> = Vec::new();
        let mut wrapped = Vec::new();
        for rule in rules.iter() {
            for anchor in rule.anchors.iter().map(String::as_bytes) {
                literals.push((anchor.to_vec(), Form::Plain));
                if matches!(rule.yields, Yields::LongTermKeyId | Yields::TemporaryKeyId) {
                    literals.push((utf16_core(anchor), Form::Utf16));
                    let (whole, broken) = base64_forms(anchor);
                    literals.extend(whole);
                    wrapped.extend(broken);
                }
            }
        }
        for list in [&mut literals, &mut wrapped] {
            list.sort();
            list.dedup();
        }
        let passes = literals.chunks(PASS_LIMIT).chain(wrapped.chunks(PASS_LIMIT)).map(Pass::new);
        Self { passes: passes.collect() }
    }

    /// Every anchor in `bytes`, in order.
    pub fn hits(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for pass in &self.passes {
            pass.hits(bytes, &mut hits);
        }
        hits.sort_unstable();
        hits
    }
}

impl Pass {
    fn new(literals: &[(Vec<u8>, Form)]) -> Self {
        let texts = || literals.iter().map(|(text, _)| text);
        let simd = packed::Config::new()
            .match_kind(packed::MatchKind::LeftmostFirst)
            .builder()
            .extend(texts())
            .build();
        let searcher = simd.map_or_else(
            || {
                let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(texts());
                Searcher::Automaton(automaton.unwrap_or_else(|_| unreachable!("a few dozen short literals")))
            },
            Searcher::Simd,
        );
        Self { searcher, forms: literals.iter().map(|(_, form)| *form).collect() }
    }

    /// Looks on from the byte after each hit's start, so that anchors that overlap are all found.
    fn hits(&self, bytes: &[u8], hits: &mut Vec<Hit>) {
        let mut from = 0;
        while let Some((pattern, at)) = self.searcher.next(bytes, from) {
            hits.push(Hit { at, form: self.forms[pattern] });
            from = at + 1;
        }
    }
}

impl Searcher {
    fn next(&self, bytes: &[u8], from: usize) -> Option<(usize, usize)> {
        match self {
            Self::Simd(searcher) => {
                let found = searcher.find_in(bytes, aho_corasick::Span::from(from..bytes.len()))?;
                Some((found.pattern().as_usize(), found.start()))
            }
            Self::Automaton(searcher) => {
                let found = searcher.find(aho_corasick::Input::new(bytes).span(from..bytes.len()))?;
                Some((found.pattern().as_usize(), found.start()))
            }
        }
    }
}

/// What is the same in UTF-16 of both byte orders: the characters with one zero between.
fn utf16_core(literal: &[u8]) -> Vec<u8> {
    let mut core: Vec<u8> = literal.iter().flat_map(|&byte| [byte, 0]).collect();
    core.pop();
    core
}

type Literals = Vec<(Vec<u8>, Form)>;

/// The base64 forms of `literal`: whole, one level deep and two; and those broken by a line end, one level deep.
fn base64_forms(literal: &[u8]) -> (Literals, Literals) {
    let mut whole = Vec::new();
    let mut broken = Vec::new();
    for (once, digit) in base64_cores(literal) {
        whole.extend(base64_cores(&once).map(|(twice, digit)| (twice, Form::Base64 { digit })));
        broken.extend(broken_forms(&once, digit));
        whole.push((once, Form::Base64 { digit }));
    }
    (whole, broken)
}

/// The characters of base64 text that `literal` alone decides, for each of its three phases, with the place of the
/// first in its group of four.
fn base64_cores(literal: &[u8]) -> [(Vec<u8>, u8); 3] {
    [(0, 0), (1, 2), (2, 3)].map(|(before, digit)| {
        let mut padded = vec![0; before];
        padded.extend_from_slice(literal);
        let decided = padded.len() * 8 / 6;
        let text = data_encoding::BASE64_NOPAD.encode(&padded);
        (text.as_bytes()[usize::from(digit)..decided].to_vec(), digit)
    })
}

/// The longer part of `core` with the line end, or with the indent after it, for each place where a line can end.
///
/// What follows a key ID's prefix is base32, which narrows the character after a four-character core to two: so a cut
/// in its middle has a literal of four, too.
fn broken_forms(core: &[u8], digit: u8) -> Literals {
    let mut forms = Vec::new();
    for cut in 1..core.len() {
        let (head, tail) = core.split_at(cut);
        if head.len() >= 3 {
            forms.extend([b'\n', b'\r'].map(|end| ([head, &[end]].concat(), Form::Base64 { digit })));
            continue;
        }
        let place = (digit + u8::try_from(cut).unwrap_or(0)) % 4;
        // The hit is at the white space, one place before the tail's first character.
        let form = Form::Base64 { digit: (place + 3) % 4 };
        let tails: Vec<Vec<u8>> = if tail.len() >= 3 {
            vec![tail.to_vec()]
        } else {
            ["E", "F"].map(|c| [tail, c.as_bytes()].concat()).to_vec()
        };
        for tail in tails {
            forms.extend([b'\n', b' '].map(|before| ([&[before], tail.as_slice()].concat(), form)));
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;
    use proptest::prelude::*;

    use super::*;

    fn gate() -> &'static Gate {
        static GATE: std::sync::LazyLock<Gate> = std::sync::LazyLock::new(|| Gate::new(&RuleSet::built_in()));
        &GATE
    }

    #[test]
    fn the_gate_is_two_passes_of_simd() {
        let gate = gate();
        assert_eq!(gate.passes.len(), 2);
        assert!(gate.passes.iter().all(|pass| matches!(pass.searcher, Searcher::Simd(_))));
    }

    #[test]
    fn overlapping_anchors_are_all_found() {
        let hits = gate().hits(b"xxAKIASIAxx");
        assert_eq!(hits, [Hit { at: 2, form: Form::Plain }, Hit { at: 5, form: Form::Plain }]);
    }

    fn id() -> impl Strategy<Value = String> {
        "(AKIA|ASIA)[A-Z2-7]{16}"
    }

    proptest! {
        #[test]
        fn an_encoded_key_id_opens_the_gate(id in id(), before in "[ -~]{0,9}", after in "[ -~]{0,9}") {
            let gate = gate();
            let once = BASE64.encode(format!("{before}{id}{after}").as_bytes());
            prop_assert!(!gate.hits(once.as_bytes()).is_empty());
            prop_assert!(!gate.hits(BASE64.encode(once.as_bytes()).as_bytes()).is_empty());
        }

        #[test]
        fn a_line_end_anywhere_in_it_does_not_close_the_gate(
            id in id(), before in "[ -~]{0,9}", cut in 0_usize..40, end in "\n|\r\n|\n  ",
        ) {
            let mut text = BASE64.encode(format!("{before}{id}").as_bytes());
            text.insert_str(cut.min(text.len()), &end);
            prop_assert!(!gate().hits(text.as_bytes()).is_empty(), "{text:?}");
        }

        #[test]
        fn the_hit_tells_the_place_in_the_group(id in id(), before in "[ -~]{0,9}") {
            let text = BASE64.encode(format!("{before}{id}").as_bytes());
            for hit in gate().hits(text.as_bytes()) {
                if let Form::Base64 { digit } = hit.form {
                    // Two-level literals never occur in one level of text that is this short, save by chance.
                    prop_assert_eq!(hit.at % 4, usize::from(digit));
                }
            }
        }
    }
}
