//! Decompression: at once where the size is known and small, as a stream where it is large.

use std::io::{self, Read};

use libdeflater::{DecompressionError, Decompressor};

use crate::source::Fault;

/// No byte of compressed data stands for more than this.
pub(super) const MAX_RATIO: u64 = 1040;

/// Decompresses what is held whole.
pub(super) struct Inflater(Decompressor);

impl Inflater {
    pub(super) fn new() -> Self {
        Self(Decompressor::new())
    }

    /// Decompresses the stream that `compressed` starts with to `size` bytes, the start of `out`. What is behind them is
    /// left as it is: to clear it each time would cost more than to let it stand. Returns how many bytes they are.
    pub(super) fn inflate(
        &mut self,
        compressed: &[u8],
        size: u64,
        out: &mut Vec<u8>,
    ) -> Result<usize, Fault> {
        // Before memory is asked for on the word of a header.
        if size > (compressed.len() as u64).saturating_mul(MAX_RATIO) {
            return Err(Fault::Size);
        }
        let len = usize::try_from(size).or(Err(Fault::TooLarge))?;
        if out.len() < len {
            out.try_reserve(len - out.len()).or(Err(Fault::TooLarge))?;
            out.resize(len, 0);
        }
        match self.0.zlib_decompress(compressed, &mut out[..len]) {
            Ok(inflated) if inflated == len => Ok(len),
            Ok(_) | Err(DecompressionError::InsufficientSpace) => Err(Fault::Size),
            Err(DecompressionError::BadData) => Err(Fault::Compression),
        }
    }
}

/// A stream is not as long as was said.
#[derive(Debug, thiserror::Error)]
#[error("size mismatch: its header states another size")]
struct WrongSize;

/// What an error of a compressed stream says of it; the error itself if the system is to blame.
pub(super) fn fault_of(error: io::Error) -> Result<Fault, io::Error> {
    match error.kind() {
        _ if error.get_ref().is_some_and(|inner| inner.is::<WrongSize>()) => Ok(Fault::Size),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            Ok(Fault::Compression)
        }
        _ => Err(error),
    }
}

/// A compressed stream of known size.
pub(super) struct Inflating<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Inflating<R> {
    /// What `inner` decompresses, which should be `size` bytes.
    pub(super) fn new(inner: R, size: u64) -> Self {
        Self { inner, left: size }
    }
}

impl<R: Read> Read for Inflating<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)? as u64;
        // An end that comes too soon is an error of the decompressor only if its own end mark is missing.
        let is_end = read == 0 && !out.is_empty();
        if read > self.left || (is_end && self.left > 0) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, WrongSize));
        }
        self.left -= read;
        usize::try_from(read).map_err(io::Error::other)
    }
}
