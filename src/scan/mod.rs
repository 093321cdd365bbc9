//! Runs sources through the detector and puts together what they held.

mod accept;
mod apart;
mod beside;
mod class;
mod collector;
mod conclude;
mod first;
mod headed;
mod history;
mod kept;
mod labels;
mod layers;
mod leave_out;
mod left_out;
mod merge;
mod owners;
mod paths;
mod policy;
mod progress;
mod prove;
mod several;
mod stage;
mod stream;
mod test_path;
mod tolerance;
mod unreachable;
mod workers;
mod worktree;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub use self::accept::{Accepted, Stale};
use self::collector::Collector;
pub use self::first::MAX_INPUTS;
pub use self::left_out::LeftOut;
pub use self::policy::Policy;
use self::progress::Counts;
pub use self::progress::Progress;
use self::prove::Evidence;
pub use self::several::{RepositorySources, threads_each};
use self::stream::Pace;
use self::tolerance::Tolerance;
use self::workers::Workers;
use crate::detect::{Cut, Detection, Detector, Found};
use crate::finding::{CredentialName, Finding, Place, RepositoryName};
use crate::known::KnownSecrets;
use crate::level::{Doubt, Severity};
use crate::origin::Origin;
use crate::owner::{Account, Claim, KnownBy, Owner};
use crate::panic;
use crate::resolve::Resolution;
use crate::source::{Content, Event, Excluded, Gap, Notice, Sink, SkipReason, Skipped, Source, Stage};
use crate::source::{Limits, Opener};
use crate::stop::Stop;
use crate::suppress::Suppressor;

/// Everything that a scan has to tell, sorted, so that equal inputs give equal scans.
#[derive(Debug, Default)]
pub struct Scan {
    /// What was found, suppressed findings included: the first by severity, confidence and order where there are
    /// more than [`Policy`] allows.
    pub findings: Vec<Finding>,
    /// What there is beside what is listed here.
    pub left_out: LeftOut,
    /// The repositories and folders that were scanned, each once, in the order in which they were.
    pub repositories: Vec<Arc<RepositoryName>>,
    /// Whether each repository has paths of its own, so that a path alone does not say where something is.
    pub is_of_several: bool,
    /// What could not be read or not be scanned whole: each makes the scan incomplete.
    pub skipped: Vec<Skipped>,
    /// The same, where nothing else could read it either: the scan is complete without it.
    pub unreadable: Vec<Skipped>,
    /// The same, where the user accepts it: each with the reason, as it may be shown.
    pub accepted: Vec<(Skipped, String)>,
    /// What the user left out.
    pub excluded: Vec<Excluded>,
    /// What else was asked for and not read: each makes the scan incomplete.
    pub gaps: BTreeSet<Gap>,
    /// The same, where the user accepts it: each with the reason, as it may be shown.
    pub accepted_gaps: BTreeSet<(Gap, String)>,
    /// What there is to know of how sources were read.
    pub notices: BTreeSet<Notice>,
    /// Entries of the user's that do nothing any more.
    pub stale: BTreeSet<Stale>,
    /// Every secret and token that was detected, suppressed ones included: what no report may show. It cannot print
    /// itself.
    pub known: KnownSecrets,
    /// What came of asking AWS, if it was asked.
    pub resolution: Resolution,
    /// Number of inputs scanned, without those that [lie beside](Source::is_beside) what the scan is about.
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
    policy: Policy,
    limits: Limits,
    workers: Workers,
    stop: Stop,
    progress: Arc<Progress>,
}

impl Scanner {
    /// A scanner that lists and suppresses findings by `policy`, examines large inputs on `threads` threads (0 for as
    /// many as there are processors) and ends early once `stop` says so.
    pub fn new(detector: Detector, policy: Policy, threads: usize, stop: Stop) -> Self {
        let (limits, workers) = (Limits::default(), Workers::new(threads));
        let detector = detector.stopped_by(stop.clone());
        Self { detector, policy, limits, workers, stop, progress: Arc::default() }
    }

    /// The same with other limits of how far to look into archives.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// How far the scan has come.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Runs `sources`, one after the other, which are all of one repository.
    pub fn scan(&self, sources: &[&dyn Source]) -> Scan {
        self.scan_named(sources, &|_| None)
    }

    /// Runs `sources`, one after the other; `name_of` names the repository of what is found at a place.
    pub fn scan_named(
        &self,
        sources: &[&dyn Source],
        name_of: &dyn Fn(&Origin) -> Option<Arc<RepositoryName>>,
    ) -> Scan {
        self.run(sources, name_of).0
    }

    fn run(
        &self,
        sources: &[&dyn Source],
        name_of: &dyn Fn(&Origin) -> Option<Arc<RepositoryName>>,
    ) -> (Scan, Evidence) {
        let named = sources.iter().flat_map(|source| source.named()).collect();
        let tolerance = Tolerance { is_strict: self.policy.strict, named };
        let counts = self.progress.start();
        let collector = Collector::new(self, &tolerance, &counts);
        let opener = Opener::new(&collector, self.limits);
        for source in sources {
            // What other sources hold is not lost by a bug in one.
            let before = counts.inputs.load(Ordering::Relaxed);
            if let Err(panicked) = panic::catch(|| source.run(&opener)) {
                opener.take(Event::Gap(Gap::Stage(Stage::Source, panicked)));
            }
            if source.is_beside() {
                counts.inputs.store(before, Ordering::Relaxed);
            }
        }
        let mut collected = collector.finish();
        collected.scan.inputs = counts.inputs.load(Ordering::Relaxed);
        collected.scan.members = counts.members.load(Ordering::Relaxed);
        collected.scan.bytes = counts.bytes.load(Ordering::Relaxed);
        collected.conclude(self, sources, &tolerance, name_of)
    }

    /// Detects in one input. A panic is a bug of akid on this input, and no reason to lose the others.
    fn detect(
        &self,
        content: Content<'_>,
        part: Part<'_>,
        counts: &Counts,
    ) -> (Detection, Option<SkipReason>) {
        let outcome = panic::catch(|| match content {
            Content::Whole(bytes) => (self.detector.detect_within(bytes, part.work_left()), None),
            Content::Anchored(bytes, hits) => (self.detector.detect_anchored(bytes, hits), None),
            Content::Stream(reader) => {
                let count = |bytes| {
                    counts.bytes.fetch_add(bytes, Ordering::Relaxed);
                };
                let pace = match part {
                    Part::Input => Pace { batch: self.workers.count(), count: &count, charge: &|_| u64::MAX },
                    Part::Member(charge) => Pace { batch: MEMBER_BATCH, count: &count, charge },
                };
                let (sightings, error) =
                    stream::examine(&self.detector, reader, &self.workers, &self.stop, &pace);
                (self.detector.conclude(sightings), error.map(SkipReason::Io))
            }
        });
        match outcome {
            Ok((detection, None)) => {
                let skip = match detection.cut {
                    Cut::None => None,
                    Cut::Candidates => Some(SkipReason::TooMany),
                    Cut::Work => Some(SkipReason::Work),
                };
                (detection, skip)
            }
            Ok(outcome) => outcome,
            Err(panicked) => (Detection::default(), Some(SkipReason::Panic(panicked))),
        }
    }

    fn finding(&self, origin: Origin, found: Found, in_own_report: bool) -> Finding {
        let Policy { now, inline_allow, .. } = self.policy;
        let suppressor = Suppressor { now, inline_allow };
        let (suppression, justification) = suppressor.reason(&found, in_own_report).unzip();
        let justification = justification.filter(|reason| !reason.is_empty());
        let is_line_of_file = !origin.is_name() && origin.member().is_none();
        let rule_severity =
            self.detector.rules().get(&found.rule).map_or(Severity::High, |rule| rule.severity);
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
            rule_severity,
            places: if is_line_of_file { found.places.into() } else { without_lines(found.places) },
            origin,
            occurrences: found.occurrences,
            signed: found.signed.map(Box::new),
            claims: found.claims.map(Box::new),
            suppression,
            justification,
            exposure: None,
            repository: None,
            layer: None,
            reported_as: None,
            lone: None,
            seen: Vec::new(),
            novelty: None,
        }
    }
}

/// Places in a name or in an archive: GitHub's sums are of lines of files.
fn without_lines(places: Vec<Place>) -> Arc<[Place]> {
    places.into_iter().map(|place| Place { line_hash: None, ..place }).collect()
}

/// The account of a credential, as far as its own parts tell.
fn account(found: &Found) -> Option<Account> {
    let of_id = found.credential.id().and_then(|id| id.account());
    let of_token = found.credential.token().and_then(|token| token.claims().account);
    let of_service = found.claims.as_ref().and_then(|claims| claims.account);
    let claims =
        [(of_id, KnownBy::KeyId), (of_token, KnownBy::SessionToken), (of_service, KnownBy::Credential)];
    Account::of(claims.into_iter().filter_map(|(id, known_by)| Some(Claim { id: id?, known_by })))
}

/// What a content is of.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// It is an input, or the name of one.
    Input,
    /// It is a part of one, whose budget pays for the work.
    Member(&'a dyn Fn(u64) -> u64),
}

impl Part<'_> {
    /// How much work may be done on it, in steps.
    fn work_left(self) -> u64 {
        match self {
            Self::Input => u64::MAX,
            Self::Member(charge) => charge(0),
        }
    }
}

/// Pieces of a member that are read before the work on them is charged: as many at any number of threads, so that a limit
/// is met at the same place.
const MEMBER_BATCH: usize = 2;
