//! The repositories of a scan: each finding names its own, and of several repositories each skipped input and gap does,
//! too.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::prove::Evidence;
use super::{MAX_INPUTS, Scan, Scanner, kept};
use crate::finding::RepositoryName;
use crate::origin::{Origin, RelativePath};
use crate::panic;
use crate::source::{Gap, Notice, Source, Stage};
use crate::stop::Stop;

/// A repository that is scanned with others.
pub struct RepositorySources<'a> {
    /// Its name.
    pub name: Arc<RepositoryName>,
    /// What there is to read of it.
    pub sources: Vec<&'a dyn Source>,
    /// How many threads these run on, as [`threads_each`] says: with 1, other repositories are scanned at the same time.
    pub threads: usize,
    /// About how many bytes they read: the largest come first.
    pub bytes: u64,
}

/// Repositories up to this size are scanned side by side, in bytes: starting threads for one costs as much as it saves.
const SMALL: u64 = 32 << 20;

/// On how many of `threads` threads to read each of some repositories of these sizes, in bytes. Small ones get one thread
/// each, since as many as there are threads take no more memory than the largest one alone. The others get all.
pub fn threads_each(sizes: &[u64], threads: usize) -> Vec<usize> {
    if let [_] = sizes {
        return vec![threads];
    }
    let largest = sizes.iter().copied().max().unwrap_or(0);
    let small = SMALL.max(largest / threads.max(1) as u64);
    sizes.iter().map(|&size| if size <= small { 1 } else { threads }).collect()
}

impl Scanner {
    /// Scans repositories: those that take several threads one after the other, then the rest side by side. What is found
    /// in one is attributed to commits and paths of that one only.
    pub fn scan_each(&self, repositories: &[RepositorySources<'_>]) -> Scan {
        let scan = |nth: &usize| {
            let RepositorySources { name, sources, .. } = &repositories[*nth];
            let (mut scan, evidence) = self.run(sources, &|_| None);
            scan.set_apart(name);
            (*nth, scan, evidence)
        };
        let (mut small, large): (Vec<usize>, Vec<usize>) =
            (0..repositories.len()).partition(|&nth| repositories[nth].threads == 1);
        small.sort_by_key(|&nth| Reverse(repositories[nth].bytes));
        let mut scans: Vec<_> = large.iter().take_while(|_| !self.stop.is_stopped()).map(scan).collect();
        scans.extend(side_by_side(self.workers.count(), &small, &scan, &self.stop));
        scans.sort_by_key(|&(nth, ..)| nth);
        let mut all = Scan { is_of_several: true, ..Scan::default() };
        // A key ID of one repository may be proven to belong to a secret of another.
        let mut evidence = Evidence::default();
        for (_, scan, held) in scans {
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

/// What `work` makes of each of `items`, on up to `threads` threads, in no order. Takes no further item once it is stopped.
fn side_by_side<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: &(impl Fn(&T) -> R + Sync),
    stop: &Stop,
) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let help = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)).filter(|_| !stop.is_stopped())
        {
            // The place of a panic is remembered by its thread.
            let made = panic::catch(|| work(item));
            done.lock().unwrap_or_else(PoisonError::into_inner).push(made);
        }
    };
    thread::scope(|scope| {
        // Where the system grants fewer threads, those that there are do more.
        let spawn = |_: &usize| thread::Builder::new().spawn_scoped(scope, help).is_ok();
        (1..threads.min(items.len())).take_while(spawn).for_each(drop);
        help();
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter();
    done.map(|made| made.unwrap_or_else(|panicked| panicked.resume())).collect()
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
        other.repositories.retain(|repository| known.insert(Arc::clone(repository)));
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

    /// Adds another scan, whose repositories come behind those of this one.
    fn merge(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.repositories.extend(other.repositories);
        self.left_out.add_all(&other.left_out);
        self.left_out.skipped += other.left_out.skipped + cap(&mut self.skipped, other.skipped);
        self.left_out.unreadable += other.left_out.unreadable + cap(&mut self.unreadable, other.unreadable);
        self.left_out.accepted += other.left_out.accepted;
        self.left_out.excluded += other.left_out.excluded + cap(&mut self.excluded, other.excluded);
        self.gaps.extend(other.gaps);
        self.notices.extend(other.notices);
        self.known.merge(other.known);
        self.inputs += other.inputs;
        self.members += other.members;
        self.bytes += other.bytes;
        self.interrupted |= other.interrupted;
    }
}

/// Adds what there is room for; returns how many are left out.
fn cap<T>(all: &mut Vec<T>, more: Vec<T>) -> u64 {
    let room = MAX_INPUTS.saturating_sub(all.len());
    let left_out = more.len().saturating_sub(room) as u64;
    all.extend(more.into_iter().take(room));
    left_out
}
