//! What decoding the objects of one repository may cost: a few bytes of deltas can stand for terabytes.
//!
//! Costs are counted and never timed, and each tree of deltas gets its share before any is decoded. So what is cut does
//! not depend on threads or machines. What some trees leave of their shares goes to those that need more.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::source::Fault;

/// What is left for one repository, in units: copying a byte costs one.
#[derive(Debug)]
pub(super) struct Budget(AtomicU64);

/// Any repository may cost this: half a second on one processor.
const FREE: u64 = 2_500_000_000;
/// What each byte of packs may cost. The packs of git/git take 16 copied bytes for each of theirs, those of botocore
/// 51; deltas between versions of a large file that git made itself may take 20,000.
const PER_BYTE: u64 = 30_000;

impl Budget {
    /// For packs of so many bytes.
    pub(super) fn of(packed: u64) -> Self {
        Self(AtomicU64::new(Self::of_input(packed)))
    }

    fn of_input(packed: u64) -> u64 {
        FREE.saturating_add(packed.saturating_mul(PER_BYTE))
    }

    /// All that is left.
    pub(super) fn left(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// What is left for reading `packed` bytes of packs.
    pub(super) fn left_for(&self, packed: u64) -> u64 {
        self.left().min(Self::of_input(packed))
    }

    /// Takes note of what was spent.
    pub(super) fn spend(&self, units: u64) {
        // Never fails: the function always returns something.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(units)));
    }
}

/// Counts what one piece of work costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    left: u64,
    spent: u64,
}

impl Meter {
    /// For work that may cost so much.
    pub(super) fn new(units: u64) -> Self {
        Self { left: units, spent: 0 }
    }

    /// For work whose input bounds it.
    pub(super) fn unlimited() -> Self {
        Self::new(u64::MAX)
    }

    /// Spends `units`, before they are worked off.
    ///
    /// # Errors
    ///
    /// If there are not as many left. None is spent then.
    pub(super) fn spend(&mut self, units: u64) -> Result<(), Fault> {
        self.left = self.left.checked_sub(units).ok_or(Fault::Work)?;
        self.spent = self.spent.saturating_add(units);
        Ok(())
    }

    /// Takes note of `bytes` more bytes of input.
    pub(super) fn grant(&mut self, bytes: u64) {
        self.left = self.left.saturating_add(bytes.saturating_mul(PER_BYTE));
    }

    /// What was spent.
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }
}

/// The part of `units` that is due to `weight` of `total`.
pub(super) fn share(units: u64, weight: u64, total: u64) -> u64 {
    let share = u128::from(units) * u128::from(weight) / u128::from(total.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}
