//! PDF: the streams in it, by the filters that they name, and the text that they draw. The file's own bytes are searched
//! like those of any file on their way, so that what stands in them uncompressed is found there.

mod coding;
mod dictionary;
mod filter;
mod glyph;
mod lzw;
mod predictor;
mod text;

use std::collections::BTreeSet;

use self::filter::{Filter, Step};
use self::glyph::{Codes, Map};
use self::text::Drawn;
use super::fault::ArchiveFault;
use super::input::Input;
use super::limits::{HEADER, Memory};
use super::packed::Price;
use super::tap::{Tap, Tapped};
use super::visit::{Place, Visit};

/// The compressed form of one stream is held up to this size.
const MAX_STREAM: usize = 64 << 20;

/// The dictionary before a stream is looked for in so many bytes.
const MAX_DICTIONARY: usize = 16 << 10;

/// Text in glyphs is held up to so many bytes of strings, and read by so many maps.
const MAX_CODES: usize = 16 << 20;
const MAX_MAPS: usize = 1000;

/// Steps to read a byte of a stream for the text that it draws, and a glyph by a map.
const DRAW: u64 = 8;
const READ_GLYPH: u64 = 3;

/// Steps to read a byte of a map, each of which may stand for a range of glyphs.
const READ_MAP: u64 = 60;

/// Takes a PDF.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    let mut streams = Streams {
        visit,
        place,
        state: State::Between,
        held: Vec::new(),
        done: 0,
        memory: visit.budget.hold(0)?,
        dictionary: Vec::new(),
        steps: None,
        is_encrypted: false,
        fault: None,
        glyphs: Vec::new(),
        held_codes: 0,
        maps: BTreeSet::new(),
    };
    visit.front(place, &mut Tapped { reader: input, tap: &mut streams });
    streams.read_glyphs();
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
    /// What was seen and is not settled yet, behind so many bytes that are.
    held: Vec<u8>,
    done: usize,
    /// What is taken for what is held, for text and for maps.
    memory: Memory<'t>,
    /// What comes before the stream that is being read.
    dictionary: Vec<u8>,
    /// How it is packed, by that; `None` if that is said elsewhere.
    steps: Option<Vec<Step>>,
    is_encrypted: bool,
    /// The first thing that was wrong with a stream.
    fault: Option<ArchiveFault>,
    /// What is drawn in numbers of glyphs, with the names of the streams.
    glyphs: Vec<(Vec<u8>, Codes)>,
    held_codes: usize,
    /// What such numbers are read as. The map of a font may come behind the text.
    maps: BTreeSet<Map>,
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
            seen = self.done;
        }
        // Once for all that was found: what is held moves.
        self.held.drain(..self.done);
        self.done = 0;
    }
}

impl Streams<'_> {
    /// Looks for the start of a stream; says whether there is one.
    fn between(&mut self, seen: usize) -> bool {
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
            let before = self.held[self.done..at].trim_ascii_end();
            if !before.ends_with(b">>") {
                from = at + START.len();
                continue;
            }
            let start = before.len().saturating_sub(MAX_DICTIONARY);
            let object = memchr::memmem::rfind(&before[start..], b" obj").map_or(start, |at| start + at);
            let number = before[..object].iter().rposition(|byte| byte.is_ascii_whitespace()).unwrap_or(0);
            let first = before[..number].trim_ascii_end();
            let number = first.len() - first.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            self.dictionary = dictionary::unescaped(&before[number..]);
            self.look_for_encryption(seen, at);
            self.done = content;
            self.state = if self.is_wanted() { State::Inside } else { State::Passing };
            self.visit.charge(HEADER);
            return true;
        }
        self.look_for_encryption(seen, self.held.len());
        self.done = self.done.max(self.held.len().saturating_sub(MAX_DICTIONARY));
        false
    }

    fn look_for_encryption(&mut self, from: usize, to: usize) {
        self.is_encrypted |= memchr::memmem::find(&self.held[from..to], b"/Encrypt").is_some();
    }

    /// Looks for the end of a stream; says whether it is there.
    fn inside(&mut self, seen: usize) -> bool {
        let seen = seen.max(self.done).min(self.held.len());
        let end = memchr::memmem::find(&self.held[seen..], END).map(|at| seen + at);
        let Some(end) = end else {
            let len = self.held.len() - self.done;
            if matches!(self.state, State::Passing) {
                self.done = self.done.max(self.held.len().saturating_sub(END.len()));
            } else if len > MAX_STREAM || self.visit.budget.hold(len as u64).is_err() {
                self.note(ArchiveFault::Memory);
                self.state = State::Passing;
            }
            return false;
        };
        if matches!(self.state, State::Inside) {
            let held = std::mem::take(&mut self.held);
            self.stream(&held[self.done..end]);
            self.held = held;
        }
        self.done = end + END.len();
        self.state = State::Between;
        true
    }

    fn says(&self, word: &[u8]) -> bool {
        memchr::memmem::find(&self.dictionary, word).is_some()
    }

    /// Whether the stream behind this dictionary is to be read. Pictures are nobody's text.
    fn is_wanted(&mut self) -> bool {
        self.is_encrypted |= self.says(b"/Encrypt");
        self.steps = filter::steps(&self.dictionary);
        let has = |wanted| self.steps.iter().flatten().any(|step| step.filter == wanted);
        if dictionary::is(&self.dictionary, b"/Subtype", b"/Image") || has(Filter::Picture) {
            return false;
        }
        let is_read = !has(Filter::Other);
        if !is_read {
            self.note(ArchiveFault::Filter);
        }
        is_read
    }

    /// Takes the content of a stream.
    fn stream(&mut self, content: &[u8]) {
        let digits = self.dictionary.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = String::from_utf8_lossy(&self.dictionary[..digits]).into_owned();
        let name = format!("object {number}").into_bytes();
        // Where the filters are named in another object, the content tells.
        let steps = self.steps.take().unwrap_or_else(|| match content {
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => vec![Step::FLATE],
            _ => Vec::new(),
        });
        let is_packed = !steps.is_empty();
        let is_file = self.says(b"/EmbeddedFile");
        let is_nothing = content.trim_ascii().is_empty();
        if is_nothing || (!is_packed && !is_file && !is_drawing(content) && !Map::is_begun(content)) {
            // What is plain in the file was searched there.
            return;
        }
        let mut reader = match filter::undone(self.visit, content, &steps) {
            Ok(reader) => reader,
            Err(fault) => return self.note(fault),
        };
        // Its own bytes are held while those in it are read, which may be another PDF.
        let held = self.visit.budget.hold(content.len() as u64 + text::MEMORY + filter::MEMORY);
        let Ok(_held) = held else { return self.note(ArchiveFault::Memory) };
        let mut taken = Taken::default();
        let mut tapped = Tapped { reader: &mut reader, tap: &mut taken };
        let outcome = if is_packed {
            let price = filter::price(&steps);
            let price = Price { byte: price.byte + DRAW, ..price };
            self.visit.packed_member(self.place, &name, &mut tapped, price)
        } else if is_file {
            self.visit.member(self.place, &name, &mut tapped);
            Ok(())
        } else {
            taken.push(content);
            Ok(())
        };
        if let Err(fault) = outcome {
            self.note(fault);
        }
        if taken.drawn.is_full() {
            self.note(ArchiveFault::Memory);
        }
        let (text, codes) = taken.drawn.into_text();
        if let Some(text) = text {
            self.visit.text(&self.place.member(&name), &text);
        }
        if Map::is_begun(&taken.map) {
            self.visit.charge(READ_MAP * taken.map.len() as u64);
            self.add_map(Map::parse(&taken.map));
        } else if let Some(codes) = codes {
            self.add_glyphs(name, codes);
        }
    }

    fn add_map(&mut self, map: Map) {
        if self.maps.len() < MAX_MAPS && self.memory.grow(map.len() as u64).is_ok() {
            self.maps.insert(map);
        } else if !self.maps.contains(&map) {
            self.note(ArchiveFault::Memory);
        }
    }

    fn add_glyphs(&mut self, name: Vec<u8>, codes: Codes) {
        self.held_codes += codes.len();
        if self.held_codes <= MAX_CODES && self.memory.grow(2 * codes.len() as u64).is_ok() {
            self.glyphs.push((name, codes));
        } else {
            self.note(ArchiveFault::Memory);
        }
    }

    /// Takes the text in glyphs, now that all maps are there. Which font has which is not followed: read by another
    /// one's map, a text is none.
    fn read_glyphs(&mut self) {
        for (name, codes) in &self.glyphs {
            for map in self.maps.iter().take_while(|_| !self.visit.is_over()) {
                self.visit.charge(READ_GLYPH * codes.len() as u64);
                if let Some(text) = map.read(codes) {
                    self.visit.text(&self.place.member(name), &text);
                }
            }
        }
    }

    fn note(&mut self, fault: ArchiveFault) {
        self.fault = self.fault.or(Some(fault));
    }
}

/// What is taken of a stream's content on its way.
#[derive(Default)]
struct Taken {
    drawn: Drawn,
    /// The content itself, if it may be a map of glyphs.
    map: Vec<u8>,
    is_other: bool,
}

impl Tap for Taken {
    fn push(&mut self, bytes: &[u8]) {
        if !self.is_other {
            self.map.extend_from_slice(bytes);
            self.is_other =
                self.map.len() > glyph::MAX_MAP || (self.map.len() > 1024 && !Map::is_begun(&self.map));
        }
        if self.is_other {
            self.map = Vec::new();
        }
        self.drawn.push(bytes);
    }
}

/// Whether a plain stream draws text.
fn is_drawing(content: &[u8]) -> bool {
    memchr::memmem::find(content, b"BT").is_some()
}
