//! What the configuration allows, and which known-bad inputs it accepts: each with a reason, and a term if it has one.

use std::collections::BTreeSet;

use globset::GlobSet;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::aws::{AccessKeyId, AccountId, SecretFingerprint};
use crate::finding::{Finding, Fingerprint};
use crate::origin::Origin;
use crate::rule::RuleId;
use crate::source::GapKind;

/// What some entry says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Where it is written, as it may be shown.
    pub place: String,
    /// Why it is there, as it may be shown.
    pub reason: String,
    /// The last day on which it counts, in UTC.
    pub expires: Option<Date>,
}

impl Term {
    /// Whether it counts no more.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|last| now.to_zoned(jiff::tz::TimeZone::UTC).date() > last)
    }

    /// When it stops to count, if it does.
    pub fn end(&self) -> Option<Timestamp> {
        let next_day = self.expires?.tomorrow().ok()?;
        Some(next_day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    }
}

/// Findings that are allowed: those that all conditions hold for. One that names nothing holds for all.
#[derive(Clone, Debug)]
pub struct Allow {
    /// Paths from the base of the scan.
    pub paths: Option<GlobSet>,
    /// Key IDs.
    pub key_ids: BTreeSet<AccessKeyId>,
    /// Secrets, or session tokens.
    pub secrets: BTreeSet<SecretFingerprint>,
    /// Findings.
    pub findings: BTreeSet<Fingerprint>,
    /// Rules.
    pub rules: BTreeSet<RuleId>,
    /// Owning accounts, as far as they are known.
    pub accounts: BTreeSet<AccountId>,
    /// Why, and until when.
    pub term: Term,
}

impl Allow {
    /// Whether it is about all at `origin` for which its other conditions hold.
    pub fn covers_path(&self, origin: &Origin) -> bool {
        self.paths.as_ref().is_none_or(|paths| covers_path(paths, origin))
    }

    /// Whether it is about `finding`, if it is about its path.
    pub fn covers(&self, finding: &Finding) -> bool {
        let name = &finding.credential;
        let secrets: BTreeSet<_> = [name.any_secret(), name.token().copied()].into_iter().flatten().collect();
        // What costs little first.
        holds(&self.key_ids, name.id().as_ref())
            && (self.secrets.is_empty() || !self.secrets.is_disjoint(&secrets))
            && holds(&self.rules, Some(&finding.rule))
            && holds(&self.accounts, finding.account.as_ref().map(|account| &account.id))
            && (self.findings.is_empty() || self.names(finding))
    }

    /// Whether it names `finding`, also by the fingerprint that it had before its branch was deleted.
    fn names(&self, finding: &Finding) -> bool {
        self.findings.contains(&finding.fingerprint())
            || finding.is_unreachable() && self.findings.contains(&finding.fingerprint_by_path())
    }
}

/// Inputs that need not be scanned whole: broken or encrypted on purpose.
#[derive(Clone, Debug)]
pub struct AcceptedSkip {
    /// Paths from the base of the scan.
    pub paths: GlobSet,
    /// Why, and until when.
    pub term: Term,
}

impl AcceptedSkip {
    /// Whether it is about the input at `origin`.
    pub fn covers(&self, origin: &Origin) -> bool {
        covers_path(&self.paths, origin)
    }
}

/// Gaps that need not be closed.
#[derive(Clone, Debug)]
pub struct AcceptedGap {
    /// What they are about.
    pub kinds: BTreeSet<GapKind>,
    /// Why, and until when.
    pub term: Term,
}

fn holds<T: Ord>(named: &BTreeSet<T>, value: Option<&T>) -> bool {
    named.is_empty() || value.is_some_and(|value| named.contains(value))
}

/// Whether `paths` has the path of `origin`, or that of the archive that it is in.
fn covers_path(paths: &GlobSet, origin: &Origin) -> bool {
    // Where the system's paths are not bytes, those that are not Unicode match what they look like.
    let matches = |origin: &Origin| paths.is_match(&*String::from_utf8_lossy(origin.path()));
    matches(origin) || (origin.member().is_some() && matches(origin.root()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_of_a_term_counts() {
        let term = |expires| Term { place: String::new(), reason: String::new(), expires };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let last = term(Some("2026-06-30".parse().unwrap()));
        assert!(!last.is_over(at("2026-06-30T23:59:59Z")));
        assert!(last.is_over(at("2026-07-01T00:00:00Z")));
        assert!(!term(None).is_over(at("9999-12-30T00:00:00Z")));
    }
}
