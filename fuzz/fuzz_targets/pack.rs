//! Any objects, stored as any deltas to each other: no panic, and what is found by what each delta adds is what is found
//! in each object as a whole.
#![no_main]

use akid::aws::fake;
use akid_fuzz::fill;
use akid_fuzz::store::both_ways;
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case {
    entries: Vec<Entry>,
}

#[derive(Arbitrary, Debug)]
enum Entry {
    Whole { kind: u8, content: Vec<Piece> },
    Delta { base: u8, by_id: bool, steps: Vec<Step>, lie: Option<u8> },
    Bytes { kind: u8, size: u8, content: Vec<u8> },
}

#[derive(Arbitrary, Debug)]
enum Piece {
    KeyId,
    Secret,
    Name,
    Line,
    Filler(u8),
    Bytes(Vec<u8>),
}

#[derive(Arbitrary, Debug)]
enum Step {
    Copy { from: u16, len: u16 },
    Insert(Vec<Piece>),
    Bytes(Vec<u8>),
}

/// No object is longer, so that a few entries stay small.
const MAX_LEN: usize = 1 << 14;

fn text(pieces: &[Piece]) -> Vec<u8> {
    let mut text = Vec::new();
    for piece in pieces {
        match piece {
            Piece::KeyId => text.extend(b"{{key-id}}"),
            Piece::Secret => text.extend(b"{{secret}}"),
            Piece::Name => text.extend(b"secret_key = "),
            Piece::Line => text.push(b'\n'),
            Piece::Filler(len) => text.extend(b"filler ".iter().cycle().take(usize::from(*len))),
            Piece::Bytes(bytes) => text.extend(bytes),
        }
    }
    let mut text = fill(&text, &fake::pair(1));
    text.truncate(MAX_LEN);
    text
}

fn length(mut len: usize, out: &mut Vec<u8>) {
    while len > 0x7f {
        out.push(0x80 | (len & 0x7f) as u8);
        len >>= 7;
    }
    out.push(len as u8);
}

/// A delta against a base of so many bytes, and how long its object is.
fn delta(base_len: usize, steps: &[Step]) -> (Vec<u8>, usize) {
    let (mut instructions, mut len) = (Vec::new(), 0);
    for step in steps {
        match step {
            Step::Copy { from, len: copied } if base_len > 0 => {
                let from = usize::from(*from) % base_len;
                let copied = (usize::from(*copied) % (base_len - from)).min(MAX_LEN - len.min(MAX_LEN));
                if copied > 0 {
                    instructions.push(0b1011_0011);
                    instructions.extend(u16::try_from(from).unwrap_or(0).to_le_bytes());
                    instructions.extend(u16::try_from(copied).unwrap_or(1).to_le_bytes());
                    len += copied;
                }
            }
            Step::Copy { .. } => {}
            Step::Insert(pieces) => {
                for inserted in text(pieces).chunks(127) {
                    instructions.push(inserted.len() as u8);
                    instructions.extend(inserted);
                    len += inserted.len();
                }
            }
            Step::Bytes(bytes) => instructions.extend(bytes),
        }
    }
    let mut delta = Vec::new();
    length(base_len, &mut delta);
    length(len, &mut delta);
    delta.extend(instructions);
    (delta, len)
}

/// A zlib stream that stores `content` as it is.
fn stored(content: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = content.chunks(0xffff).peekable();
    if content.is_empty() {
        stream.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let len = u16::try_from(block.len()).unwrap_or(0);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(len.to_le_bytes());
        stream.extend((!len).to_le_bytes());
        stream.extend(block);
    }
    let (a, b) = content.iter().fold((1_u32, 0_u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65521;
        (a, (b + a) % 65521)
    });
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

fn header(kind: u8, size: usize) -> Vec<u8> {
    let mut header = vec![(kind & 7) << 4 | (size & 15) as u8];
    let mut rest = size >> 4;
    while rest > 0 {
        *header.last_mut().expect("never empty") |= 0x80;
        header.push((rest & 0x7f) as u8);
        rest >>= 7;
    }
    header
}

/// How far back the base of a delta starts, as packs write it.
fn back(mut distance: usize) -> Vec<u8> {
    let mut bytes = vec![(distance & 0x7f) as u8];
    distance >>= 7;
    while distance > 0 {
        distance -= 1;
        bytes.push(0x80 | (distance & 0x7f) as u8);
        distance >>= 7;
    }
    bytes.reverse();
    bytes
}

fn id(number: usize) -> [u8; 20] {
    [(number * 37 % 256) as u8; 20]
}

fuzz_target!(|case: Case| {
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    let entries = &case.entries[..case.entries.len().min(32)];
    pack.extend((entries.len() as u32).to_be_bytes());
    let (mut offsets, mut lens) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = pack.len();
        let len = match entry {
            Entry::Whole { kind, content } => {
                let content = text(content);
                pack.extend(header(1 + kind % 4, content.len()));
                pack.extend(stored(&content));
                content.len()
            }
            Entry::Delta { base, by_id, steps, lie } => {
                let base = usize::from(*base) % entries.len();
                let (mut delta, len) = delta(lens.get(base).copied().unwrap_or(0), steps);
                if let (Some(lie), Some(first)) = (lie, delta.first_mut()) {
                    *first ^= lie;
                }
                match offsets.get(base) {
                    Some(base) if !by_id => {
                        pack.extend(header(6, delta.len()));
                        pack.extend(back(offset - base));
                    }
                    _ => {
                        pack.extend(header(7, delta.len()));
                        pack.extend(id(base));
                    }
                }
                pack.extend(stored(&delta));
                len
            }
            Entry::Bytes { kind, size, content } => {
                pack.extend(header(*kind, usize::from(*size)));
                pack.extend(content);
                content.len()
            }
        };
        offsets.push(offset);
        lens.push(len);
    }
    pack.extend([7; 20]);

    let mut listed: Vec<_> =
        offsets.iter().enumerate().map(|(number, offset)| (id(number), *offset)).collect();
    listed.sort_unstable();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255_u8 {
        index.extend((listed.iter().filter(|(id, _)| id[0] <= first).count() as u32).to_be_bytes());
    }
    listed.iter().for_each(|(id, _)| index.extend(id));
    listed.iter().for_each(|_| index.extend([0; 4]));
    listed.iter().for_each(|(_, offset)| index.extend((*offset as u32).to_be_bytes()));
    index.extend([7; 40]);

    let [fast, slow] = both_ways(&pack, &index, "sha1");
    assert_eq!(fast, slow);
});
