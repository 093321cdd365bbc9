//! Examines an input of any size in overlapping pieces, in bounded memory.

use std::io::{self, Read};

use super::workers::Workers;
use crate::detect::{Charset, Detector, MARGIN, Merger, Piece, Sightings};
use crate::stop::Stop;
use crate::text::Position;

/// Bytes of a piece without its margins.
const CORE: usize = 1 << 20;
/// Pieces that are examined at once, whatever the number of threads: memory is bounded.
const MAX_PIECES: usize = 12;

/// How an input is taken.
pub(super) struct Pace<'a> {
    /// How many pieces are read and examined at once, if memory allows.
    pub(super) batch: usize,
    /// Takes note of bytes as they come.
    pub(super) count: &'a dyn Fn(u64),
    /// Takes note of work, in steps, after each batch, and returns how much is left. The reader may then end.
    pub(super) charge: &'a dyn Fn(u64) -> u64,
}

/// Examines all that `reader` has. What was sighted before an error of the reader is not lost.
pub(super) fn examine(
    detector: &Detector,
    reader: &mut dyn Read,
    workers: &Workers,
    stop: &Stop,
    pace: &Pace<'_>,
) -> (Sightings, Option<io::Error>) {
    let batch = pace.batch.clamp(1, MAX_PIECES) * CORE;
    let mut window = Window::default();
    let mut merger = Merger::default();
    let mut error = None;
    let mut left = (pace.charge)(0);
    while !window.at_end && error.is_none() && !stop.is_stopped() {
        let before = window.buffer.len();
        error = window.fill(reader, batch).err();
        window.at_end |= error.is_some();
        (pace.count)((window.buffer.len() - before) as u64);
        let mut pieces = window.pieces();
        let share = left / (pieces.len() as u64).max(1);
        pieces.iter_mut().for_each(|piece| piece.most_work = share);
        let seen = workers.map(&pieces, |piece| detector.examine(piece));
        left = (pace.charge)(seen.iter().map(Sightings::work).sum());
        seen.into_iter().for_each(|seen| merger.add(seen));
        window.advance();
    }
    (merger.finish(), error)
}

/// The part of the input that is in memory.
#[derive(Default)]
struct Window {
    buffer: Vec<u8>,
    /// Where in the input the buffer starts.
    offset: u64,
    /// The position of the buffer's first byte.
    start: Option<Position>,
    /// Where in the buffer the bytes start that no piece had as its core yet.
    fresh: usize,
    charset: Charset,
    at_end: bool,
}

impl Window {
    /// Reads until there is a batch of fresh bytes with a margin behind them, or the end.
    fn fill(&mut self, reader: &mut dyn Read, batch: usize) -> io::Result<()> {
        let wanted = self.fresh + batch + MARGIN;
        let missing = wanted.saturating_sub(self.buffer.len());
        let read = reader.take(missing as u64).read_to_end(&mut self.buffer)?;
        self.at_end = read < missing;
        if self.start.is_none() {
            self.charset = Charset::of(&self.buffer);
            self.start = Some(Position::START);
        }
        Ok(())
    }

    /// End of the bytes that may be a core now.
    fn end(&self) -> usize {
        if self.at_end { self.buffer.len() } else { self.buffer.len().saturating_sub(MARGIN).max(self.fresh) }
    }

    fn pieces(&self) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let (mut at, mut position) = (0, self.start.unwrap_or(Position::START));
        for core_start in (self.fresh..self.end()).step_by(CORE) {
            let core_end = self.end().min(core_start + CORE);
            let start = self.charset.start_of_character(&self.buffer, core_start.saturating_sub(MARGIN));
            let end = self.buffer.len().min(core_end + MARGIN);
            position = self.charset.advance(position, &self.buffer[at..start]);
            at = start;
            pieces.push(Piece {
                bytes: &self.buffer[start..end],
                offset: self.offset + start as u64,
                core: core_start - start..core_end - start,
                start: position,
                charset: self.charset,
                line_hashes: true,
                most_work: u64::MAX,
            });
        }
        pieces
    }

    /// Lets go of what no later piece needs.
    fn advance(&mut self) {
        let end = self.end();
        let keep = self.charset.start_of_character(&self.buffer, end.saturating_sub(MARGIN));
        let start = self.start.unwrap_or(Position::START);
        self.start = Some(self.charset.advance(start, &self.buffer[..keep]));
        self.buffer.drain(..keep);
        self.offset += keep as u64;
        self.fresh = end - keep;
    }
}
