//! The lines that a stream of a PDF draws, put together from strings that may be single glyphs.
//!
//! How wide a glyph is stands in its font, which is not read. So a line of single glyphs is read with a space where a step
//! is larger than most, and, if there is such a step, once more without.

use super::glyph::{BREAK, Codes};
use super::placed::Place;

/// Lines as the bytes of their strings; [`BREAK`] and a character stand for what is between them.
#[derive(Debug, Default)]
pub(super) struct Lines {
    codes: Codes,
    /// Where the line starts that is being drawn, and where its strings behind the first do.
    start: usize,
    joints: Vec<Joint>,
    last: Option<Place>,
}

/// Where a string was drawn apart from the one before it on the same line.
#[derive(Clone, Copy, Debug)]
struct Joint {
    at: usize,
    /// The bytes before it, back to the joint before it.
    len: usize,
    /// How far it is from there.
    step: f64,
}

/// A longer string is more than a glyph or two.
const MAX_PIECE: usize = 4;
/// A line in which fewer of them are joined to others is not drawn glyph by glyph.
const MIN_JOINTS: usize = 7;

/// A step so many times as wide as most is behind a wide glyph or before a space, and one as wide as the other is surely
/// before a space.
const WIDE: f64 = 1.6;
const WIDEST: f64 = 4.0;

/// A line is put together from so many strings and bytes.
const MAX_JOINTS: usize = 16 << 10;
const MAX_LINE: usize = 64 << 10;

impl Lines {
    /// The bytes of all lines so far.
    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// Draws a string at `place`, or right behind the last one.
    pub(super) fn draw(&mut self, string: &mut Codes, place: Option<Place>) {
        if string.is_empty() {
            return;
        }
        if let Some(place) = place {
            let step = self.last.and_then(|last| place.step_from(last));
            let before = self.joints.last().map_or(self.start, |joint| joint.at);
            let (at, len) = (self.codes.len(), self.codes.len() - before);
            match step {
                Some(step) if at - self.start < MAX_LINE && self.joints.len() < MAX_JOINTS => {
                    self.joints.push(Joint { at, len, step });
                }
                _ => self.end_line(),
            }
            self.last = Some(place);
        }
        self.codes.append(string);
    }

    /// All lines.
    pub(super) fn finish(mut self) -> Codes {
        self.end_line();
        self.codes
    }

    fn end_line(&mut self) {
        if self.codes.len() > self.start {
            let joints = std::mem::take(&mut self.joints);
            if !joints.is_empty() {
                self.put_together(&joints);
            }
            self.codes.push(BREAK | u16::from(b'\n'));
        }
        self.start = self.codes.len();
    }

    fn put_together(&mut self, joints: &[Joint]) {
        let mut steps: Vec<f64> = joints.iter().filter_map(Joint::step_of_byte).collect();
        let middle = steps.len() / 2;
        let usual = match steps.len() {
            // None is as short as that.
            ..MIN_JOINTS => 0.0,
            _ => *steps.select_nth_unstable_by(middle, f64::total_cmp).1,
        };
        let line = self.codes.split_off(self.start);
        let [narrow, wide] = [WIDE, WIDEST].map(|limit| {
            let is_space = move |joint: &&Joint| joint.step_of_byte().is_none_or(|step| step > limit * usual);
            joints.iter().filter(is_space).map(|joint| joint.at - self.start).collect::<Vec<_>>()
        });
        self.add_with_spaces(&line, &narrow);
        if wide != narrow {
            self.codes.push(BREAK | u16::from(b'\n'));
            self.add_with_spaces(&line, &wide);
        }
    }

    fn add_with_spaces(&mut self, line: &[u16], spaces: &[usize]) {
        let mut from = 0;
        for &at in spaces {
            self.codes.extend_from_slice(&line[from..at]);
            self.codes.push(BREAK | u16::from(b' '));
            from = at;
        }
        self.codes.extend_from_slice(&line[from..]);
    }
}

impl Joint {
    /// How far a byte of the glyph before it leads, if that is one.
    fn step_of_byte(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "it is short")]
        (self.len <= MAX_PIECE).then(|| self.step / self.len as f64)
    }
}
