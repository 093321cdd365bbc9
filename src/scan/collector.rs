//! Takes what one scan's sources push, from many threads at once, in bounded memory.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::beside::Values;
use super::first::First;
use super::kept::Kept;
use super::labels::Labels;
use super::layers::Layers;
use super::prove::Evidence;
use super::tolerance::Tolerance;
use super::{Counts, Part, Policy, Scan, Scanner, beside, merge};
use crate::aws::{AccessKeyId, SecretAccessKey};
use crate::finding::Finding;
use crate::known::KnownSecrets;
use crate::origin::Origin;
use crate::source::Opener;
use crate::source::{Content, Event, Excluded, Gap, Notice, Sink, SkipReason, Skipped};
use crate::suppress::{is_lone_key_id, is_own_report};

/// Takes what one scan's sources push.
pub(super) struct Collector<'a> {
    scanner: &'a Scanner,
    tolerance: &'a Tolerance,
    counts: &'a Counts,
    kept: Mutex<Kept>,
    known: Mutex<KnownSecrets>,
    notes: Mutex<Notes>,
    layers: Mutex<Layers>,
    evidence: Mutex<Evidence>,
    hints: Mutex<Hints>,
}

/// What sources held, as it was found.
pub(super) struct Collected {
    pub(super) scan: Scan,
    /// What may prove pairs.
    pub(super) evidence: Evidence,
    pub(super) hints: Hints,
}

/// What is known of findings beside what they say themselves, until they are put together.
#[derive(Default)]
pub(super) struct Hints {
    pub(super) labels: Labels,
    pub(super) values: Values,
}

/// What there is to say of inputs.
struct Notes {
    skipped: Inputs,
    excluded: First<Excluded>,
    gaps: BTreeSet<Gap>,
    notices: BTreeSet<Notice>,
}

/// Inputs that could not be read, or not whole. Those that do not count take no place of others.
pub(super) struct Inputs {
    skipped: First<Skipped>,
    unreadable: First<Skipped>,
    accepted: First<Skipped>,
}

impl Inputs {
    pub(super) fn new() -> Self {
        let new = || First::new(Skipped::order);
        Self { skipped: new(), unreadable: new(), accepted: new() }
    }

    pub(super) fn add(&mut self, skipped: Skipped, policy: &Policy, tolerance: &Tolerance) {
        let list = if policy.accepted.accepts(&skipped, policy.now) {
            &mut self.accepted
        } else if tolerance.covers(&skipped) {
            &mut self.unreadable
        } else {
            &mut self.skipped
        };
        list.add(skipped);
    }

    /// Puts what is listed into `scan`, in order, and counts the rest.
    pub(super) fn finish(self, scan: &mut Scan) {
        let [(mut skipped, left_out), (unreadable, unreadable_left_out), (accepted, accepted_left_out)] =
            [self.skipped, self.unreadable, self.accepted].map(First::finish);
        skipped.extend(unreadable.into_iter().chain(accepted));
        skipped.sort_by(Skipped::order);
        // Many versions of a path may have the same fault.
        skipped
            .dedup_by(|a, b| matches!(a.origin.root(), Origin::Version(_)) && Skipped::order(a, b).is_eq());
        scan.skipped = skipped;
        scan.left_out.skipped += left_out;
        scan.left_out.unreadable += unreadable_left_out;
        scan.left_out.accepted += accepted_left_out;
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unlocked<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Collector<'a> {
    pub(super) fn new(scanner: &'a Scanner, tolerance: &'a Tolerance, counts: &'a Counts) -> Self {
        let notes = Notes {
            skipped: Inputs::new(),
            excluded: First::new(Excluded::cmp),
            gaps: BTreeSet::new(),
            notices: BTreeSet::new(),
        };
        Self {
            scanner,
            tolerance,
            counts,
            kept: Mutex::new(Kept::new(scanner.policy.max_findings.max(Policy::MAX_FINDINGS))),
            known: Mutex::default(),
            notes: Mutex::new(notes),
            layers: Mutex::default(),
            evidence: Mutex::default(),
            hints: Mutex::default(),
        }
    }

    /// What was taken, as it was found, and what may prove or suggest pairs.
    pub(super) fn finish(self) -> Collected {
        let (mut findings, left_out) = unlocked(self.kept).finish();
        merge::merge(&mut findings);
        unlocked(self.layers).tell(&mut findings);
        let Notes { skipped, excluded, gaps, notices } = unlocked(self.notes);
        let known = unlocked(self.known);
        let mut scan = Scan { findings, left_out, gaps, notices, known, ..Scan::default() };
        skipped.finish(&mut scan);
        (scan.excluded, scan.left_out.excluded) = excluded.finish();
        Collected { scan, evidence: unlocked(self.evidence), hints: unlocked(self.hints) }
    }

    /// Takes what was found in `content`. Says whether there may be something in it.
    fn look_into(&self, origin: &dyn Fn() -> Origin, content: Content<'_>, part: Part<'_>) -> bool {
        let is_held = !matches!(content, Content::Stream(_));
        let left = part.work_left();
        let value = match content {
            Content::Whole(bytes) | Content::Anchored(bytes, _) if SecretAccessKey::is_all_of(bytes) => {
                Some(bytes)
            }
            _ => None,
        };
        let (mut detection, skip, head) = self.scanner.detect_with_head(content, part, self.counts);
        let alone = value.and_then(|bytes| beside::detect(&self.scanner.detector, &origin(), bytes));
        if let Some((of_value, object)) = alone {
            detection = of_value;
            object.into_iter().for_each(|object| locked(&self.hints).values.add(object));
        }
        // The archive that paid for it has nothing left, and is reported itself.
        let is_told =
            |reason: &SkipReason| matches!(reason, SkipReason::Work) && is_held && detection.work > left;
        if let Part::Member(charge) = part
            && is_held
        {
            charge(detection.work);
        }
        if !detection.packed.is_empty() {
            let charge = |steps| match part {
                Part::Member(charge) => charge(steps),
                Part::Input => u64::MAX,
            };
            Opener::new(self, self.scanner.limits).open_packed(origin, &detection.packed, &charge);
        }
        let is_told = skip.as_ref().is_some_and(is_told);
        // What is compressed in it was counted, and is the same in each version of a file.
        let may_hold = detection.sighted
            || skip.is_some()
            || !detection.packed.is_empty()
            || !detection.known.is_empty()
            || !detection.artefacts.is_empty();
        if detection.found.is_empty() && detection.known.is_empty() && skip.is_none() {
            return may_hold;
        }
        locked(&self.known).merge(detection.known);
        let origin = origin();
        let in_own_report = detection.found.iter().any(is_lone_key_id) && is_own_report(&head);
        locked(&self.hints).labels.add(&detection.found, &detection.elsewhere);
        if !detection.artefacts.is_empty() {
            locked(&self.evidence).add_artefacts(detection.artefacts);
        }
        for found in detection.found {
            if let Some(secret) = found.credential.secret() {
                locked(&self.evidence).add_secret(secret);
            }
            let finding: Finding = self.scanner.finding(origin.clone(), found, in_own_report);
            let class = self.scanner.policy.class(&finding);
            locked(&self.kept).add(class, finding);
        }
        if let Some(reason) = skip.filter(|_| !is_told) {
            self.skip(Skipped { origin, reason });
        }
        may_hold
    }
}

impl Sink for Collector<'_> {
    fn take(&self, event: Event<'_, '_>) -> bool {
        match event {
            Event::Input(origin, content) => return self.input(origin, content),
            Event::Member(origin, content, charge) => return self.member(origin, content, charge),
            // No part of a credential is shorter than a key ID, and most names are.
            Event::Name(origin, name) => {
                let content = Content::Whole(name);
                return name.len() >= AccessKeyId::LEN && self.look_into(origin, content, Part::Input);
            }
            Event::Image(layers) => locked(&self.layers).add(layers),
            Event::Deletes(layer, deleted) => locked(&self.layers).add_deleted(layer, deleted),
            Event::Pass(bytes) => self.counts.input(bytes),
            Event::Expect(inputs) => {
                self.counts.expected.fetch_add(inputs, Ordering::Relaxed);
            }
            Event::Skip(skipped) => self.skip(skipped),
            Event::Exclude(excluded) => locked(&self.notes).excluded.add(excluded),
            Event::Gap(gap) => {
                locked(&self.notes).gaps.insert(gap);
            }
            Event::Notice(notice) => {
                locked(&self.notes).notices.insert(notice);
            }
        }
        false
    }

    fn is_stopped(&self) -> bool {
        self.scanner.stop.is_stopped()
    }
}

impl Collector<'_> {
    fn input(&self, origin: &dyn Fn() -> Origin, content: Content<'_>) -> bool {
        match content {
            Content::Whole(bytes) | Content::Anchored(bytes, _) => self.counts.input(bytes.len() as u64),
            // Its bytes are counted as they come.
            Content::Stream(_) => self.counts.input(0),
        }
        self.look_into(origin, content, Part::Input)
    }

    fn member(&self, origin: &dyn Fn() -> Origin, content: Content<'_>, charge: &dyn Fn(u64) -> u64) -> bool {
        self.counts.members.fetch_add(1, Ordering::Relaxed);
        if let Content::Whole(bytes) | Content::Anchored(bytes, _) = content {
            self.counts.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
        self.look_into(origin, content, Part::Member(charge))
    }

    fn skip(&self, skipped: Skipped) {
        locked(&self.notes).skipped.add(skipped, &self.scanner.policy, self.tolerance);
    }
}
