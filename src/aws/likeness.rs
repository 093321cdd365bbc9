//! What forty characters look like: a random key, or something that code is full of.
//!
//! In: letters. Out: the first reason not to take them for a key, or none. Knows nothing of what stands around
//! them: pieces of binary base64 look as random as a key does, and only context can tell those.
//!
//! `likeness.tsv` holds how much likelier each pair of letters is in code than in a random key, in half bits;
//! adding up pairs gives the odds of a text. `fit-likeness.py` made it of git, botocore, spring-boot,
//! terraform, k6, rails, ansible, maven and protobuf.
//!
//! Of ten million random keys, 7.1 in 100,000 are taken for something else. Of the different runs of exactly forty
//! letters in four projects that nothing was fitted or tuned on (spring-framework, laravel, amazon-ecs-agent,
//! dubbo), 1,605 of 1,605 that lack an upper-case letter, a lower-case letter or a digit are told from keys, and
//! 34 of the 35 that have all three; in twelve more, whose leftovers were looked at, 2,073 of 2,073 and 92 of 111.
//! What is left is, but for one path, random by its letters: tokens in documentation and tests, pieces of base64.

use std::ops::RangeInclusive;

use super::SecretAccessKey;

/// What forty characters of the secrets' alphabet look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Likeness {
    /// Drawn at random, as AWS draws its keys.
    RandomKey,
    /// Hex digits, all or nearly all: a SHA-1 sum, a git object ID, a piece of a longer digest.
    HexDigest,
    /// A path.
    Path,
    /// Words, identifiers, camel case; also in base64.
    Words,
    /// Too few different characters.
    LowEntropy,
}

impl SecretAccessKey {
    /// What the secret looks like.
    ///
    /// Forty hex digits of one case are always [`Likeness::HexDigest`]. Fewer than one random secret in 10,000
    /// is taken for anything but [`Likeness::RandomKey`].
    #[expect(clippy::disallowed_methods, reason = "its letters are looked at and none is kept")]
    pub fn likeness(&self) -> Likeness {
        let letters = self.expose();
        let odds = TextOdds::of(letters);
        if is_nearly_hex(letters) {
            Likeness::HexDigest
        } else if repeats_a_few_letters(letters) {
            Likeness::LowEntropy
        } else if odds.of_whole > TEXT || odds.of_best_stretch > STRETCH_OF_TEXT || has_one_case(letters) {
            if has_a_slash(letters) { Likeness::Path } else { Likeness::Words }
        } else if encodes_text(letters) {
            Likeness::Words
        } else if lacks_variety(letters) {
            Likeness::LowEntropy
        } else {
            Likeness::RandomKey
        }
    }

    /// Whether `content` is nothing but what looks like a secret.
    pub fn is_all_of(content: &[u8]) -> bool {
        let end = content.len().min(Self::LEN);
        content.len() <= Self::LEN + 2
            && content[end..].trim_ascii().is_empty()
            && Self::parse(&content[..end]).is_some_and(|it| it.likeness() == Likeness::RandomKey)
    }
}

/// Whether text of any length looks as random as a key or a token: for masking what is not understood.
///
/// `-` and `_` are read as the `+` and `/` they stand for in URLs; any other byte that keys do not have is passed
/// over. Hex digits count as random if both letters and digits are among them. Too little to tell by, fewer than
/// 20 bytes or mostly bytes passed over, is not random.
pub(crate) fn looks_random(bytes: &[u8]) -> bool {
    let enough = bytes.len() >= 20 && pair_weights(bytes).count() * 2 >= bytes.len();
    enough && (is_mixed_hex(bytes) || pair_weights(bytes).sum::<i32>() < 0)
}

/// How much likelier a few characters are in text than in a random key, in half bits: more than 20 for fewer than one in
/// 1,000 pieces of random keys, and for most pieces of words and identifiers.
pub(crate) fn text_odds(bytes: &[u8]) -> i32 {
    pair_weights(bytes).sum()
}

type Letters = [u8; SecretAccessKey::LEN];

// Each limit is set where it takes about 1 in 40,000 random keys or fewer.

/// Half bits over all pairs.
const TEXT: i32 = -12;
/// Half bits over the best stretch: eight letters of a word are often enough.
const STRETCH_OF_TEXT: i32 = 36;
const NEARLY_HEX: u8 = 23;
const ONE_CASE_BUT: u8 = 3;
const FEW_LETTERS: u32 = 8;
const LITTLE_VARIETY: u32 = 20;

/// How much likelier text is than a random key, in half bits.
struct TextOdds {
    of_whole: i32,
    /// Of the part that is likest to text, whatever surrounds it: `refs/heads/` before a token.
    of_best_stretch: i32,
}

impl TextOdds {
    fn of(letters: &Letters) -> Self {
        let (mut sum, mut lowest, mut best) = (0, 0, 0);
        for weight in pair_weights(letters) {
            sum += weight;
            lowest = sum.min(lowest);
            best = best.max(sum - lowest);
        }
        Self { of_whole: sum, of_best_stretch: best }
    }
}

/// Upper case or lower case is all but missing, as in base32 and base36.
fn has_one_case(letters: &Letters) -> bool {
    count(letters, u8::is_ascii_uppercase) <= ONE_CASE_BUT
        || count(letters, u8::is_ascii_lowercase) <= ONE_CASE_BUT
}

fn has_a_slash(letters: &Letters) -> bool {
    letters.contains(&b'/')
}

fn is_hex(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        || bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
}

fn is_mixed_hex(bytes: &[u8]) -> bool {
    is_hex(bytes) && bytes.iter().any(u8::is_ascii_digit) && bytes.iter().any(u8::is_ascii_alphabetic)
}

/// A digest with a few letters before or after it.
fn is_nearly_hex(letters: &Letters) -> bool {
    let digits = count(letters, u8::is_ascii_digit);
    let of_one_case = |range: RangeInclusive<u8>| digits + count(letters, |letter| range.contains(letter));
    of_one_case(b'a'..=b'f') >= NEARLY_HEX || of_one_case(b'A'..=b'F') >= NEARLY_HEX
}

/// A filler or a short pattern over and over, which may score as anything.
fn repeats_a_few_letters(letters: &Letters) -> bool {
    different_letters(letters) <= FEW_LETTERS
}

/// A pattern over and over that is not text either.
fn lacks_variety(letters: &Letters) -> bool {
    different_letters(letters) <= LITTLE_VARIETY
}

/// Five of six bytes are printable when decoded as base64, wherever its groups of four begin.
fn encodes_text(letters: &Letters) -> bool {
    (0..4).any(|start| {
        let (groups, _) = letters[start..].as_chunks::<4>();
        let mut unprintable = 0;
        groups.iter().all(|group| {
            unprintable += usize::from(3 - printable_bytes(group));
            unprintable * 6 <= groups.len() * 3
        })
    })
}

/// How many of the three bytes of a base64 group are printable.
fn printable_bytes(group: &[u8; 4]) -> u8 {
    let bits = group.iter().fold(0, |bits, &letter| bits << 6 | u32::from(NUMBERS[usize::from(letter)]));
    let [_, bytes @ ..] = bits.to_be_bytes();
    count::<3>(&bytes, |byte| (b' '..=b'~').contains(byte))
}

/// How many of a few bytes are so. A byte is enough to count them in, and quick.
fn count<const N: usize>(bytes: &[u8; N], is: impl Fn(&u8) -> bool) -> u8 {
    bytes.iter().map(|byte| u8::from(is(byte))).sum()
}

fn different_letters(letters: &Letters) -> u32 {
    letters.iter().fold(0_u64, |seen, &letter| seen | 1 << NUMBERS[usize::from(letter)]).count_ones()
}

/// The weight of each pair of neighbours that both are letters of keys, in half bits for text.
fn pair_weights(bytes: &[u8]) -> impl Iterator<Item = i32> {
    bytes.windows(2).filter_map(|pair| {
        let row = WEIGHTS.get(usize::from(NUMBERS[usize::from(pair[0])]))?;
        row.get(usize::from(NUMBERS[usize::from(pair[1])])).map(|&weight| i32::from(weight))
    })
}

/// The table as it was fitted: a line of all letters, then for each letter a line with a symbol for each follower.
const TABLE: &[u8] = include_bytes!("likeness.tsv");
const NO_LETTER: u8 = 64;
/// Each byte's number in base64, in either alphabet.
static NUMBERS: [u8; 256] = numbers(TABLE);
static WEIGHTS: [[i8; 64]; 64] = weights(TABLE);

const fn numbers(table: &[u8]) -> [u8; 256] {
    let mut numbers = [NO_LETTER; 256];
    let mut number = 0;
    while number < 64 {
        numbers[table[1 + number as usize] as usize] = number;
        number += 1;
    }
    numbers[b'-' as usize] = numbers[b'+' as usize];
    numbers[b'_' as usize] = numbers[b'/' as usize];
    numbers
}

const fn weights(table: &[u8]) -> [[i8; 64]; 64] {
    let mut weights = [[0; 64]; 64];
    let mut at = after_line(table, 0);
    let mut first = 0;
    while first < 64 {
        assert!(table[at] == table[1 + first], "the lines of the table are not in the order of its head");
        let mut second = 0;
        while second < 64 {
            weights[first][second] = weight(table[at + 2 + second]);
            second += 1;
        }
        at = after_line(table, at);
        first += 1;
    }
    weights
}

/// Where the next line begins, with Windows' line ends too: a checkout may have them.
const fn after_line(table: &[u8], mut at: usize) -> usize {
    while table[at] != b'\n' {
        at += 1;
    }
    at + 1
}

/// `A` is half a bit for text, `B` a whole one; `a` is half a bit against.
const fn weight(symbol: u8) -> i8 {
    match symbol {
        b'.' => 0,
        b'A'..=b'Z' => (symbol - b'A' + 1) as i8,
        b'a'..=b'z' => -((symbol - b'a' + 1) as i8),
        _ => panic!("a symbol of the table is no weight"),
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, HEXLOWER, HEXUPPER};

    use super::*;
    use crate::aws::fake::{Random, SECRET_ALPHABET};

    fn likeness(text: &str) -> Likeness {
        SecretAccessKey::parse(text.as_bytes()).unwrap().likeness()
    }

    /// The first forty characters of a text that has at least so many.
    fn cut(text: &str) -> Likeness {
        likeness(&text[..SecretAccessKey::LEN])
    }

    #[test]
    fn one_random_key_in_ten_thousand_at_most_is_taken_for_something_else() {
        let mut random = Random::new(40);
        let key = |random: &mut Random| random.text(SECRET_ALPHABET, SecretAccessKey::LEN);
        let mistaken = (0..200_000).filter(|_| likeness(&key(&mut random)) != Likeness::RandomKey).count();
        assert!(mistaken <= 20, "{mistaken}");
    }

    #[test]
    fn a_hex_digest_of_either_case_is_one_always() {
        let mut random = Random::new(1);
        for _ in 0..2000 {
            let digest = random.bytes(20);
            assert_eq!(likeness(&HEXLOWER.encode(&digest)), Likeness::HexDigest);
            assert_eq!(likeness(&HEXUPPER.encode(&digest)), Likeness::HexDigest);
        }
        assert_eq!(likeness(&"0".repeat(40)), Likeness::HexDigest);
    }

    #[test]
    fn a_digest_behind_a_name_is_still_a_digest() {
        let digest = HEXLOWER.encode(&Random::new(2).bytes(16));
        assert_eq!(cut(&format!("Objects/{digest}")), Likeness::HexDigest);
    }

    #[test]
    fn paths_are_paths() {
        for path in [
            "/usr/lib/python3/dist-packages/botocore/".replace('-', "/"),
            "com/example/service/OrderServiceV2Factory".to_owned(),
            "refs/heads/feature/JIRA1234/fix/login/page".to_owned(),
        ] {
            assert_eq!(cut(&path), Likeness::Path, "{path}");
        }
    }

    #[test]
    fn identifiers_are_words() {
        for identifier in [
            "AbstractSingletonProxyFactoryBeanDefinition",
            "testHttp2ClientRetriesAfterTimeout404Again",
            "getEc2InstanceProfileCredentialsProviderV2",
            "supercalifragilisticexpialidociouslyspoken",
        ] {
            assert_eq!(cut(identifier), Likeness::Words, "{identifier}");
        }
    }

    #[test]
    fn text_in_base64_is_words_wherever_it_was_cut() {
        let encoded = BASE64.encode(b"a user name, a colon, and then the rest of it: 1234");
        for start in 0..16 {
            assert_eq!(cut(&encoded[start..]), Likeness::Words, "{start}");
        }
    }

    #[test]
    fn letters_of_one_case_are_words_however_random() {
        let mut random = Random::new(3);
        for _ in 0..2000 {
            let token = random.text("abcdefghijklmnopqrstuvwxyz0123456789", 40);
            assert!(matches!(likeness(&token), Likeness::Words | Likeness::HexDigest), "{token}");
        }
    }

    #[test]
    fn repetition_is_low_entropy() {
        assert_eq!(likeness(&"x".repeat(40)), Likeness::LowEntropy);
        assert_eq!(likeness(&"xY".repeat(20)), Likeness::LowEntropy);
        assert_eq!(likeness(&"+/".repeat(20)), Likeness::LowEntropy);
        assert_eq!(likeness(&"Qz7+Kj0/Xw".repeat(4)), Likeness::LowEntropy);
    }

    #[test]
    fn random_text_of_any_length_looks_random() {
        let mut random = Random::new(4);
        for length in [20, 32, 64, 200, 1000] {
            let missed = (0..2000).filter(|_| !looks_random(random.text(SECRET_ALPHABET, length).as_bytes()));
            assert!(missed.count() <= 8, "{length}");
        }
        assert!(looks_random(HEXLOWER.encode(&random.bytes(16)).as_bytes()));
        let for_urls = random.text(SECRET_ALPHABET, 60).replace('/', "_").replace('+', "-");
        assert!(looks_random(for_urls.as_bytes()));
    }

    #[test]
    fn prose_and_code_do_not_look_random() {
        for text in [
            "Adding up pairs gives the odds of a text.",
            "access_key_id_of_the_account",
            "AbstractSingletonProxyFactoryBean",
            "2026-01-01T12:00:00.000000Z",
            "----------------------------",
            "                              ",
            "Zq8",
            "",
        ] {
            assert!(!looks_random(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn every_letter_of_a_secret_has_its_number_in_base64() {
        for number in 0..64 {
            let letter = BASE64.encode(&[number << 2]).as_bytes()[0];
            assert_eq!(NUMBERS[usize::from(letter)], number);
        }
        let letters = (0..=255_u8).filter(|&byte| NUMBERS[usize::from(byte)] != NO_LETTER);
        assert_eq!(letters.filter(|&byte| !SecretAccessKey::is_letter(byte)).collect::<Vec<_>>(), b"-_");
    }
}
