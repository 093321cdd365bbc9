//! The gate: literals without which there is nothing to find, searched for in one pass of SIMD instructions.
//!
//! Rules name their anchors. They are searched for in their encoded forms (`forms`), too, and all of them by the few
//! fragments (`fragment`) that they share.

mod forms;
mod fragment;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind, packed};

use crate::rule::RuleSet;
use fragment::{FRAGMENT, Fragment, MOST};

/// A literal and how it is written.
type Literal = (Vec<u8>, Form);

/// What decides whether an object can hold anything. Sources and detection share one gate.
#[derive(Clone, Debug)]
pub struct Anchors {
    /// The gate.
    pub gate: Arc<Gate>,
    /// How far from an anchor something may decide what is found by it, in bytes.
    pub margin: usize,
}

/// Finds every anchor in a blob.
#[derive(Clone, Debug)]
pub struct Gate {
    passes: Vec<Pass>,
    /// For fragments with a zero byte. Most blocks have none, and are not searched for these.
    wide: Vec<Pass>,
    reach: usize,
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
    Plain {
        /// What may stand there.
        opens: Opens,
        /// How far from the anchor a match may start, in bytes, as the rule says; 0 if the anchor is in every match.
        reach: u16,
    },
    /// In UTF-16; the hit is at the first byte that is not zero.
    Utf16,
    /// In UTF-32; else the same.
    Utf32,
    /// In base64. The character at `at` is number `digit` of a group of four.
    Base64 {
        /// Place in the group, from 0 to 3.
        digit: u8,
    },
    /// No anchor but the start of compressed bytes in base64, once or twice: what is in them is not seen in them.
    Packed,
    /// By the values of its bytes: in one run of digits, in a list, in escapes, in a dump.
    Values(Radix),
}

/// What may stand where an anchor does: it decides how much of the text around it the rules look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opens {
    /// A key ID that begins with the anchor.
    KeyId,
    /// A key ID behind the anchor, or near it.
    NearKeyId,
    /// A session token that begins with the anchor or is named by it.
    Token,
    /// An API key that begins with the anchor.
    ApiKey,
    /// Any other value.
    Value,
}

/// How the numbers of a list are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Radix {
    /// In hex, or in escapes, which say how they are written.
    Hex,
    /// In decimal.
    Decimal,
}

/// One search through the bytes, for at most [`MOST`] fragments.
#[derive(Clone, Debug)]
struct Pass {
    searcher: Searcher,
    /// For each fragment the literals that hold it.
    holders: Vec<Holders>,
}

/// The literals that hold a fragment.
#[derive(Clone, Debug)]
struct Holders {
    groups: Vec<Group>,
    /// What all of them have around the fragment, and where in that it is.
    core: Vec<u8>,
    offset: usize,
}

/// Literals that start alike.
#[derive(Clone, Debug)]
struct Group {
    /// Where in them the fragment is.
    offset: usize,
    first: u8,
    literals: Vec<Literal>,
}

/// Bytes that all passes look at before the next are looked at: what fits the nearest cache.
const BLOCK: usize = 16 * 1024;

#[derive(Clone, Debug)]
enum Searcher {
    Simd(packed::Searcher),
    Automaton(AhoCorasick),
}

impl Gate {
    /// The gate for the anchors of `rules`.
    pub fn new(rules: &RuleSet) -> Self {
        let mut literals = forms::of(rules);
        literals.sort();
        literals.dedup();
        let reach = literals.iter().map(|(literal, _)| literal.len()).max().unwrap_or(1);
        let is_wide = |(fragment, _): &Fragment| fragment.contains(&0);
        let (wide, narrow): (Vec<_>, Vec<_>) = fragment::shared(literals).into_iter().partition(is_wide);
        Self { passes: Pass::all(&narrow), wide: Pass::all(&wide), reach }
    }

    /// How many bytes from its first on decide whether there is a hit: the length of the longest literal.
    pub fn reach(&self) -> usize {
        self.reach
    }

    /// Every anchor in `bytes`, in order.
    pub fn hits(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for start in (0..bytes.len()).step_by(BLOCK) {
            let block = start..bytes.len().min(start + BLOCK);
            let block_end = bytes.len().min(block.end + FRAGMENT - 1);
            self.passes.iter().for_each(|pass| pass.hits(bytes, &block, &mut hits));
            if memchr::memchr(0, &bytes[start..block_end]).is_some() {
                self.wide.iter().for_each(|pass| pass.hits(bytes, &block, &mut hits));
            }
        }
        hits.sort_unstable();
        hits.dedup();
        hits
    }
}

impl Pass {
    /// As few passes as there can be for `fragments`.
    fn all(fragments: &[Fragment]) -> Vec<Self> {
        fragments.chunks(MOST).map(|pass| Self::new(&fragment::in_buckets(pass))).collect()
    }

    fn new(fragments: &[Fragment]) -> Self {
        let texts = || fragments.iter().map(|(fragment, _)| fragment);
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
        Self { searcher, holders: fragments.iter().map(|(_, literals)| Holders::new(literals)).collect() }
    }

    /// The anchors whose fragment starts in `block` of `bytes`. Looks on from the byte after each fragment's start, so
    /// that those that overlap are all found.
    fn hits(&self, bytes: &[u8], block: &Range<usize>, hits: &mut Vec<Hit>) {
        let mut span = block.start..bytes.len().min(block.end + FRAGMENT - 1);
        while let Some((fragment, at)) = self.searcher.next(bytes, span.clone()) {
            self.holders[fragment].hits(bytes, at, hits);
            span.start = at + 1;
        }
    }
}

impl Holders {
    fn new(literals: &[(usize, Literal)]) -> Self {
        let alike = |byte: &dyn Fn(usize, &[u8]) -> Option<u8>| {
            let mut bytes = literals.iter().map(|(offset, (literal, _))| byte(*offset, literal));
            bytes.next().flatten().is_some_and(|first| bytes.all(|byte| byte == Some(first)))
        };
        let before = |n: usize| alike(&|at, literal| literal.get(at.checked_sub(n)?).copied());
        let after = |n: usize| alike(&|at, literal| literal.get(at + n).copied());
        let offset = (1..).take_while(|&n| before(n)).count();
        let len = (0..).take_while(|&n| after(n)).count();
        let core = literals.first().map_or(&[][..], |(at, (literal, _))| &literal[at - offset..at + len]);
        let mut groups = BTreeMap::<(usize, u8), Vec<Literal>>::new();
        for (offset, literal) in literals {
            let first = literal.0.first().copied().unwrap_or_default();
            groups.entry((*offset, first)).or_default().push(literal.clone());
        }
        let groups = groups.into_iter().map(|((offset, first), literals)| Group { offset, first, literals });
        Self { groups: groups.collect(), core: core.to_vec(), offset }
    }

    /// Adds the literals that stand where the fragment is `at`.
    fn hits(&self, bytes: &[u8], at: usize, hits: &mut Vec<Hit>) {
        let is_core = |start| bytes.get(start..).is_some_and(|bytes| bytes.starts_with(&self.core));
        if !at.checked_sub(self.offset).is_some_and(is_core) {
            return;
        }
        for group in &self.groups {
            let Some(start) = at.checked_sub(group.offset).filter(|&start| bytes[start] == group.first)
            else {
                continue;
            };
            for (literal, form) in &group.literals {
                // Most fall at their last byte, which is looked at without a call.
                let ends_alike = bytes.get(start + literal.len() - 1) == literal.last();
                if ends_alike && bytes[start..].starts_with(literal) {
                    hits.push(Hit { at: start, form: *form });
                }
            }
        }
    }
}

impl Searcher {
    fn next(&self, bytes: &[u8], span: Range<usize>) -> Option<(usize, usize)> {
        match self {
            Self::Simd(searcher) => {
                let found = searcher.find_in(bytes, aho_corasick::Span::from(span))?;
                Some((found.pattern().as_usize(), found.start()))
            }
            Self::Automaton(searcher) => {
                let found = searcher.find(aho_corasick::Input::new(bytes).span(span))?;
                Some((found.pattern().as_usize(), found.start()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;
    use proptest::prelude::*;

    use super::*;
    use crate::aws::fake;

    fn gate() -> &'static Gate {
        static GATE: std::sync::LazyLock<Gate> = std::sync::LazyLock::new(|| Gate::new(&RuleSet::built_in()));
        &GATE
    }

    #[test]
    fn the_gate_is_one_fast_pass_of_simd() {
        let gate = gate();
        for passes in [&gate.passes, &gate.wide] {
            let fragments: Vec<usize> = passes.iter().map(|pass| pass.holders.len()).collect();
            assert_eq!(fragments.len(), 1, "{fragments:?}");
            assert!(passes.iter().all(|pass| matches!(pass.searcher, Searcher::Simd(_))));
        }
    }

    #[test]
    fn overlapping_anchors_are_all_found() {
        let hits = gate().hits(b"xxAKIASIAxx");
        let form = Form::Plain { opens: Opens::KeyId, reach: 0 };
        assert_eq!(hits, [Hit { at: 2, form }, Hit { at: 5, form }]);
    }

    fn id() -> impl Strategy<Value = String> {
        "(AKIA|ASIA)[A-Z2-7]{16}"
    }

    proptest! {
        #[test]
        fn what_is_found_does_not_depend_on_where_blocks_end(id in id(), nth in 0_usize..5, at in 0_usize..40) {
            let wide: Vec<u8> = id.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let text = [id.as_bytes(), &wide, b"eJz", b"email-smtp", b"secret_key"][nth];
            let near = gate().hits(text);
            let far = [&vec![b'.'; BLOCK - at], text].concat();
            let moved: Vec<Hit> = near.iter().map(|hit| Hit { at: hit.at + BLOCK - at, ..*hit }).collect();
            prop_assert!(!near.is_empty());
            prop_assert_eq!(gate().hits(&far), moved);
        }

        #[test]
        fn an_encoded_key_id_opens_the_gate(id in id(), before in "[ -~]{0,9}", after in "[ -~]{0,9}") {
            let gate = gate();
            let once = BASE64.encode(format!("{before}{id}{after}").as_bytes());
            prop_assert!(!gate.hits(once.as_bytes()).is_empty());
            prop_assert!(!gate.hits(BASE64.encode(once.as_bytes()).as_bytes()).is_empty());
            let wide: Vec<u8> = format!("{before}{id}{after}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            prop_assert!(!gate.hits(&wide).is_empty());
            prop_assert!(!gate.hits(BASE64.encode(&wide).as_bytes()).is_empty());
        }

        #[test]
        fn a_key_id_spelled_by_values_opens_the_gate(id in id(), before in "[ -~]{0,9}") {
            let text = before + &id;
            let each = |spell: &dyn Fn(u8) -> String| text.bytes().map(spell).collect::<String>();
            for spelled in [
                each(&|byte| format!("{byte:02x}")),
                each(&|byte| format!("{byte:02X}")),
                each(&|byte| format!("\\x{byte:02x}")),
                each(&|byte| format!("&#x{byte:X};")),
                each(&|byte| format!("0x{byte:02x}, ")),
                each(&|byte| format!("0x{byte:02X},")),
                each(&|byte| format!("0x{byte:02X},\n")),
                each(&|byte| format!("{byte:02x} ")),
                each(&|byte| format!("{byte:02x},")),
                each(&|byte| format!("{byte:02x},\\\n  ")),
                each(&|byte| format!("%{byte:02X}")),
                each(&|byte| format!("%25{byte:02x}")),
                each(&|byte| format!("\\{byte:03o}")),
                each(&|byte| format!("&#{byte};")),
                each(&|byte| format!("&amp;#{byte};")),
                each(&|byte| format!("{byte}, ")),
                each(&|byte| format!("{byte},")),
            ] {
                prop_assert!(!gate().hits(spelled.as_bytes()).is_empty(), "{spelled}");
            }
        }

        #[test]
        fn the_name_of_a_secret_opens_the_gate_in_any_encoding(
            key in any::<u64>(), name in "(aws_|AWS_|my)(secret_key|SECRET_KEY|SecretAccessKey)", before in "[ -~]{0,9}",
        ) {
            let text = format!("{before}{name}={}", fake::pair(key).secret_text());
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            prop_assert!(!gate().hits(&wide).is_empty());
            prop_assert!(!gate().hits(BASE64.encode(&wide).as_bytes()).is_empty());
            prop_assert!(!gate().hits(BASE64.encode(text.as_bytes()).as_bytes()).is_empty());
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
