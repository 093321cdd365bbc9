//! What must not be in an output.

use std::collections::HashMap;

use akid::aws::fake::Fake;
use data_encoding::{BASE64, HEXLOWER};

/// Length of a piece of a secret that tells too much.
const PIECE: usize = 8;

/// Pieces of secrets and tokens, plain and encoded, by what they begin with; each with the number of its key.
#[derive(Default)]
pub(crate) struct Needles {
    by_head: HashMap<[u8; PIECE], Vec<(Vec<u8>, usize)>>,
    /// One bit for each hash of a head: most of an output is ruled out without a search.
    heads: Vec<u64>,
}

impl Needles {
    pub(crate) fn of<'a>(keys: impl IntoIterator<Item = &'a Fake>) -> Self {
        let mut needles = Self::default();
        for (nth, key) in keys.into_iter().enumerate() {
            needles.add_secret(nth, key.secret_text().as_bytes());
            // How every token begins is no secret.
            let token = key.token_text();
            if !token.is_empty() {
                needles.add_secret(nth, &token.as_bytes()[24..]);
            }
        }
        needles
    }

    /// Adds what must not be shown of the key `nth`.
    pub(crate) fn add(&mut self, nth: usize, piece: &[u8]) {
        let head = *piece.first_chunk().expect("a piece has eight bytes at least");
        self.heads.resize(HEADS, 0);
        let (word, bit) = place(head);
        self.heads[word] |= bit;
        self.by_head.entry(head).or_default().push((piece.to_vec(), nth));
    }

    pub(crate) fn add_secret(&mut self, nth: usize, secret: &[u8]) {
        let mut add = |text: &[u8], len: usize| text.windows(len).for_each(|piece| self.add(nth, piece));
        add(secret, PIECE);
        let hex = HEXLOWER.encode(secret);
        add(hex.as_bytes(), 2 * PIECE);
        add(hex.to_ascii_uppercase().as_bytes(), 2 * PIECE);
        for once in base64_cores(secret) {
            add(&once, 11);
            for twice in base64_cores(&once) {
                add(&twice, 15);
            }
        }
    }

    /// What of it stands in `output`, as it is or in what can be read from it, each with its surroundings.
    pub(crate) fn found_in(&self, output: &[u8]) -> Vec<String> {
        self.of_keys_in(output).into_iter().map(|(_, found)| found).collect()
    }

    /// The same, each with the number of the key that it is of.
    pub(crate) fn of_keys_in(&self, output: &[u8]) -> Vec<(usize, String)> {
        let readings = [output.to_vec(), plain(output), joined(output)];
        readings.iter().flat_map(|reading| self.found_as_is(reading)).collect()
    }

    /// What of it stands in `output` as it is.
    pub(crate) fn found_as_is(&self, output: &[u8]) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (at, head) in output.windows(PIECE).enumerate() {
            let head: [u8; PIECE] = head.try_into().unwrap();
            let (word, bit) = place(head);
            if self.heads.get(word).is_none_or(|word| word & bit == 0) {
                continue;
            }
            let mut needles = self.by_head.get(&head).into_iter().flatten();
            if let Some((_, nth)) = needles.find(|(needle, _)| output[at..].starts_with(needle)) {
                let near = at.saturating_sub(60)..output.len().min(at + 80);
                let near = String::from_utf8_lossy(&output[near]);
                found.push((*nth, format!("at {at}: {}", near.escape_debug())));
            }
        }
        found
    }
}

/// Words of the bits that stand for heads.
const HEADS: usize = 1 << 16;

/// The word, and the bit in it, that stand for `head`.
fn place(head: [u8; PIECE]) -> (usize, u64) {
    let hash = u64::from_le_bytes(head).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((hash >> 48) as usize, 1 << (hash >> 42 & 63))
}

/// The characters of base64 text that `text` alone decides, in each of the three phases.
fn base64_cores(text: &[u8]) -> [Vec<u8>; 3] {
    [(0, 0), (1, 2), (2, 3)].map(|(before, first)| {
        let mut padded = vec![0; before];
        padded.extend_from_slice(text);
        BASE64.encode(&padded).as_bytes()[first..padded.len() * 8 / 6].to_vec()
    })
}

/// The output with the escapes of URLs, JSON and HTML undone, as far as characters of secrets are escaped, and with the
/// zeros of UTF-16 dropped.
fn plain(output: &[u8]) -> Vec<u8> {
    let text =
        String::from_utf8_lossy(output).replace(['\0', '\\'], "").replace("x00", "").replace("u0000", "");
    let escapes = [
        ("%25", "%"),
        ("%2F", "/"),
        ("%2f", "/"),
        ("%2B", "+"),
        ("%2b", "+"),
        ("u002f", "/"),
        ("u002F", "/"),
    ];
    let more =
        [("u002b", "+"), ("u002B", "+"), ("&#43;", "+"), ("&#47;", "/"), ("&amp;", "&"), ("&#x2F;", "/")];
    let undone = escapes.iter().chain(&more).fold(text, |text, (escape, meant)| text.replace(escape, meant));
    undone.into_bytes()
}

/// The output without what joins pieces of one value.
fn joined(output: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(output);
    ["\\n", "\\r", "<wbr>", "&shy;"]
        .iter()
        .fold(text.into_owned(), |text, joint| text.replace(joint, ""))
        .chars()
        .filter(|c| !matches!(c, '"' | '\'' | ' ' | '\r' | '\n' | '\\' | '=' | '\u{200b}'))
        .collect::<String>()
        .into_bytes()
}
