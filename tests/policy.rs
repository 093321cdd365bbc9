//! What the user says of a scan is derived from what was found: to say it again changes nothing.

#![allow(clippy::unwrap_used, reason = "what a test puts together by hand is sound")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use akid::aws::fake;
use akid::finding::{Exposure, Finding, Reachability, Suppression};
use akid::level::Severity;
use akid::origin::{Origin, RelativePath};
use akid::owner::{Owner, Ownership};
use akid::resolve::Accounts;
use akid::rule::RuleSet;
use akid::scan::{Accepted, Policy, Scan, Stale};
use akid::source::{ArchiveFault, Gap, GapKind, SkipReason, Skipped};
use akid::suppress::{AcceptedGap, AcceptedSkip, Allow, Baseline, KnownIn, Term};
use globset::{Glob, GlobSet};
use proptest::prelude::*;

use crate::reports::scans::{exposed, file, pair_finding};

/// Paths that findings are at, and globs for some of them.
const PATHS: [&str; 4] = ["a/one.env", "a/two.env", "b/one.env", "c.txt"];
const GLOBS: [&str; 4] = ["a/**", "**/one.env", "c.txt", "nowhere"];

fn globs(nth: &[usize]) -> GlobSet {
    let mut set = GlobSet::builder();
    for &at in nth {
        set.add(Glob::new(GLOBS[at]).unwrap());
    }
    set.build().unwrap()
}

fn term(place: usize) -> Term {
    Term { place: format!("line {place}"), reason: format!("reason {place}"), expires: None }
}

fn allow(place: usize, paths: &[usize], seed: u64) -> Allow {
    Allow {
        paths: (!paths.is_empty()).then(|| globs(paths)),
        key_ids: [fake::pair(seed).id()].into(),
        secrets: BTreeSet::new(),
        findings: BTreeSet::new(),
        rules: BTreeSet::new(),
        accounts: BTreeSet::new(),
        term: term(place),
    }
}

/// A finding in a file, in a version of one, or in an object that nothing leads to.
fn finding() -> impl Strategy<Value = Finding> {
    let severity = prop::sample::select(Severity::ALL.to_vec());
    let suppression = prop::option::weighted(0.2, Just(Suppression::Example));
    (0_u64..6, 0..PATHS.len(), 0..3, severity, suppression).prop_map(
        |(seed, path, place, rule_severity, suppression)| {
            let found =
                Finding { rule_severity, suppression, ..pair_finding(PATHS[path], &fake::pair(seed), 1) };
            let origin = Origin::Version(RelativePath::from_bytes(PATHS[path]));
            let exposure = |reachability| {
                let known = exposed("any", false).exposure.unwrap();
                Some(Box::new(Exposure { reachability, ..*known }))
            };
            match place {
                0 => found,
                1 => Finding { origin, exposure: exposure(Reachability::Past), ..found },
                _ => Finding { origin, exposure: exposure(Reachability::Unreachable), ..found },
            }
        },
    )
}

/// A scan with findings, inputs that were not read whole, and gaps.
fn scan_of(findings: &[Finding], skipped: &[usize], gaps: &[Gap]) -> Scan {
    let skip = |&at: &usize| Skipped {
        origin: file(PATHS[at]),
        reason: SkipReason::Archive(ArchiveFault::Truncated),
    };
    Scan {
        findings: findings.to_vec(),
        skipped: skipped.iter().map(skip).collect(),
        gaps: gaps.iter().cloned().collect(),
        ..Scan::default()
    }
}

fn policy() -> impl Strategy<Value = Policy> {
    let some = || prop::collection::vec(0..GLOBS.len(), 0..3);
    let baseline = prop::collection::vec(finding(), 0..3);
    let allows = prop::collection::vec((some(), 0_u64..6), 0..4);
    let own = prop::collection::vec(0_u64..6, 0..3);
    (some(), allows, some(), some(), baseline, own).prop_map(
        |(exclude, allows, skips, gaps, baseline, own)| {
            let allows = allows.iter().enumerate();
            let skips = skips.iter().enumerate();
            let gaps = gaps.iter().enumerate();
            let kinds = |nth: usize| [GapKind::Shallow, GapKind::Partial][nth % 2];
            let accepted = Accepted {
                allows: allows.map(|(at, (paths, seed))| allow(at, paths, *seed)).collect(),
                skips: skips
                    .map(|(at, &nth)| AcceptedSkip { paths: globs(&[nth]), term: term(10 + at) })
                    .collect(),
                gaps: gaps
                    .map(|(at, &nth)| AcceptedGap { kinds: [kinds(nth)].into(), term: term(20 + at) })
                    .collect(),
                baseline: Baseline::of(&baseline, &RuleSet::built_in(), KnownIn::Any),
                written_in: None,
            };
            let own = own.iter().filter_map(|&seed| fake::pair(seed).id().account()).collect();
            Policy {
                exclude: globs(&exclude),
                accepted: Arc::new(accepted),
                accounts: Accounts { own, ..Accounts::default() },
                ..Policy::default()
            }
        },
    )
}

fn apply(scan: &mut Scan, policy: &Policy, is_whole: bool) {
    scan.apply(policy, is_whole, |scan| scan.tell_owners(&policy.accounts, &BTreeMap::new()));
}

proptest! {
    #[test]
    fn a_policy_that_is_applied_again_changes_nothing(
        findings in prop::collection::vec(finding(), 0..12),
        skipped in prop::collection::vec(0..PATHS.len(), 0..4),
        gaps in prop::sample::subsequence(vec![Gap::Shallow, Gap::Partial], 0..=2),
        policy in policy(),
    ) {
        // Of what is in unreachable objects one finding is left, which not each entry is about.
        let is_whole = !findings.iter().any(Finding::is_unreachable);
        let (mut once, mut twice) = (scan_of(&findings, &skipped, &gaps), scan_of(&findings, &skipped, &gaps));
        apply(&mut once, &policy, is_whole);
        apply(&mut twice, &policy, is_whole);
        apply(&mut twice, &policy, is_whole);
        prop_assert_eq!(format!("{twice:?}"), format!("{once:?}"));
    }

    #[test]
    fn the_severity_is_that_of_the_rule_and_the_owner_in_whatever_order_they_become_known(
        finding in finding(),
        owner in prop::sample::select(Ownership::ALL.to_vec()),
        nth in 0_usize..6,
    ) {
        let rules = RuleSet::built_in();
        let rule = rules.iter().nth(nth).unwrap();
        let owner = Owner { ownership: owner, ..Owner::default() };
        let mut owner_last = finding.clone();
        owner_last.set_rule(rule);
        owner_last.owner = owner.clone();
        let mut rule_last = Finding { owner: owner.clone(), ..finding };
        rule_last.set_rule(rule);
        prop_assert_eq!(owner_last.severity(), rule_last.severity());
        prop_assert_eq!(rule_last.severity(), owner.weigh(rule.severity));
    }
}

#[test]
fn an_entry_is_also_about_what_another_one_accepts() {
    let skip = |place| AcceptedSkip { paths: globs(&[2]), term: term(place) };
    let gap = |place| AcceptedGap { kinds: [GapKind::Shallow].into(), term: term(place) };
    let unmatched = AcceptedSkip { paths: globs(&[3]), term: term(5) };
    let accepted = Accepted {
        skips: vec![skip(1), skip(2), unmatched],
        gaps: vec![gap(3), gap(4)],
        ..Accepted::default()
    };
    let policy = Policy { accepted: Arc::new(accepted), ..Policy::default() };
    let mut scan = scan_of(&[], &[3], &[Gap::Shallow]);
    apply(&mut scan, &policy, true);
    assert_eq!((scan.accepted.len(), scan.accepted_gaps.len()), (1, 1));
    assert_eq!(scan.stale, [Stale::Unmatched("line 5".to_owned())].into());
}
