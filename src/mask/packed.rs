//! Whether compressed bytes that stand in a text in base64 hold a secret.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::detect::{Detector, Value};
use crate::origin::Origin;
use crate::source::{Content, Excluded, Gap, Sink, Skipped};
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
    fn input(&self, _: &dyn Fn() -> Origin, content: Content<'_>) -> bool {
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
        true
    }

    fn name(&self, _: &dyn Fn() -> Origin, name: &[u8]) -> bool {
        self.text(name);
        true
    }

    fn pass(&self, _: u64) {}

    fn skip(&self, _: Skipped) {
        self.find();
    }

    fn exclude(&self, _: Excluded) {}

    fn gap(&self, _: Gap) {
        self.find();
    }

    fn is_stopped(&self) -> bool {
        self.found.load(Ordering::Relaxed)
    }
}
