//! What keeps an archive that was made to be endless from being so. All of it is counted and none of it timed, so that
//! a scan ends at the same byte on every machine.

use std::cell::Cell;

use super::fault::ArchiveFault;

/// How far to look into archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep archives may lie in each other; each layer of compression counts, too. With 0, nothing is looked into.
    pub depth: u32,
    /// How many bytes may come out of an outermost archive for each of its own. It is asked for only past the first
    /// 256 MiB.
    pub ratio: u64,
    /// How many bytes may come out of an outermost archive.
    pub bytes: u64,
    /// How many members an outermost archive may hold, at all depths together.
    pub members: u64,
}

impl Default for Limits {
    /// More than honest archives have: deflate alone can't make more than 1032 bytes of one.
    fn default() -> Self {
        Self { depth: 8, ratio: 2000, bytes: 1 << 37, members: 1_000_000 }
    }
}

/// Bytes that come out of any archive, whatever its size.
const FREE: u64 = 256 << 20;

/// What is left of the limits for one outermost archive.
pub(super) struct Budget {
    limits: Limits,
    /// Bytes of the outermost archive that were read.
    outer: Cell<u64>,
    decoded: Cell<u64>,
    members: Cell<u64>,
    over: Cell<Option<ArchiveFault>>,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        let zero = || Cell::new(0);
        Self { limits, outer: zero(), decoded: zero(), members: zero(), over: Cell::new(None) }
    }

    /// Takes note of `bytes` more bytes of the outermost archive.
    pub(super) fn feed(&self, bytes: u64) {
        self.outer.set(self.outer.get().saturating_add(bytes));
    }

    /// Takes note of `bytes` more bytes that some layer of compression stood for. Says whether there may be more.
    pub(super) fn spend(&self, bytes: u64) -> bool {
        let decoded = self.decoded.get().saturating_add(bytes);
        self.decoded.set(decoded);
        if decoded > self.limits.bytes {
            self.bite(ArchiveFault::Bytes(self.limits.bytes));
        } else if decoded > FREE && decoded > self.outer.get().saturating_mul(self.limits.ratio) {
            self.bite(ArchiveFault::Ratio(self.limits.ratio));
        }
        !self.is_over()
    }

    /// Takes note of one more member. Says whether it may be read.
    pub(super) fn take_member(&self) -> bool {
        let members = self.members.get() + 1;
        self.members.set(members);
        if members > self.limits.members {
            self.bite(ArchiveFault::Members(self.limits.members));
        }
        !self.is_over()
    }

    fn bite(&self, limit: ArchiveFault) {
        if self.over.get().is_none() {
            self.over.set(Some(limit));
        }
    }

    /// Whether a limit was met: nothing more is read.
    pub(super) fn is_over(&self) -> bool {
        self.over.get().is_some()
    }

    /// The limit that was met.
    pub(super) fn over(&self) -> Option<ArchiveFault> {
        self.over.get()
    }
}
