//! What letters and digits without a break between them are: known, nothing, or something that may be secret.

use super::Strictness;
use super::number::{MANY_DIGITS, spelled_by, spelled_by_base32, spelled_by_hex};
use super::vocabulary::{Chance, is_word};
use crate::aws::looks_random;

/// What a unit of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words, dates, digests, public IDs.
    Known,
    /// A word that is short enough to be in a secret by chance.
    LittleWord,
    /// Too short to judge alone: shown unless its neighbours are masked. Holds the number of characters.
    Short(usize),
    /// Not known to be harmless. Holds the number of characters of a secret that it may spell.
    Doubtful(usize),
}

/// Stands for a letter of another alphabet.
pub(super) const FOREIGN: u8 = 0xff;

/// Hex digits from this many on are a digest: one secret in ten million has as many in a row.
pub(super) const DIGEST: usize = 12;
/// The least that pieces of a digest spell by chance.
const CHANCE: usize = 4;
/// An encoded secret is longer than a plain one.
const ENCODED_LEN: usize = 48;
/// Chance spells as much in one of a thousand names in base 32,
const BASE32_CHANCE: usize = 10;
/// and in one of two thousand digests.
const HEX_CHANCE: usize = 8;

/// Judges `letters`, which are ASCII letters, digits and [`FOREIGN`].
pub(super) fn kind(letters: &[u8], strictness: Strictness) -> Kind {
    if letters.contains(&FOREIGN) {
        return foreign(letters);
    }
    if letters.iter().all(u8::is_ascii_digit) {
        return match spelled_by(letters) {
            // Versions make many names.
            0 if (2..4).contains(&letters.len()) && strictness == Strictness::Name => Kind::Short(0),
            0 if letters.len() < 4 => Kind::Short(letters.len()),
            0 if letters.len() <= LITTLE => Kind::LittleWord,
            0 => Kind::Known,
            spelled => Kind::Doubtful(spelled),
        };
    }
    if let Some(kind) = hex(letters) {
        return kind;
    }
    let parts = Parts::of(letters, strictness);
    if is_little_word(letters) {
        return Kind::LittleWord;
    }
    if parts.are_known() {
        return if letters.len() <= LITTLE { Kind::LittleWord } else { Kind::Known };
    }
    if is_short_name(letters) {
        return Kind::Short(letters.len());
    }
    let spelled = parts.spelled(letters.len());
    match strictness {
        Strictness::Text => Kind::Doubtful(spelled),
        Strictness::Name => name(letters, spelled),
    }
}

/// Names may be random by other rules than secrets are: in one case, as an identifier in base 32 or 36.
fn name(letters: &[u8], spelled: usize) -> Kind {
    let has = |is: fn(&u8) -> bool| letters.iter().any(is);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let is_base32 = |letter: &u8| letter.is_ascii_alphabetic() || (b'2'..=b'7').contains(letter);
    let spells_in_hex = |run: &[u8]| spelled_by_hex(run) >= HEX_CHANCE;
    let is_encoded = letters.len() >= ENCODED_LEN && looks_random(letters)
        || letters.split(|letter| !letter.is_ascii_hexdigit()).any(spells_in_hex)
        || letters.split(|letter| !letter.is_ascii_digit()).any(|number| number.len() > MANY_DIGITS)
        || letters.iter().all(is_base32) && spelled_by_base32(letters) >= BASE32_CHANCE;
    if is_mixed || is_encoded || letters.len() < DIGEST { Kind::Doubtful(spelled) } else { Kind::Short(0) }
}

/// Digits of base 16: a number behind `0x`, or a digest.
fn hex(letters: &[u8]) -> Option<Kind> {
    let behind = letters.strip_prefix(b"0x").or_else(|| letters.strip_prefix(b"0X"));
    let digits = behind.unwrap_or(letters);
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
    let is_cased = digits.iter().any(u8::is_ascii_uppercase) && digits.iter().any(u8::is_ascii_lowercase);
    if digits.is_empty() || !digits.iter().all(is_digit) || is_cased {
        return None;
    }
    match (behind, spelled_by_hex(digits)) {
        (None, _) if digits.len() < DIGEST => None,
        (None, spelled) if spelled < CHANCE => Some(Kind::Known),
        (Some(_), 0) => Some(Kind::Short(0)),
        (_, spelled) => Some(Kind::Doubtful(spelled)),
    }
}

/// A word of another alphabet. Its ASCII letters have to be of one case and read like words.
fn foreign(letters: &[u8]) -> Kind {
    let ascii = || letters.iter().filter(|&&letter| letter != FOREIGN);
    let inner = || letters.iter().skip(1).filter(|&&letter| letter != FOREIGN);
    let is_one_case = inner().all(u8::is_ascii_lowercase) || ascii().all(u8::is_ascii_uppercase);
    let reads_well = |run: &[u8]| run.len() < LONG_RUN || is_word(run, Chance::OfOne);
    let is_known = is_one_case && letters.split(|&letter| letter == FOREIGN).all(reads_well);
    match ascii().count() {
        0 => Kind::Known,
        _ if is_known => Kind::Short(0),
        spelled => Kind::Doubtful(spelled),
    }
}

/// A run of ASCII letters in a word of another alphabet is judged from this length on.
const LONG_RUN: usize = 8;

/// The longest word that is little.
const LITTLE: usize = 6;

/// `is`, `to`, `rm`: words of two letters are known in lower case only, since chance writes the rest. Some names of
/// services are words, too.
fn is_little_word(letters: &[u8]) -> bool {
    const SERVICES: [&[u8]; 4] = [b"s3", b"s3a", b"s3n", b"ec2"];
    SERVICES.contains(&letters)
        || letters.len() == 2 && letters.iter().all(u8::is_ascii_lowercase) && is_word(letters, Chance::OfOne)
}

/// `acme`, `XYZ`, `Foo`, `v1`, `x64`, `30s`, `10M`: a few characters of one case say nothing.
fn is_short_name(letters: &[u8]) -> bool {
    let number = letters.iter().take_while(|letter| letter.is_ascii_digit()).count();
    if number > 0 {
        let unit = &letters[number..];
        let is_unit = unit.iter().all(u8::is_ascii_lowercase) || matches!(unit, b"K" | b"M" | b"G");
        return number <= 3 && unit.len() <= 2 && is_unit;
    }
    let digits = letters.iter().rev().take_while(|letter| letter.is_ascii_digit()).count();
    let (name, number) = letters.split_at(letters.len() - digits);
    let is_lower = name.iter().all(u8::is_ascii_lowercase);
    let is_upper = name.iter().all(u8::is_ascii_uppercase) && name.len() > 1;
    let is_capital = name.len() > 2 && name[1..].iter().all(u8::is_ascii_lowercase);
    match number.len() {
        0 => name.len() <= 4 && (is_lower || is_upper || is_capital),
        _ => letters.len() <= 5 && name.len() <= 2 && number.len() <= 3 && is_lower,
    }
}

/// How a unit divides into words: where case changes, and between letters and digits.
#[derive(Default)]
struct Parts {
    /// Letters in words, letters in none, and digits.
    known: usize,
    unknown: usize,
    digits: usize,
    /// The longest word, and the number of words of two letters.
    longest_word: usize,
    pairs: usize,
    starts_with_digit: bool,
    /// The longest run of digits, and the number of such runs.
    longest_number: usize,
    numbers: usize,
}

/// In a name, a run of this many letters of one case is a word of some language.
const WORD_OF_A_NAME: usize = 8;

impl Parts {
    fn of(letters: &[u8], strictness: Strictness) -> Self {
        let mut parts = Self { starts_with_digit: letters[0].is_ascii_digit(), ..Self::default() };
        let is_name = strictness == Strictness::Name && !letters.iter().any(u8::is_ascii_digit);
        let is_long = |part: &[u8]| is_name && part.len() >= WORD_OF_A_NAME;
        let is_one_word = part_len(letters) == letters.len();
        let is_word = |part: &[u8]| is_word(part, if is_one_word { Chance::OfOne } else { Chance::OfMany });
        let mut rest = letters;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(part_len(rest));
            if part[0].is_ascii_digit() {
                parts.digits += part.len();
                parts.longest_number = parts.longest_number.max(part.len());
                parts.numbers += 1;
            } else if is_long(part) || is_word(part) {
                parts.known += part.len();
                parts.longest_word = parts.longest_word.max(part.len());
                parts.pairs += usize::from(part.len() == 2);
            } else {
                parts.unknown += part.len();
            }
            rest = after;
        }
        parts
    }

    /// Whether it is words with small numbers.
    fn are_known(&self) -> bool {
        let has_few_digits =
            self.longest_number <= self.longest_word.min(4) && self.numbers * 3 <= self.known;
        let least = if self.starts_with_digit || self.pairs > 0 && self.digits > 0 { 5 } else { 3 };
        let is_worded = self.longest_word >= least && (self.longest_word > 3 || self.pairs == 0);
        self.unknown == 0 && is_worded && self.pairs <= 1 && has_few_digits
    }

    /// How many of `len` characters may be a secret's: one odd syllable in a long name is not the whole name.
    fn spelled(&self, len: usize) -> usize {
        if self.known * 4 >= len * 3 { self.unknown + self.digits } else { len }
    }
}

/// The length of the first word: `HTTPServer` begins with `HTTP`, `Server` with itself, `42nd` with `42`.
fn part_len(letters: &[u8]) -> usize {
    let count = |is: fn(&u8) -> bool| letters.iter().take_while(|letter| is(letter)).count();
    let upper = count(u8::is_ascii_uppercase);
    if letters[0].is_ascii_digit() {
        return count(u8::is_ascii_digit);
    }
    let lower = letters[upper..].iter().take_while(|letter| letter.is_ascii_lowercase()).count();
    match (upper, lower) {
        (0 | 1, _) => upper + lower,
        (_, 0) => upper,
        // `IDs`, `URLs`.
        (_, 1) if letters[upper] == b's' => upper + 1,
        _ => upper - 1,
    }
}
