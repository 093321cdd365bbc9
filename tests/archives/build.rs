//! Archives, made by hand, so that they can be right and wrong in any way.

use std::io::Write;

use flate2::write::{DeflateEncoder, GzEncoder};

/// One thing, smaller.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = liblzma::stream::LzmaOptions::new_preset(0).unwrap();
    let stream = liblzma::stream::Stream::new_lzma_encoder(&options).unwrap();
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub(crate) fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a zip says of a member; to be changed where it is to lie.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) packed: Vec<u8>,
    /// What the header says of the packed size.
    pub(crate) packed_size: u32,
    pub(crate) size: u32,
    /// What comes behind the content.
    pub(crate) descriptor: Vec<u8>,
    pub(crate) extra: Vec<u8>,
}

impl Entry {
    fn new(name: &[u8], content: &[u8], method: u16, packed: Vec<u8>) -> Self {
        Self {
            name: name.to_vec(),
            flags: 0,
            method,
            crc: crc32fast::hash(content),
            packed_size: u32::try_from(packed.len()).unwrap(),
            packed,
            size: u32::try_from(content.len()).unwrap(),
            descriptor: Vec::new(),
            extra: Vec::new(),
        }
    }

    pub(crate) fn stored(name: &[u8], content: &[u8]) -> Self {
        Self::new(name, content, 0, content.to_vec())
    }

    pub(crate) fn deflated(name: &[u8], content: &[u8]) -> Self {
        Self::new(name, content, 8, deflate(content))
    }

    pub(crate) fn packed(name: &[u8], content: &[u8], method: u16) -> Self {
        let packed = match method {
            12 => bzip2(content),
            93 => zstd(content),
            95 => xz(content),
            _ => unreachable!("no such method here"),
        };
        Self::new(name, content, method, packed)
    }

    /// The same with checksum and sizes behind the content only.
    pub(crate) fn described(mut self, with_signature: bool) -> Self {
        self.flags |= 8;
        self.descriptor = if with_signature { b"PK\x07\x08".to_vec() } else { Vec::new() };
        for number in [self.crc, self.packed_size, self.size] {
            self.descriptor.extend_from_slice(&number.to_le_bytes());
        }
        self
    }

    fn fields(&self, are_known: bool) -> Vec<u8> {
        let numbers = if are_known { [self.crc, self.packed_size, self.size] } else { [0; 3] };
        let mut fields = Vec::new();
        for number in [self.flags, self.method, 0, 0] {
            fields.extend_from_slice(&number.to_le_bytes());
        }
        numbers.iter().for_each(|number| fields.extend_from_slice(&number.to_le_bytes()));
        fields.extend_from_slice(&u16::try_from(self.name.len()).unwrap().to_le_bytes());
        fields
    }

    /// The header before the content, and the content.
    pub(crate) fn local(&self) -> Vec<u8> {
        let mut record = b"PK\x03\x04\x14\x00".to_vec();
        record.extend(self.fields(self.flags & 8 == 0));
        record.extend_from_slice(&u16::try_from(self.extra.len()).unwrap().to_le_bytes());
        [&record, &self.name[..], &self.extra, &self.packed, &self.descriptor].concat()
    }

    /// The line of the table of contents.
    pub(crate) fn central(&self, offset: usize) -> Vec<u8> {
        let mut record = b"PK\x01\x02\x14\x00\x14\x00".to_vec();
        record.extend(self.fields(true));
        record.extend_from_slice(&[0; 12]);
        record.extend_from_slice(&u32::try_from(offset).unwrap().to_le_bytes());
        record.extend_from_slice(&self.name);
        record
    }
}

/// The end of a zip.
pub(crate) fn zip_end(count: usize, table: usize, offset: usize, comment: &[u8]) -> Vec<u8> {
    let mut record = b"PK\x05\x06\0\0\0\0".to_vec();
    let count = u16::try_from(count).unwrap().to_le_bytes();
    record.extend_from_slice(&[count, count].concat());
    record.extend_from_slice(&u32::try_from(table).unwrap().to_le_bytes());
    record.extend_from_slice(&u32::try_from(offset).unwrap().to_le_bytes());
    record.extend_from_slice(&u16::try_from(comment.len()).unwrap().to_le_bytes());
    [&record, comment].concat()
}

/// A zip with `members` before the table and `listed` in it.
pub(crate) fn zip_of(members: &[Entry], listed: &[Entry], comment: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut offsets = Vec::new();
    for entry in members {
        offsets.push(bytes.len());
        bytes.extend(entry.local());
    }
    let start = bytes.len();
    for (nth, entry) in listed.iter().enumerate() {
        bytes.extend(entry.central(offsets.get(nth).copied().unwrap_or(0)));
    }
    let end = zip_end(listed.len(), bytes.len() - start, start, comment);
    bytes.extend(end);
    bytes
}

pub(crate) fn zip(members: &[Entry]) -> Vec<u8> {
    zip_of(members, members, b"")
}

/// A header of a tar.
pub(crate) fn tar_header(name: &[u8], size: usize, kind: u8) -> [u8; 512] {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name);
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    sealed(header)
}

/// The same with its sum.
pub(crate) fn sealed(mut header: [u8; 512]) -> [u8; 512] {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// An entry of a tar.
pub(crate) fn tar_entry(name: &[u8], content: &[u8], kind: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let name = if name.len() > 100 {
        bytes.extend(tar_entry(b"././@LongLink", &[name, b"\0"].concat(), b'L'));
        &name[..100]
    } else {
        name
    };
    bytes.extend_from_slice(&tar_header(name, content.len(), kind));
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

pub(crate) fn tar(members: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut bytes: Vec<u8> =
        members.iter().flat_map(|(name, content)| tar_entry(name, content, b'0')).collect();
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

pub(crate) fn ar(members: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    let names: Vec<u8> = members.iter().flat_map(|(name, _)| [name, &b"/\n"[..]].concat()).collect();
    let header =
        |name: &str, size: usize| format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644);
    let mut add = |name: &str, content: &[u8]| {
        bytes.extend_from_slice(header(name, content.len()).as_bytes());
        bytes.extend_from_slice(content);
        if bytes.len() % 2 == 1 {
            bytes.push(b'\n');
        }
    };
    add("//", &names);
    let mut at = 0;
    for (name, content) in members {
        add(&format!("/{at}"), content);
        at += name.len() + 2;
    }
    bytes
}

pub(crate) fn cpio(members: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in members.iter().chain([&(&b"TRAILER!!!"[..], &b""[..])]) {
        let (size, name_size) = (content.len(), name.len() + 1);
        bytes.extend_from_slice(b"070701");
        for field in [1, 0o100_644, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0] {
            bytes.extend_from_slice(format!("{field:08x}").as_bytes());
        }
        bytes.extend_from_slice(&[name, &b"\0"[..]].concat());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

/// The form of `cpio -o`, with the words of one machine or the other.
pub(crate) fn old_cpio(members: &[(&[u8], &[u8])], word: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in members.iter().chain([&(&b"TRAILER!!!"[..], &b""[..])]) {
        let (size, name_size) = (content.len(), u16::try_from(name.len() + 1).unwrap());
        let (high, low) = (u16::try_from(size >> 16).unwrap(), u16::try_from(size & 0xffff).unwrap());
        for field in [0o070_707, 1, 2, 0o100_644, 0, 0, 1, 0, 0, 0, name_size, high, low] {
            bytes.extend(word(field));
        }
        for part in [&[name, &b"\0"[..]].concat()[..], content] {
            bytes.extend_from_slice(part);
            bytes.resize(bytes.len().next_multiple_of(2), 0);
        }
    }
    bytes
}

pub(crate) fn rpm(scripts: &[u8], payload: &[u8]) -> Vec<u8> {
    let header = |content: &[u8]| {
        let mut bytes = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0, 0, 0, 0, 1];
        bytes.extend_from_slice(&u32::try_from(content.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(&[0; 16]);
        bytes.extend_from_slice(content);
        bytes
    };
    let mut bytes = vec![0xed, 0xab, 0xee, 0xdb, 3, 0];
    bytes.resize(96, 0);
    bytes.extend(header(b"signed"));
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes.extend(header(scripts));
    bytes.extend(payload);
    bytes
}

/// A 7z of two folders: the first member is stored, the others are packed together by LZMA2, the last one is empty.
pub(crate) fn seven(members: &[(&[u8], &[u8])]) -> Vec<u8> {
    seven_with(members, &[], b"")
}

/// The same with more properties of its files, and with something between the packed streams and the header.
pub(crate) fn seven_with(members: &[(&[u8], &[u8])], properties: &[(u8, &[u8])], between: &[u8]) -> Vec<u8> {
    let number = |value: usize| {
        let low = u32::try_from(value).unwrap().to_le_bytes();
        [&[0xf0][..], &low].concat()
    };
    let [(_, first), others @ .., (_, b"")] = members else { panic!("a member, others, an empty one") };
    let solid: Vec<u8> = others.iter().flat_map(|(_, content)| content.to_vec()).collect();
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(liblzma::stream::LzmaOptions::new_preset(0).unwrap().dict_size(1 << 20));
    let stream = liblzma::stream::Stream::new_raw_encoder(&filters).unwrap();
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(&solid).unwrap();
    let packed = [first.to_vec(), encoder.finish().unwrap()];

    // The header, then the main streams: where they are, how they are unpacked, what comes out.
    let mut header = [&[1, 4, 6, 0][..], &number(2), &[9]].concat();
    packed.iter().for_each(|stream| header.extend(number(stream.len())));
    header.extend_from_slice(&[0, 7, 11, 2, 0, 1, 1, 0, 1, 0x21, 0x21, 1, 16, 12]);
    header.extend([number(first.len()), number(solid.len())].concat());
    header.extend_from_slice(&[0, 8, 13, 1]);
    header.extend(number(others.len()));
    header.push(9);
    others[..others.len() - 1].iter().for_each(|(_, content)| header.extend(number(content.len())));
    header.extend_from_slice(&[10, 1]);
    for (_, content) in &members[..members.len() - 1] {
        header.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    }
    header.extend_from_slice(&[0, 0, 5]);
    header.extend(number(members.len()));
    let bits: u64 = 1 << (63 - (members.len() - 1));
    header.extend([&[14][..], &number(members.len().div_ceil(8))].concat());
    header.extend_from_slice(&bits.to_be_bytes()[..members.len().div_ceil(8)]);
    let name = |name: &[u8]| name.iter().flat_map(|&byte| [byte, 0]).chain([0, 0]).collect::<Vec<u8>>();
    let names: Vec<u8> = members.iter().flat_map(|(way, _)| name(way)).collect();
    header.extend([&[17][..], &number(names.len() + 1), &[0], &names].concat());
    for (id, content) in properties {
        header.extend([&[*id][..], &number(content.len()), content].concat());
    }
    header.extend([0, 0]);

    let streams = [&packed.concat()[..], between].concat();
    let mut bytes = b"7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0".to_vec();
    for place in [streams.len(), header.len()] {
        bytes.extend_from_slice(&u64::try_from(place).unwrap().to_le_bytes());
    }
    bytes.extend_from_slice(&crc32fast::hash(&header).to_le_bytes());
    let sum = crc32fast::hash(&bytes[12..]);
    bytes[8..12].copy_from_slice(&sum.to_le_bytes());
    [bytes, streams, header].concat()
}
