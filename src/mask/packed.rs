//! Whether compressed bytes that stand in a text in base64 hold a secret.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::detect::{Detector, Value};
use crate::origin::Origin;
use crate::source::{Content, Event, Sink};
use crate::source::{Limits, Opener};

/// Bytes that may come out of a compressed text, of which there are at most 64 KiB.
const MOST_BYTES: u64 = 64 << 20;
const MOST_MEMBERS: u64 = 1000;

/// Whether `bytes` hold a secret, or something that could not be read.
pub(super) fn may_hold_secret(detector: &Detector, bytes: &[u8]) -> bool {
    let search = Search { detector, found: AtomicBool::new(false) };
    let limits = Limits { bytes: MOST_BYTES, members: MOST_MEMBERS, ..Limits::default() };
    Opener::new(&search, limits).open_packed(&|| Origin::Stdin, &[bytes.to_vec()], &|_| u64::MAX);
    search.found.into_inner()
}

/// Searches what comes out until something was found.
struct Search<'a> {
    detector: &'a Detector,
    found: AtomicBool,
}

impl Search<'_> {
    fn find(&self) {
        self.found.store(true, Ordering::Relaxed);
    }

    fn content(&self, content: Content<'_>) {
        match content {
            Content::Whole(bytes) | Content::Anchored(bytes, _) => self.text(bytes),
            Content::Stream(reader) => {
                let mut bytes = Vec::new();
                match reader.take(MOST_BYTES).read_to_end(&mut bytes) {
                    Ok(_) => self.text(&bytes),
                    Err(_) => self.find(),
                }
            }
        }
    }

    fn text(&self, text: &[u8]) {
        let parts = self.detector.parts(text);
        let is_secret = |value: &Value| !matches!(value, Value::KeyId(..));
        let has_secret = parts.parts.iter().any(|part| !part.is_example && is_secret(&part.value));
        // What is compressed once more is not looked into.
        if has_secret || !parts.packed.is_empty() || parts.is_cut || !super::forty::forties(text).is_empty() {
            self.find();
        }
    }
}

impl Sink for Search<'_> {
    fn take(&self, event: Event<'_, '_>) -> bool {
        match event {
            Event::Input(_, content) | Event::Member(_, content, _) => self.content(content),
            Event::Name(_, name) => self.text(name),
            Event::Skip(_) | Event::Gap(_) => self.find(),
            _ => {}
        }
        true
    }

    fn is_stopped(&self) -> bool {
        self.found.load(Ordering::Relaxed)
    }
}
