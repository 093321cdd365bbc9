//! The header of a 7z archive, by the description in 7-Zip's own `7zFormat.txt`. Every count is checked against the
//! bytes that are there before memory is asked for on its word.

use crate::source::container::fault::ArchiveFault;

/// What the header says of the streams in an archive, and of the files in them.
#[derive(Default)]
pub(super) struct Header {
    /// Where the first packed stream starts, behind the signature.
    pub(super) pack_position: u64,
    pub(super) pack_sizes: Vec<u64>,
    pub(super) folders: Vec<Folder>,
    pub(super) files: Vec<File>,
}

/// Packed streams that are unpacked together, to files one after the other.
#[derive(Default)]
pub(super) struct Folder {
    pub(super) coders: Vec<Coder>,
    /// Which input of a coder is fed by which output.
    pub(super) pairs: Vec<(u64, u64)>,
    /// How many packed streams it takes.
    pub(super) packed: usize,
    /// What each coder puts out.
    pub(super) sizes: Vec<u64>,
    pub(super) crc: Option<u32>,
    pub(super) files: Vec<(u64, Option<u32>)>,
}

/// One step of unpacking.
#[derive(Default)]
pub(super) struct Coder {
    pub(super) id: Vec<u8>,
    pub(super) inputs: u64,
    pub(super) outputs: u64,
    pub(super) properties: Vec<u8>,
}

/// A file, by its place in the order of files.
#[derive(Default)]
pub(super) struct File {
    pub(super) name: Vec<u8>,
    pub(super) is_empty: bool,
}

/// What a header may be: the header itself, or one that is packed.
pub(super) enum Either {
    Plain(Header),
    Packed(Header),
}

type Outcome<T> = Result<T, ArchiveFault>;

/// Reads the bytes of a header.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Outcome<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(ArchiveFault::Header)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Outcome<u8> {
        Ok(self.take(1)?[0])
    }

    /// A number: the ones that its first byte starts with say how many bytes follow.
    fn number(&mut self) -> Outcome<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let low = self.take(usize::try_from(more).unwrap_or(8))?;
        let value = low.iter().rev().fold(0_u64, |value, &byte| value << 8 | u64::from(byte));
        let high = u64::from(first) & (0x7f_u64 >> more);
        Ok(if more >= 7 { value } else { value | high << (8 * more) })
    }

    /// A number of things of which each takes at least a bit here.
    fn count(&mut self) -> Outcome<usize> {
        let number = self.number()?;
        let most = self.0.len() as u64 * 8;
        usize::try_from(number).ok().filter(|_| number <= most).ok_or(ArchiveFault::Header)
    }

    fn bits(&mut self, count: usize) -> Outcome<Vec<bool>> {
        let bytes = self.take(count.div_ceil(8))?;
        Ok((0..count).map(|at| bytes[at / 8] & (0x80 >> (at % 8)) != 0).collect())
    }

    /// Checksums of some of so many things.
    fn digests(&mut self, count: usize) -> Outcome<Vec<Option<u32>>> {
        let known = if self.byte()? == 0 { self.bits(count)? } else { vec![true; count] };
        let mut digest = |is_known: bool| -> Outcome<Option<u32>> {
            if !is_known {
                return Ok(None);
            }
            let bytes = self.take(4)?;
            Ok(bytes.try_into().ok().map(u32::from_le_bytes))
        };
        known.into_iter().map(&mut digest).collect()
    }
}

const END: u8 = 0;
const HEADER: u8 = 1;
const PROPERTIES: u8 = 2;
const MAIN_STREAMS: u8 = 4;
const FILES: u8 = 5;
const PACK_INFO: u8 = 6;
const UNPACK_INFO: u8 = 7;
const SUBSTREAMS: u8 = 8;
const SIZES: u8 = 9;
const DIGESTS: u8 = 10;
const FOLDERS: u8 = 11;
const UNPACK_SIZES: u8 = 12;
const UNPACK_COUNTS: u8 = 13;
const EMPTY_STREAMS: u8 = 14;
const NAMES: u8 = 17;
const PACKED_HEADER: u8 = 23;

/// More coders in a folder than this make no sense.
const MAX_CODERS: usize = 32;

/// Reads a header.
pub(super) fn read(bytes: &[u8]) -> Outcome<Either> {
    let mut bytes = Bytes(bytes);
    let mut header = Header::default();
    match bytes.byte()? {
        PACKED_HEADER => {
            header.streams(&mut bytes)?;
            return Ok(Either::Packed(header));
        }
        HEADER => {}
        _ => return Err(ArchiveFault::Header),
    }
    loop {
        match bytes.byte()? {
            END => return Ok(Either::Plain(header)),
            PROPERTIES => {
                while bytes.byte()? != END {
                    let len = bytes.count()?;
                    bytes.take(len)?;
                }
            }
            MAIN_STREAMS => header.streams(&mut bytes)?,
            FILES => header.read_files(&mut bytes)?,
            _ => return Err(ArchiveFault::Header),
        }
    }
}

impl Header {
    fn streams(&mut self, bytes: &mut Bytes<'_>) -> Outcome<()> {
        loop {
            match bytes.byte()? {
                END => break,
                PACK_INFO => self.pack_info(bytes)?,
                UNPACK_INFO => self.unpack_info(bytes)?,
                SUBSTREAMS => self.substreams(bytes)?,
                _ => return Err(ArchiveFault::Header),
            }
        }
        for folder in self.folders.iter_mut().filter(|folder| folder.files.is_empty()) {
            // Nothing was said of files: it holds one.
            folder.files = vec![(folder.size(), folder.crc)];
        }
        Ok(())
    }

    fn pack_info(&mut self, bytes: &mut Bytes<'_>) -> Outcome<()> {
        self.pack_position = bytes.number()?;
        let count = bytes.count()?;
        loop {
            match bytes.byte()? {
                END => return Ok(()),
                SIZES => self.pack_sizes = (0..count).map(|_| bytes.number()).collect::<Outcome<_>>()?,
                DIGESTS => drop(bytes.digests(count)?),
                _ => return Err(ArchiveFault::Header),
            }
        }
    }

    fn unpack_info(&mut self, bytes: &mut Bytes<'_>) -> Outcome<()> {
        if bytes.byte()? != FOLDERS {
            return Err(ArchiveFault::Header);
        }
        let count = bytes.count()?;
        // Elsewhere would be in another stream: nobody writes that.
        if bytes.byte()? != 0 {
            return Err(ArchiveFault::Header);
        }
        self.folders = (0..count).map(|_| folder(bytes)).collect::<Outcome<_>>()?;
        loop {
            match bytes.byte()? {
                END => return Ok(()),
                UNPACK_SIZES => {
                    for folder in &mut self.folders {
                        let outputs = folder.coders.iter().map(|coder| coder.outputs).sum::<u64>();
                        folder.sizes = (0..outputs).map(|_| bytes.number()).collect::<Outcome<_>>()?;
                    }
                }
                DIGESTS => {
                    let digests = bytes.digests(self.folders.len())?;
                    self.folders.iter_mut().zip(digests).for_each(|(folder, crc)| folder.crc = crc);
                }
                _ => return Err(ArchiveFault::Header),
            }
        }
    }

    fn substreams(&mut self, bytes: &mut Bytes<'_>) -> Outcome<()> {
        let mut counts = vec![1; self.folders.len()];
        let mut id = bytes.byte()?;
        if id == UNPACK_COUNTS {
            counts = (0..self.folders.len()).map(|_| bytes.count()).collect::<Outcome<_>>()?;
            id = bytes.byte()?;
        }
        for (folder, &count) in self.folders.iter_mut().zip(&counts) {
            let mut left = folder.size();
            for nth in 0..count {
                // The last has what is left.
                let size = if nth + 1 < count && id == SIZES { bytes.number()? } else { left };
                left = left.checked_sub(size).ok_or(ArchiveFault::Header)?;
                folder.files.push((size, None));
            }
        }
        if id == SIZES {
            id = bytes.byte()?;
        }
        while id != END {
            if id != DIGESTS {
                return Err(ArchiveFault::Header);
            }
            let is_known = |folder: &Folder| folder.files.len() == 1 && folder.crc.is_some();
            let unknown = self.folders.iter().filter(|folder| !is_known(folder));
            let digests = bytes.digests(unknown.map(|folder| folder.files.len()).sum())?;
            let mut digests = digests.into_iter();
            for folder in &mut self.folders {
                let known = folder.crc.filter(|_| folder.files.len() == 1);
                folder
                    .files
                    .iter_mut()
                    .for_each(|(_, crc)| *crc = known.or_else(|| digests.next().flatten()));
            }
            id = bytes.byte()?;
        }
        Ok(())
    }

    fn read_files(&mut self, bytes: &mut Bytes<'_>) -> Outcome<()> {
        let count = bytes.count()?;
        self.files.resize_with(count, File::default);
        loop {
            let id = bytes.byte()?;
            if id == END {
                return Ok(());
            }
            let len = bytes.count()?;
            let mut property = Bytes(bytes.take(len)?);
            match id {
                EMPTY_STREAMS => {
                    let bits = property.bits(count)?;
                    self.files.iter_mut().zip(bits).for_each(|(file, is_empty)| file.is_empty = is_empty);
                }
                NAMES if property.byte()? == 0 => {
                    for file in &mut self.files {
                        file.name = name(&mut property)?;
                    }
                }
                _ => {}
            }
        }
    }
}

impl Folder {
    /// The size of what comes out in the end: of the output that feeds nothing.
    pub(super) fn size(&self) -> u64 {
        let is_final = |at: u64| self.pairs.iter().all(|&(_, output)| output != at);
        let sizes = (0..).zip(&self.sizes);
        sizes.filter(|(at, _)| is_final(*at)).map(|(_, &size)| size).next().unwrap_or(0)
    }
}

fn folder(bytes: &mut Bytes<'_>) -> Outcome<Folder> {
    let mut folder = Folder::default();
    let count = bytes.count()?;
    if !(1..=MAX_CODERS).contains(&count) {
        return Err(ArchiveFault::Header);
    }
    let (mut inputs, mut outputs) = (0_u64, 0_u64);
    for _ in 0..count {
        let flags = bytes.byte()?;
        let id = bytes.take(usize::from(flags & 15))?.to_vec();
        let mut coder = Coder { id, inputs: 1, outputs: 1, properties: Vec::new() };
        if flags & 0x10 != 0 {
            (coder.inputs, coder.outputs) = (bytes.number()?, bytes.number()?);
        }
        if flags & 0x20 != 0 {
            let len = bytes.count()?;
            coder.properties = bytes.take(len)?.to_vec();
        }
        inputs = inputs.saturating_add(coder.inputs);
        outputs = outputs.saturating_add(coder.outputs);
        folder.coders.push(coder);
    }
    let most = MAX_CODERS as u64;
    if inputs > most || outputs > most || outputs == 0 || inputs < outputs - 1 {
        return Err(ArchiveFault::Header);
    }
    for _ in 1..outputs {
        folder.pairs.push((bytes.number()?, bytes.number()?));
    }
    folder.packed = usize::try_from(inputs - (outputs - 1)).or(Err(ArchiveFault::Header))?;
    if folder.packed > 1 {
        for _ in 0..folder.packed {
            bytes.number()?;
        }
    }
    Ok(folder)
}

/// A name in UTF-16, with a zero at its end.
fn name(bytes: &mut Bytes<'_>) -> Outcome<Vec<u8>> {
    let mut units = Vec::new();
    loop {
        let pair = bytes.take(2)?;
        match u16::from_le_bytes([pair[0], pair[1]]) {
            0 => return Ok(String::from_utf16_lossy(&units).into_bytes()),
            unit => units.push(unit),
        }
    }
}
