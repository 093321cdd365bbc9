//! PDF: the streams in it, by the filters that they name, and the text that they draw. The file's own bytes are searched
//! like those of any file on their way, so that what stands in them uncompressed is found there.

mod coding;
mod dictionary;
mod filter;
mod glyph;
mod lines;
mod lzw;
mod objects;
mod placed;
mod predictor;
mod stream;
mod text;
mod token;

use self::filter::Filter;
use self::objects::Objects;
use self::stream::{Contents, Stream};
use super::fault::ArchiveFault;
use super::input::Input;
use super::limits::{HEADER, Memory};
use super::place::Place;
use super::tap::{Tap, Tapped};
use super::visit::Visit;

/// The compressed form of one stream is held up to this size.
const MAX_STREAM: usize = 64 << 20;

/// The dictionary before a stream is looked for in so many bytes.
const MAX_DICTIONARY: usize = 16 << 10;

/// Takes a PDF.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    let mut streams = Streams {
        visit,
        state: State::Between,
        held: Vec::new(),
        done: 0,
        searched: 0,
        stream: Stream::default(),
        first_end: None,
        is_end: false,
        memory: visit.budget.hold(Objects::MEMORY)?,
        objects: Objects::default(),
        waiting: Vec::new(),
        contents: Contents::new(visit, place)?,
        is_encrypted: false,
    };
    visit.front(place, &mut Tapped { reader: input, tap: &mut streams });
    streams.finish()
}

/// Finds the streams of a PDF as its bytes pass by.
struct Streams<'t> {
    visit: &'t Visit<'t>,
    state: State,
    /// What was seen and is not settled yet, behind so many bytes that are.
    held: Vec<u8>,
    done: usize,
    /// Up to here what is held was searched for objects.
    searched: usize,
    /// The stream that is being read, without its content.
    stream: Stream,
    /// How far its content goes at least, if the word for its end was seen.
    first_end: Option<usize>,
    /// Whether no more bytes come.
    is_end: bool,
    /// What is taken for objects and for what waits.
    memory: Memory<'t>,
    objects: Objects,
    /// Streams whose filters stand in objects that did not come yet, with their contents.
    waiting: Vec<(Stream, Vec<u8>)>,
    contents: Contents<'t>,
    is_encrypted: bool,
}

enum State {
    Between,
    Inside,
    /// In a stream that nothing is wanted of.
    Passing,
}

const START: &[u8] = b"stream";
const END: &[u8] = b"endstream";

/// What a document that is encrypted says of that.
const ENCRYPT: &[u8] = b"/Encrypt";

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
        // What is held moves: not for a few bytes each time.
        if self.done > self.held.len() / 2 {
            self.held.drain(..self.done);
            self.searched = self.searched.saturating_sub(self.done);
            self.done = 0;
        }
    }
}

impl Streams<'_> {
    /// Looks for the start of a stream; says whether there is one.
    fn between(&mut self, seen: usize) -> bool {
        let mut from = seen.max(self.done);
        while let Some(at) = memchr::memmem::find(&self.held[from..], START).map(|at| from + at) {
            from = at + START.len();
            let content = match self.held.get(from..) {
                Some([b'\r', b'\n', ..]) => from + 2,
                Some([b'\n', ..]) => from + 1,
                Some([] | [b'\r']) => break,
                _ => continue,
            };
            let Some(stream) = stream_after(&self.held[self.done..at]) else { continue };
            self.search(at);
            self.begin(stream);
            self.done = content;
            return true;
        }
        self.search(self.held.len());
        let kept = MAX_DICTIONARY + START.len() + 2;
        self.done = self.done.max(self.held.len().saturating_sub(kept));
        false
    }

    /// Searches what is held up to `end` for objects and for signs of encryption.
    fn search(&mut self, end: usize) {
        // A word may have been cut.
        let from = self.searched.saturating_sub(ENCRYPT.len()).max(self.done);
        if from < end {
            self.is_encrypted |= memchr::memmem::find(&self.held[from..end], ENCRYPT).is_some();
            self.objects.find(&self.held[self.done..end], from - self.done);
            self.searched = end;
        }
    }

    fn begin(&mut self, mut stream: Stream) {
        self.visit.charge(HEADER);
        self.is_encrypted |= stream.says(ENCRYPT);
        stream.resolve(&self.objects);
        let is_unknown = !stream.is_picture() && stream.has(Filter::Other);
        if is_unknown {
            self.contents.note(ArchiveFault::Filter);
        }
        self.state = if is_unknown || stream.is_picture() { State::Passing } else { State::Inside };
        (self.stream, self.first_end) = (stream, None);
    }

    /// Looks for the end of a stream; says whether it is there.
    fn inside(&mut self, seen: usize) -> bool {
        let Some(end) = self.end(seen.max(self.done)) else {
            let len = self.held.len() - self.done;
            if matches!(self.state, State::Passing) {
                self.done = self.done.max(self.held.len().saturating_sub(END.len()));
            } else if len > MAX_STREAM || self.visit.budget.hold(len as u64).is_err() {
                self.contents.note(ArchiveFault::Memory);
                self.state = State::Passing;
            }
            return false;
        };
        if matches!(self.state, State::Inside) {
            let held = std::mem::take(&mut self.held);
            self.take(&held[self.done..end]);
            self.held = held;
        }
        (self.done, self.searched) = (end, end);
        self.state = State::Between;
        true
    }

    /// Where the stream ends, if that can be told by now: at the first word for it, unless the stated length leads to a
    /// later one.
    fn end(&mut self, seen: usize) -> Option<usize> {
        if self.first_end.is_none() {
            // Without its own end, a stream ends with its object: what follows is another one.
            let find = |word| memchr::memmem::find(&self.held[seen..], word);
            let first = find(END).into_iter().chain(find(objects::END)).min();
            self.first_end = first.map(|at| seen + at - self.done);
        }
        let first = self.first_end?;
        let is_passing = matches!(self.state, State::Passing);
        let longer = self.stream.len.filter(|len| !is_passing && (first..MAX_STREAM).contains(len));
        let Some(len) = longer else { return Some(self.done + first) };
        let behind = self.held.get(self.done + len..self.done + len + 2 + END.len());
        if behind.is_none() && !self.is_end && self.visit.budget.hold(len as u64).is_ok() {
            return None;
        }
        let is_right = behind.is_some_and(|behind| behind.trim_ascii_start().starts_with(END));
        Some(self.done + if is_right { len } else { first })
    }

    /// Takes the content of a stream, or keeps it until it is known how it is packed.
    fn take(&mut self, content: &[u8]) {
        let stream = std::mem::take(&mut self.stream);
        if stream.steps.is_some() {
            self.contents.take(stream, content, &mut self.objects);
        } else if self.memory.grow(content.len() as u64).is_ok() {
            self.waiting.push((stream, content.to_vec()));
        } else {
            self.contents.note(ArchiveFault::Memory);
        }
    }

    /// Takes what waited for the end.
    fn finish(mut self) -> Result<(), ArchiveFault> {
        self.is_end = true;
        self.push(&[]);
        let is_cut = !matches!(self.state, State::Between);
        if matches!(self.state, State::Inside) {
            let held = std::mem::take(&mut self.held);
            self.take(&held[self.done..]);
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.sort_by_key(|(stream, _)| !stream.holds_objects());
        for (mut stream, content) in waiting {
            if self.visit.is_over() {
                break;
            }
            stream.resolve(&self.objects);
            self.contents.take(stream, &content, &mut self.objects);
        }
        let fault = self.contents.finish();
        match () {
            () if self.visit.is_over() => Ok(()),
            () if self.is_encrypted => Err(ArchiveFault::Encrypted),
            () if is_cut => Err(ArchiveFault::Truncated),
            () => fault.map_or(Ok(()), Err),
        }
    }
}

/// The stream that comes after `before`, if that ends with a dictionary.
fn stream_after(before: &[u8]) -> Option<Stream> {
    let before = without_comments(&before[before.len().saturating_sub(MAX_DICTIONARY)..])?;
    let object = memchr::memmem::rfind(before, b" obj").unwrap_or(0);
    let number = objects::number_before(&before[..object]);
    Some(Stream { number, dictionary: dictionary::unescaped(&before[object..]), ..Stream::default() })
}

/// As many comments are passed over between a dictionary and its stream, of this length.
const MAX_COMMENTS: usize = 8;
const MAX_COMMENT: usize = 1024;

/// `before` up to the end of the dictionary that it ends with, behind which there may be white space and comments.
fn without_comments(before: &[u8]) -> Option<&[u8]> {
    let mut rest = before.trim_ascii_end();
    // The word that follows is part of a comment that does not end before it.
    let has_line_end = before[rest.len()..].iter().any(|byte| matches!(byte, b'\n' | b'\r'));
    for _ in 0..=MAX_COMMENTS {
        if rest.ends_with(b">>") {
            return Some(rest);
        }
        let line = &rest[rest.len().saturating_sub(MAX_COMMENT)..];
        let line = &line[memchr::memrchr2(b'\n', b'\r', line).map_or(0, |at| at + 1)..];
        let comment = memchr::memrchr(b'%', line).filter(|_| has_line_end)?;
        rest = rest[..rest.len() - line.len() + comment].trim_ascii_end();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_may_stand_between_a_dictionary_and_its_stream() {
        let before = |behind: &str| format!("endobj 12 0 obj\n<< /Fl#61te (50%) >>{behind}");
        for behind in ["", "\n", " % why\n", "%a\r%b >> c % d\n\n", " \t%\n"] {
            let stream = stream_after(before(behind).as_bytes()).unwrap();
            assert_eq!(stream.number, Some(12), "{behind:?}");
            assert!(stream.says(b"/Flate (50%)"), "{behind:?}");
        }
        for behind in [" % the ", " a ", "% >> x\ny", &format!("%{}\n", "x".repeat(2000)), &"%\n".repeat(20)]
        {
            assert!(stream_after(before(behind).as_bytes()).is_none(), "{behind:?}");
        }
    }
}
