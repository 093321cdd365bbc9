//! The lines that a stream of a PDF draws, put together from strings that may be single glyphs.
//!
//! How wide a glyph is stands in its font, which is not read. So a line of single glyphs in which spaces may be missing is
//! read more than once: with a space where a step is wider than others behind the same glyph, where it is wider than most,
//! and where no glyph is as wide.

use std::collections::HashMap;

use super::glyph::{BREAK, Codes};
use super::placed::Place;

/// Lines as the bytes of their strings; [`BREAK`] and a character stand for what is between them.
#[derive(Debug, Default)]
pub(super) struct Lines {
    codes: Codes,
    /// Where the line starts that is being drawn.
    start: usize,
    joints: Vec<Joint>,
    /// The place of its last string.
    last: Option<Place>,
}

/// Where a string was drawn apart from the one before it on the same line.
#[derive(Clone, Copy, Debug)]
struct Joint {
    /// Where that is in the line.
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

/// A step so many times as wide as most is behind a wide glyph or before a space.
const WIDE: f64 = 1.6;
/// The same, compared with the shortest step behind the same glyph.
const WIDER: f64 = 1.25;
/// A step so many times as wide as most is surely before a space.
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
            let at = self.codes.len() - self.start;
            let len = at - self.joints.last().map_or(0, |joint| joint.at);
            match self.last.and_then(|last| place.step_from(last)) {
                Some(step) if at < MAX_LINE && self.joints.len() < MAX_JOINTS => {
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
        let line = self.codes.split_off(self.start);
        let steps = Steps::of(&line, joints);
        let mut readings: Vec<Vec<usize>> = Vec::new();
        for is_space in [Steps::is_wide_for_glyph, Steps::is_wide, Steps::is_widest] {
            let spaces =
                joints.iter().filter(|joint| is_space(&steps, joint)).map(|joint| joint.at).collect();
            if !readings.contains(&spaces) {
                readings.push(spaces);
            }
        }
        for (nth, spaces) in readings.iter().enumerate() {
            if nth > 0 {
                self.codes.push(BREAK | u16::from(b'\n'));
            }
            self.add_with_spaces(&line, spaces);
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

    fn glyph<'l>(&self, line: &'l [u16]) -> &'l [u16] {
        &line[self.at - self.len..self.at]
    }
}

/// How far the glyphs of a line lead.
struct Steps<'l> {
    line: &'l [u16],
    /// As far as most do; zero if the line is not drawn glyph by glyph.
    usual: f64,
    /// By glyph: how often it is there, and the shortest step behind it.
    least: HashMap<&'l [u16], (usize, f64)>,
}

impl<'l> Steps<'l> {
    fn of(line: &'l [u16], joints: &[Joint]) -> Self {
        let mut steps: Vec<f64> = joints.iter().filter_map(Joint::step_of_byte).collect();
        if steps.len() < MIN_JOINTS {
            return Self { line, usual: 0.0, least: HashMap::new() };
        }
        let middle = steps.len() / 2;
        let usual = *steps.select_nth_unstable_by(middle, f64::total_cmp).1;
        let mut least = HashMap::new();
        for (joint, step) in joints.iter().filter_map(|joint| Some((joint, joint.step_of_byte()?))) {
            let (count, least) = least.entry(joint.glyph(line)).or_insert((0, step));
            (*count, *least) = (*count + 1, least.min(step));
        }
        Self { line, usual, least }
    }

    /// Whether the step at `joint` is wider than others behind the same glyph are.
    fn is_wide_for_glyph(&self, joint: &Joint) -> bool {
        match self.least.get(joint.glyph(self.line)) {
            Some((2.., least)) => joint.step_of_byte().is_none_or(|step| step > WIDER * least),
            _ => self.is_wide(joint),
        }
    }

    /// Whether it is wider than most are, which it is behind a wide glyph, too.
    fn is_wide(&self, joint: &Joint) -> bool {
        joint.step_of_byte().is_none_or(|step| step > WIDE * self.usual)
    }

    /// Whether it is too wide for any glyph without a space.
    fn is_widest(&self, joint: &Joint) -> bool {
        joint.step_of_byte().is_none_or(|step| step > WIDEST * self.usual)
    }
}
