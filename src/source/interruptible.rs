//! What may say nothing for long: standard input, pipes.

use std::io::{self, Cursor, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::Sink;

/// Reads on a thread of its own, so that a scan can be stopped while the other end says nothing. Ends early, as if
/// there were no more, once the sink is stopped; the thread then lives on until the other end says something.
///
/// Where the system grants no thread, the caller's waits for the other end.
pub(super) struct InterruptibleReader<'a> {
    chunks: Chunks<'a>,
    chunk: Cursor<Vec<u8>>,
    sink: &'a dyn Sink,
}

enum Chunks<'a> {
    /// Read on the other thread.
    Sent(Receiver<io::Result<Vec<u8>>>),
    /// Read on the caller's.
    Own(Box<dyn Read + 'a>),
}

/// How long it takes at most to notice that the sink is stopped.
const PATIENCE: Duration = Duration::from_millis(50);
/// What one read takes: as much as a pipe holds.
const CHUNK: usize = 1 << 16;
/// How many chunks are read ahead.
const AHEAD: usize = 8;

impl<'a> InterruptibleReader<'a> {
    /// Reads what `open` opens, which may itself take long.
    pub(super) fn new<R: Read + 'a>(
        open: impl Fn() -> io::Result<R> + Clone + Send + 'static,
        sink: &'a dyn Sink,
    ) -> Self {
        let (sender, chunks) = sync_channel(AHEAD);
        let opened = open.clone();
        let chunks = match thread::Builder::new().spawn(move || pump(opened(), &sender)) {
            Ok(_) => Chunks::Sent(chunks),
            Err(_) => Chunks::own(open()),
        };
        Self { chunks, chunk: Cursor::default(), sink }
    }
}

impl<'a> Chunks<'a> {
    fn own<R: Read + 'a>(opened: io::Result<R>) -> Self {
        match opened {
            Ok(reader) => Self::Own(Box::new(reader)),
            Err(error) => Self::Own(Box::new(Failed(Some(error)))),
        }
    }
}

/// What could not be opened.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl Read for InterruptibleReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.chunk.read(out)?;
            if read > 0 || out.is_empty() || self.sink.is_stopped() {
                return Ok(read);
            }
            let chunks = match &mut self.chunks {
                Chunks::Own(reader) => return reader.read(out),
                Chunks::Sent(chunks) => chunks,
            };
            match chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => self.chunk = Cursor::new(chunk?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}

/// Sends what `reader` has, until it ends or nobody listens any more.
fn pump(reader: io::Result<impl Read>, chunks: &SyncSender<io::Result<Vec<u8>>>) {
    let mut reader = match reader {
        Ok(reader) => reader,
        Err(error) => return drop(chunks.send(Err(error))),
    };
    let mut buffer = vec![0; CHUNK];
    loop {
        let chunk = match reader.read(&mut buffer) {
            Ok(0) => return,
            Ok(read) => Ok(buffer[..read].to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let is_last = chunk.is_err();
        if chunks.send(chunk).is_err() || is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_thread_the_callers_reads_and_an_error_comes_once() {
        let mut text = String::new();
        let Chunks::Own(mut reader) = Chunks::own(Ok(&b"abc"[..])) else { unreachable!() };
        assert_eq!((reader.read_to_string(&mut text).ok(), text.as_str()), (Some(3), "abc"));
        let failed: io::Result<&[u8]> = Err(io::ErrorKind::NotFound.into());
        let Chunks::Own(mut reader) = Chunks::own(failed) else { unreachable!() };
        assert_eq!(reader.read(&mut [0]).map_err(|error| error.kind()), Err(io::ErrorKind::NotFound));
        assert_eq!(reader.read(&mut [0]).ok(), Some(0));
    }
}
