//! Runs sources through the detector and puts together what they held.

mod accept;
mod history;
mod layers;
mod leave_out;
mod merge;
mod owners;
mod stream;
mod test_path;
mod workers;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

pub use self::accept::{Accepted, Stale};
use self::layers::Layers;
use self::stream::Pace;
use self::workers::Workers;
use crate::aws::AccessKeyId;
use crate::detect::{Detection, Detector, Found};
use crate::finding::{CredentialName, Finding, ImageLayer, Place};
use crate::known::KnownSecrets;
use crate::level::{Doubt, Severity};
use crate::origin::Origin;
use crate::owner::{Account, Claim, KnownBy, Owner};
use crate::panic;
use crate::resolve::Resolution;
use crate::source::container::{Limits, Opener};
use crate::source::{Content, Deleted, Excluded, Gap, Sink, SkipReason, Skipped, Source};
use crate::stop::Stop;
use crate::suppress::Suppressor;

/// Everything that a scan has to tell, sorted, so that equal inputs give equal scans.
#[derive(Debug, Default)]
pub struct Scan {
    /// What was found, suppressed findings included.
    pub findings: Vec<Finding>,
    /// What could not be read or not be scanned whole: each makes the scan incomplete.
    pub skipped: Vec<Skipped>,
    /// The same, where the user accepts it: each with the reason, as it may be shown.
    pub accepted: Vec<(Skipped, String)>,
    /// What the user left out.
    pub excluded: Vec<Excluded>,
    /// What sources do not have, and what could not be found out of where findings are in history.
    pub gaps: BTreeSet<Gap>,
    /// Entries of the user's that do nothing any more.
    pub stale: BTreeSet<Stale>,
    /// Every secret and token that was detected, suppressed ones included: what no report may show. It cannot print
    /// itself.
    pub known: KnownSecrets,
    /// What came of asking AWS, if it was asked.
    pub resolution: Resolution,
    /// Number of inputs scanned.
    pub inputs: u64,
    /// Number of members of archives scanned.
    pub members: u64,
    /// Number of bytes scanned: of an archive, those of its members.
    pub bytes: u64,
    /// Whether the scan was stopped before its end.
    pub interrupted: bool,
}

/// Scans sources.
#[derive(Debug)]
pub struct Scanner {
    detector: Detector,
    suppressor: Suppressor,
    limits: Limits,
    workers: Workers,
    stop: Stop,
    progress: Arc<Progress>,
}

/// How far a scan has come; may be read while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    inputs: AtomicU64,
    members: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    /// Number of inputs taken so far.
    pub fn inputs(&self) -> u64 {
        self.inputs.load(Ordering::Relaxed)
    }

    /// Number of bytes taken so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Scanner {
    /// A scanner that examines large inputs on `threads` threads (0 for as many as there are processors) and ends
    /// early once `stop` says so.
    pub fn new(detector: Detector, suppressor: Suppressor, threads: usize, stop: Stop) -> Self {
        let (limits, workers) = (Limits::default(), Workers::new(threads));
        let detector = detector.stopped_by(stop.clone());
        Self { detector, suppressor, limits, workers, stop, progress: Arc::default() }
    }

    /// The same with other limits of how far to look into archives.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// How far the scan has come.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Runs `sources`, one after the other.
    pub fn scan(&self, sources: &[&dyn Source]) -> Scan {
        let collector = Collector { scanner: self, collected: Mutex::default(), layers: Mutex::default() };
        let opener = Opener::new(&collector, self.limits);
        for source in sources {
            source.run(&opener);
        }
        let mut scan = collector.collected.into_inner().unwrap_or_else(PoisonError::into_inner);
        scan.inputs = self.progress.inputs();
        scan.members = self.progress.members.load(Ordering::Relaxed);
        scan.bytes = self.progress.bytes();
        scan.interrupted = self.stop.is_stopped();
        merge::merge(&mut scan.findings);
        collector.layers.into_inner().unwrap_or_else(PoisonError::into_inner).tell(&mut scan.findings);
        if !scan.interrupted {
            history::attribute(&mut scan, sources);
        }
        scan.findings.sort_by_cached_key(|finding| {
            let first = finding.places.first().map(crate::finding::Place::main);
            (finding.origin.path().to_vec(), first, finding.rule.clone(), finding.credential.clone())
        });
        scan.skipped.sort_by_cached_key(|skipped| (skipped.origin.clone(), format!("{:?}", skipped.reason)));
        // Many versions of a path may have the same fault.
        scan.skipped.dedup_by(|a, b| {
            let is_same = a.origin == b.origin && format!("{:?}", a.reason) == format!("{:?}", b.reason);
            is_same && matches!(a.origin.root(), Origin::Version(_))
        });
        scan.excluded.sort();
        scan
    }

    /// Takes note of an input of `bytes` bytes.
    fn count(&self, bytes: u64) {
        self.progress.inputs.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Detects in one input. A panic is a bug of akid on this input, and no reason to lose the others.
    fn detect(&self, content: Content<'_>, part: Part<'_>) -> (Detection, Option<SkipReason>) {
        let outcome = panic::catch(|| match content {
            Content::Whole(bytes) => (self.detector.detect(bytes), None),
            Content::Anchored(bytes, hits) => (self.detector.detect_anchored(bytes, hits), None),
            Content::Stream(reader) => {
                let count = |bytes| {
                    self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
                };
                let pace = match part {
                    Part::Input => Pace { batch: self.workers.count(), count: &count, charge: &|_| () },
                    Part::Member(charge) => Pace { batch: MEMBER_BATCH, count: &count, charge },
                };
                let (sightings, error) =
                    stream::examine(&self.detector, reader, &self.workers, &self.stop, &pace);
                (self.detector.conclude(sightings), error.map(SkipReason::Io))
            }
        });
        match outcome {
            Ok((detection, None)) if detection.capped => (detection, Some(SkipReason::TooMany)),
            Ok(outcome) => outcome,
            Err(panicked) => (Detection::default(), Some(SkipReason::Panic(panicked))),
        }
    }

    fn finding(&self, origin: Origin, found: Found) -> Finding {
        let (suppression, justification) = self.suppressor.reason(&found).unzip();
        let justification = justification.filter(|reason| !reason.is_empty());
        let is_line_of_file = !origin.is_name() && origin.member().is_none();
        let severity = self.detector.rules().get(&found.rule).map_or(Severity::High, |rule| rule.severity);
        Finding {
            credential: CredentialName::from(&found.credential),
            account: account(&found),
            owner: Owner::default(),
            confidence: if test_path::says_test(&origin) {
                found.confidence.doubting(Doubt::TestPath)
            } else {
                found.confidence
            },
            rule: found.rule,
            severity,
            places: if is_line_of_file { found.places } else { without_lines(found.places) },
            origin,
            occurrences: found.occurrences,
            signed: found.signed,
            suppression,
            justification,
            exposure: None,
            layer: None,
        }
    }
}

/// Places in a name or in an archive: GitHub's sums are of lines of files.
fn without_lines(places: Vec<Place>) -> Vec<Place> {
    places.into_iter().map(|place| Place { line_hash: None, ..place }).collect()
}

/// The account of a credential, as far as its own parts tell.
fn account(found: &Found) -> Option<Account> {
    let of_id = found.credential.id().and_then(|id| id.account());
    let of_token = found.credential.token().and_then(|token| token.claims().account);
    let claims = [(of_id, KnownBy::KeyId), (of_token, KnownBy::SessionToken)];
    Account::of(claims.into_iter().filter_map(|(id, known_by)| Some(Claim { id: id?, known_by })))
}

/// What a content is of.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// It is an input, or the name of one.
    Input,
    /// It is a part of one, whose budget pays for the work.
    Member(&'a dyn Fn(u64)),
}

/// Pieces of a member that are read before the work on them is charged: as many at any number of threads, so that a limit
/// is met at the same place.
const MEMBER_BATCH: usize = 2;

/// Takes what one scan's sources push.
struct Collector<'a> {
    scanner: &'a Scanner,
    collected: Mutex<Scan>,
    layers: Mutex<Layers>,
}

impl Collector<'_> {
    fn with(&self, change: impl FnOnce(&mut Scan)) {
        change(&mut self.collected.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes what was found in `content`. Says whether there may be something in it.
    fn look_into(&self, origin: &dyn Fn() -> Origin, content: Content<'_>, part: Part<'_>) -> bool {
        let is_held = !matches!(content, Content::Stream(_));
        let (detection, skip) = self.scanner.detect(content, part);
        if let Part::Member(charge) = part
            && is_held
        {
            charge(detection.work);
        }
        let may_hold = detection.sighted || skip.is_some();
        if detection.found.is_empty() && detection.known.is_empty() && skip.is_none() {
            return may_hold;
        }
        let origin = origin();
        let findings: Vec<Finding> =
            detection.found.into_iter().map(|found| self.scanner.finding(origin.clone(), found)).collect();
        self.with(|scan| {
            scan.findings.extend(findings);
            scan.known.merge(detection.known);
            scan.skipped.extend(skip.map(|reason| Skipped { origin, reason }));
        });
        may_hold
    }
}

impl Sink for Collector<'_> {
    fn input(&self, origin: &dyn Fn() -> Origin, content: Content<'_>) -> bool {
        match content {
            Content::Whole(bytes) | Content::Anchored(bytes, _) => self.scanner.count(bytes.len() as u64),
            // Its bytes are counted as they come.
            Content::Stream(_) => self.scanner.count(0),
        }
        self.look_into(origin, content, Part::Input)
    }

    fn member(&self, origin: &dyn Fn() -> Origin, content: Content<'_>, charge: &dyn Fn(u64)) {
        self.scanner.progress.members.fetch_add(1, Ordering::Relaxed);
        if let Content::Whole(bytes) | Content::Anchored(bytes, _) = content {
            self.scanner.progress.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
        self.look_into(origin, content, Part::Member(charge));
    }

    fn image(&self, layers: Vec<(Origin, ImageLayer)>) {
        self.layers.lock().unwrap_or_else(PoisonError::into_inner).add(layers);
    }

    fn deletes(&self, layer: &Origin, deleted: Deleted) {
        self.layers.lock().unwrap_or_else(PoisonError::into_inner).add_deleted(layer, deleted);
    }

    fn name(&self, origin: &dyn Fn() -> Origin, name: &[u8]) -> bool {
        // No part of a credential is shorter than a key ID, and most names are.
        name.len() >= AccessKeyId::LEN && self.look_into(origin, Content::Whole(name), Part::Input)
    }

    fn pass(&self, bytes: u64) {
        self.scanner.count(bytes);
    }

    fn skip(&self, skipped: Skipped) {
        self.with(|scan| scan.skipped.push(skipped));
    }

    fn exclude(&self, excluded: Excluded) {
        self.with(|scan| scan.excluded.push(excluded));
    }

    fn gap(&self, gap: Gap) {
        self.with(|scan| scan.gaps.extend([gap]));
    }

    fn is_stopped(&self) -> bool {
        self.scanner.stop.is_stopped()
    }
}
