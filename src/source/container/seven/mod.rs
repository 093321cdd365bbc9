//! 7z. Its header comes last, so that an archive is held whole, up to a size. What is packed by LZMA, with or without a
//! filter before it, by bzip2, deflate or zstd, or not at all, is read; PPMd, BCJ2 and what is encrypted are told.

mod bytes;
mod header;

use std::io::{self, Read};
use std::ops::Range;

use liblzma::bufread::XzDecoder;
use liblzma::stream::{Filters, Stream};

use self::header::{Coder, Either, Folder, Header};
use super::fault::ArchiveFault;
use super::input::Input;
use super::limits::{HEADER as HEADER_STEPS, Memory};
use super::packed::{MEMORY, WINDOW_LOG};
use super::place::Place;
use super::price::Price;
use super::rest::Rest;
use super::summed::Summed;
use super::visit::Visit;
use super::window;
use crate::source::format::seven::START;

/// Archives are held up to this size.
const MAX_HELD: u64 = 256 << 20;

/// Headers are read up to this size.
const MAX_HEADER: u64 = 64 << 20;

/// Steps to read a byte of a header.
const READ_HEADER: u64 = 50;

const COPY: &[u8] = &[0];
const LZMA: &[u8] = &[3, 1, 1];
const LZMA2: &[u8] = &[0x21];
const DEFLATE: &[u8] = &[4, 1, 8];
const BZIP2: &[u8] = &[4, 2, 2];
const ZSTD: &[u8] = &[4, 0xf7, 0x11, 1];
const AES: &[u8] = &[6, 0xf1, 7, 1];

/// Takes all members of a 7z archive.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    let mut memory = visit.budget.hold(0)?;
    let mut bytes = Vec::new();
    let is_whole = input.hold(MAX_HELD, &mut memory, &mut bytes);
    // What is no archive may begin like one, and hold text.
    let header = is_whole.and_then(|()| read_header(visit, &mut memory, &bytes));
    let found = header.inspect_err(|_| visit.rest_stream(place, &mut bytes.as_slice()))?;
    let (mut rest, mut used) = (Rest::new(visit, place), found.used);
    let header = header::read(&found.text, &mut |other| rest.add(other));
    drop(rest);
    if let Ok(Either::Plain(header)) = &header {
        used.push(header.packed());
    }
    for unused in unused(&bytes, used) {
        visit.rest(place, unused);
    }
    match header {
        Ok(Either::Plain(header)) => members(visit, place, &bytes, &header),
        _ => Ok(()),
    }
}

/// A header, unpacked.
struct Found {
    text: Vec<u8>,
    /// What of the archive it was read from, behind the signature.
    used: Vec<Range<u64>>,
}

/// The parts of an archive that are neither its start nor `used`, where that is counted behind the signature.
fn unused(bytes: &[u8], mut used: Vec<Range<u64>>) -> Vec<&[u8]> {
    used.sort_by_key(|range| range.start);
    let place = |at: u64| usize::try_from(at).ok().and_then(|at| at.checked_add(START)).unwrap_or(usize::MAX);
    let (mut parts, mut from) = (Vec::new(), START);
    for range in used {
        parts.extend(bytes.get(from..place(range.start)));
        from = from.max(place(range.end));
    }
    parts.extend(bytes.get(from..));
    parts
}

/// Reads the header. An archive without one has nothing in it.
fn read_header(visit: &Visit<'_>, memory: &mut Memory<'_>, bytes: &[u8]) -> Result<Found, ArchiveFault> {
    let start = bytes.get(..START).ok_or(ArchiveFault::Truncated)?;
    let number = |at: usize| start[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
    let (offset, size) = (number(12), number(20));
    if size == 0 {
        return Ok(Found { text: Vec::new(), used: Vec::new() });
    }
    let from = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(START));
    let to =
        from.and_then(|from| from.checked_add(usize::try_from(size).ok()?)).ok_or(ArchiveFault::Header)?;
    let stated = bytes.get(from.unwrap_or(to)..to).ok_or(ArchiveFault::Truncated)?;
    memory.grow(stated.len() as u64)?;
    let mut text = stated.to_vec();
    let mut used = Vec::new();
    used.push(offset..offset.saturating_add(size));
    for _ in 0..4 {
        visit.charge(READ_HEADER * text.len() as u64);
        if visit.is_over() {
            break;
        }
        let unpacked = match header::read(&text, &mut |_| ())? {
            Either::Plain(_) => return Ok(Found { text, used }),
            Either::Packed(header) => {
                used.push(header.packed());
                let folder = header.folders().next().ok_or(ArchiveFault::Header)??;
                let size = folder.size();
                if size > MAX_HEADER {
                    return Err(ArchiveFault::Memory);
                }
                memory.grow(size)?;
                let price = price(&folder);
                visit.charge(price.start + size * price.byte);
                let stream = packed_stream(bytes, &folder)?;
                let _window = visit.budget.hold(window(&folder, stream))?;
                let mut unpacked = Vec::new();
                let mut decoder = decoder(&folder, stream)?;
                decoder.read_to_end(&mut unpacked).map_err(|error| ArchiveFault::of_decoder(&error))?;
                unpacked
            }
        };
        text = unpacked;
    }
    Err(ArchiveFault::Header)
}

/// Takes all members that `header` lists. Empty files lie between the others.
fn members(
    visit: &Visit<'_>,
    place: &Place<'_>,
    bytes: &[u8],
    header: &Header<'_>,
) -> Result<(), ArchiveFault> {
    let mut files = header.files();
    let mut next_name = || {
        let (name, _) = files.by_ref().take_while(|_| !visit.is_over()).find(|(name, is_empty)| {
            if *is_empty {
                visit.admit(place, name);
            }
            !is_empty
        })?;
        Some(name)
    };
    let mut outcome = Ok(());
    let mut folders = header.folders();
    while let Some(folder) = folders.next().filter(|_| !visit.is_over()) {
        let folder = folder?;
        visit.charge(HEADER_STEPS);
        let unpacked = packed_stream(bytes, &folder).and_then(|stream| {
            let memory = visit.budget.hold(window(&folder, stream))?;
            Ok((decoder(&folder, stream)?, memory))
        });
        let (mut decoder, _memory): (Box<dyn Read + '_>, _) = match unpacked {
            Ok((decoder, memory)) => (decoder, Some(memory)),
            Err(fault) => {
                outcome = Err(fault);
                (Box::new(io::empty()), None)
            }
        };
        let is_read = _memory.is_some();
        let (mut left, count) = (folder.size(), folder.files.max(1));
        visit.charge(price(&folder).start);
        for nth in 0..count {
            let (size, crc) = folders.next_file(&folder, left, count - 1 - nth)?;
            left -= size;
            let name = next_name().unwrap_or_default();
            if visit.is_over() {
                return Ok(());
            }
            if !is_read {
                visit.admit(place, &name);
                continue;
            }
            let content = (&mut decoder).take(size);
            if let Err(fault) = member(visit, place, &name, content, crc, price(&folder)) {
                visit.skip_member(place, &name, fault);
            }
        }
    }
    while !visit.is_over() && next_name().map(|name| visit.admit(place, &name)).is_some() {}
    outcome
}

/// Takes a member: its content, and the checksum that it should have.
fn member(
    visit: &Visit<'_>,
    place: &Place<'_>,
    name: &[u8],
    content: io::Take<impl Read>,
    crc: Option<u32>,
    price: Price,
) -> Result<(), ArchiveFault> {
    let mut content = Summed::new(content);
    // The decoder was begun for all of the folder.
    visit.packed_member(place, name, &mut content, Price { start: 0, ..price })?;
    match () {
        () if visit.is_over() => Ok(()),
        () if content.inner.limit() > 0 => Err(ArchiveFault::Truncated),
        () if crc.is_some_and(|crc| crc != content.crc()) => Err(ArchiveFault::Checksum),
        () => Ok(()),
    }
}

/// The first packed stream of a folder.
fn packed_stream<'b>(bytes: &'b [u8], folder: &Folder<'_>) -> Result<&'b [u8], ArchiveFault> {
    let stream = folder.stream.clone().ok_or(ArchiveFault::Header)?;
    let at = |offset: u64| usize::try_from(offset).ok()?.checked_add(START);
    let range = at(stream.start).zip(at(stream.end)).ok_or(ArchiveFault::Truncated)?;
    bytes.get(range.0..range.1).ok_or(ArchiveFault::Truncated)
}

/// What it costs to unpack a folder.
fn price(folder: &Folder<'_>) -> Price {
    let has = |id: &[u8]| folder.coders.iter().any(|coder| coder.id == id);
    match () {
        () if has(LZMA) || has(LZMA2) => Price::LZMA,
        () if has(BZIP2) => Price::BZIP2,
        () if has(DEFLATE) => Price::DEFLATE,
        () if has(ZSTD) => Price::ZSTD,
        () => Price::STORED,
    }
}

/// The memory that it takes to unpack a folder from `stream`.
fn window(folder: &Folder<'_>, stream: &[u8]) -> u64 {
    let of = |coder: &Coder<'_>| match coder.id {
        LZMA => window::of_lzma(coder.properties),
        LZMA2 => coder.properties.first().map_or(0, |&size| window::of_lzma2(size)),
        BZIP2 => window::BZIP2,
        DEFLATE => window::DEFLATE,
        ZSTD => window::of_zstd(stream),
        _ => 0,
    };
    folder.coders.iter().map(of).max().unwrap_or(0)
}

/// What unpacks a folder.
fn decoder<'b>(folder: &Folder<'_>, packed: &'b [u8]) -> Result<Box<dyn Read + 'b>, ArchiveFault> {
    if folder.coders.iter().any(|coder| coder.id == AES) {
        return Err(ArchiveFault::Encrypted);
    }
    let [first, filters @ ..] = &chain(folder).ok_or(ArchiveFault::Filter)?[..] else {
        return Err(ArchiveFault::Header);
    };
    let decoder: Box<dyn Read + 'b> = match first.id {
        LZMA | LZMA2 => Box::new(lzma(first, filters, packed)?),
        _ if !filters.is_empty() => return Err(ArchiveFault::Filter),
        COPY => Box::new(packed),
        DEFLATE => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
        BZIP2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
        ZSTD => Box::new(zstd(packed).map_err(|error| ArchiveFault::of_decoder(&error))?),
        _ => return Err(ArchiveFault::Filter),
    };
    Ok(Box::new(decoder.take(folder.size())))
}

fn zstd(packed: &[u8]) -> io::Result<zstd::Decoder<'static, &[u8]>> {
    let mut decoder = zstd::Decoder::with_buffer(packed)?;
    decoder.window_log_max(WINDOW_LOG)?;
    Ok(decoder)
}

/// The coders in the order in which bytes go through them; `None` if they are more than a chain.
fn chain<'f, 'b>(folder: &'f Folder<'b>) -> Option<Vec<&'f Coder<'b>>> {
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
    coder: &Coder<'_>,
    filters: &[&Coder<'_>],
    packed: &'b [u8],
) -> Result<XzDecoder<&'b [u8]>, ArchiveFault> {
    let properties = coder.properties;
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
        let added = match filter.id {
            [3] => chain.delta_properties(filter.properties),
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
