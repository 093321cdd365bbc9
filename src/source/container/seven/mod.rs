//! 7z. Its header comes last, so that an archive is held whole, up to a size. What is packed by LZMA, with or without a
//! filter before it, by bzip2, deflate or zstd, or not at all, is read; PPMd, BCJ2 and what is encrypted are told.

mod header;

use std::io::{self, Read};

use liblzma::bufread::XzDecoder;
use liblzma::stream::{Filters, Stream};

use self::header::{Coder, Either, Folder, Header};
use super::fault::ArchiveFault;
use super::input::Input;
use super::packed::{self, MEMORY};
use super::visit::{Place, Visit};

/// The signature, a version, and where the header is.
const START: usize = 32;

/// Archives are held up to this size.
const MAX_HELD: u64 = 256 << 20;

/// Headers are read up to this size.
const MAX_HEADER: u64 = 64 << 20;

const COPY: &[u8] = &[0];
const LZMA: &[u8] = &[3, 1, 1];
const LZMA2: &[u8] = &[0x21];
const DEFLATE: &[u8] = &[4, 1, 8];
const BZIP2: &[u8] = &[4, 2, 2];
const ZSTD: &[u8] = &[4, 0xf7, 0x11, 1];
const AES: &[u8] = &[6, 0xf1, 7, 1];

/// What an archive starts with.
pub(super) const MAGIC: &[u8] = b"7z\xbc\xaf\x27\x1c";

/// Whether this is the start of an archive: its checksum says.
pub(super) fn is_start(held: &[u8]) -> bool {
    let stated = held.get(8..12).and_then(|stated| stated.try_into().ok()).map(u32::from_le_bytes);
    held.starts_with(MAGIC) && held.get(12..START).is_some_and(|start| Some(crc32fast::hash(start)) == stated)
}

/// Whether an archive starts somewhere in `bytes`.
pub(super) fn is_in(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, MAGIC).any(|at| is_start(&bytes[at..]))
}

/// Takes all members of a 7z archive.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    let mut bytes = Vec::new();
    // An input never fails.
    let _ = input.by_ref().take(MAX_HELD + 1).read_to_end(&mut bytes);
    // What is no archive may begin like one, and hold text.
    let is_too_large = bytes.len() as u64 > MAX_HELD;
    let header = if is_too_large { Err(ArchiveFault::Memory) } else { read_header(&bytes) };
    let (header, end) = header.inspect_err(|_| visit.rest_stream(place, &mut bytes.as_slice()))?;
    visit.rest(place, bytes.get(end..).unwrap_or_default());
    members(visit, place, &bytes, &header)
}

/// Reads the header, packed or not; returns where it ends in the archive, too.
fn read_header(bytes: &[u8]) -> Result<(Header, usize), ArchiveFault> {
    let start = bytes.get(..START).ok_or(ArchiveFault::Truncated)?;
    let number = |at: usize| start[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
    let (offset, size) = (number(12), number(20));
    if size == 0 {
        return Ok((Header::default(), START));
    }
    let from = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(START));
    let to =
        from.and_then(|from| from.checked_add(usize::try_from(size).ok()?)).ok_or(ArchiveFault::Header)?;
    let mut text = bytes.get(from.unwrap_or(to)..to).ok_or(ArchiveFault::Truncated)?.to_vec();
    for _ in 0..4 {
        match header::read(&text)? {
            Either::Plain(header) => return Ok((header, to)),
            Either::Packed(header) => {
                let folder = header.folders.first().ok_or(ArchiveFault::Header)?;
                if folder.size() > MAX_HEADER {
                    return Err(ArchiveFault::Memory);
                }
                let mut unpacked = Vec::new();
                let mut decoder = decoder(folder, packed_stream(bytes, &header, 0)?)?;
                decoder.read_to_end(&mut unpacked).map_err(|error| packed::fault_of(&error))?;
                text = unpacked;
            }
        }
    }
    Err(ArchiveFault::Header)
}

fn members(visit: &Visit<'_>, place: &Place<'_>, bytes: &[u8], header: &Header) -> Result<(), ArchiveFault> {
    let mut files = header.files.iter();
    let mut stream = 0;
    let mut outcome = Ok(());
    for folder in &header.folders {
        let packed = packed_stream(bytes, header, stream);
        stream += folder.packed;
        // Empty files lie between the others.
        let mut names = folder.files.iter().map(|_| {
            let mut file = files.next();
            while let Some(empty) = file.filter(|file| file.is_empty) {
                visit.admit(place, &empty.name);
                file = files.next();
            }
            file.map(|file| file.name.clone()).unwrap_or_default()
        });
        match packed.and_then(|packed| decoder(folder, packed)) {
            Ok(mut decoder) => {
                for (&(size, crc), name) in folder.files.iter().zip(&mut names) {
                    let mut content =
                        Summed { inner: (&mut decoder).take(size), sum: crc32fast::Hasher::new() };
                    let read = visit.packed_member(place, &name, &mut content);
                    if visit.is_over() {
                        return Ok(());
                    }
                    let is_short = content.inner.limit() > 0;
                    let is_wrong = crc.is_some_and(|crc| crc != content.sum.finalize());
                    let read = read.and(if is_short { Err(ArchiveFault::Truncated) } else { Ok(()) });
                    let read = read.and(if is_wrong { Err(ArchiveFault::Checksum) } else { Ok(()) });
                    read.unwrap_or_else(|fault| visit.skip(&place.member(&name), fault));
                }
            }
            Err(fault) => {
                names.for_each(|name| {
                    visit.admit(place, &name);
                });
                outcome = Err(fault);
            }
        }
    }
    files.for_each(|file| {
        visit.admit(place, &file.name);
    });
    outcome
}

/// The packed stream of that number.
fn packed_stream<'b>(bytes: &'b [u8], header: &Header, number: usize) -> Result<&'b [u8], ArchiveFault> {
    let before = header.pack_sizes.get(..number).ok_or(ArchiveFault::Header)?;
    let start = before.iter().try_fold(header.pack_position, |at, &size| at.checked_add(size));
    let start = start.and_then(|start| start.checked_add(START as u64)).ok_or(ArchiveFault::Header)?;
    let size = *header.pack_sizes.get(number).ok_or(ArchiveFault::Header)?;
    let range = usize::try_from(start).ok().zip(usize::try_from(size).ok());
    let (start, size) = range.ok_or(ArchiveFault::Truncated)?;
    bytes.get(start..).and_then(|rest| rest.get(..size)).ok_or(ArchiveFault::Truncated)
}

/// What unpacks a folder.
fn decoder<'b>(folder: &Folder, packed: &'b [u8]) -> Result<Box<dyn Read + 'b>, ArchiveFault> {
    if folder.coders.iter().any(|coder| coder.id == AES) {
        return Err(ArchiveFault::Encrypted);
    }
    let [first, filters @ ..] = &chain(folder).ok_or(ArchiveFault::Filter)?[..] else {
        return Err(ArchiveFault::Header);
    };
    let decoder: Box<dyn Read + 'b> = match first.id.as_slice() {
        LZMA | LZMA2 => Box::new(lzma(first, filters, packed)?),
        _ if !filters.is_empty() => return Err(ArchiveFault::Filter),
        COPY => Box::new(packed),
        DEFLATE => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
        BZIP2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
        ZSTD => Box::new(zstd::Decoder::with_buffer(packed).map_err(|error| packed::fault_of(&error))?),
        _ => return Err(ArchiveFault::Filter),
    };
    Ok(Box::new(decoder.take(folder.size())))
}

/// The coders in the order in which bytes go through them; `None` if they are more than a chain.
fn chain(folder: &Folder) -> Option<Vec<&Coder>> {
    let coders = &folder.coders;
    if coders.iter().any(|coder| (coder.inputs, coder.outputs) != (1, 1)) {
        return None;
    }
    let is_fed = |at: u64| folder.pairs.iter().any(|&(input, _)| input == at);
    let mut at = (0..coders.len() as u64).find(|&at| !is_fed(at))?;
    let mut chain = Vec::new();
    while chain.len() < coders.len() {
        chain.push(coders.get(usize::try_from(at).ok()?)?);
        match folder.pairs.iter().find(|&&(_, output)| output == at) {
            Some(&(input, _)) => at = input,
            None => break,
        }
    }
    (chain.len() == coders.len()).then_some(chain)
}

/// LZMA with the filters that come behind it.
fn lzma<'b>(
    coder: &Coder,
    filters: &[&Coder],
    packed: &'b [u8],
) -> Result<XzDecoder<&'b [u8]>, ArchiveFault> {
    let properties = &coder.properties;
    let is_lzma2 = coder.id == LZMA2;
    let dictionary = if is_lzma2 {
        let size = u64::from(*properties.first().ok_or(ArchiveFault::Header)?);
        (2 | size & 1) << (size / 2 + 11).min(40)
    } else {
        let size = properties.get(1..5).and_then(|size| size.try_into().ok());
        size.map(u32::from_le_bytes).ok_or(ArchiveFault::Header)?.into()
    };
    if dictionary > MEMORY {
        return Err(ArchiveFault::Memory);
    }
    let mut chain = Filters::new();
    // As it was packed: the last filter first.
    for filter in filters.iter().rev() {
        let added = match filter.id.as_slice() {
            [3] => chain.delta_properties(&filter.properties),
            [4] | [3, 3, 1, 3] => Ok(chain.x86()),
            [5] | [3, 3, 2, 5] => Ok(chain.powerpc()),
            [6] | [3, 3, 4, 1] => Ok(chain.ia64()),
            [7] | [3, 3, 5, 1] => Ok(chain.arm()),
            [8] | [3, 3, 7, 1] => Ok(chain.arm_thumb()),
            [9] | [3, 3, 8, 5] => Ok(chain.sparc()),
            [10] => Ok(chain.arm64()),
            _ => return Err(ArchiveFault::Filter),
        };
        added.map(drop).or(Err(ArchiveFault::Header))?;
    }
    let last = if is_lzma2 { chain.lzma2_properties(properties) } else { chain.lzma1_properties(properties) };
    last.map(drop).or(Err(ArchiveFault::Header))?;
    let stream = Stream::new_raw_decoder(&chain).or(Err(ArchiveFault::Header))?;
    Ok(XzDecoder::new_stream(packed, stream))
}

/// What passes through, summed up.
struct Summed<R> {
    inner: R,
    sum: crc32fast::Hasher,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.sum.update(&out[..read]);
        Ok(read)
    }
}
