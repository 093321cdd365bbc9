//! What the user left out, where it is known only at the end: paths in history.

use std::collections::BTreeSet;

use super::{MAX_INPUTS, Policy, Scan};
use crate::origin::{Origin, RelativePath};
use crate::source::{Excluded, ExcludedBy};

impl Scan {
    /// Takes out what is in versions of paths that the user left out, and takes note of these. What is at another path,
    /// too, stays there.
    pub(super) fn leave_out(&mut self, policy: &Policy) {
        let mut paths = BTreeSet::new();
        let mut stays = |origin: &Origin| {
            let path = policy.excludes(origin);
            let stays = path.is_none();
            paths.extend(path);
            stays
        };
        self.findings.retain(|finding| stays(&finding.origin));
        self.skipped.retain(|skipped| stays(&skipped.origin));
        self.unreadable.retain(|skipped| stays(&skipped.origin));
        self.exclude(paths);
    }

    /// Takes note of paths in history that the user left out: of the first ones in order, and of the number of the rest.
    pub(super) fn exclude(&mut self, paths: BTreeSet<RelativePath>) {
        let excluded = |path| Excluded { origin: Origin::Version(path), by: ExcludedBy::Glob };
        self.excluded.extend(paths.into_iter().map(excluded));
        self.excluded.sort();
        self.excluded.dedup();
        self.left_out.excluded += self.excluded.len().saturating_sub(MAX_INPUTS) as u64;
        self.excluded.truncate(MAX_INPUTS);
    }
}
