//! Tells cheaply that a text spells no piece of a secret.
//!
//! A text that is ruled out is not searched, so this may err in one direction only: towards a search. It reads a text in
//! up to four ways:
//!
//! - the characters that secrets have, with escapes undone and all else dropped. It looks for pieces there, and for their
//!   hex and base64;
//! - the letters and digits of these;
//! - the text as it is, if it has escapes or a secret has other characters;
//! - its numbers, if there are enough of them in a row.

use std::collections::BTreeSet;

use super::numbers::{Read, Stretch, read_hex, read_numbers, stretches};
use super::spelling;
use super::windows::{PIECE, Windows, place};

/// Bytes of a piece that are looked for first.
const GRAM: usize = 4;
/// A piece has a gram at each of this many places in a row: a look at every such place misses no piece.
const STEP: usize = PIECE - GRAM + 1;

/// What spells pieces of secrets in one run of letters.
#[derive(Default)]
pub(super) struct Sieve {
    runs: Bits,
    grams: Bits,
    /// Whether runs have other signs than those of secrets, which are seen in a text as it is only.
    has_signs: bool,
}

impl Sieve {
    /// Adds runs of eight letters, the first in the highest place.
    pub(super) fn extend(&mut self, runs: impl Iterator<Item = u64>) {
        let runs: BTreeSet<u64> = runs.collect();
        let grams = |run: &u64| {
            let run = run.to_be_bytes();
            let grams = run.windows(GRAM).filter_map(|gram| gram.first_chunk());
            grams.map(|gram| u32::from_be_bytes(*gram).into()).collect::<Vec<u64>>()
        };
        let is_sign = |byte: &u8| spelling::letter(*byte) != Some(*byte);
        self.has_signs |= runs.iter().any(|run| run.to_be_bytes().iter().any(is_sign));
        self.grams.extend(runs.iter().flat_map(grams));
        self.runs.extend(runs.into_iter());
    }

    /// Whether `text` may spell one of `pieces`, the pieces that this sieve knows the runs of.
    pub(super) fn may_spell(&self, pieces: &Windows, text: &[u8]) -> bool {
        let Characters { all, letters, has_escapes } = Characters::of(text);
        self.has_run(&all)
            || letters.len() < all.len() && self.has_run(&letters)
            || (has_escapes || self.has_signs) && self.has_run(text)
            || has_escapes && self.has_run(&only_letters(text))
            || stretches(text, PIECE).any(|stretch| has_number(pieces, &stretch))
    }

    /// Whether a run of letters that is known stands in `text`.
    fn has_run(&self, text: &[u8]) -> bool {
        let mut at = STEP - 1;
        while let Some(gram) = text.get(at..).and_then(|rest| rest.first_chunk::<GRAM>()) {
            if self.grams.may_contain(u32::from_be_bytes(*gram).into()) && self.has_run_at(text, at) {
                return true;
            }
            at += STEP;
        }
        false
    }

    /// Whether a run that is known has a gram at `at`, where `STEP - 1` bytes are before it.
    fn has_run_at(&self, text: &[u8], at: usize) -> bool {
        let around = &text[at + 1 - STEP..text.len().min(at + PIECE)];
        let mut runs = around.windows(PIECE).filter_map(|run| run.first_chunk());
        runs.any(|run| self.runs.contains(u64::from_be_bytes(*run)))
    }
}

/// Numbers, with a filter that rules out most others at the cost of a look at one word.
#[derive(Default)]
struct Bits {
    numbers: BTreeSet<u64>,
    /// One bit for each hash of a number.
    bits: Vec<u64>,
}

impl Bits {
    /// Adds numbers. There is a word for each at least, so that one of 64 others has a bit there.
    fn extend(&mut self, numbers: impl Iterator<Item = u64>) {
        let mut new: Vec<u64> = numbers.filter(|number| self.numbers.insert(*number)).collect();
        let words = self.numbers.len().next_power_of_two().max(64);
        if words > self.bits.len() {
            self.bits = vec![0; words];
            new = self.numbers.iter().copied().collect();
        }
        for number in new {
            let (word, bit) = place(number, self.bits.len());
            self.bits[word] |= bit;
        }
    }

    fn may_contain(&self, number: u64) -> bool {
        let (word, bit) = place(number, self.bits.len());
        self.bits.get(word).is_some_and(|bits| bits & bit != 0)
    }

    fn contains(&self, number: u64) -> bool {
        self.may_contain(number) && self.numbers.contains(&number)
    }
}

/// The letters and digits of `text`.
fn only_letters(text: &[u8]) -> Vec<u8> {
    let mut letters = vec![0; text.len()];
    let mut len = 0;
    for &byte in text {
        letters[len] = byte;
        len += usize::from(KINDS[usize::from(byte)] >= b'0');
    }
    letters.truncate(len);
    letters
}

/// What of a text may be part of a secret.
struct Characters {
    /// The characters that secrets have, with escapes undone.
    all: Vec<u8>,
    /// The letters and digits of these: other signs may be joints.
    letters: Vec<u8>,
    has_escapes: bool,
}

impl Characters {
    fn of(text: &[u8]) -> Self {
        let (mut all, mut letters) = (vec![0; text.len()], vec![0; text.len()]);
        let (mut len, mut letters_len) = (0, 0);
        let (mut at, mut has_escapes) = (0, false);
        while let Some(&byte) = text.get(at) {
            let mut character = KINDS[usize::from(byte)];
            at += 1;
            if character == ESCAPE {
                let escape = spelling::read(&text[at - 1..]);
                character = escape.byte.unwrap_or(NOTHING);
                has_escapes |= escape.len > 1;
                at += escape.len - 1;
            }
            // No branch: where characters end is as random as the text.
            (all[len], letters[letters_len]) = (character, character);
            len += usize::from(character != NOTHING);
            letters_len += usize::from(character >= b'0');
        }
        all.truncate(len);
        letters.truncate(letters_len);
        Self { all, letters, has_escapes }
    }
}

/// A byte that is part of no secret.
const NOTHING: u8 = 0;
/// A byte that may begin an escape.
const ESCAPE: u8 = 1;

/// What each byte is: one of the above, or the character of secrets that it stands for.
static KINDS: [u8; 256] = {
    let mut kinds = [NOTHING; 256];
    let mut byte = 0_u8;
    loop {
        kinds[byte as usize] = match (spelling::letter(byte), byte) {
            (Some(letter), _) => letter,
            (None, b'\\' | b'%' | b'&' | b'=' | b'<' | 0x1b) => ESCAPE,
            _ => NOTHING,
        };
        if byte == u8::MAX {
            break kinds;
        }
        byte += 1;
    }
};

/// Whether one of `pieces` is spelled in numbers. Hex that is nothing but pairs of digits in one case is a run of letters.
fn has_number(pieces: &Windows, &Stretch { text, may_be_list, is_plain_hex }: &Stretch<'_>) -> bool {
    let mut found = false;
    let mut run = 0_u64;
    let mut take = |read| {
        run = match read {
            Read::Byte(byte, _) => run << 8 | u64::from(byte),
            Read::Break => 0,
        };
        found |= pieces.contains(run);
    };
    for skipped in if is_plain_hex { 0..0 } else { 0..2 } {
        read_hex(text, skipped, &mut take);
        take(Read::Break);
    }
    if may_be_list {
        for radix in [8, 10] {
            read_numbers(text, radix, &mut take);
            take(Read::Break);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy as _, any, proptest};

    use super::super::search::search;
    use super::super::windows::TEXT;
    use super::super::{Remembered, spellings};
    use crate::aws::fake;

    proptest! {
        /// What a search would find is not ruled out, wherever the text around it ends.
        #[test]
        fn what_may_be_found_is_not_ruled_out(
            seed in 0_u64..10_000,
            (start, len) in (0_usize..33).prop_flat_map(|start| (Just(start), 8..=40 - start)),
            nth in any::<proptest::sample::Index>(),
            before in "[ -~\u{e4}\x1b\0]{0,12}",
            after in "[ -~\u{e4}\x1b\0]{0,12}",
        ) {
            let key = fake::pair(seed);
            let mut remembered = Remembered::default();
            remembered.add(key.secret_text().as_bytes(), 0, TEXT, 0);
            let spelled = nth.get(&spellings::all(&key.secret_text()[start..start + len])).clone();
            let text = format!("{before}{spelled}{after}");
            let found = search(remembered.windows(), text.as_bytes());
            assert!(found.pieces.is_empty() || remembered.may_be_in(text.as_bytes()), "{text:?}");
        }
    }
}
