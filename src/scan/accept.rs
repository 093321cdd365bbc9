//! What the user knows of and accepts, applied to a scan: after everything else is known of it, accounts included.

use jiff::Timestamp;

use super::Scan;
use crate::finding::{CredentialName, Finding, Suppression};
use crate::origin::{Origin, RelativePath};
use crate::source::Skipped;
use crate::suppress::{AcceptedGap, AcceptedSkip, Allow, Baseline, Term};

/// What the user knows of and accepts.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// Findings that are allowed.
    pub allows: Vec<Allow>,
    /// Inputs that need not be scanned whole.
    pub skips: Vec<AcceptedSkip>,
    /// Gaps that need not be closed.
    pub gaps: Vec<AcceptedGap>,
    /// Findings that are known.
    pub baseline: Baseline,
    /// Where all that is written, if it may be scanned itself.
    pub written_in: Option<RelativePath>,
}

impl Accepted {
    /// When the next of it stops to count after the time `now`.
    pub fn next_end(&self, now: Timestamp) -> Option<Timestamp> {
        let allows = self.allows.iter().map(|allow| &allow.term);
        let terms = allows.chain(self.skips.iter().map(|skip| &skip.term));
        let terms = terms.chain(self.gaps.iter().map(|gap| &gap.term));
        terms.filter_map(Term::end).filter(|&end| end > now).min()
    }

    /// Why `finding` will not count by what is accepted at the time `now`, if it will not.
    pub(super) fn suppression(&self, finding: &Finding, now: Timestamp) -> Option<Suppression> {
        let allows = |allow: &Allow| {
            !allow.term.is_over(now) && allow.covers(finding) && allow.covers_path(&finding.origin)
        };
        let is_allowed = self.writing(finding).is_some() || self.allows.iter().any(allows);
        let is_known = || !self.baseline.is_empty() && self.baseline.covers(finding);
        is_allowed.then_some(Suppression::Allow).or_else(|| is_known().then_some(Suppression::Baseline))
    }

    /// Whether an input need not be scanned whole, by what is accepted at the time `now`.
    pub(super) fn accepts(&self, skipped: &Skipped, now: Timestamp) -> bool {
        self.skips.iter().any(|skip| !skip.term.is_over(now) && skip.covers(&skipped.origin))
    }

    /// The entry that `finding` is no more than a key ID of, as it is written there: else what allows a key ID would be
    /// a finding itself.
    fn writing(&self, finding: &Finding) -> Option<&Allow> {
        let (Origin::File(path) | Origin::Version(path)) = &finding.origin else { return None };
        let CredentialName::KeyId { id, token: None } = &finding.credential else { return None };
        let is_written = self.written_in.as_ref() == Some(path);
        self.allows.iter().find(|allow| is_written && allow.key_ids.contains(id))
    }
}

/// An entry of the user's that does nothing any more, by its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// It is past its last day.
    Expired(String),
    /// There is nothing that it is about.
    Unmatched(String),
    /// A report that was read says so, in words that may be shown.
    Told(String),
}

impl Scan {
    /// Suppresses what `accepted` covers, and takes note of entries that are stale at the time `now`. That one is
    /// about nothing is told only of a scan that `is_whole`: of all that entries may be about.
    pub fn accept(&mut self, accepted: &Accepted, now: Timestamp, is_whole: bool) {
        let is_whole = is_whole && !self.interrupted;
        self.allow(accepted, now, is_whole);
        self.accept_skips(&accepted.skips, now, is_whole);
        self.accept_gaps(&accepted.gaps, now, is_whole);
        for finding in self.findings.iter_mut().filter(|finding| finding.suppression.is_none()) {
            if accepted.baseline.covers(finding) {
                finding.suppression = Some(Suppression::Baseline);
            }
        }
    }

    fn allow(&mut self, accepted: &Accepted, now: Timestamp, is_whole: bool) {
        for finding in self.findings.iter_mut().filter(|finding| finding.suppression.is_none()) {
            if let Some(allow) = accepted.writing(finding) {
                finding.suppression = Some(Suppression::Allow);
                finding.justification = Some(allow.term.reason.clone());
            }
        }
        for allow in &accepted.allows {
            if allow.term.is_over(now) {
                self.stale.insert(Stale::Expired(allow.term.place.clone()));
                continue;
            }
            let mut is_about = false;
            // Findings are in order of their paths: each path is matched once.
            let mut last: Option<(Origin, bool)> = None;
            let mut covers_path = |origin: &Origin| match &last {
                Some((known, covers)) if known == origin => *covers,
                _ => last.insert((origin.clone(), allow.covers_path(origin))).1,
            };
            let is_meant = |finding: &&mut Finding| {
                allow.covers(finding) && covers_path(&finding.origin) && accepted.writing(finding).is_none()
            };
            for finding in self.findings.iter_mut().filter(is_meant) {
                is_about = true;
                if finding.suppression.is_none() {
                    finding.suppression = Some(Suppression::Allow);
                    finding.justification = Some(allow.term.reason.clone());
                }
            }
            self.take_note(&allow.term, is_about || !is_whole);
        }
    }

    fn accept_gaps(&mut self, gaps: &[AcceptedGap], now: Timestamp, is_whole: bool) {
        for AcceptedGap { kinds, term } in gaps {
            if term.is_over(now) {
                self.stale.insert(Stale::Expired(term.place.clone()));
                continue;
            }
            let covered: Vec<_> = self.gaps.extract_if(.., |gap| kinds.contains(&gap.kind())).collect();
            self.accepted_gaps.extend(covered.into_iter().map(|gap| (gap, term.reason.clone())));
            // An entry is also about what another one accepts.
            let is_about = self.accepted_gaps.iter().any(|(gap, _)| kinds.contains(&gap.kind()));
            self.take_note(term, is_about || !is_whole);
        }
    }

    fn accept_skips(&mut self, skips: &[AcceptedSkip], now: Timestamp, is_whole: bool) {
        for skip in skips {
            if skip.term.is_over(now) {
                self.stale.insert(Stale::Expired(skip.term.place.clone()));
                continue;
            }
            let is_about = |skipped: &mut Skipped| skip.covers(&skipped.origin);
            let mut covered: Vec<_> = self.skipped.extract_if(.., is_about).collect();
            covered.extend(self.unreadable.extract_if(.., is_about));
            let reason = |skipped| (skipped, skip.term.reason.clone());
            self.accepted.extend(covered.into_iter().map(reason));
            let is_about = self.accepted.iter().any(|(skipped, _)| skip.covers(&skipped.origin));
            self.take_note(&skip.term, is_about || !is_whole);
        }
    }

    fn take_note(&mut self, term: &Term, is_of_use: bool) {
        if !is_of_use {
            self.stale.insert(Stale::Unmatched(term.place.clone()));
        }
    }
}
