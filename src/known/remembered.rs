//! The secrets that a stream has shown so far, to find them again in what comes later.
//!
//! Memory is bounded: past a number of pieces the oldest secrets are forgotten, at a place that depends on nothing but
//! the secrets and their order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::mem;
use std::ops::Range;

use super::search::search;
use super::windows::{PIECE, Windows, pieces, place};

/// Pieces that are kept at least. As many again may be kept beside them.
const MOST_PIECES: usize = 1 << 14;

/// How a secret is named: any small number.
pub(crate) type Name = u32;

/// The newest secrets of a stream.
#[derive(Default)]
pub(crate) struct Remembered {
    new: Generation,
    old: Generation,
}

/// Secrets that are forgotten together.
#[derive(Default)]
struct Generation {
    windows: Windows,
    names: BTreeMap<u64, Name>,
    /// What spells the pieces in one run of letters, in encodings that show nothing of them.
    spelled: Spellings,
}

/// Runs of eight letters, which can be added to at little cost.
#[derive(Default)]
struct Spellings {
    runs: BTreeSet<u64>,
    /// One bit for each hash of a run: most text is ruled out without a search.
    bits: Vec<u64>,
}

impl Spellings {
    fn extend(&mut self, runs: impl Iterator<Item = u64>) {
        let mut new: Vec<u64> = runs.collect();
        let words = ((self.runs.len() + new.len()) / 4).next_power_of_two().max(64);
        if words > self.bits.len() {
            self.bits = vec![0; words];
            new.extend(&self.runs);
        }
        for run in new {
            let (word, bit) = self.place(run);
            self.bits[word] |= bit;
            self.runs.insert(run);
        }
    }

    fn contains(&self, run: u64) -> bool {
        let (word, bit) = self.place(run);
        self.bits.get(word).is_some_and(|bits| bits & bit != 0) && self.runs.contains(&run)
    }

    /// The word of the bits, and the bit in it, that stand for `run`.
    fn place(&self, run: u64) -> (usize, u64) {
        place(run, self.bits.len())
    }
}

impl Remembered {
    /// Remembers `secret` under `name`. The first `head` bytes are no secret; pieces likelier to be text than
    /// `text_limit`, in half bits, are not looked for.
    pub(crate) fn add(&mut self, secret: &[u8], head: usize, text_limit: i32, name: Name) {
        let body = secret.get(head..).unwrap_or_default();
        let found: Vec<u64> = pieces(body, text_limit).collect();
        if found.iter().all(|piece| self.new.names.contains_key(piece)) {
            return;
        }
        if self.new.names.len() + found.len() > MOST_PIECES && !self.new.names.is_empty() {
            self.old = mem::take(&mut self.new);
        }
        self.new.spelled.extend(found.iter().copied().chain(spellings(body)));
        self.new.names.extend(found.iter().map(|&piece| (piece, name)));
        self.new.windows.extend(found.into_iter());
    }

    /// Whether nothing is remembered.
    pub(crate) fn is_empty(&self) -> bool {
        self.new.windows.is_empty()
    }

    /// Whether [`find`](Self::find) may find something in `text`. Most text is ruled out here, in one pass.
    pub(crate) fn may_be_in(&self, text: &[u8]) -> bool {
        let generations = [&self.new, &self.old].into_iter();
        generations.filter(|generation| !generation.windows.is_empty()).any(|it| it.may_be_in(text))
    }

    /// The stretches of `text` that spell a piece, each with the secret's name, in order of their start. They may overlap.
    pub(crate) fn find(&self, text: &[u8]) -> Vec<(Range<usize>, Name)> {
        let generations =
            [&self.new, &self.old].into_iter().filter(|generation| !generation.windows.is_empty());
        let mut found: Vec<(Range<usize>, Name)> = generations
            .filter(|generation| generation.may_be_in(text))
            .flat_map(|generation| {
                let pieces = search(&generation.windows, text).pieces.into_iter();
                pieces
                    .map(|(range, piece)| (range, generation.names.get(&piece).copied().unwrap_or_default()))
            })
            .collect();
        found.sort_unstable_by_key(|(range, name)| (range.start, range.end, *name));
        found.dedup();
        found
    }
}

/// Numbers or escapes in a row that are no secret, however they are read.
const FEW: u32 = 6;

impl Generation {
    /// Whether a search of `text` could find something.
    fn may_be_in(&self, text: &[u8]) -> bool {
        let (mut all, mut letters) = (0_u64, 0_u64);
        let (mut escapes, mut numbers, mut is_number) = (0, 0, false);
        for &byte in text {
            all = all << 8 | u64::from(byte);
            if self.spelled.contains(all) {
                return true;
            }
            match byte {
                b'0'..=b'9' => is_number = true,
                b'A'..=b'Z' | b'a'..=b'z' => {
                    is_number = false;
                    // `0x41`.
                    numbers =
                        if matches!(byte, b'x' | b'X' | b'a'..=b'f' | b'A'..=b'F') { numbers } else { 0 };
                }
                _ => {
                    numbers += u32::from(mem::take(&mut is_number));
                    escapes +=
                        u32::from(matches!(byte, b'\\' | b'%' | b'&' | b'=' | b'<' | 0 | 0x1b | 0x80..));
                    if numbers > FEW || escapes > FEW {
                        return true;
                    }
                    continue;
                }
            }
            letters = letters << 8 | u64::from(byte);
            if self.spelled.contains(letters) {
                return true;
            }
        }
        numbers + u32::from(is_number) > FEW
    }
}

/// Runs of eight letters of which one is in every eight characters of `secret` in hex, in base64, and in base64 of that.
fn spellings(secret: &[u8]) -> impl Iterator<Item = u64> {
    let hex = [data_encoding::HEXLOWER.encode(secret), data_encoding::HEXUPPER.encode(secret)];
    let once: Vec<String> = (0..3).map(|before| base64(secret, before)).collect();
    let twice: Vec<String> =
        once.iter().flat_map(|once| (0..3).map(|before| base64(once.as_bytes(), before))).collect();
    let for_urls = |text: &String| text.replace('+', "-").replace('/', "_");
    let urls: Vec<String> = once.iter().chain(&twice).map(for_urls).collect();
    let runs = hex.into_iter().map(|text| (text, 8)).chain(once.into_iter().map(|text| (text, 2)));
    let runs =
        runs.chain(twice.into_iter().map(|text| (text, 4))).chain(urls.into_iter().map(|text| (text, 2)));
    runs.flat_map(|(text, step)| {
        let windows = text.as_bytes().windows(PIECE).step_by(step);
        let pieces = windows.filter_map(|piece| piece.first_chunk().map(|piece| u64::from_be_bytes(*piece)));
        pieces.collect::<Vec<u64>>()
    })
}

/// The letters of base64 that `text` alone decides where `before` bytes come before it in its group.
fn base64(text: &[u8], before: usize) -> String {
    let padded = [&vec![0; before], text].concat();
    let encoded = data_encoding::BASE64_NOPAD.encode(&padded);
    let (first, last) = ([0, 2, 3][before], padded.len() * 8 / 6);
    encoded[first..last].to_owned()
}

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remembered(****)")
    }
}
