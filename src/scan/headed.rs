//! What an input starts with, kept on its way to the detector.

use std::borrow::Cow;
use std::io::{self, Read};

use super::{Counts, Part, Scanner};
use crate::detect::Detection;
use crate::source::{Content, SkipReason};
use crate::suppress::REPORT_HEAD;

/// A reader whose first bytes are kept.
struct Headed<'r> {
    reader: &'r mut dyn Read,
    head: Vec<u8>,
}

impl Read for Headed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(out)?;
        let missing = REPORT_HEAD.saturating_sub(self.head.len());
        self.head.extend_from_slice(&out[..read.min(missing)]);
        Ok(read)
    }
}

impl Scanner {
    /// Detects in one input; returns what it starts with, too, at least as far as a report is recognised by.
    pub(super) fn detect_with_head<'b>(
        &self,
        content: Content<'b>,
        part: Part<'_>,
        counts: &Counts,
    ) -> (Detection, Option<SkipReason>, Cow<'b, [u8]>) {
        match content {
            Content::Whole(bytes) | Content::Anchored(bytes, _) => {
                let (detection, skip) = self.detect(content, part, counts);
                (detection, skip, bytes.into())
            }
            Content::Stream(reader) => {
                let mut headed = Headed { reader, head: Vec::new() };
                let (detection, skip) = self.detect(Content::Stream(&mut headed), part, counts);
                (detection, skip, headed.head.into())
            }
        }
    }
}
