//! The bytes of a pack, read in windows.
//!
//! A mapped file that somebody truncates kills the process that reads it. A file that is read is only shorter.

use std::fs::File;
use std::io;
use std::ops::Range;

use crate::source::Fault;

/// Where the bytes of a pack are.
#[derive(Debug)]
pub(super) enum Data {
    File { file: File, len: u64 },
    Memory(Vec<u8>),
}

impl Data {
    /// Takes an open file as long as it is now.
    pub(super) fn file(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self::File { file, len })
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::File { len, .. } => *len,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Reads the bytes in `range` into `out`, whose former content is lost.
    pub(super) fn read(&self, range: Range<u64>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let len = usize::try_from(range.end.saturating_sub(range.start)).or(Err(Fault::TooLarge))?;
        if range.end > self.len() {
            return Err(Fault::Unread);
        }
        out.truncate(len);
        out.try_reserve(len - out.len()).or(Err(Fault::TooLarge))?;
        out.resize(len, 0);
        self.fill(range.start, out)
    }

    /// Reads the bytes in `range` behind those that `out` has.
    pub(super) fn read_on(&self, range: Range<u64>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let len = usize::try_from(range.end.saturating_sub(range.start)).or(Err(Fault::TooLarge))?;
        if range.end > self.len() {
            return Err(Fault::Unread);
        }
        let before = out.len();
        out.try_reserve(len).or(Err(Fault::TooLarge))?;
        out.resize(before + len, 0);
        self.fill(range.start, &mut out[before..])
    }

    fn fill(&self, start: u64, out: &mut [u8]) -> Result<(), Fault> {
        match self {
            Self::File { file, .. } => read_exact_at(file, out, start).or(Err(Fault::Unread)),
            Self::Memory(bytes) => {
                let start = usize::try_from(start).or(Err(Fault::Unread))?;
                out.copy_from_slice(bytes.get(start..start + out.len()).ok_or(Fault::Unread)?);
                Ok(())
            }
        }
    }
}

/// Fills `out` with the bytes of `file` from `offset` on.
pub(super) fn read_exact_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    {
        std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
    }
    #[cfg(windows)]
    {
        let (mut out, mut offset) = (out, offset);
        while !out.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(file, out, offset)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => {
                    out = &mut out[read..];
                    offset += read as u64;
                }
            }
        }
        Ok(())
    }
}

/// Parts of packs that one thread read lately.
#[derive(Debug, Default)]
pub(super) struct Windows {
    windows: Vec<Window>,
    clock: u64,
}

#[derive(Debug)]
struct Window {
    pack: usize,
    start: u64,
    bytes: Vec<u8>,
    /// How much was asked for when it was read.
    step: u64,
    used: u64,
}

/// How many windows a thread has: entries are made from others nearby, and those from others.
const WINDOWS: usize = 8;
/// What the first read somewhere takes. What follows it takes twice as much each time.
const MIN_STEP: u64 = 2 << 10;
const MAX_STEP: u64 = 64 << 10;
/// What starts so soon behind a window follows it.
const GAP: u64 = 4 << 10;

impl Windows {
    /// The bytes in `range` of `data`, which is that of the pack of this number. A `range` that goes on behind the data's
    /// `end` is cut there.
    pub(super) fn bytes<'a>(
        &'a mut self,
        (pack, data, end): (usize, &'a Data, u64),
        range: Range<u64>,
    ) -> Result<&'a [u8], Fault> {
        let range = range.start..range.end.min(end);
        if range.start >= range.end {
            return Ok(&[]);
        }
        if let Data::Memory(bytes) = data {
            let bounds = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
            return bounds.and_then(|(start, end)| bytes.get(start..end)).ok_or(Fault::Unread);
        }
        self.clock += 1;
        let place = match self.windows.iter().position(|window| window.has(pack, &range)) {
            Some(place) => place,
            None => self.read(pack, data, end, &range)?,
        };
        let window = &mut self.windows[place];
        window.used = self.clock;
        let start = usize::try_from(range.start - window.start).or(Err(Fault::TooLarge))?;
        let len = usize::try_from(range.end - range.start).or(Err(Fault::TooLarge))?;
        window.bytes.get(start..start + len).ok_or(Fault::Unread)
    }

    /// Reads a window that has `range`, and returns its place.
    fn read(&mut self, pack: usize, data: &Data, end: u64, range: &Range<u64>) -> Result<usize, Fault> {
        let goes_on = |window: &Window| {
            let behind = window.start + window.bytes.len() as u64;
            window.pack == pack && (window.start..=behind + GAP).contains(&range.start)
        };
        let (place, step) = if let Some(place) = self.windows.iter().position(goes_on) {
            (place, (self.windows[place].step * 2).min(MAX_STEP))
        } else if self.windows.len() < WINDOWS {
            self.windows.push(Window { pack, start: 0, bytes: Vec::new(), step: 0, used: 0 });
            (self.windows.len() - 1, MIN_STEP)
        } else {
            let oldest = self.windows.iter().enumerate().min_by_key(|(_, window)| window.used);
            (oldest.map_or(0, |(place, _)| place), MIN_STEP)
        };
        let window = &mut self.windows[place];
        let read_to = range.end.max(range.start.saturating_add(step)).min(end);
        if window.bytes.capacity() as u64 > 4 * MAX_STEP {
            window.bytes = Vec::new();
        }
        let read = data.read(range.start..read_to, &mut window.bytes);
        (window.pack, window.start, window.step) = (pack, range.start, step);
        if read.is_err() {
            window.bytes.clear();
        }
        read.map(|()| place)
    }
}

impl Window {
    fn has(&self, pack: usize, range: &Range<u64>) -> bool {
        let end = self.start + self.bytes.len() as u64;
        self.pack == pack && self.start <= range.start && range.end <= end
    }
}

/// A part of a pack as a stream, for what is too large for a window.
pub(super) struct Streamed<'a> {
    data: &'a Data,
    range: Range<u64>,
}

/// What one read of a stream takes.
const CHUNK: usize = 64 << 10;

impl<'a> Streamed<'a> {
    pub(super) fn new(data: &'a Data, range: Range<u64>) -> io::BufReader<Self> {
        io::BufReader::with_capacity(CHUNK, Self { data, range })
    }
}

impl io::Read for Streamed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.range.end.saturating_sub(self.range.start);
        let len = usize::try_from(left).map_or(out.len(), |left| left.min(out.len()));
        match self.data {
            Data::File { file, .. } => read_exact_at(file, &mut out[..len], self.range.start)?,
            Data::Memory(bytes) => {
                let start = usize::try_from(self.range.start).map_err(io::Error::other)?;
                let bytes = bytes.get(start..start + len).ok_or(io::ErrorKind::UnexpectedEof)?;
                out[..len].copy_from_slice(bytes);
            }
        }
        self.range.start += len as u64;
        Ok(len)
    }
}
