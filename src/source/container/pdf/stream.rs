//! One stream of a PDF: what its dictionary says, and what becomes of its content.

use std::collections::BTreeSet;

use super::dictionary;
use super::filter::{self, Filter, Step};
use super::glyph::{self, Codes, Map};
use super::objects::Objects;
use super::text::{self, Drawn};
use crate::source::container::fault::ArchiveFault;
use crate::source::container::limits::{HEADER, Memory};
use crate::source::container::place::Place;
use crate::source::container::price::Price;
use crate::source::container::tap::{Tap, Tapped};
use crate::source::container::visit::Visit;

/// Text in glyphs is held up to so many bytes of strings, and read by so many maps.
const MAX_CODES: usize = 16 << 20;
const MAX_MAPS: usize = 1000;

/// An object stream is searched for objects up to this size.
const MAX_OBJECTS: usize = 1 << 20;

/// Steps to read a byte of a stream for the text that it draws, and a glyph by a map.
const DRAW: u64 = 8;
const READ_GLYPH: u64 = 3;

/// Steps to read a byte of a map, each of which may stand for a range of glyphs.
const READ_MAP: u64 = 60;

/// What is said about a stream before it.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The number of its object.
    pub(super) number: Option<u32>,
    pub(super) dictionary: Vec<u8>,
    /// How it is packed; `None` if that stands in objects that are not known yet.
    pub(super) steps: Option<Vec<Step>>,
    /// How long it is, if that is known.
    pub(super) len: Option<usize>,
}

impl Stream {
    /// Finds out how long it is and how it is packed, by what is known of other objects.
    pub(super) fn resolve(&mut self, objects: &Objects) {
        let len = dictionary::number(&self.dictionary, b"/Length", 0, objects);
        self.len = len.and_then(|len| usize::try_from(len).ok());
        self.steps = filter::steps(&self.dictionary, objects);
    }

    pub(super) fn says(&self, word: &[u8]) -> bool {
        memchr::memmem::find(&self.dictionary, word).is_some()
    }

    /// Whether this is one of its filters.
    pub(super) fn has(&self, filter: Filter) -> bool {
        self.steps.iter().flatten().any(|step| step.filter == filter)
    }

    /// Whether it is a picture, which is nobody's text.
    pub(super) fn is_picture(&self) -> bool {
        self.has(Filter::Picture) || dictionary::is(&self.dictionary, b"/Subtype", b"/Image")
    }

    pub(super) fn holds_objects(&self) -> bool {
        dictionary::is(&self.dictionary, b"/Type", b"/ObjStm")
    }

    /// How `content` is packed. Where the object that names the filters is nowhere, the content tells, unless there are
    /// parameters.
    fn take_steps(&mut self, content: &[u8]) -> Result<Vec<Step>, ArchiveFault> {
        let is_zlib = matches!(content, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]);
        let guess = (is_zlib && !self.says(b"/DecodeParms") && !self.says(b"/DP")).then(|| vec![Step::FLATE]);
        self.steps.take().or(guess).ok_or(ArchiveFault::Filter)
    }
}

/// Takes the contents of streams.
pub(super) struct Contents<'t> {
    visit: &'t Visit<'t>,
    place: &'t Place<'t>,
    /// What is taken for text in glyphs and for maps.
    memory: Memory<'t>,
    /// What is drawn in numbers of glyphs, with the names of the streams.
    glyphs: Vec<(Vec<u8>, Codes)>,
    held_codes: usize,
    /// What such numbers are read as. The map of a font may come behind the text.
    maps: BTreeSet<Map>,
    /// The first thing that was wrong with a stream.
    fault: Option<ArchiveFault>,
}

impl<'t> Contents<'t> {
    pub(super) fn new(visit: &'t Visit<'t>, place: &'t Place<'t>) -> Result<Self, ArchiveFault> {
        let memory = visit.budget.hold(0)?;
        let (glyphs, maps) = (Vec::new(), BTreeSet::new());
        Ok(Self { visit, place, memory, glyphs, held_codes: 0, maps, fault: None })
    }

    pub(super) fn note(&mut self, fault: ArchiveFault) {
        self.fault = self.fault.or(Some(fault));
    }

    /// Takes the content of a stream, and adds the objects in it to `objects`.
    pub(super) fn take(&mut self, stream: Stream, content: &[u8], objects: &mut Objects) {
        if let Err(fault) = self.try_take(stream, content, objects) {
            self.note(fault);
        }
    }

    fn try_take(
        &mut self,
        mut stream: Stream,
        content: &[u8],
        objects: &mut Objects,
    ) -> Result<(), ArchiveFault> {
        if stream.is_picture() || content.trim_ascii().is_empty() {
            return Ok(());
        }
        let steps = stream.take_steps(content)?;
        let is_packed = !steps.is_empty();
        let is_file = stream.says(b"/EmbeddedFile");
        let holds_objects = stream.holds_objects();
        let is_of_use = is_file || holds_objects || is_drawing(content) || Map::is_begun(content);
        if !is_packed && !is_of_use {
            // What is plain in the file was searched there.
            return Ok(());
        }
        let mut reader = filter::undone(self.visit, content, &steps)?;
        // Its own bytes are held while those in it are read, which may be another PDF.
        let memory = content.len() + MAX_OBJECTS;
        let _held = self.visit.budget.hold(memory as u64 + text::MEMORY + filter::MEMORY)?;
        let name = format!("object {}", stream.number.map(|number| number.to_string()).unwrap_or_default());
        let name = name.into_bytes();
        let mut taken = Taken { objects: holds_objects.then(Vec::new), ..Taken::default() };
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
        if let Some(content) = &taken.objects {
            let first = dictionary::number(&stream.dictionary, b"/First", 0, objects);
            let first = first.and_then(|first| usize::try_from(first).ok()).unwrap_or(0);
            self.visit.charge(HEADER * objects.add_stream(content, first));
        }
        self.take_text(name, taken);
        outcome
    }

    fn take_text(&mut self, name: Vec<u8>, taken: Taken) {
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
    /// one's map, a text is none. Returns the first fault.
    pub(super) fn finish(self) -> Option<ArchiveFault> {
        for (name, codes) in &self.glyphs {
            for map in self.maps.iter().take_while(|_| !self.visit.is_over()) {
                self.visit.charge(READ_GLYPH * codes.len() as u64);
                if let Some(text) = map.read(codes) {
                    self.visit.text(&self.place.member(name), &text);
                }
            }
        }
        self.fault
    }
}

/// What is taken of a stream's content on its way.
#[derive(Default)]
struct Taken {
    drawn: Drawn,
    /// The content itself, if it may be a map of glyphs.
    map: Vec<u8>,
    is_other: bool,
    /// The same, if it holds objects.
    objects: Option<Vec<u8>>,
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
        if let Some(objects) = &mut self.objects {
            let left = MAX_OBJECTS - objects.len();
            objects.extend_from_slice(&bytes[..bytes.len().min(left)]);
        }
        self.drawn.push(bytes);
    }
}

/// Whether a plain stream draws text.
fn is_drawing(content: &[u8]) -> bool {
    memchr::memmem::find(content, b"BT").is_some()
}
