//! Compression of one thing: gzip, bzip2, xz, LZMA, zstd, lz4. Such files may hold several streams, one after the other, that
//! are one thing when unpacked.

use std::io::{self, BufRead, Read};

use super::fault::ArchiveFault;
use super::input::{Input, WHOLE};
use super::limits::Memory;
use super::place::Place;
use super::price::Price;
use super::visit::Visit;
use super::{frames, gzip, window};
use crate::source::format::Codec;

/// Memory that one decoder may ask for: what the strongest settings of the usual tools need, and then some.
pub(super) const MEMORY: u64 = 128 << 20;

/// The same for zstd, in powers of two.
pub(super) const WINDOW_LOG: u32 = 27;

/// The memory that unpacking a stream takes that starts so.
fn memory(codec: Codec, head: &[u8]) -> u64 {
    match codec {
        Codec::Gzip => window::DEFLATE,
        Codec::Bzip2 => window::BZIP2,
        Codec::Xz => window::of_xz(head),
        Codec::Lzma => window::of_lzma(head),
        Codec::Zstd => window::of_zstd(head),
        Codec::Lz4 => window::LZ4,
    }
}

/// Takes what is compressed in `input`.
pub(super) fn walk(
    visit: &Visit<'_>,
    codec: Codec,
    place: &Place<'_>,
    input: &mut Input<'_>,
) -> Result<(), ArchiveFault> {
    let start = input.position();
    let mut unpacked = Unpacked::new(visit, place, codec, input);
    if let Some(fault) = unpacked.fault() {
        return Err(fault);
    }
    let outcome = visit.decoded(&place.unpacked(), &mut unpacked, Price::of(codec));
    let outcome = outcome.and_then(|()| unpacked.fault().map_or(Ok(()), Err));
    let is_nothing = !unpacked.has_made() && outcome == Err(ArchiveFault::Compression);
    drop(unpacked);
    if !is_nothing || !input.back_to(start) {
        return outcome;
    }
    if codec.is_certain(input.peek(WHOLE)) {
        // It is not opened once more as what comes behind it.
        visit.rest_stream(place, input);
        return outcome;
    }
    // It only begins like one.
    visit.plain(place, input);
    Ok(())
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
struct Unpacked<'r, 'a> {
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
    fn new(visit: &'r Visit<'r>, place: &Place<'r>, packing: Codec, input: &'r mut Input<'a>) -> Self {
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
        self.visit.charge(Price::of(self.packing).start);
        let begun =
            if self.packing == Codec::Gzip { gzip::header(self.visit, &self.place, input) } else { Ok(()) };
        let bytes = memory(self.packing, input.peek(window::HEAD));
        self.memory = None;
        let memory = begun.and_then(|()| self.visit.budget.hold(bytes));
        let decoder =
            Decoder::new(self.packing, bytes, input).map_err(|error| ArchiveFault::of_decoder(&error));
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
    fn has_made(&self) -> bool {
        self.has_made
    }

    /// The fault of a stream that could not even be begun.
    fn fault(&self) -> Option<ArchiveFault> {
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
