//! PDF: the streams in it that are deflated or plain, and the text that they draw. The file's own bytes are searched
//! like those of any file on their way, so that what stands in them uncompressed is found there.

mod text;

use std::io::Read;

use flate2::bufread::ZlibDecoder;

use self::text::Drawn;
use super::fault::ArchiveFault;
use super::input::Input;
use super::tap::{Tap, Tapped};
use super::visit::{Place, Visit};

/// The compressed form of one stream is held up to this size.
const MAX_STREAM: usize = 64 << 20;

/// The dictionary before a stream is looked for in so many bytes.
const MAX_DICTIONARY: usize = 16 << 10;

/// Pictures: nobody's text.
const PICTURES: [&[u8]; 5] = [b"/DCTDecode", b"/JPXDecode", b"/CCITTFaxDecode", b"/JBIG2Decode", b"/DCT "];

/// Packings that are not undone.
const OTHERS: [&[u8]; 5] =
    [b"/LZWDecode", b"/ASCII85Decode", b"/ASCIIHexDecode", b"/RunLengthDecode", b"/Crypt"];

/// Takes a PDF.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    let mut streams = Streams {
        visit,
        place,
        state: State::Between,
        held: Vec::new(),
        dictionary: Vec::new(),
        is_encrypted: false,
        fault: None,
    };
    visit.front(place, &mut Tapped { reader: input, tap: &mut streams });
    match () {
        () if visit.is_over() => Ok(()),
        () if streams.is_encrypted => Err(ArchiveFault::Encrypted),
        () if matches!(streams.state, State::Inside) => Err(ArchiveFault::Truncated),
        () => streams.fault.map_or(Ok(()), Err),
    }
}

/// Finds the streams of a PDF as its bytes pass by.
struct Streams<'t> {
    visit: &'t Visit<'t>,
    place: &'t Place<'t>,
    state: State,
    /// What was seen and is not settled yet.
    held: Vec<u8>,
    /// What comes before the stream that is being read.
    dictionary: Vec<u8>,
    is_encrypted: bool,
    /// The first thing that was wrong with a stream.
    fault: Option<ArchiveFault>,
}

enum State {
    Between,
    Inside,
    /// In a stream that nothing is wanted of.
    Passing,
}

const START: &[u8] = b"stream";
const END: &[u8] = b"endstream";

impl Tap for Streams<'_> {
    fn push(&mut self, bytes: &[u8]) {
        // What was looked at before needs no second look, but for the start of a word.
        let mut seen = self.held.len().saturating_sub(END.len() + 2);
        self.held.extend_from_slice(bytes);
        while !self.visit.is_over() {
            let step = match self.state {
                State::Between => self.between(seen),
                State::Inside | State::Passing => self.inside(seen),
            };
            if !step {
                break;
            }
            seen = 0;
        }
    }
}

impl Streams<'_> {
    /// Looks for the start of a stream; says whether there is one.
    fn between(&mut self, seen: usize) -> bool {
        self.is_encrypted |= memchr::memmem::find(&self.held[seen..], b"/Encrypt").is_some();
        let mut from = seen;
        while let Some(at) = memchr::memmem::find(&self.held[from..], START).map(|at| from + at) {
            let content = match self.held.get(at + START.len()..) {
                Some([b'\r', b'\n', ..]) => at + START.len() + 2,
                Some([b'\n', ..]) => at + START.len() + 1,
                Some([] | [b'\r']) => break,
                _ => {
                    from = at + START.len();
                    continue;
                }
            };
            let before = self.held[..at].trim_ascii_end();
            if !before.ends_with(b">>") {
                from = at + START.len();
                continue;
            }
            let start = before.len().saturating_sub(MAX_DICTIONARY);
            let object = memchr::memmem::rfind(&before[start..], b" obj").map_or(start, |at| start + at);
            let number = before[..object].iter().rposition(|byte| byte.is_ascii_whitespace()).unwrap_or(0);
            let first = before[..number].trim_ascii_end();
            let number = first.len() - first.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            self.dictionary = before[number..].to_vec();
            self.held.drain(..content);
            self.state = if self.is_wanted() { State::Inside } else { State::Passing };
            return true;
        }
        let keep = self.held.len().saturating_sub(MAX_DICTIONARY);
        self.held.drain(..keep);
        false
    }

    /// Looks for the end of a stream; says whether it is there.
    fn inside(&mut self, seen: usize) -> bool {
        let end = memchr::memmem::find(&self.held[seen.min(self.held.len())..], END).map(|at| seen + at);
        let Some(end) = end else {
            if matches!(self.state, State::Passing) {
                let keep = self.held.len().saturating_sub(END.len());
                self.held.drain(..keep);
            } else if self.held.len() > MAX_STREAM {
                self.note(ArchiveFault::Memory);
                self.state = State::Passing;
            }
            return false;
        };
        if matches!(self.state, State::Inside) {
            let held = std::mem::take(&mut self.held);
            self.stream(&held[..end]);
            self.held = held;
        }
        self.held.drain(..end + END.len());
        self.state = State::Between;
        true
    }

    fn says(&self, word: &[u8]) -> bool {
        memchr::memmem::find(&self.dictionary, word).is_some()
    }

    /// Whether the stream behind this dictionary is to be read.
    fn is_wanted(&mut self) -> bool {
        self.is_encrypted |= self.says(b"/Encrypt");
        if PICTURES.iter().any(|picture| self.says(picture)) {
            return false;
        }
        if OTHERS.iter().any(|other| self.says(other)) {
            self.note(ArchiveFault::Filter);
            return false;
        }
        true
    }

    /// Takes the content of a stream.
    fn stream(&mut self, content: &[u8]) {
        let digits = self.dictionary.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = String::from_utf8_lossy(&self.dictionary[..digits]).into_owned();
        let name = format!("object {number}").into_bytes();
        let is_deflated = self.says(b"/FlateDecode") || self.says(b"/Fl ") || self.says(b"/Fl/");
        let is_picture = self.says(b"/Image");
        if is_picture || (!is_deflated && !self.says(b"/EmbeddedFile") && !is_drawing(content)) {
            // What is plain in the file was searched there.
            return;
        }
        let mut drawn = Drawn::default();
        let mut inflated = ZlibDecoder::new(content);
        let mut plain = content;
        let reader: &mut dyn Read = if is_deflated { &mut inflated } else { &mut plain };
        let mut tapped = Tapped { reader, tap: &mut drawn };
        let outcome = if is_deflated {
            self.visit.packed_member(self.place, &name, &mut tapped)
        } else if self.says(b"/EmbeddedFile") {
            self.visit.member(self.place, &name, &mut tapped);
            Ok(())
        } else {
            drawn.push(content);
            Ok(())
        };
        if let Err(fault) = outcome {
            self.note(fault);
        }
        if let Some(text) = drawn.into_text() {
            self.visit.text(&self.place.member(&name), &text);
        }
    }

    fn note(&mut self, fault: ArchiveFault) {
        self.fault = self.fault.or(Some(fault));
    }
}

/// Whether a plain stream draws text.
fn is_drawing(content: &[u8]) -> bool {
    memchr::memmem::find(content, b"BT").is_some()
}
