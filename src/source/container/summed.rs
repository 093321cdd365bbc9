//! A checksum of what passes by.

use std::io::{self, Read};

/// What passes through, summed up.
pub(super) struct Summed<R> {
    pub(super) inner: R,
    sum: crc32fast::Hasher,
    pub(super) len: u64,
}

impl<R> Summed<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, sum: crc32fast::Hasher::new(), len: 0 }
    }

    pub(super) fn crc(&self) -> u32 {
        self.sum.clone().finalize()
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.sum.update(&out[..read]);
        self.len += read as u64;
        Ok(read)
    }
}
