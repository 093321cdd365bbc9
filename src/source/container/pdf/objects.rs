//! Small objects that dictionaries of streams refer to: names of filters, their parameters, lengths.

use std::collections::HashMap;

use super::token::without_space;

/// The objects that may be of use, by their numbers; the last of each.
#[derive(Debug, Default)]
pub(super) struct Objects {
    known: HashMap<u32, Vec<u8>>,
    held: usize,
}

/// Larger objects are none of these.
const MAX_LEN: usize = 512;
/// All of them are held up to this size. One that is not is unknown to the stream that refers to it.
const MAX_HELD: usize = 4 << 20;
/// What an object takes beside its bytes.
const BESIDE: usize = 96;

/// Words of lists and dictionaries that are about filters.
const WORDS: [&[u8]; 4] = [b"Decode", b"/Predictor", b"/Columns", b"/EarlyChange"];

const START: &[u8] = b" obj";
pub(super) const END: &[u8] = b"endobj";

impl Objects {
    /// The memory that they may take, in bytes.
    pub(super) const MEMORY: u64 = MAX_HELD as u64;

    /// The object of this number.
    pub(super) fn get(&self, number: u32) -> Option<&[u8]> {
        self.known.get(&number).map(Vec::as_slice)
    }

    fn add(&mut self, number: u32, content: &[u8]) {
        // White space is not counted without end.
        if content.len() > 2 * MAX_LEN {
            return;
        }
        let content = without_space(content).trim_ascii_end();
        if is_of_use(content) && self.held + content.len() + BESIDE <= MAX_HELD {
            self.held += content.len() + BESIDE;
            self.known.insert(number, content.to_vec());
        }
    }

    /// Adds the objects in `bytes` that end behind `from`.
    pub(super) fn find(&mut self, bytes: &[u8], from: usize) {
        for end in memchr::memmem::find_iter(&bytes[from..], END).map(|at| from + at) {
            let before = &bytes[end.saturating_sub(2 * MAX_LEN)..end];
            let last = memchr::memmem::rfind(before, END).map_or(0, |at| at + END.len());
            if let Some((head, content)) = split_at_last(&before[last..], START)
                && let Some(number) = number_before(head)
            {
                self.add(number, content);
            }
        }
    }

    /// Adds what an object stream holds: pairs of numbers and places, and from `first` on the objects. Returns how many
    /// there are.
    pub(super) fn add_stream(&mut self, content: &[u8], first: usize) -> u64 {
        let (head, objects) = content.split_at(first.min(content.len()));
        let words = head.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let numbers = words.map_while(|word| std::str::from_utf8(word).ok()?.parse::<u32>().ok());
        let numbers: Vec<u32> = numbers.collect();
        let (pairs, _) = numbers.as_chunks::<2>();
        let place = |place: u32| usize::try_from(place).unwrap_or(usize::MAX).min(objects.len());
        let ends = pairs.iter().skip(1).map(|pair| place(pair[1])).chain([objects.len()]);
        for ([number, start], end) in pairs.iter().zip(ends) {
            if let Some(object) = objects.get(place(*start)..end) {
                self.add(*number, object);
            }
        }
        pairs.len() as u64
    }
}

/// What comes before and behind the last `word` of `text`.
fn split_at_last<'t>(text: &'t [u8], word: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let at = memchr::memmem::rfind(text, word)?;
    Some((&text[..at], &text[at + word.len()..]))
}

/// Whether an object may be a length, the name of a filter, a list of these, or parameters of a filter.
fn is_of_use(content: &[u8]) -> bool {
    let is_short = content.len() < 64;
    match content {
        [b'/' | b'0'..=b'9', ..] => is_short,
        [b'[', ..] if is_short => true,
        [b'[' | b'<', ..] => WORDS.iter().any(|word| memchr::memmem::find(content, word).is_some()),
        _ => false,
    }
}

/// The number before the generation that `text` ends with: `12 0`.
pub(super) fn number_before(text: &[u8]) -> Option<u32> {
    let digits = |text: &[u8]| text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let generation = digits(text);
    let text = text[..text.len() - generation].trim_ascii_end();
    let number = &text[text.len() - digits(text)..];
    std::str::from_utf8(number).ok()?.parse().ok().filter(|_| generation > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_objects_are_found_and_others_passed_over() {
        let filler = "x".repeat(3000);
        let text = format!(
            "1 0 obj\n/FlateDecode\nendobj 22 0 obj [/A85 /Fl]endobj {filler} 3 0 obj<</Predictor 12>>endobj\n\
             4 0 obj ({filler}) endobj 5 0 obj 77 endobj 6 0 obj <</Type/Page>> endobj 7 0 obj"
        );
        let mut objects = Objects::default();
        objects.find(text.as_bytes(), 0);
        let known = [1, 22, 3, 5].map(|number| objects.get(number).unwrap());
        assert_eq!(known, [&b"/FlateDecode"[..], b"[/A85 /Fl]", b"<</Predictor 12>>", b"77"]);
        assert!([4, 6, 7].iter().all(|&number| objects.get(number).is_none()));
    }

    #[test]
    fn objects_of_a_stream_are_found_by_their_places() {
        let mut objects = Objects::default();
        assert_eq!(objects.add_stream(b"11 0 12 5 13 8 /Fl  12 [/A85]", 15), 3);
        let known = [11, 12, 13].map(|number| objects.get(number).unwrap());
        assert_eq!(known, [&b"/Fl"[..], b"12", b"[/A85]"]);
        for (content, first) in
            [(&b"1 0"[..], 100), (b"1 4294967295 2 5 ", 17), (b"1 9 2 3 /Fl/Fl/Fl", 8), (b"", 0)]
        {
            let mut objects = Objects::default();
            objects.add_stream(content, first);
            assert!(objects.get(1).is_none(), "{}", content.escape_ascii());
        }
    }

    #[test]
    fn no_more_is_held_than_that_much() {
        let mut objects = Objects::default();
        (0..100_000).for_each(|number| objects.add(number, b"1"));
        assert!(objects.get(1).is_some() && objects.get(99_999).is_none());
    }
}
