//! What a text holds: candidates by the rules, paired to credentials.
//!
//! In: bytes. Out: [`Detection`]. Nothing here knows of files, commits or reports, and nothing later goes back to the
//! bytes: places, masked excerpts and line hashes are taken while they are there.
//!
//! The [gate](crate::anchor) is asked first. Around what it lets through, windows are opened, their escapes undone, and
//! the rules run there; text in UTF-16 or base64 is decoded and examined the same way, and what it held takes its
//! place in the text around it. Key IDs are then linked with what stands in their reach, and the links that hold are
//! chosen as a whole.

mod allowed;
mod artefact;
mod assign;
mod candidate;
mod check;
mod context;
mod decode;
mod enough;
mod escapes;
mod examine;
mod find;
mod form;
mod held;
mod link;
mod markup;
mod measured;
mod meter;
mod name;
mod nesting;
mod pair;
mod parts;
mod plausible;
mod quoted_printable;
mod recorded;
mod request;
mod rtf;
mod section;
mod service;
mod sign_in;
mod signed;
mod slot;
mod values;
mod view;

use std::mem;
use std::ops::Range;
use std::sync::Arc;

use crate::anchor::{Anchors, Form, Gate, Hit};
use crate::aws::sign::Artefact;
use crate::aws::{AccessKeyId, Credential};
use crate::finding::{Claims, Place, SignedRequest};
use crate::known::KnownSecrets;
use crate::level::Confidence;
use crate::rule::{Rule, RuleId, RuleSet, Yields};
use crate::stop::Stop;
use crate::text::{ByteOrder, LineIndex, Position, Wide, columns, is_continuation};

use decode::Packed;
use examine::Local;
use meter::{Meter, most_work};
use name::Others;
use view::View;

pub use check::{BrokenRule, Fault, check};
pub use context::{Merger, Sightings};
pub use meter::Cut;
pub(crate) use name::environment;
pub(crate) use parts::{Part, Value, is_line_of_base64, may_hold_secret};

/// Finds credentials in bytes by a set of rules.
#[derive(Clone, Debug)]
pub struct Detector {
    rules: RuleSet,
    gate: Arc<Gate>,
    /// Whether the rules run only around what the gate lets through.
    is_gated: bool,
    names: Outcomes,
    others: Others,
    stop: Stop,
}

/// What one text held.
#[derive(Debug, Default)]
pub struct Detection {
    /// What was found, in order of its first place.
    pub found: Vec<Found>,
    /// Key IDs beside a field for their secret that does not hold it: the secret is somewhere else, and none of those here.
    pub elsewhere: Vec<AccessKeyId>,
    /// Why there may be more, if there may.
    pub cut: Cut,
    /// Every secret and token that was sighted, found or not.
    pub known: KnownSecrets,
    /// Whether anything was sighted that looks like a part of a credential, found or not, or that may hold one.
    pub sighted: bool,
    /// Compressed bytes that stand in base64 there: what is in them is not seen in them.
    pub packed: Vec<Vec<u8>>,
    /// What was signed, and with which key.
    pub artefacts: Vec<Artefact>,
    /// How much work it was, in steps of about a nanosecond. It is counted, and the same on every machine.
    pub work: u64,
}

/// One credential in one text.
#[derive(Clone, Debug)]
pub struct Found {
    /// The rule that it is reported under.
    pub rule: RuleId,
    /// The credential itself.
    pub credential: Credential,
    /// How sure we are, and why not surer.
    pub confidence: Confidence,
    /// What a signed request says of itself, if this is one.
    pub signed: Option<SignedRequest>,
    /// What the secret of a service says of itself, if this is one.
    pub claims: Option<Claims>,
    /// What the name of its key ID or secret says of which credential it is, in words: `prod` of `prod_access_key`, or of
    /// the section that it is in. `None` without a name, empty if the name says no more than what is there.
    pub label: Option<Box<str>>,
    /// Where it stands, in order.
    pub places: Vec<Place>,
    /// How often it stands there; more than there are places if the cap bit.
    pub occurrences: u64,
}

/// A piece of a text that is too large to be held whole.
#[derive(Clone, Debug)]
pub struct Piece<'a> {
    /// The piece's bytes, with [`MARGIN`] bytes of what is around it on each side where there is as much.
    pub bytes: &'a [u8],
    /// Where in the text `bytes` starts.
    pub offset: u64,
    /// The piece itself, without its margins: it reports what starts here.
    pub core: Range<usize>,
    /// The position of the first of `bytes`.
    pub start: Position,
    /// How the text is written.
    pub charset: Charset,
    /// Whether GitHub's line hashes are wanted, if there can be any: they take a look at every line before.
    pub line_hashes: bool,
    /// How many steps of work it may take at most: what all texts may take counts besides.
    pub most_work: u64,
}

/// How a text's characters are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, Latin-1, or no text at all.
    #[default]
    Bytes,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
    /// UTF-32, little end first.
    Utf32Le,
    /// UTF-32, big end first.
    Utf32Be,
}

/// Steps to search one byte for anchors, and to describe and pair one sighting.
const SEARCH: u64 = 1;
const SIGHT: u64 = 20_000;

/// How much of a text's surroundings decides what is found at one place, in bytes: the reach of pairing twice encoded,
/// or a folded token, and then some.
pub const MARGIN: usize = 64 * 1024;

/// The rules that outcomes of pairing are reported under.
#[derive(Clone, Debug)]
struct Outcomes {
    long_term_pair: RuleId,
    temporary_pair: RuleId,
    signed: RuleId,
    long_term_id: RuleId,
    temporary_id: RuleId,
}

impl Detector {
    /// A detector for `rules`.
    pub fn new(rules: &RuleSet) -> Self {
        Self { is_gated: true, ..Self::without_gate(rules) }
    }

    /// A detector that looks everywhere at once instead of around anchors: the slow reference that the gate is tested
    /// against. It does not look into encoded text, which only an anchor can locate.
    pub fn without_gate(rules: &RuleSet) -> Self {
        let rule = |yields, fallback| {
            let id =
                rules.yielding(yields).map(|rule: &Rule| rule.id.clone()).or_else(|| RuleId::parse(fallback));
            id.unwrap_or_else(|| unreachable!("`{fallback}` is a rule ID"))
        };
        let names = Outcomes {
            long_term_pair: rule(Yields::LongTermPair, "aws-access-key"),
            temporary_pair: rule(Yields::TemporaryPair, "aws-temporary-credentials"),
            signed: rule(Yields::SignedRequest, "aws-presigned-url"),
            long_term_id: rule(Yields::LongTermKeyId, "aws-access-key-id"),
            temporary_id: rule(Yields::TemporaryKeyId, "aws-temporary-key-id"),
        };
        Self {
            rules: rules.clone(),
            gate: Arc::new(Gate::new(rules)),
            is_gated: false,
            names,
            others: Others::of(rules),
            stop: Stop::default(),
        }
    }

    /// The same detector, which returns what it has once `stop` says so.
    #[must_use]
    pub fn stopped_by(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// The gate of this detector, for the sources that it gets bytes from.
    pub fn anchors(&self) -> Anchors {
        Anchors { gate: Arc::clone(&self.gate), margin: MARGIN }
    }

    /// Everything in a text that is held whole.
    pub fn detect(&self, bytes: &[u8]) -> Detection {
        self.detect_within(bytes, u64::MAX)
    }

    /// Detects like [`detect`](Self::detect), with at most `most_work` steps of work.
    pub fn detect_within(&self, bytes: &[u8], most_work: u64) -> Detection {
        self.conclude(self.examine(&Piece { most_work, ..Piece::whole(bytes) }))
    }

    /// The same as [`detect`](Self::detect), without line hashes, for whoever knows the anchors in `bytes` already:
    /// `hits` is every one of them, in order.
    pub fn detect_anchored(&self, bytes: &[u8], hits: &[Hit]) -> Detection {
        let piece = Piece { line_hashes: false, ..Piece::whole(bytes) };
        if !self.is_gated || piece.charset != Charset::Bytes {
            return self.conclude(self.examine(&piece));
        }
        let view = decode::whole(bytes, piece.charset);
        let mut meter = self.meter(&piece);
        let local = examine::anchored(self, bytes, hits, &mut meter);
        self.conclude(sightings(&piece, &view, local, &meter))
    }

    /// What stands in one piece of a text. Pieces may be examined in any order and at once; their sightings are
    /// [merged](Merger) and [concluded](Self::conclude).
    pub fn examine(&self, piece: &Piece<'_>) -> Sightings {
        let piece = &Piece { charset: self.charset(piece), ..piece.clone() };
        let view = decode::whole(piece.bytes, piece.charset);
        let mut meter = self.meter(piece);
        let local = examine::text(self, view.bytes(), &mut meter);
        sightings(piece, &view, local, &meter)
    }

    fn meter(&self, piece: &Piece<'_>) -> Meter<'_> {
        Meter::new(&self.stop, most_work(piece.bytes.len()).min(piece.most_work))
    }

    /// How `piece` is written. First bytes can lie: what begins like UTF-16 and has anchors in plain bytes is read as
    /// bytes, in which text in UTF-16 is found, too. A table of numbers often begins like UTF-32, so that anchors in any
    /// other form count there.
    fn charset(&self, piece: &Piece<'_>) -> Charset {
        let is_other = |form: Form| match piece.charset {
            Charset::Bytes => false,
            Charset::Utf16Le | Charset::Utf16Be => matches!(form, Form::Plain { .. }),
            Charset::Utf32Le | Charset::Utf32Be => form != Form::Utf32,
        };
        let is_wide = piece.charset != Charset::Bytes;
        let lies = is_wide && self.gate.hits(piece.bytes).iter().any(|hit| is_other(hit.form));
        if lies { Charset::Bytes } else { piece.charset }
    }

    /// Pairs what was sighted in all of a text.
    pub fn conclude(&self, sightings: Sightings) -> Detection {
        pair::conclude(&self.names, sightings)
    }

    /// The rules that this detector runs.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }
}

/// What `piece`, whose text is `view`, reports of the candidates in it.
fn sightings(piece: &Piece<'_>, view: &View<'_>, mut local: Local, meter: &Meter<'_>) -> Sightings {
    let work = meter.work() + SEARCH * piece.bytes.len() as u64;
    if meter.is_cut() {
        local.cut = Cut::Work;
    }
    let is_ours = |packed: &Packed| piece.core.contains(&view.source_range(&packed.range).start);
    let packed = mem::take(&mut local.packed).into_iter().filter(is_ours);
    let packed: Vec<Vec<u8>> = packed.map(|packed| packed.bytes).collect();
    if local.candidates.is_empty() {
        return Sightings { cut: local.cut, work, packed, ..Sightings::default() };
    }
    let index = LineIndex::from_position(view.bytes(), piece.start);
    let sightings = context::sightings(piece, view, index, local, meter.stop());
    let work = work + SIGHT * sightings.sighted.len() as u64;
    Sightings { work, packed, ..sightings }
}

impl<'a> Piece<'a> {
    /// All of a text as one piece.
    fn whole(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            offset: 0,
            core: 0..bytes.len(),
            start: Position::START,
            charset: Charset::of(bytes),
            line_hashes: true,
            most_work: u64::MAX,
        }
    }
}

impl Charset {
    /// How a text is written, by its first bytes.
    pub fn of(head: &[u8]) -> Self {
        match Wide::of(head) {
            Some(Wide::Utf16(ByteOrder::Little)) => Self::Utf16Le,
            Some(Wide::Utf16(ByteOrder::Big)) => Self::Utf16Be,
            Some(Wide::Utf32(ByteOrder::Little)) => Self::Utf32Le,
            Some(Wide::Utf32(ByteOrder::Big)) => Self::Utf32Be,
            None => Self::Bytes,
        }
    }

    /// The start of the character that the byte at `at` belongs to.
    pub fn start_of_character(self, bytes: &[u8], at: usize) -> usize {
        match self {
            Self::Bytes => {
                let continues = |at: usize| bytes.get(at).is_some_and(|&byte| is_continuation(byte));
                (at.saturating_sub(3)..=at).rev().find(|&at| !continues(at)).unwrap_or(at)
            }
            Self::Utf16Le | Self::Utf16Be => {
                let high_byte = usize::from(self == Self::Utf16Le);
                let at = at & !1;
                let is_low_surrogate = bytes.get(at + high_byte).is_some_and(|byte| byte & 0xfc == 0xdc);
                if is_low_surrogate { at.saturating_sub(2) } else { at }
            }
            Self::Utf32Le | Self::Utf32Be => at & !3,
        }
    }

    /// The position after `bytes`, which start at `position`.
    pub fn advance(self, position: Position, bytes: &[u8]) -> Position {
        let text = decode::whole(bytes, self);
        let text = text.bytes();
        let lines = memchr::memchr_iter(b'\n', text).count() as u64;
        let last_line = memchr::memrchr(b'\n', text).map_or(0, |end| end + 1);
        let column = if lines == 0 { position.column } else { 1 };
        Position { line: position.line + lines, column: column + columns(&text[last_line..]) }
    }
}
