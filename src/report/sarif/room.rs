//! How much one SARIF file may hold. GitHub refuses a file whole that is over a limit.

/// The most results in a run.
const MAX_RESULTS: usize = 25_000;

/// What one result adds to the gzipped file beside the texts of the input in it. Most of it is hashes, which do not
/// compress; 25,000 results of different credentials, each with secret and token, came to 133 bytes each.
const RESULT: usize = 300;

/// What one notification adds, likewise.
const NOTIFICATION: usize = 100;

/// The room that is left.
///
/// GitHub's limit is 10 MB gzipped. What is counted here bounds the compressed size from above: text of the input
/// counts in full, as if it did not compress at all.
#[derive(Debug)]
pub(super) struct Room {
    results: usize,
    bytes: usize,
}

impl Room {
    /// Room for results; rules and notifications have a share of the file, too.
    pub(super) fn for_results() -> Self {
        Self { results: MAX_RESULTS, bytes: 8_500_000 }
    }

    /// Begins a run, which may have as many results as any.
    pub(super) fn begin_run(&mut self) {
        self.results = MAX_RESULTS;
    }

    /// Room for notifications.
    pub(super) fn for_notifications() -> Self {
        Self { results: usize::MAX, bytes: 1_000_000 }
    }

    /// Takes the room of a result with `len` bytes of text from the input; `false` if it does not fit.
    pub(super) fn take_result(&mut self, len: usize) -> bool {
        self.take(RESULT + len)
    }

    /// Takes the room of a notification with `len` bytes of text from the input; `false` if it does not fit.
    pub(super) fn take_notification(&mut self, len: usize) -> bool {
        self.take(NOTIFICATION + len)
    }

    fn take(&mut self, bytes: usize) -> bool {
        let fits = self.results > 0 && self.bytes >= bytes;
        if fits {
            self.results -= 1;
            self.bytes -= bytes;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_ends_by_number_or_by_size() {
        let mut room = Room::for_results();
        assert_eq!((0..30_000).filter(|_| room.take_result(10)).count(), MAX_RESULTS);
        let mut room = Room::for_results();
        assert_eq!((0..30_000).filter(|_| room.take_result(4096)).count(), 8_500_000 / (RESULT + 4096));
    }
}
