//! The header of a 7z archive, by the description in 7-Zip's own `7zFormat.txt`.
//!
//! Its lists stay where they stand: each is checked once, and read when its things are wanted. So no count in it makes
//! anything that takes memory.

use super::bytes::{Bytes, Digests, Outcome, bit};
use crate::source::container::fault::ArchiveFault;

/// What the header says of the streams in an archive, and of the files in them.
#[derive(Clone, Default)]
pub(super) struct Header<'b> {
    /// Where the first packed stream starts, behind the signature.
    pub(super) pack_position: u64,
    pack_sizes: Bytes<'b>,
    folders: Bytes<'b>,
    folder_count: usize,
    /// What each coder of each folder puts out.
    sizes: Bytes<'b>,
    crcs: Digests<'b>,
    /// How many files are in each folder: one, if it is not said.
    counts: Option<Bytes<'b>>,
    /// The sizes of all files but each folder's last.
    file_sizes: Option<Bytes<'b>>,
    file_crcs: Digests<'b>,
    file_count: usize,
    names: Bytes<'b>,
    empty: &'b [u8],
}

/// Packed streams that are unpacked together, to files one after the other.
#[derive(Default)]
pub(super) struct Folder<'b> {
    pub(super) coders: Vec<Coder<'b>>,
    /// Which input of a coder is fed by which output.
    pub(super) pairs: Vec<(u64, u64)>,
    /// How many packed streams it takes.
    packed: usize,
    /// What each coder puts out.
    sizes: Vec<u64>,
    crc: Option<u32>,
    /// The range of its first packed stream, from the first one of the archive.
    pub(super) stream: Option<std::ops::Range<u64>>,
    /// How many files it holds.
    pub(super) files: usize,
}

/// One step of unpacking.
#[derive(Default)]
pub(super) struct Coder<'b> {
    pub(super) id: &'b [u8],
    pub(super) inputs: u64,
    pub(super) outputs: u64,
    pub(super) properties: &'b [u8],
}

/// What a header may be: the header itself, or one that is packed.
pub(super) enum Either<'b> {
    Plain(Header<'b>),
    Packed(Header<'b>),
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

/// Reads a header. `take_other` gets what it holds beside streams and names: times, comments, what nobody knows.
pub(super) fn read<'b>(bytes: &'b [u8], take_other: &mut dyn FnMut(&'b [u8])) -> Outcome<Either<'b>> {
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
                    take_other(bytes.take(len)?);
                }
            }
            MAIN_STREAMS => header.streams(&mut bytes)?,
            FILES => header.read_files(&mut bytes, take_other)?,
            _ => return Err(ArchiveFault::Header),
        }
    }
}

impl<'b> Header<'b> {
    /// The folders, in order.
    pub(super) fn folders(&self) -> Folders<'b> {
        Folders { header: self.clone(), position: self.pack_position }
    }

    /// Where the packed streams are, behind the signature.
    pub(super) fn packed(&self) -> std::ops::Range<u64> {
        let mut sizes = self.pack_sizes.clone();
        let sizes = std::iter::from_fn(|| sizes.number().ok());
        self.pack_position..sizes.fold(self.pack_position, u64::saturating_add)
    }

    /// The files, in order: the name of each, and whether it is empty.
    pub(super) fn files(&self) -> impl Iterator<Item = (Vec<u8>, bool)> + use<'b> {
        let (mut names, empty) = (self.names.clone(), self.empty);
        (0..self.file_count).map(move |at| (name(&mut names).unwrap_or_default(), bit(empty, at)))
    }

    fn streams(&mut self, bytes: &mut Bytes<'b>) -> Outcome<()> {
        loop {
            match bytes.byte()? {
                END => return Ok(()),
                PACK_INFO => self.pack_info(bytes)?,
                UNPACK_INFO => self.unpack_info(bytes)?,
                SUBSTREAMS => self.substreams(bytes)?,
                _ => return Err(ArchiveFault::Header),
            }
        }
    }

    fn pack_info(&mut self, bytes: &mut Bytes<'b>) -> Outcome<()> {
        self.pack_position = bytes.number()?;
        let count = bytes.count()?;
        loop {
            match bytes.byte()? {
                END => return Ok(()),
                SIZES => self.pack_sizes = bytes.numbers(count)?,
                DIGESTS => {
                    bytes.digests(count)?;
                }
                _ => return Err(ArchiveFault::Header),
            }
        }
    }

    fn unpack_info(&mut self, bytes: &mut Bytes<'b>) -> Outcome<()> {
        if bytes.byte()? != FOLDERS {
            return Err(ArchiveFault::Header);
        }
        self.folder_count = bytes.count()?;
        // Elsewhere would be in another stream: nobody writes that.
        if bytes.byte()? != 0 {
            return Err(ArchiveFault::Header);
        }
        let mut outputs = 0;
        self.folders = bytes.passed(|bytes| {
            (0..self.folder_count).try_for_each(|_| {
                outputs += folder(bytes)?.outputs();
                Ok(())
            })
        })?;
        loop {
            match bytes.byte()? {
                END => return Ok(()),
                UNPACK_SIZES => self.sizes = bytes.numbers(outputs)?,
                DIGESTS => self.crcs = bytes.digests(self.folder_count)?,
                _ => return Err(ArchiveFault::Header),
            }
        }
    }

    fn substreams(&mut self, bytes: &mut Bytes<'b>) -> Outcome<()> {
        let mut id = bytes.byte()?;
        if id == UNPACK_COUNTS {
            let counts =
                |bytes: &mut Bytes<'b>| (0..self.folder_count).try_for_each(|_| bytes.count().map(drop));
            self.counts = Some(bytes.passed(counts)?);
            id = bytes.byte()?;
        }
        if id == SIZES {
            let sizes = self.folders().try_fold(0_usize, |sum, folder| {
                // The last has what is left.
                Ok(sum.saturating_add(folder?.files.saturating_sub(1)))
            })?;
            self.file_sizes = Some(bytes.numbers(sizes)?);
            id = bytes.byte()?;
        }
        while id != END {
            if id != DIGESTS {
                return Err(ArchiveFault::Header);
            }
            let unknown = self.folders().try_fold(0_usize, |sum, folder| {
                let folder = folder?;
                Ok(if folder.known_crc().is_some() { sum } else { sum.saturating_add(folder.files) })
            })?;
            self.file_crcs = bytes.digests(unknown)?;
            id = bytes.byte()?;
        }
        Ok(())
    }

    fn read_files(&mut self, bytes: &mut Bytes<'b>, take_other: &mut dyn FnMut(&'b [u8])) -> Outcome<()> {
        self.file_count = bytes.count()?;
        loop {
            let id = bytes.byte()?;
            if id == END {
                return Ok(());
            }
            let len = bytes.count()?;
            let mut property = Bytes(bytes.take(len)?);
            match id {
                EMPTY_STREAMS => self.empty = property.take(self.file_count.div_ceil(8))?,
                NAMES if property.byte()? == 0 => {
                    self.names =
                        property.passed(|names| (0..self.file_count).try_for_each(|_| skip_name(names)))?;
                }
                _ => {}
            }
            take_other(property.0);
        }
    }
}

/// Reads the folders of a header one after the other, with what its lists say of each.
pub(super) struct Folders<'b> {
    header: Header<'b>,
    position: u64,
}

impl<'b> Folders<'b> {
    fn read(&mut self) -> Outcome<Folder<'b>> {
        let header = &mut self.header;
        let mut folder = folder(&mut header.folders)?;
        folder.sizes = (0..folder.outputs()).map(|_| header.sizes.number().unwrap_or(0)).collect();
        folder.crc = header.crcs.next();
        // Where none is said to be in it, it holds one all the same.
        let files = header.counts.as_mut().map_or(Ok(1), Bytes::number)?;
        folder.files = usize::try_from(files).or(Err(ArchiveFault::Header))?;
        for nth in 0..folder.packed {
            let end = header.pack_sizes.number().ok().and_then(|size| self.position.checked_add(size));
            if nth == 0 {
                folder.stream = end.map(|end| self.position..end);
            }
            self.position = end.unwrap_or(u64::MAX);
        }
        Ok(folder)
    }

    /// The size and the checksum of the next file of `folder`, of which `size` bytes are left; it is the last but
    /// `more`.
    pub(super) fn next_file(
        &mut self,
        folder: &Folder<'_>,
        left: u64,
        more: usize,
    ) -> Outcome<(u64, Option<u32>)> {
        let header = &mut self.header;
        let size = match &mut header.file_sizes {
            Some(sizes) if more > 0 => sizes.number()?,
            _ => left,
        };
        let crc =
            folder.known_crc().or_else(|| if folder.files == 0 { None } else { header.file_crcs.next() });
        if size > left { Err(ArchiveFault::Header) } else { Ok((size, crc)) }
    }
}

impl<'b> Iterator for Folders<'b> {
    type Item = Outcome<Folder<'b>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.header.folder_count = self.header.folder_count.checked_sub(1)?;
        Some(self.read())
    }
}

impl Folder<'_> {
    fn outputs(&self) -> usize {
        // Few: that was checked.
        self.coders.iter().map(|coder| usize::try_from(coder.outputs).unwrap_or(0)).sum()
    }

    /// The checksum of its only file.
    fn known_crc(&self) -> Option<u32> {
        self.crc.filter(|_| self.files <= 1)
    }

    /// The size of what comes out in the end: of the output that feeds nothing.
    pub(super) fn size(&self) -> u64 {
        let is_final = |at: u64| self.pairs.iter().all(|&(_, output)| output != at);
        let sizes = (0..).zip(&self.sizes);
        sizes.filter(|(at, _)| is_final(*at)).map(|(_, &size)| size).next().unwrap_or(0)
    }
}

/// Reads what a folder is made of.
fn folder<'b>(bytes: &mut Bytes<'b>) -> Outcome<Folder<'b>> {
    let mut folder = Folder::default();
    let count = bytes.count()?;
    if !(1..=MAX_CODERS).contains(&count) {
        return Err(ArchiveFault::Header);
    }
    let (mut inputs, mut outputs) = (0_u64, 0_u64);
    for _ in 0..count {
        let flags = bytes.byte()?;
        let id = bytes.take(usize::from(flags & 15))?;
        let mut coder = Coder { id, inputs: 1, outputs: 1, properties: &[] };
        if flags & 0x10 != 0 {
            (coder.inputs, coder.outputs) = (bytes.number()?, bytes.number()?);
        }
        if flags & 0x20 != 0 {
            let len = bytes.count()?;
            coder.properties = bytes.take(len)?;
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

fn skip_name(bytes: &mut Bytes<'_>) -> Outcome<()> {
    while bytes.take(2)? != [0, 0] {}
    Ok(())
}
