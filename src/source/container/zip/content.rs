//! The content of a member, however it is packed.

use std::io::{self, BufRead, Read};

use liblzma::bufread::XzDecoder;
use liblzma::stream::Stream;

use super::header::{self, Header};
use crate::source::container::fault::ArchiveFault;
use crate::source::container::input::Input;
use crate::source::container::limits::{Budget, Memory};
use crate::source::container::packed::{MEMORY, WINDOW_LOG};
use crate::source::container::price::Price;
use crate::source::container::window;

/// Unpacks one member.
pub(super) enum Content<'r, 'a> {
    Stored(crate::source::container::input::Stretch<'r, 'a>),
    /// Stored, and as long as what comes behind it says.
    Undescribed(Undescribed<'r, 'a>),
    Deflated(flate2::bufread::DeflateDecoder<Bounded<'r, 'a>>),
    Bzip2(bzip2::bufread::BzDecoder<Bounded<'r, 'a>>),
    Lzma(Box<XzDecoder<Prefixed<'r, 'a>>>),
    Zstd(zstd::Decoder<'static, Bounded<'r, 'a>>),
    Xz(XzDecoder<Bounded<'r, 'a>>),
}

/// What unpacking a member costs.
pub(super) fn price(method: u16) -> Price {
    match method {
        8 => Price::DEFLATE,
        12 => Price::BZIP2,
        14 | 95 => Price::LZMA,
        93 => Price::ZSTD,
        _ => Price::STORED,
    }
}

/// The memory that unpacking a member takes, of which the content comes next.
pub(super) fn memory<'b>(
    header: &Header,
    input: &mut Input<'_>,
    budget: &'b Budget,
) -> Result<Memory<'b>, ArchiveFault> {
    let head = input.peek(window::HEAD);
    budget.hold(match header.method {
        8 => window::DEFLATE,
        12 => window::BZIP2,
        // Behind a version.
        14 => window::of_lzma(head.get(4..).unwrap_or_default()),
        93 => window::of_zstd(head),
        95 => window::of_xz(head),
        _ => 0,
    })
}

impl<'r, 'a> Content<'r, 'a> {
    /// The content that comes next in `input`; `None` if it is packed in a way that is not known.
    pub(super) fn new(header: &Header, input: &'r mut Input<'a>) -> Result<Option<Self>, ArchiveFault> {
        Self::begin(header, input).map_err(|error| ArchiveFault::of_decoder(&error))
    }

    fn begin(header: &Header, input: &'r mut Input<'a>) -> io::Result<Option<Self>> {
        // Where sizes come behind the content, the content's own end is the only one.
        let left = (!header.is_described || header.packed > 0).then_some(header.packed);
        if header.method == 0 {
            return Ok(Some(match left {
                Some(left) => Self::Stored(input.stretch(left)),
                None => Self::Undescribed(Undescribed::new(input)),
            }));
        }
        let xz_memory = window::of_xz(input.peek(window::HEAD)).min(MEMORY);
        let properties =
            if header.method == 14 { input.take_bytes(9).unwrap_or_default() } else { Vec::new() };
        let left = left.map(|left| left.saturating_sub(properties.len() as u64));
        let bounded = Bounded { input, left };
        Ok(Some(match header.method {
            8 => Self::Deflated(flate2::bufread::DeflateDecoder::new(bounded)),
            12 => Self::Bzip2(bzip2::bufread::BzDecoder::new(bounded)),
            14 => {
                let decoder = Stream::new_lzma_decoder(MEMORY)?;
                Self::Lzma(Box::new(XzDecoder::new_stream(
                    Prefixed::new(header, &properties, bounded),
                    decoder,
                )))
            }
            93 => {
                let mut decoder = zstd::Decoder::with_buffer(bounded)?.single_frame();
                decoder.window_log_max(WINDOW_LOG)?;
                Self::Zstd(decoder)
            }
            95 => Self::Xz(XzDecoder::new_stream(bounded, Stream::new_stream_decoder(xz_memory, 0)?)),
            _ => return Ok(None),
        }))
    }
}

impl Read for Content<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stored(content) => match content.read(out)? {
                0 if content.left() > 0 && !out.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
                read => Ok(read),
            },
            Self::Undescribed(content) => content.read(out),
            Self::Deflated(content) => content.read(out),
            Self::Bzip2(content) => content.read(out),
            Self::Lzma(content) => content.read(out),
            Self::Zstd(content) => content.read(out),
            Self::Xz(content) => content.read(out),
        }
    }
}

/// Ends where the header says that the content does, if another record starts there; else the header is wrong, and the
/// content ends where it does.
pub(super) struct Bounded<'r, 'a> {
    input: &'r mut Input<'a>,
    left: Option<u64>,
}

impl BufRead for Bounded<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == Some(0) && !header::is_record(self.input.peek(header::CENTRAL_LEN)) {
            self.left = None;
        }
        let held = self.input.peek(1);
        let left = self.left.and_then(|left| usize::try_from(left).ok()).unwrap_or(held.len());
        Ok(&held[..left.min(held.len())])
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.map(|left| left - count as u64);
        self.input.consume(count);
    }
}

impl Read for Bounded<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

/// A stream of LZMA with the header that its decoder wants: zip has the properties only, behind a version.
pub(super) struct Prefixed<'r, 'a> {
    header: Vec<u8>,
    at: usize,
    input: Bounded<'r, 'a>,
}

impl<'r, 'a> Prefixed<'r, 'a> {
    fn new(header: &Header, properties: &[u8], input: Bounded<'r, 'a>) -> Self {
        let mut prefix = properties.get(4..).unwrap_or_default().to_vec();
        // An unknown size means that the stream marks its own end.
        let size = if header.is_described { u64::MAX } else { header.size };
        prefix.extend_from_slice(&size.to_le_bytes());
        Self { header: prefix, at: 0, input }
    }
}

impl BufRead for Prefixed<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at < self.header.len() { Ok(&self.header[self.at..]) } else { self.input.fill_buf() }
    }

    fn consume(&mut self, count: usize) {
        if self.at < self.header.len() { self.at += count } else { self.input.consume(count) }
    }
}

impl Read for Prefixed<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

/// A stored content that ends where a descriptor comes that fits it.
pub(super) struct Undescribed<'r, 'a> {
    input: &'r mut Input<'a>,
    sum: crc32fast::Hasher,
    len: u64,
}

impl<'r, 'a> Undescribed<'r, 'a> {
    fn new(input: &'r mut Input<'a>) -> Self {
        Self { input, sum: crc32fast::Hasher::new(), len: 0 }
    }
}

impl Read for Undescribed<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let (sum, len) = (self.sum.clone(), self.len);
        let held = self.input.peek(64);
        // No more is looked at than is taken: what follows is looked at again.
        let held = &held[..held.len().min(out.len().max(64))];
        let fits = || header::descriptor_len(held, sum.finalize(), len, len).is_some();
        let ready = match memchr::memmem::find(held, header::DESCRIPTOR) {
            Some(0) if fits() => return Ok(0),
            Some(0) => 1,
            Some(at) => at,
            // The end may be the start of one.
            None if held.len() > 3 => held.len() - 3,
            None => held.len(),
        };
        let read = (&held[..ready]).read(out)?;
        self.sum.update(&out[..read]);
        self.len += read as u64;
        self.input.consume(read);
        Ok(read)
    }
}
