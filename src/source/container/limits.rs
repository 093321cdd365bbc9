//! Stops decompression bombs and other archives that cost too much. Everything is counted and nothing is timed, so that
//! a scan ends at the same byte on every machine and at any number of threads.

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
    /// How many steps of work each byte of an outermost archive may cause, as if it were 160 KiB larger than it is. A step
    /// is what takes about a nanosecond.
    pub work: u64,
}

impl Default for Limits {
    /// More than honest archives have: deflate alone can't make more than 1032 bytes of one.
    fn default() -> Self {
        Self { depth: 8, ratio: 2000, bytes: 1 << 37, members: 1_000_000, work: 6000 }
    }
}

/// Bytes that come out of any archive, whatever its size.
const FREE: u64 = 256 << 20;

/// So much larger is an archive taken to be where its size limits the work: what is small may grow more.
const FREE_SIZE: u64 = 160 << 10;

/// Memory that any archive may take, whatever its size: for what must be held whole and for the windows of decoders.
const FREE_MEMORY: u64 = 144 << 20;

/// No archive gets more memory than this on top, however large it is.
const MORE_MEMORY: u64 = 256 << 20;

/// Steps for a member, with its name and its way to the sink.
pub(super) const MEMBER: u64 = 1500;

/// Steps for a header, a record or anything else that is read between members.
pub(super) const HEADER: u64 = 300;

/// What is left of the limits for one outermost archive.
pub(super) struct Budget {
    limits: Limits,
    /// Bytes of the outermost archive that were read.
    outer: Cell<u64>,
    decoded: Cell<u64>,
    members: Cell<u64>,
    work: Cell<u64>,
    memory: Cell<u64>,
    over: Cell<Option<ArchiveFault>>,
}

/// Memory that an archive was given. It returns to the budget when this is dropped.
pub(super) struct Memory<'b> {
    budget: &'b Budget,
    bytes: u64,
}

impl Memory<'_> {
    /// Takes `bytes` more.
    pub(super) fn grow(&mut self, bytes: u64) -> Result<(), ArchiveFault> {
        let (taken, most) = (self.budget.memory.get(), self.budget.most_memory());
        let taken = taken.checked_add(bytes).filter(|&taken| taken <= most).ok_or(ArchiveFault::Memory)?;
        self.budget.memory.set(taken);
        self.bytes += bytes;
        Ok(())
    }

    /// How much could be taken now.
    #[cfg(feature = "git")]
    pub(super) fn left(&self) -> u64 {
        self.budget.most_memory().saturating_sub(self.budget.memory.get())
    }
}

impl Drop for Memory<'_> {
    fn drop(&mut self) {
        self.budget.memory.set(self.budget.memory.get() - self.bytes);
    }
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        let zero = || Cell::new(0);
        let (outer, decoded, members) = (zero(), zero(), zero());
        Self { limits, outer, decoded, members, work: zero(), memory: zero(), over: Cell::new(None) }
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

    /// Takes note of `steps` more steps of work.
    pub(super) fn charge(&self, steps: u64) {
        let work = self.work.get().saturating_add(steps);
        self.work.set(work);
        if work > self.most_work() {
            self.bite(ArchiveFault::Work(self.limits.work));
        }
    }

    fn most_work(&self) -> u64 {
        self.outer.get().saturating_add(FREE_SIZE).saturating_mul(self.limits.work)
    }

    /// How much more work may be done, in steps.
    pub(super) fn work_left(&self) -> u64 {
        self.most_work().saturating_sub(self.work.get())
    }

    /// How much work was done, in steps.
    pub(super) fn work(&self) -> u64 {
        self.work.get()
    }

    /// Takes `bytes` of memory.
    pub(super) fn hold(&self, bytes: u64) -> Result<Memory<'_>, ArchiveFault> {
        let mut memory = Memory { budget: self, bytes: 0 };
        memory.grow(bytes)?;
        Ok(memory)
    }

    fn most_memory(&self) -> u64 {
        FREE_MEMORY + self.outer.get().min(MORE_MEMORY)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_returns_when_it_is_dropped() {
        let budget = Budget::new(Limits::default());
        let mut memory = budget.hold(FREE_MEMORY).ok();
        assert!(
            budget.hold(1).is_err() && memory.as_mut().is_some_and(|memory| memory.grow(u64::MAX).is_err())
        );
        drop(memory);
        assert!(budget.hold(FREE_MEMORY).is_ok());
        budget.feed(1 << 20);
        assert!(budget.hold(FREE_MEMORY + (1 << 20)).is_ok());
        budget.feed(1 << 40);
        assert!(budget.hold(FREE_MEMORY + MORE_MEMORY + 1).is_err());
    }

    #[test]
    fn work_grows_with_what_is_read() {
        let budget = Budget::new(Limits { work: 10, ..Limits::default() });
        budget.charge(10 * FREE_SIZE);
        assert!(!budget.is_over());
        budget.feed(1);
        budget.charge(10);
        assert!(!budget.is_over());
        budget.charge(1);
        assert_eq!(budget.over(), Some(ArchiveFault::Work(10)));
    }
}
