//! The repositories of a scan: each finding names its own, and of several repositories each skipped input and gap does,
//! too.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::prove::Evidence;
use super::{MAX_INPUTS, Scan, Scanner, kept};
use crate::finding::RepositoryName;
use crate::origin::{Origin, RelativePath};
use crate::source::{Gap, Notice, Source, Stage};

impl Scanner {
    /// Scans repositories one after the other. What is found in one is attributed to commits and paths of that one only.
    pub fn scan_each(&self, repositories: &[(Arc<RepositoryName>, Vec<&dyn Source>)]) -> Scan {
        let mut all = Scan { is_of_several: true, ..Scan::default() };
        // A key ID of one repository may be proven to belong to a secret of another.
        let mut evidence = Evidence::default();
        for (name, sources) in repositories {
            if self.stop.is_stopped() {
                break;
            }
            let (mut scan, held) = self.run(sources, &|_| None);
            scan.set_apart(name);
            all.merge(scan);
            evidence.add(held);
        }
        if repositories.len() > 1 {
            all.run_stage(Stage::Proof, |all| all.prove(&evidence, self.detector.rules(), &self.stop));
        }
        all.interrupted |= self.stop.is_stopped();
        all.left_out.limit = self.policy.max_findings;
        if all.findings.len() > self.policy.max_findings {
            all.trim(&self.policy);
        }
        all.findings.sort_by(kept::report_order);
        all
    }
}

impl Scan {
    /// Names the repository of each finding that has none yet: what `name_of` says of where it was found.
    pub fn name_repositories(&mut self, name_of: &dyn Fn(&Origin) -> Option<Arc<RepositoryName>>) {
        for finding in self.findings.iter_mut().filter(|finding| finding.repository.is_none()) {
            finding.repository = name_of(&finding.origin);
        }
    }

    /// Names the repository of everything in the scan, for others to come beside it: paths of what was not scanned then
    /// start with its label.
    pub fn set_apart(&mut self, repository: &Arc<RepositoryName>) {
        let name: Arc<str> = repository.label().into();
        let inside = |origin: &mut Origin| {
            let path = [name.as_bytes(), b"/", origin.root().path()].concat();
            *origin = origin.with_root(Origin::Version(RelativePath::from_bytes(path)));
        };
        self.repositories = vec![Arc::clone(repository)];
        self.name_repositories(&|_| Some(Arc::clone(repository)));
        let skipped = self.skipped.iter_mut().chain(&mut self.unreadable);
        skipped.for_each(|skipped| inside(&mut skipped.origin));
        self.excluded.iter_mut().for_each(|excluded| inside(&mut excluded.origin));
        let gaps = std::mem::take(&mut self.gaps).into_iter();
        self.gaps = gaps.map(|gap| Gap::In(Arc::clone(&name), Box::new(gap))).collect();
        let notices = std::mem::take(&mut self.notices).into_iter();
        self.notices = notices.map(|notice| Notice::In(Arc::clone(&name), Box::new(notice))).collect();
    }

    /// Adds everything but the findings of a scan that another run made. The repositories of all scans that were added so
    /// far are `known`: there may be 100,000.
    pub fn add_reported(&mut self, mut other: Self, known: &mut BTreeSet<Arc<RepositoryName>>) {
        let (inputs, members, bytes) =
            (self.inputs + other.inputs, self.members + other.members, self.bytes + other.bytes);
        other.repositories.retain(|repository| known.insert(Arc::clone(repository)));
        (other.inputs, other.members, other.bytes) = (inputs, members, bytes);
        self.accepted.append(&mut other.accepted);
        self.accepted_gaps.append(&mut other.accepted_gaps);
        self.stale.append(&mut other.stale);
        self.resolution.failures.append(&mut other.resolution.failures);
        self.resolution.notes.append(&mut other.resolution.notes);
        self.merge(other);
        self.is_of_several = self.repositories.len() > 1;
    }

    /// Puts the findings in the order of reports.
    pub fn sort_findings(&mut self) {
        self.findings.sort_by(kept::report_order);
    }

    /// Adds a scan that ran later and counted on.
    fn merge(&mut self, later: Self) {
        self.findings.extend(later.findings);
        self.repositories.extend(later.repositories);
        self.left_out.add_all(&later.left_out);
        self.left_out.skipped += later.left_out.skipped + cap(&mut self.skipped, later.skipped);
        self.left_out.unreadable += later.left_out.unreadable + cap(&mut self.unreadable, later.unreadable);
        self.left_out.accepted += later.left_out.accepted;
        self.left_out.excluded += later.left_out.excluded + cap(&mut self.excluded, later.excluded);
        self.gaps.extend(later.gaps);
        self.notices.extend(later.notices);
        self.known.merge(later.known);
        (self.inputs, self.members, self.bytes) = (later.inputs, later.members, later.bytes);
        self.interrupted |= later.interrupted;
    }
}

/// Adds what there is room for; returns how many are left out.
fn cap<T>(all: &mut Vec<T>, more: Vec<T>) -> u64 {
    let room = MAX_INPUTS.saturating_sub(all.len());
    let left_out = more.len().saturating_sub(room) as u64;
    all.extend(more.into_iter().take(room));
    left_out
}
