//! Bounds the work on one text. Steps are counted, and nothing is timed, so that a text is cut at the same place on every
//! machine and at any number of threads.

use crate::stop::Stop;

/// Steps that the search of any text may take, and those for each of its bytes on top: twice what the densest lists
/// of credentials take.
const FREE: u64 = 150_000_000;
const FOR_BYTE: u64 = 3000;

/// Returns how many steps of work the search of a text of `len` bytes may take.
pub(super) fn most_work(len: usize) -> u64 {
    FREE + FOR_BYTE * len as u64
}

/// Why a text was not searched to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// It was.
    #[default]
    None,
    /// It holds more candidates than are kept.
    Candidates,
    /// The search takes more work than is done.
    Work,
}

/// The work on one text, and when it ends.
pub(super) struct Meter<'a> {
    stop: &'a Stop,
    work: u64,
    most: u64,
}

impl<'a> Meter<'a> {
    /// A meter that lets `most` steps pass, and ends early once `stop` says so.
    pub(super) fn new(stop: &'a Stop, most: u64) -> Self {
        Self { stop, work: 0, most }
    }

    /// Takes note of `steps`. Returns whether the work may go on.
    pub(super) fn spend(&mut self, steps: u64) -> bool {
        self.work = self.work.saturating_add(steps);
        !self.is_over()
    }

    /// Whether the work ends here. A stop counts only where the rest could take long, so that what was read before it is
    /// reported.
    pub(super) fn is_over(&self) -> bool {
        /// About a tenth of a second.
        const GRACE: u64 = 100_000_000;
        self.is_cut() || self.work > GRACE && self.stop.is_stopped()
    }

    /// Whether the limit was met.
    pub(super) fn is_cut(&self) -> bool {
        self.work > self.most
    }

    /// What ends the work early.
    pub(super) fn stop(&self) -> &Stop {
        self.stop
    }

    /// How much was done, in steps.
    pub(super) fn work(&self) -> u64 {
        self.work
    }
}
