//! The writer that masks what is left of known secrets.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use super::search::{Found, search};
use super::windows::Windows;

/// A text is kept back until its line ends; a line without an end is cut at this length.
const MAX_LINE: usize = 1 << 20;
/// Lines are looked through in blocks of about this size.
const BLOCK: usize = 1 << 14;

/// How much was masked that should not have come so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    /// Number of stretches that spell eight characters or more of a known secret. Names of files and refs are shown
    /// with pieces of up to 15 characters, so that some are masked here.
    pub pieces: u64,
    /// Number of readings in which 16 characters or more are spelled in a row: what masks texts on their way should
    /// have seen these.
    pub long: u64,
}

impl Masked {
    /// Adds another count to this one.
    pub fn add(&mut self, other: Self) {
        self.pieces += other.pieces;
        self.long += other.long;
    }
}

/// Passes text on with every piece of a known secret as `****`.
///
/// Masks neither break JSON, XML or CSV nor leave half an escape. Text is kept back up to the end of its line: what is
/// left is written by [`flush`](Write::flush), not when the filter is dropped.
#[derive(Debug)]
pub struct Filter<W> {
    inner: W,
    windows: Arc<Windows>,
    kept: Vec<u8>,
    /// Where the last line that is kept back ends.
    line_end: Option<usize>,
    masked: Masked,
}

impl<W: Write> Filter<W> {
    /// A filter before `inner`.
    pub fn new(inner: W, windows: Arc<Windows>) -> Self {
        Self { inner, windows, kept: Vec::new(), line_end: None, masked: Masked::default() }
    }

    /// How much was masked so far.
    pub fn masked(&self) -> Masked {
        self.masked
    }

    /// Writes the first `len` bytes of what was kept back.
    fn pass(&mut self, len: usize) -> io::Result<()> {
        let rest = self.kept.split_off(len);
        let text = std::mem::replace(&mut self.kept, rest);
        self.line_end = None;
        let (text, masked) = mask(&self.windows, text);
        self.masked.add(masked);
        self.inner.write_all(&text)
    }
}

impl<W: Write> Write for Filter<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.windows.is_empty() {
            return self.inner.write(text);
        }
        let newline = memchr::memrchr(b'\n', text);
        self.line_end = newline.map(|at| self.kept.len() + at + 1).or(self.line_end);
        self.kept.extend_from_slice(text);
        if self.kept.len() >= BLOCK {
            if let Some(end) = self.line_end {
                self.pass(end)?;
            } else if self.kept.len() >= MAX_LINE {
                self.pass(place_to_cut(&self.kept))?;
            }
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass(self.kept.len())?;
        self.inner.flush()
    }
}

/// Masks pieces of known secrets in `text`, and counts them.
pub(super) fn mask(windows: &Windows, text: Vec<u8>) -> (Vec<u8>, Masked) {
    if windows.is_empty() {
        return (text, Masked::default());
    }
    let Found { mut spans, long, .. } = search(windows, &text);
    if spans.is_empty() {
        return (text, Masked::default());
    }
    spans.iter_mut().for_each(|span| span.start = start_of_escape(&text, span.start));
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    let mut masks: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match masks.last_mut() {
            Some(mask) if is_joint(&text, mask.end..span.start) => mask.end = mask.end.max(span.end),
            _ => masks.push(span),
        }
    }
    let mut shown = Vec::with_capacity(text.len());
    let mut at = 0;
    for mask in &masks {
        shown.extend_from_slice(&text[at..mask.start]);
        shown.extend_from_slice(b"****");
        at = mask.end;
    }
    shown.extend_from_slice(&text[at..]);
    (shown, Masked { pieces: masks.len() as u64, long })
}

/// Whether two masks are shown as one: nothing but spaces is between them.
fn is_joint(text: &[u8], between: Range<usize>) -> bool {
    between.start >= between.end || text[between].iter().all(|&byte| byte == b' ')
}

/// Where a mask at `start` has to begin so that no half of an escape stays before it.
fn start_of_escape(text: &[u8], start: usize) -> usize {
    let before = &text[..start];
    before.len() - before.iter().rev().take_while(|byte| matches!(byte, b'\\' | b'%')).count()
}

/// Where a long line can be cut: after what is no part of a secret.
fn place_to_cut(text: &[u8]) -> usize {
    memchr::memrchr3(b'}', b'>', b' ', text).map_or(text.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{self, Fake};
    use crate::known::KnownSecrets;
    use crate::known::spellings::{self, each};

    fn windows(keys: &[Fake]) -> Arc<Windows> {
        let mut known = KnownSecrets::default();
        keys.iter().for_each(|key| known.add_secret(key.secret()));
        known.windows()
    }

    fn filtered(key: &Fake, text: &str) -> (String, Masked) {
        let mut filter = Filter::new(Vec::new(), windows(std::slice::from_ref(key)));
        filter.write_all(text.as_bytes()).unwrap();
        filter.flush().unwrap();
        (String::from_utf8(filter.inner.clone()).unwrap(), filter.masked())
    }

    #[test]
    fn a_known_secret_is_masked_in_every_spelling() {
        for key in (0..40).map(fake::pair) {
            let secret = key.secret_text();
            for spelled in spellings::all(secret) {
                let (shown, masked) = filtered(&key, &format!("a = \"{spelled}\"\n"));
                let left = search(&windows(std::slice::from_ref(&key)), shown.as_bytes());
                assert!(masked.long > 0 && left.spans.is_empty(), "{spelled}: {shown}");
            }
        }
    }

    #[test]
    fn eight_characters_are_enough() {
        let key = fake::pair(3);
        let (shown, masked) = filtered(&key, &format!("fix/{}-x", &key.secret_text()[10..18]));
        assert_eq!((shown.as_str(), masked), ("fix/****-x", Masked { pieces: 1, long: 0 }));
    }

    #[test]
    fn other_text_passes_as_it_is() {
        let keys: Vec<Fake> = (0..2000).map(fake::pair).collect();
        let mut filter = Filter::new(Vec::new(), windows(&keys));
        let mut text = include_str!("../../README.md").to_owned();
        for key in &keys {
            let id = key.id_text();
            text.push_str(&format!(
                "{{\"key_id\":\"{id}\",\"secret\":\"{}\"}}\n",
                key.secret().fingerprint()
            ));
        }
        for chunk in text.as_bytes().chunks(1000) {
            filter.write_all(chunk).unwrap();
        }
        filter.flush().unwrap();
        assert_eq!(String::from_utf8_lossy(&filter.inner), text);
        assert_eq!(filter.masked(), Masked::default());
    }

    #[test]
    fn a_secret_of_words_and_a_documented_one_hide_no_words() {
        let mut known = KnownSecrets::default();
        for secret in ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "ProductionSecretKeyOfTheDeploymentServer"]
        {
            known.add_secret(&crate::aws::SecretAccessKey::parse(secret.as_bytes()).unwrap());
        }
        let text =
            b"ProductionSecret EXAMPLEKEY, as documented: secret key of the deployment server".to_vec();
        assert_eq!(mask(&known.windows(), text.clone()), (text, Masked::default()));
    }

    #[test]
    fn json_stays_json() {
        for key in (0..20).map(fake::pair) {
            let secret = key.secret_text();
            let escaped = each(secret, |c| format!("\\u{:04x}", u32::from(c)));
            for before in ["", "\\n", "\\\\", "\\\\\\\"", "C:\\\\", "%"] {
                let text = format!(
                    "{{\"a\":\"{before}{secret}\",\"b\":[\"{escaped}\",\"{before}{}\"]}}",
                    &secret[1..]
                );
                let (shown, masked) = filtered(&key, &text);
                assert!(
                    masked.long > 0 && serde_json::from_str::<serde_json::Value>(&shown).is_ok(),
                    "{shown}"
                );
            }
        }
    }

    #[test]
    fn a_line_that_comes_in_pieces_is_seen_whole() {
        let key = fake::pair(9);
        let mut filter = Filter::new(Vec::new(), windows(std::slice::from_ref(&key)));
        for byte in format!("{} {}\n", "x".repeat(3 * BLOCK), key.secret_text()).bytes() {
            filter.write_all(&[byte]).unwrap();
        }
        filter.flush().unwrap();
        assert!(filter.inner.ends_with(b"x ****\n"));
    }
}
