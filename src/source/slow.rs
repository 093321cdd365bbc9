//! What may say nothing for long: standard input, pipes.

use std::io::{self, Cursor, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::Sink;

/// Reads on a thread of its own, so that a scan can be stopped while the other end says nothing. Ends early, as if
/// there were no more, once the sink is stopped; the thread then lives on until the other end says something.
pub(super) struct Slow<'a> {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Cursor<Vec<u8>>,
    sink: &'a dyn Sink,
}

/// How long it takes at most to notice that the sink is stopped.
const PATIENCE: Duration = Duration::from_millis(50);
/// What one read takes: as much as a pipe holds.
const CHUNK: usize = 1 << 16;
/// How many chunks are read ahead.
const AHEAD: usize = 8;

impl<'a> Slow<'a> {
    /// Reads what `open` opens, which may itself take long.
    pub(super) fn new<R: Read>(
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
        sink: &'a dyn Sink,
    ) -> Self {
        let (sender, chunks) = sync_channel(AHEAD);
        std::thread::spawn(move || pump(open(), &sender));
        Self { chunks, chunk: Cursor::default(), sink }
    }
}

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.chunk.read(out)?;
            if read > 0 || out.is_empty() || self.sink.is_stopped() {
                return Ok(read);
            }
            match self.chunks.recv_timeout(PATIENCE) {
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
