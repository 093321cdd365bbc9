//! Compression of one thing: gzip, bzip2, xz, LZMA, zstd, lz4. Such files may hold several streams, one after the other, that
//! are one thing when unpacked.

use std::io::{self, BufRead, Read};

use super::fault::ArchiveFault;
use super::input::Input;
use super::limits::Memory;
use super::visit::{Place, Visit};
use super::{frames, gzip, window};

/// A way to make one thing smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Gzip,
    Bzip2,
    Xz,
    /// What came before xz, as `.lzma`.
    Lzma,
    Zstd,
    Lz4,
}

/// Memory that one decoder may ask for: what the strongest settings of the usual tools need, and then some.
pub(super) const MEMORY: u64 = 128 << 20;

/// The same for zstd, in powers of two.
pub(super) const WINDOW_LOG: u32 = 27;

/// What decoding costs, in steps of work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Price {
    /// For a decoder: what is allocated for it, even if nothing comes out of it.
    pub(super) start: u64,
    /// For a byte that comes out, in the worst case.
    pub(super) byte: u64,
}

impl Price {
    pub(super) const STORED: Self = Self { start: 0, byte: 1 };
    pub(super) const DEFLATE: Self = Self { start: 1000, byte: 2 };
    pub(super) const BZIP2: Self = Self { start: 60_000, byte: 20 };
    pub(super) const LZMA: Self = Self { start: 15_000, byte: 10 };
    pub(super) const ZSTD: Self = Self { start: 20_000, byte: 2 };
    const LZ4: Self = Self { start: 10_000, byte: 1 };
}

/// What a stream of bzip2 starts with after its level: a block, or the end.
const BZIP2_BLOCKS: [&[u8]; 2] = [b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"];

impl Codec {
    /// The packing of an input that starts so.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            // The upper bits of the flags are reserved.
            [0x1f, 0x8b, 8, 0..=0x1f, ..] => Some(Self::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] => {
                BZIP2_BLOCKS.iter().any(|magic| rest.starts_with(magic)).then_some(Self::Bzip2)
            }
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x5d, rest @ ..] if is_lzma(rest) => Some(Self::Lzma),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Self::Lz4),
            // A frame to be skipped, of zstd or lz4.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether `held`, which begins like a stream and of which nothing can be decoded, is one all the same: by how it goes
    /// on, or by the length of its mark.
    pub(super) fn is_certain(self, held: &[u8]) -> bool {
        match self {
            Self::Gzip | Self::Lzma => false,
            Self::Bzip2 | Self::Xz => true,
            Self::Zstd => frames::is_zstd(held),
            Self::Lz4 => frames::is_lz4(held),
        }
    }

    pub(super) fn price(self) -> Price {
        match self {
            Self::Gzip => Price::DEFLATE,
            Self::Bzip2 => Price::BZIP2,
            Self::Xz | Self::Lzma => Price::LZMA,
            Self::Zstd => Price::ZSTD,
            Self::Lz4 => Price::LZ4,
        }
    }

    /// The memory that unpacking a stream takes that starts so.
    fn memory(self, head: &[u8]) -> u64 {
        match self {
            Self::Gzip => window::DEFLATE,
            Self::Bzip2 => window::BZIP2,
            Self::Xz => window::of_xz(head),
            Self::Lzma => window::of_lzma(head),
            Self::Zstd => window::of_zstd(head),
            Self::Lz4 => window::LZ4,
        }
    }
}

/// Whether a header of LZMA goes on so, behind the settings that everybody uses. It has no mark: the size of its
/// dictionary is a power of two, or one and a half of one, and that of the content is unknown or within reason.
fn is_lzma(rest: &[u8]) -> bool {
    let Some((dictionary, rest)) = rest.split_first_chunk() else { return false };
    let Some(size) = rest.first_chunk() else { return false };
    let (dictionary, size) = (u32::from_le_bytes(*dictionary), u64::from_le_bytes(*size));
    let is_usual = dictionary.is_power_of_two() || (dictionary / 3).is_power_of_two() && dictionary % 3 == 0;
    // What is decoded first is nothing but zeros in no real one.
    let is_begun = matches!(rest.get(8..13), Some([0, code @ ..]) if code.iter().any(|&byte| byte != 0));
    is_usual && dictionary >= 4096 && (size == u64::MAX || size < 1 << 38) && is_begun
}

/// Unpacks one stream.
enum Decoder<R: BufRead> {
    Gzip(gzip::Decoder<R>),
    Bzip2(bzip2::bufread::BzDecoder<R>),
    Xz(liblzma::bufread::XzDecoder<R>),
    Zstd(zstd::Decoder<'static, R>),
    Lz4(Box<lz4_flex::frame::FrameDecoder<R>>),
}

impl<R: BufRead> Decoder<R> {
    /// Unpacks `input` in `memory` bytes.
    fn new(packing: Codec, memory: u64, input: R) -> io::Result<Self> {
        Ok(match packing {
            Codec::Gzip => Self::Gzip(gzip::Decoder::new(input)),
            Codec::Bzip2 => Self::Bzip2(bzip2::bufread::BzDecoder::new(input)),
            Codec::Xz => {
                let stream = liblzma::stream::Stream::new_stream_decoder(memory.min(MEMORY), 0)?;
                Self::Xz(liblzma::bufread::XzDecoder::new_stream(input, stream))
            }
            Codec::Lzma => {
                let stream = liblzma::stream::Stream::new_lzma_decoder(memory.min(MEMORY))?;
                Self::Xz(liblzma::bufread::XzDecoder::new_stream(input, stream))
            }
            Codec::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(input)?.single_frame();
                decoder.window_log_max(WINDOW_LOG)?;
                Self::Zstd(decoder)
            }
            Codec::Lz4 => Self::Lz4(Box::new(lz4_flex::frame::FrameDecoder::new(input))),
        })
    }

    fn into_input(self) -> R {
        match self {
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Bzip2(decoder) => decoder.into_inner(),
            Self::Xz(decoder) => decoder.into_inner(),
            Self::Zstd(decoder) => decoder.finish(),
            Self::Lz4(decoder) => decoder.into_inner(),
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(out),
            Self::Bzip2(decoder) => decoder.read(out),
            Self::Xz(decoder) => decoder.read(out),
            Self::Zstd(decoder) => decoder.read(out),
            Self::Lz4(decoder) => decoder.read(out),
        }
    }
}

/// Unpacks all streams of an input, one after the other.
pub(super) struct Unpacked<'r, 'a> {
    visit: &'r Visit<'r>,
    place: Place<'r>,
    packing: Codec,
    decoder: Option<Decoder<&'r mut Input<'a>>>,
    /// What the decoder takes.
    memory: Option<Memory<'r>>,
    /// Where the stream starts that is being read.
    start: u64,
    /// Why nothing more is read, if it is a fault.
    fault: Option<ArchiveFault>,
    has_made: bool,
}

impl<'r, 'a> Unpacked<'r, 'a> {
    pub(super) fn new(
        visit: &'r Visit<'r>,
        place: &Place<'r>,
        packing: Codec,
        input: &'r mut Input<'a>,
    ) -> Self {
        let (decoder, memory, fault, has_made) = (None, None, None, false);
        let mut unpacked = Self { visit, place: *place, packing, decoder, memory, start: 0, fault, has_made };
        unpacked.next(input);
        unpacked
    }

    /// Takes the next stream, if there is one.
    fn next(&mut self, input: &'r mut Input<'a>) {
        self.start = input.position();
        if self.has_frames() {
            frames::pass_over(self.visit, &self.place, input);
            match Codec::of(input.peek(16)) {
                Some(packing @ (Codec::Zstd | Codec::Lz4)) => self.packing = packing,
                _ => return,
            }
        }
        self.visit.charge(self.packing.price().start);
        let begun =
            if self.packing == Codec::Gzip { gzip::header(self.visit, &self.place, input) } else { Ok(()) };
        let bytes = self.packing.memory(input.peek(window::HEAD));
        self.memory = None;
        let memory = begun.and_then(|()| self.visit.budget.hold(bytes));
        let decoder = Decoder::new(self.packing, bytes, input).map_err(|error| fault_of(&error));
        match memory.and_then(|memory| Ok((memory, decoder?))) {
            Ok((memory, decoder)) => (self.memory, self.decoder) = (Some(memory), Some(decoder)),
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// Whether it is made of frames, of which there are some that decoders skip.
    fn has_frames(&self) -> bool {
        matches!(self.packing, Codec::Zstd | Codec::Lz4)
    }

    /// Passes over the zeros that may stand between streams, as on a tape.
    fn pass_over_zeros(&self, input: &mut Input<'_>) {
        while input.peek(1).first() == Some(&0) && !self.visit.is_over() {
            let zeros = input.held().iter().take_while(|&&byte| byte == 0).count();
            input.consume(zeros);
        }
    }

    /// Whether anything came out of it.
    pub(super) fn has_made(&self) -> bool {
        self.has_made
    }

    /// The fault of a stream that could not even be begun.
    pub(super) fn fault(&self) -> Option<ArchiveFault> {
        self.fault
    }
}

impl Read for Unpacked<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let read = decoder.read(out)?;
            self.has_made |= read > 0;
            if read > 0 || out.is_empty() {
                return Ok(read);
            }
            let Some(input) = self.decoder.take().map(Decoder::into_input) else { break };
            self.pass_over_zeros(input);
            // A decoder that takes nothing would take nothing for ever.
            let has_moved = input.position() > self.start;
            let follows = match Codec::of(input.peek(16)) {
                Some(Codec::Zstd | Codec::Lz4) => self.has_frames(),
                packing => packing == Some(self.packing),
            };
            if has_moved && !self.visit.is_over() && follows {
                self.next(input);
            }
        }
        Ok(0)
    }
}

/// What an error of a decoder says.
pub(super) fn fault_of(error: &io::Error) -> ArchiveFault {
    let of_xz = error.get_ref().and_then(|inner| inner.downcast_ref::<liblzma::stream::Error>());
    // zstd tells in words only.
    let is_memory = || error.get_ref().is_some_and(|inner| inner.to_string().contains("too much memory"));
    match error.kind() {
        _ if of_xz == Some(&liblzma::stream::Error::MemLimit) || is_memory() => ArchiveFault::Memory,
        io::ErrorKind::UnexpectedEof => ArchiveFault::Truncated,
        _ => ArchiveFault::Compression,
    }
}
