//! What lies between the records of a zip, or before a 7z.

use std::io::{self, Read};

use super::confirm;
use super::header::{self, CENTRAL_LEN};
use crate::source::container::input::Input;
use crate::source::container::visit::Visit;
use crate::source::format::seven;

/// Reads up to where a record or a 7z starts. What only looks like a record is passed over.
pub(super) struct Gap<'r, 'a> {
    visit: &'r Visit<'r>,
    input: &'r mut Input<'a>,
    is_in_zip: bool,
}

impl<'r, 'a> Gap<'r, 'a> {
    /// Reads what comes next in `input`; `is_in_zip` says whether members of a zip were met before, and no
    /// end.
    pub(super) fn new(visit: &'r Visit<'r>, input: &'r mut Input<'a>, is_in_zip: bool) -> Self {
        Self { visit, input, is_in_zip }
    }
}

impl Read for Gap<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let is_record = header::is_record(self.input.peek(CENTRAL_LEN));
        if is_record && confirm::is_real(self.visit, self.input, self.is_in_zip) {
            return Ok(0);
        }
        let held = self.input.held();
        // No more is looked at than is taken: what follows is looked at again.
        let held = &held[..held.len().min(out.len().max(CENTRAL_LEN) + CENTRAL_LEN)];
        let passed = usize::from(is_record);
        let ready = passed + gap_len(held.get(passed..).unwrap_or_default());
        let read = (&held[..ready]).read(out)?;
        io::BufRead::consume(self.input, read);
        Ok(read)
    }
}

/// How many bytes of `held` surely are no record and no 7z: none if one starts there.
fn gap_len(held: &[u8]) -> usize {
    if header::is_record(held) || seven::is_start(held) {
        return 0;
    }
    // What starts too near to the end to be told stays for the next look, unless nothing more comes.
    let told = held.len().saturating_sub(CENTRAL_LEN).max(1).min(held.len());
    let first = |end: usize, literal: &[u8], is_start: fn(&[u8]) -> bool| {
        let bytes = &held[..held.len().min(end + literal.len() - 1)];
        memchr::memmem::find_iter(bytes, literal).find(|&at| is_start(&held[at..])).unwrap_or(end)
    };
    let zip = first(told, b"PK", header::is_record);
    first(zip, seven::MAGIC, seven::is_start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Origin;
    use crate::source::container::{Limits, Outermost};
    use crate::source::{Event, Sink};

    /// Takes nothing.
    struct Nothing;

    impl Sink for Nothing {
        fn take(&self, _: Event<'_, '_>) -> bool {
            false
        }

        fn is_stopped(&self) -> bool {
            false
        }
    }

    /// The gaps of `bytes`, each byte of which is looked at alone.
    fn slow_len(bytes: &[u8]) -> usize {
        let is_start = |at: usize| header::is_record(&bytes[at..]) || seven::is_start(&bytes[at..]);
        (0..bytes.len()).find(|&at| is_start(at)).unwrap_or(bytes.len())
    }

    #[test]
    fn a_gap_ends_where_a_record_starts() {
        let end = [&b"PK\x05\x06"[..], &[0; 18]].concat();
        let seven = b"7z\xbc\xaf\x27\x1c\0\x04\x8d\x9b\xd5\x0f\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        assert!(seven::is_start(seven));
        let root = || Origin::Stdin;
        let outermost = Outermost {
            sink: &Nothing,
            root: &root,
            limits: Limits::default(),
            #[cfg(feature = "git")]
            bundles: crate::source::bundled::ReadBundle::NOTHING,
        };
        let visit = Visit::new(outermost, crate::source::container::kinds::walk);
        for before in [&b""[..], b"P", b"PK", b"PKPKPK", b"7z\xbc\xaf", b"7z\xbc\xaf\x27\x1c", &[b'x'; 100]] {
            for start in [&end[..], seven, b""] {
                for behind in [0, 1, 100] {
                    let bytes = [before, start, &vec![b'K'; behind]].concat();
                    for step in [1, 7, 1000] {
                        let mut input = Input::of_slice(&bytes);
                        let mut gap = Gap::new(&visit, &mut input, true);
                        let (mut len, mut piece) = (0, vec![0; step]);
                        while let Ok(read @ 1..) = gap.read(&mut piece) {
                            len += read;
                        }
                        assert_eq!(len, slow_len(&bytes), "{before:?} {start:?} {behind} {step}");
                    }
                }
            }
        }
    }
}
