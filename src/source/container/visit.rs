//! One outermost archive on its way through the room: what is in it goes to the sink, or is opened in turn.
//!
//! Everything is read once, from front to back, as it is decoded; each archive that is open holds one buffer.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};

use super::fault::ArchiveFault;
use super::input::{Input, WHOLE};
use super::limits::{Budget, Limits, MEMBER};
use super::office;
use super::place::{Place, relative};
use super::tap::{Tap, Tapped};
use crate::origin::{Member, Origin};
use crate::panic;
#[cfg(feature = "git")]
use crate::source::bundled::ReadBundle;
use crate::source::format::{HEAD, Kind};
use crate::source::image::{self, Image};
use crate::source::{Content, Event, Sink, SkipReason, Skipped};

/// Takes all that is in an archive of a kind: only what is above the formats knows all of them.
pub(super) type Walk = fn(&Visit<'_>, Kind, &Place<'_>, &mut Input<'_>) -> Result<(), ArchiveFault>;

/// An archive that is in no other one, and how it is opened.
#[derive(Clone, Copy)]
pub(in crate::source) struct Outermost<'a> {
    pub(in crate::source) sink: &'a dyn Sink,
    pub(in crate::source) root: &'a dyn Fn() -> Origin,
    pub(in crate::source) limits: Limits,
    #[cfg(feature = "git")]
    pub(in crate::source) bundles: ReadBundle,
}

/// What there is to know while an outermost archive is open.
pub(super) struct Visit<'a> {
    sink: &'a dyn Sink,
    root: &'a dyn Fn() -> Origin,
    pub(super) limits: Limits,
    #[cfg(feature = "git")]
    pub(super) bundles: ReadBundle,
    walk: Walk,
    pub(super) budget: Budget,
    told: Cell<u64>,
    /// Whether akid could have read some of what is only counted.
    untold_limits: Cell<bool>,
    /// Whether the sink has the outermost archive as an input already: what is in it before its first member.
    pub(super) is_counted: Cell<bool>,
    /// Whether the outermost archive is standard input.
    is_stream: bool,
    spare: RefCell<Vec<Vec<u8>>>,
}

/// What belongs to an archive and to none of its members, by the name that it is told under.
const REST: &[u8] = b"<rest>";

/// What a compressed file holds, by the name that it is told under. It depends on nothing, so that it is the same in
/// history, where a file may have many names.
const UNPACKED: &[u8] = b"<unpacked>";

/// The text of a document, by the name that it is told under.
const TEXT: &[u8] = crate::origin::Member::TEXT;

/// After a limit was met, so much of an outermost archive is searched as bytes.
const MAX_RAW: u64 = 64 << 20;

/// Steps for a letter of a member's name, and for one of a part of it that holds a credential.
const NAME_LETTER: u64 = 5;
const NAME_SIGHT: u64 = 1000;

/// So many troubles of an outermost archive are told one by one.
const MAX_TOLD: u64 = 100;

impl<'a> Visit<'a> {
    pub(super) fn new(outermost: Outermost<'a>, walk: Walk) -> Self {
        Self {
            sink: outermost.sink,
            root: outermost.root,
            limits: outermost.limits,
            #[cfg(feature = "git")]
            bundles: outermost.bundles,
            walk,
            budget: Budget::new(outermost.limits),
            told: Cell::default(),
            untold_limits: Cell::default(),
            is_counted: Cell::default(),
            is_stream: (outermost.root)() == Origin::Stdin,
            spare: RefCell::default(),
        }
    }

    /// Takes all of `input`, whatever it is.
    pub(super) fn open(&self, place: &Place<'_>, input: &mut Input<'_>) {
        input.peek(WHOLE);
        let whole = input.is_held().then(|| input.held());
        match Kind::of(&input.held()[..input.held().len().min(HEAD)], whole) {
            Some(kind) if place.depth < self.limits.depth => self.enter(kind, place, input),
            Some(_) => {
                self.skip(place, ArchiveFault::Depth(self.limits.depth));
                self.plain(place, input);
            }
            None => self.plain(place, input),
        }
    }

    /// Takes an archive of this kind.
    pub(super) fn enter(&self, kind: Kind, place: &Place<'_>, input: &mut Input<'_>) {
        if let Err(fault) = (self.walk)(self, kind, place, input) {
            self.skip(place, fault);
        }
        if !self.is_over() {
            self.after(place, input);
        }
    }

    /// Takes a member of `archive`, with its name.
    pub(super) fn member(&self, archive: &Place<'_>, name: &[u8], reader: &mut dyn Read) {
        if self.admit(archive, name) {
            self.read(&archive.member(name), reader);
        }
    }

    /// Takes a member of a tar, with its name. A tar on standard input is a list of files, each with limits of its own: a
    /// bomb takes nothing from what comes after it.
    pub(super) fn file(&self, archive: &Place<'_>, name: &[u8], reader: &mut dyn Read) {
        if !self.is_stream || archive.above.is_some() || archive.is_unpacked {
            return self.member(archive, name, reader);
        }
        if !self.admit(archive, name) {
            return;
        }
        let (place, visit) = (archive.member(name), self.with_own_limits());
        let opened = panic::catch(|| {
            let mut fed = Fed { reader, budget: &visit.budget };
            let mut input = Input::new(&mut fed, visit.buffer());
            visit.open(&place, &mut input);
            visit.raw(&place, &mut input);
            visit.keep(input);
        });
        visit.finish(&place);
        if let Err(panicked) = opened {
            self.sink.take(Event::Skip(Skipped {
                origin: self.origin(&place),
                reason: SkipReason::Panic(panicked),
            }));
        }
        self.spare.swap(&visit.spare);
    }

    fn with_own_limits(&self) -> Self {
        Self {
            budget: Budget::new(self.limits),
            told: Cell::default(),
            untold_limits: Cell::default(),
            is_counted: Cell::new(true),
            spare: RefCell::new(self.spare.take()),
            ..*self
        }
    }

    /// Takes note of a member, and searches its name.
    pub(super) fn admit(&self, archive: &Place<'_>, name: &[u8]) -> bool {
        if !self.budget.take_member() {
            return false;
        }
        self.charge(MEMBER);
        let relative = relative(name);
        if let Some(deleted) = image::deleted(relative) {
            self.sink.take(Event::Deletes(&self.origin(archive), deleted));
        }
        self.name(archive, name);
        true
    }

    /// Searches the name of a member: every part of it, however long, for folders may have no entry of their own.
    pub(super) fn name(&self, archive: &Place<'_>, name: &[u8]) {
        let name = relative(name);
        self.charge(NAME_LETTER * name.len() as u64);
        let mut start = 0;
        for part in name.split(|&byte| byte == b'/') {
            let end = start + part.len();
            let origin = || self.origin_of(&archive.member(&name[..end]), Origin::MemberName);
            if self.sink.take(Event::Name(&origin, part)) {
                self.charge(NAME_SIGHT * part.len() as u64);
            }
            start = end + 1;
        }
    }

    /// Takes note of an image in a folder of `archive`.
    pub(super) fn image(&self, archive: &Place<'_>, folder: &[u8], image: Image) {
        let origin = |name: String| self.origin(&archive.member(&[folder, name.as_bytes()].concat()));
        self.sink.take(Event::Image(image.into_iter().map(|(name, layer)| (origin(name), layer)).collect()));
    }

    pub(super) fn read(&self, place: &Place<'_>, reader: &mut dyn Read) {
        let mut input = Input::new(reader, self.buffer());
        // Nothing that was unpacked is no member.
        if !place.is_unpacked || !input.peek(1).is_empty() {
            self.open(place, &mut input);
        }
        self.keep(input);
    }

    fn buffer(&self) -> Vec<u8> {
        self.spare.borrow_mut().pop().unwrap_or_default()
    }

    fn keep(&self, input: Input<'_>) {
        self.spare.borrow_mut().extend(input.into_buffer());
    }

    /// Takes what is no archive.
    pub(super) fn plain(&self, place: &Place<'_>, input: &mut Input<'_>) {
        let inner = place.is_unpacked.then(|| place.member(UNPACKED));
        let place = inner.as_ref().unwrap_or(place);
        if !office::is_part(input.peek(WHOLE)) {
            return self.hand_on(place, input);
        }
        let mut text = office::Text::default();
        let mut pieces = Pieces { visit: self, place, text: &mut text };
        let mut tapped = Tapped { reader: input, tap: &mut pieces };
        let buffer = self.buffer();
        let mut tapped = Input::new(&mut tapped, buffer);
        self.hand_on(place, &mut tapped);
        self.keep(tapped);
        self.text(place, &text.into_text());
    }

    /// Hands to the sink what is at `place`.
    fn hand_on(&self, place: &Place<'_>, input: &mut Input<'_>) {
        let origin = || self.origin(place);
        input.peek(WHOLE);
        let len = input.held().len() as u64;
        let is_held = input.is_held();
        let content = if is_held { Content::Whole(input.held()) } else { Content::Stream(input) };
        if place.above.is_none() {
            self.is_counted.set(true);
            self.sink.take(Event::Input(&origin, content));
        } else {
            self.sink.take(Event::Member(&origin, content, &|steps| self.charged(steps)));
        }
        if is_held {
            input.skip(len);
        }
    }

    /// Takes the text of what is at `place`, where that is split up there.
    pub(super) fn text(&self, place: &Place<'_>, text: &[u8]) {
        let place = place.member(TEXT);
        self.sink
            .take(Event::Member(&|| self.origin(&place), Content::Whole(text), &|steps| self.charged(steps)));
    }

    /// Takes what an archive holds beside its members.
    pub(super) fn rest(&self, archive: &Place<'_>, bytes: &[u8]) {
        if bytes.iter().any(|&byte| byte != 0) {
            let place = archive.member(REST);
            self.sink.take(Event::Member(&|| self.origin(&place), Content::Whole(bytes), &|steps| {
                self.charged(steps)
            }));
        }
    }

    /// The same, as long as it may be.
    pub(super) fn rest_stream(&self, archive: &Place<'_>, reader: &mut dyn Read) {
        self.hand_over(&archive.member(REST), reader);
    }

    /// Takes what comes before an archive in the same file: a program that unpacks it, say. That is the file itself.
    pub(super) fn front(&self, archive: &Place<'_>, reader: &mut dyn Read) {
        self.hand_over(archive, reader);
    }

    /// Takes what is left of an archive that met a limit, as bytes: in a tar the next members stand there as they are.
    /// What may be endless is not read to its end.
    pub(super) fn raw(&self, archive: &Place<'_>, input: &mut Input<'_>) {
        if self.budget.is_over() && !self.is_stopped() && !input.peek(1).is_empty() {
            let place = archive.member(REST);
            let mut bytes = input.take(MAX_RAW);
            self.sink
                .take(Event::Member(&|| self.origin(&place), Content::Stream(&mut bytes), &|_| u64::MAX));
        }
    }

    fn hand_over(&self, place: &Place<'_>, reader: &mut dyn Read) {
        self.charge(MEMBER);
        let mut input = Input::new(reader, self.buffer());
        self.plain(place, &mut input);
        self.keep(input);
    }

    /// Takes what comes after the end of an archive.
    fn after(&self, archive: &Place<'_>, input: &mut Input<'_>) {
        while input.peek(1).first() == Some(&0) {
            let zeros = input.held().iter().take_while(|&&byte| byte == 0).count();
            input.skip(zeros as u64);
        }
        if !input.peek(1).is_empty() {
            self.open(&archive.member(REST), input);
        }
    }

    /// Takes note of what could not be read, unless that is the fault of a limit.
    pub(super) fn skip(&self, place: &Place<'_>, fault: ArchiveFault) {
        self.take_note(place, fault, SkipReason::Archive(fault));
    }

    /// Takes note of a member whose part of `archive` could not be read.
    pub(super) fn skip_member(&self, archive: &Place<'_>, name: &[u8], fault: ArchiveFault) {
        self.take_note(&archive.member(name), fault, SkipReason::Member(fault));
    }

    fn take_note(&self, place: &Place<'_>, fault: ArchiveFault, reason: SkipReason) {
        if self.is_over() {
            return;
        }
        self.told.set(self.told.get() + 1);
        if self.told.get() <= MAX_TOLD {
            self.sink.take(Event::Skip(Skipped { origin: self.origin(place), reason }));
        } else {
            self.untold_limits.set(self.untold_limits.get() || !fault.is_unreadable());
        }
    }

    /// Reports, at the end of `archive`, the faults beyond the most that are listed and the limit that its budget met.
    pub(super) fn finish(&self, archive: &Place<'_>) {
        if let Some(untold) = self.told.get().checked_sub(MAX_TOLD).filter(|&untold| untold > 0) {
            let has_limits = self.untold_limits.get();
            self.tell(self.origin(archive), ArchiveFault::More { count: untold, has_limits });
        }
        if let Some(limit) = self.budget.over() {
            self.tell(self.origin(archive), limit);
        }
    }

    fn tell(&self, origin: Origin, fault: ArchiveFault) {
        self.sink.take(Event::Skip(Skipped { origin, reason: SkipReason::Archive(fault) }));
    }

    /// Takes note of `steps` more steps of work, and returns how many are left.
    fn charged(&self, steps: u64) -> u64 {
        self.charge(steps);
        self.budget.work_left()
    }

    /// Takes note of work, in steps.
    pub(super) fn charge(&self, steps: u64) {
        self.budget.charge(steps);
    }

    /// Whether nothing more is to be read.
    pub(super) fn is_over(&self) -> bool {
        self.budget.is_over() || self.is_stopped()
    }

    /// Whether the scan is stopped.
    pub(super) fn is_stopped(&self) -> bool {
        self.sink.is_stopped()
    }

    fn origin(&self, place: &Place<'_>) -> Origin {
        self.origin_of(place, Origin::Member)
    }

    fn origin_of(&self, place: &Place<'_>, make: fn(Member) -> Origin) -> Origin {
        let names = place.names();
        if names.is_empty() { (self.root)() } else { make(Member::new((self.root)(), names)) }
    }
}

/// A member that has a budget of its own, which grows with what is read of it.
struct Fed<'r> {
    reader: &'r mut dyn Read,
    budget: &'r Budget,
}

impl Read for Fed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(out)?;
        self.budget.feed(read as u64);
        Ok(read)
    }
}

/// Takes the text of a document as it comes, in pieces if there is much of it.
struct Pieces<'t> {
    visit: &'t Visit<'t>,
    place: &'t Place<'t>,
    text: &'t mut office::Text,
}

impl Tap for Pieces<'_> {
    fn push(&mut self, bytes: &[u8]) {
        self.text.push(bytes);
        if let Some(text) = self.text.take_full() {
            self.visit.text(self.place, &text);
        }
    }
}
