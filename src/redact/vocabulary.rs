//! Which letters are words.
//!
//! `words.txt` lists words of two to five letters, and longer ones that do not read like English. `trigrams.txt` says
//! how much likelier a letter is in a word than in random text, after the two before it: `A` is half a bit for a word,
//! `B` a whole bit, `a` half a bit against. `^` is the start of a word; the last column is its end.
//! `fit-words.py` made both from the sources and documentation of public packages.
//!
//! Of random lower-case texts, 2 in 1,000 of eight letters read like a word, and 1 in 10,000 of twelve. A piece of a
//! secret also has to be of one case: 4 in a million of eight characters are shown for a word.

use std::collections::HashSet;
use std::sync::LazyLock;

static WORDS: LazyLock<HashSet<&'static [u8]>> =
    LazyLock::new(|| include_str!("words.txt").split_ascii_whitespace().map(str::as_bytes).collect());

/// No listed word is longer.
const LONGEST: usize = 16;

/// How many ways there are to read a text as words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chance {
    /// It stands by itself.
    OfOne,
    /// It is part of a text that was cut where case changes.
    OfMany,
}

/// Shorter words are known from the list only.
const ENOUGH: usize = 5;

/// Whether `letters`, all ASCII and of any case, are a word or several written together.
pub(super) fn is_word(letters: &[u8], chance: Chance) -> bool {
    let is_listed = is_listed(letters);
    // In half bits. Five letters are too few to know a word by less.
    let least = match chance {
        Chance::OfOne if letters.len() > ENOUGH => 10,
        Chance::OfOne => 14,
        Chance::OfMany => 18,
    };
    is_listed || (letters.len() >= ENOUGH && odds(letters) >= least)
}

fn is_listed(letters: &[u8]) -> bool {
    let mut buffer = [0; LONGEST];
    let Some(word) = buffer.get_mut(..letters.len()) else { return false };
    word.copy_from_slice(letters);
    word.make_ascii_lowercase();
    WORDS.contains(&*word)
}

/// How much likelier these letters are as a word than by chance, in half bits. Their case does not count.
fn odds(letters: &[u8]) -> i32 {
    let mut before = (START, START);
    let mut sum = 0;
    let numbers = letters.iter().map(|letter| letter.to_ascii_lowercase().wrapping_sub(b'a'));
    for number in numbers.chain([END]) {
        sum += TRIGRAMS[usize::from(before.0)][usize::from(before.1)][usize::from(number.min(END))];
        before = (before.1, number + 1);
    }
    sum
}

/// The row of what is before a word, and the column of its end.
const START: u8 = 0;
const END: u8 = 26;

type Table = [[[i32; 27]; 27]; 27];

static TRIGRAMS: LazyLock<Box<Table>> = LazyLock::new(|| {
    let row = |letter: u8| if letter == b'^' { START } else { letter - b'a' + 1 };
    let mut table = Box::new([[[0; 27]; 27]; 27]);
    for line in include_str!("trigrams.txt").lines().map(str::as_bytes) {
        let cells = &mut table[usize::from(row(line[0]))][usize::from(row(line[1]))];
        for (cell, symbol) in cells.iter_mut().zip(&line[3..]) {
            *cell = weight(*symbol);
        }
    }
    table
});

fn weight(symbol: u8) -> i32 {
    match symbol {
        b'A'..=b'Z' => i32::from(symbol - b'A') + 1,
        b'a'..=b'z' => -i32::from(symbol - b'a') - 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::Random;

    #[test]
    fn names_of_everyday_configuration_are_words() {
        for word in [
            "production",
            "configuration",
            "vault",
            "internal",
            "kubernetes",
            "terraform",
            "postgresql",
            "awssecretaccesskey",
            "amazonaws",
            "dockerfile",
            "systemctl",
            "key",
            "AWS",
            "nginx",
            "Schluessel",
        ] {
            assert!(is_word(word.as_bytes(), Chance::OfOne), "{word}");
        }
    }

    #[test]
    fn no_listed_word_is_longer_than_is_looked_up() {
        assert!(WORDS.iter().all(|word| word.len() <= LONGEST));
    }

    #[test]
    fn few_random_letters_are_words() {
        let mut random = Random::new(7);
        for (len, most) in [(3, 700), (4, 120), (5, 120), (8, 60), (12, 8)] {
            let text = |random: &mut Random| random.text("abcdefghijklmnopqrstuvwxyz", len);
            let words = (0..20_000).filter(|_| is_word(text(&mut random).as_bytes(), Chance::OfOne)).count();
            assert!(words <= most, "{words} of {len} letters");
        }
    }
}
