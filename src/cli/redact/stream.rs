//! Copies a stream, masked.

use std::io::{self, Read, Write};

use akid::mask::Masker;
use akid::source;

use super::CHUNK;

/// What became of a copy.
#[derive(Debug)]
pub(super) enum Copied {
    /// All of it was copied.
    All,
    /// It is an archive, and nothing of it was copied.
    Archive,
    /// What takes it refused to.
    Refused(io::Error),
}

/// Copies `input` to `output`, masked. Each piece that arrives is shown as far as it is decided, so that whoever waits for
/// a line sees it.
///
/// # Errors
///
/// If `input` cannot be read. What was read before is copied.
pub(super) fn copy(input: &mut dyn Read, output: &mut dyn Write, masker: &mut Masker) -> io::Result<Copied> {
    let mut copy = Copy { masker, output, head: Some(Vec::new()), shown: Vec::new() };
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = match input.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read,
        };
        let taken = match &read {
            Ok(0) | Err(_) => copy.end(),
            Ok(len) => copy.take(&buffer[..*len]),
        };
        match (taken, read) {
            (Ok(true), Ok(1..)) => {}
            (Ok(true), Ok(_)) => return Ok(Copied::All),
            (Ok(true), Err(error)) => return Err(error),
            (Ok(false), _) => return Ok(Copied::Archive),
            (Err(error), _) => return Ok(Copied::Refused(error)),
        }
    }
}

/// A copy under way.
pub(super) struct Copy<'a> {
    masker: &'a mut Masker,
    output: &'a mut dyn Write,
    /// The first bytes, until it is known that they are not those of an archive.
    head: Option<Vec<u8>>,
    shown: Vec<u8>,
}

impl<'a> Copy<'a> {
    /// Takes the next bytes. Returns `false` if the input is an archive.
    fn take(&mut self, bytes: &[u8]) -> io::Result<bool> {
        let Some(mut head) = self.head.take() else {
            self.masker.push(bytes, &mut self.shown);
            return self.show().map(|()| true);
        };
        head.extend_from_slice(bytes);
        match decided(&head) {
            Some(len) if source::is_archive(&head[..len]) => return Ok(false),
            Some(_) => self.masker.push(&head, &mut self.shown),
            None => self.head = Some(head),
        }
        self.show().map(|()| true)
    }

    /// The input ends here. Returns `false` if it is an archive.
    fn end(&mut self) -> io::Result<bool> {
        if let Some(head) = self.head.take() {
            if source::is_archive(&head) {
                return Ok(false);
            }
            self.masker.push(&head, &mut self.shown);
        }
        self.masker.finish(&mut self.shown);
        self.show().map(|()| true)
    }

    fn show(&mut self) -> io::Result<()> {
        if self.shown.is_empty() {
            return Ok(());
        }
        self.output.write_all(&self.shown)?;
        self.shown.clear();
        self.output.flush()
    }
}

/// So many bytes say whether an input is an archive.
const HEAD: usize = 512;

/// How many of the first bytes say whether the input is an archive, once there are enough: its first line, if that is
/// text, so that a log of short lines is not held back.
fn decided(head: &[u8]) -> Option<usize> {
    let line = memchr::memchr(b'\n', &head[..head.len().min(HEAD)]).map(|end| end + 1);
    let is_written = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\x1b');
    let is_text =
        |line: &usize| std::str::from_utf8(&head[..*line]).is_ok_and(|line| line.chars().all(is_written));
    line.filter(is_text).or((head.len() >= HEAD).then_some(HEAD))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use akid::aws::fake;
    use akid::detect::Detector;
    use akid::mask::Options;
    use akid::rule::RuleSet;

    use super::*;

    fn masker() -> Masker {
        Masker::new(Arc::new(Detector::new(&RuleSet::built_in())), Options::default())
    }

    /// A pipe that gives a line at a time and knows what was shown before each.
    struct Lines<'a> {
        lines: Vec<String>,
        shown: &'a std::cell::RefCell<Vec<u8>>,
        seen: Vec<usize>,
    }

    impl Read for Lines<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.seen.push(self.shown.borrow().len());
            if self.lines.is_empty() {
                return Ok(0);
            }
            let line = self.lines.remove(0);
            out[..line.len()].copy_from_slice(line.as_bytes());
            Ok(line.len())
        }
    }

    struct Shown<'a>(&'a std::cell::RefCell<Vec<u8>>);

    impl Write for Shown<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_line_is_shown_before_the_next_one_is_read() {
        let key = fake::pair(3);
        let lines =
            ["starting\n".to_owned(), format!("secret_key={}\n", key.secret_text()), "done\n".to_owned()];
        let shown = std::cell::RefCell::default();
        let mut input = Lines { lines: lines.to_vec(), shown: &shown, seen: Vec::new() };
        assert!(matches!(copy(&mut input, &mut Shown(&shown), &mut masker()), Ok(Copied::All)));
        let ends = ["starting\n".len(), "starting\nsecret_key=****\n".len()];
        assert_eq!(input.seen[1..3], ends);
        assert_eq!(*shown.borrow(), b"starting\nsecret_key=****\ndone\n");
    }

    #[test]
    fn an_archive_is_not_copied() {
        let gzip = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0; 600]].concat();
        for size in [1, 3, 1000] {
            let mut shown = Vec::new();
            let mut masker = masker();
            let mut copy =
                Copy { masker: &mut masker, output: &mut shown, head: Some(Vec::new()), shown: Vec::new() };
            let refused = gzip.chunks(size).any(|chunk| !copy.take(chunk).unwrap());
            assert!(refused && shown.is_empty());
        }
    }
}
