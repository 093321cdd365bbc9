//! Which inputs that could not be read leave a scan complete: those that no other tool could read either.

use std::collections::BTreeSet;

use super::Scan;
use crate::origin::Origin;
use crate::source::{SkipReason, Skipped};

/// What a scan tolerates.
#[derive(Debug, Default)]
pub(super) struct Tolerance {
    /// Whether it tolerates nothing.
    pub(super) is_strict: bool,
    /// The inputs that the user named: that one of them is cut or damaged matters.
    pub(super) named: BTreeSet<Origin>,
}

impl Tolerance {
    /// Whether the scan is complete without `skipped`.
    pub(super) fn covers(&self, skipped: &Skipped) -> bool {
        let (fault, is_member) = match skipped.reason {
            SkipReason::Archive(fault) => (fault, false),
            SkipReason::Member(fault) => (fault, true),
            SkipReason::Empty => return !self.is_strict,
            _ => return false,
        };
        if self.is_strict || !fault.is_unreadable() {
            return false;
        }
        // A member that is cut is a cut in its archive; one that is encrypted leaves its archive sound.
        let archive = skipped.origin.member().filter(|_| is_member && !fault.is_locked());
        let at_fault = archive.map(|member| member.ancestor(member.names().len() - 1));
        !self.named.contains(at_fault.as_ref().unwrap_or(&skipped.origin))
    }
}

impl Scan {
    /// Moves the inputs that `tolerance` covers out of those that make the scan incomplete.
    pub(super) fn tolerate(&mut self, tolerance: &Tolerance) {
        self.unreadable.extend(self.skipped.extract_if(.., |skipped| tolerance.covers(skipped)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::{Member, RelativePath};
    use crate::source::ArchiveFault;

    fn file(name: &str) -> Origin {
        Origin::File(RelativePath::from_bytes(name))
    }

    fn covers(origin: Origin, reason: SkipReason) -> bool {
        let tolerance = Tolerance { is_strict: false, named: [file("named.zip"), Origin::Stdin].into() };
        let strict = Tolerance { is_strict: true, named: BTreeSet::new() };
        let skipped = Skipped { origin, reason };
        assert!(!strict.covers(&skipped));
        tolerance.covers(&skipped)
    }

    #[test]
    fn what_nobody_can_read_is_tolerated_in_what_a_walk_met() {
        for fault in [ArchiveFault::Encrypted, ArchiveFault::Truncated, ArchiveFault::Method(97)] {
            assert!(covers(file("met.zip"), SkipReason::Archive(fault)));
        }
        for limit in
            [ArchiveFault::Depth(8), ArchiveFault::Work(1), ArchiveFault::Hidden(1), ArchiveFault::Objects]
        {
            assert!(!covers(file("met.zip"), SkipReason::Archive(limit)));
        }
        assert!(!covers(file("met.zip"), SkipReason::TooMany));
    }

    #[test]
    fn an_input_that_was_named_must_be_whole_and_its_members_need_not() {
        let inner = |root| Origin::Member(Member::new(root, ["inner.zip"]));
        for root in [file("named.zip"), Origin::Stdin] {
            let cut = ArchiveFault::Truncated;
            assert!(!covers(root.clone(), SkipReason::Archive(cut)));
            assert!(!covers(inner(root.clone()), SkipReason::Member(cut)), "a member cut by its archive");
            assert!(covers(inner(root.clone()), SkipReason::Archive(cut)), "an archive in it, cut itself");
            assert!(covers(inner(root.clone()), SkipReason::Member(ArchiveFault::Encrypted)));
            assert!(!covers(root, SkipReason::Archive(ArchiveFault::Encrypted)));
        }
    }
}
