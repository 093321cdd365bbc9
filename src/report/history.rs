//! What git knows of a finding, in words.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::numbers::grouped;
use crate::aws::KeyKind;
use crate::finding::{Commit, Exposure, Finding, Reachability, Tips};
use crate::redact::redact;

/// How many tips are named.
const MAX_TIPS: usize = 8;
/// Digits of a commit's ID that people are shown.
const SHORT: usize = 10;
/// No temporary credential reachability longer: the longest session that STS grants.
const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(36);

/// The commit that brought it: its ID, day, author and subject.
pub(super) fn introduced(exposure: &Exposure) -> Option<String> {
    exposure.first.as_deref().map(described)
}

/// The last commit that wrote a version with it, and how many versions have it.
pub(super) fn versions(exposure: &Exposure) -> Option<String> {
    let last = exposure.last.as_ref().filter(|last| exposure.first.as_ref() != Some(last));
    // Unreachable objects are counted where it is told where it still is.
    let is_unreachable = exposure.reachability == Reachability::Unreachable;
    match (if is_unreachable { 1 } else { exposure.versions }, last) {
        (0 | 1, None) => None,
        (versions, None) => Some(format!("{versions} versions")),
        (versions, Some(last)) => {
            let plural = if versions == 1 { "" } else { "s" };
            Some(format!("{versions} version{plural}, last changed in {}", described(last)))
        }
    }
}

/// Where it still is.
pub(super) fn whereabouts(exposure: &Exposure) -> String {
    match exposure.reachability {
        Reachability::Tip => format!("still in {}", tips(&exposure.tips)),
        Reachability::Past => match exposure.removed.as_deref() {
            Some(commit) => format!("only in old commits, removed in {}", dated(commit)),
            None => "only in old commits".to_owned(),
        },
        Reachability::Stash => "only in a stash".to_owned(),
        Reachability::Reflog => "only reachable from a reflog".to_owned(),
        Reachability::Index => "staged, not committed".to_owned(),
        Reachability::Unreachable if exposure.versions > 1 => {
            format!("only in {} unreachable objects, until `git gc` prunes them", grouped(exposure.versions))
        }
        Reachability::Unreachable => "only in an unreachable object, until `git gc` prunes it".to_owned(),
        Reachability::Unknown => "in the repository; its refs could not be read".to_owned(),
    }
}

/// How long it has been there, if its date is right, and whether a temporary credential is over by then.
pub(super) fn age(finding: &Finding, exposure: &Exposure, now: Timestamp) -> Option<String> {
    let since = exposure.first.as_ref()?.committed?;
    let days = now.duration_since(since).as_hours() / 24;
    let (n, unit) = match days {
        days if days < 0 => return None,
        0 => return Some(format!("today{}", expired(finding, exposure, now))),
        days if days < 60 => (days, "day"),
        days if days < 730 => (days / 30, "month"),
        days => (days / 365, "year"),
    };
    let plural = if n == 1 { "" } else { "s" };
    Some(format!("{n} {unit}{plural} ago{}", expired(finding, exposure, now)))
}

fn expired(finding: &Finding, exposure: &Exposure, now: Timestamp) -> &'static str {
    if is_over(finding, exposure, now) { "; expired by now if the commit dates are right" } else { "" }
}

/// Whether a temporary credential is over, as far as the dates of commits are right.
pub(super) fn is_over(finding: &Finding, exposure: &Exposure, now: Timestamp) -> bool {
    let is_temporary = finding.credential.id().is_some_and(|id| id.kind() == KeyKind::Temporary);
    let committed = exposure.first.as_ref().and_then(|first| first.committed);
    is_temporary && committed.is_some_and(|at| now.duration_since(at) > LONGEST_SESSION)
}

/// How much of it comes from the repository, in bytes at most.
pub(super) fn outside_len(exposure: &Exposure) -> usize {
    let commit = |commit: &Option<Arc<Commit>>| {
        commit.as_ref().map_or(0, |commit| 2 * commit.author.len() + commit.subject.len())
    };
    commit(&exposure.first)
        + commit(&exposure.last)
        + commit(&exposure.removed)
        + 2 * exposure.tips.iter().map(|tip| tip.name.len()).sum::<usize>()
}

/// All of it in a sentence or two, for formats that have one text.
pub(super) fn sentence(exposure: &Exposure) -> String {
    let introduced = exposure.first.as_ref().map(|first| format!(" Introduced in {}.", described(first)));
    format!("{} In history: {}.", introduced.unwrap_or_default(), whereabouts(exposure))
}

pub(super) fn described(commit: &Commit) -> String {
    let author = if commit.author.is_empty() { String::new() } else { format!(", {}", commit.author) };
    let subject = if commit.subject.is_empty() { String::new() } else { format!(": {}", commit.subject) };
    format!("{}{author}{subject}", dated(commit))
}

/// A commit by its ID and day.
fn dated(commit: &Commit) -> String {
    let day = commit.committed.map(|at| format!(", {}", at.strftime("%F"))).unwrap_or_default();
    format!("{}{day}", &commit.id.to_string()[..SHORT])
}

fn tips(tips: &Tips) -> String {
    let mut named: Vec<String> = tips.iter().take(MAX_TIPS).map(|tip| redact(tip.name.as_bytes())).collect();
    let more = tips.len().saturating_sub(MAX_TIPS) as u64 + tips.more();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Tip, TipKind};
    use crate::origin::ObjectId;

    fn exposure(reachability: Reachability, tips: &[&str]) -> Exposure {
        let first = Arc::new(Commit {
            id: ObjectId::from_bytes([0xab; 20]),
            author: "A <a@example.com>".to_owned(),
            authored: None,
            committed: Timestamp::from_second(1_600_000_000).ok(),
            subject: "Add a key".to_owned(),
        });
        Exposure {
            object: Some(ObjectId::from_bytes([1; 20])),
            other_objects: Vec::new(),
            last: Some(first.clone()),
            removed: None,
            first: Some(first),
            versions: 1,
            reachability,
            tips: tips.iter().map(|&tip| Tip { kind: TipKind::Branch, name: tip.to_owned() }).collect(),
            at_head: false,
        }
    }

    #[test]
    fn a_commit_is_told_by_id_day_author_and_subject() {
        let told = introduced(&exposure(Reachability::Past, &[])).unwrap();
        assert_eq!(told, "ababababab, 2020-09-13, A <a@example.com>: Add a key");
        assert_eq!(versions(&exposure(Reachability::Past, &[])), None);
    }

    #[test]
    fn the_commit_that_removed_it_is_told_by_id_and_day() {
        let mut exposure = exposure(Reachability::Past, &[]);
        assert_eq!(whereabouts(&exposure), "only in old commits");
        exposure.removed = exposure.last.clone();
        assert_eq!(whereabouts(&exposure), "only in old commits, removed in ababababab, 2020-09-13");
    }

    #[test]
    fn many_tips_are_counted() {
        assert_eq!(whereabouts(&exposure(Reachability::Tip, &["main", "v1"])), "still in main, v1");
        let many: Vec<String> = (0..11).map(|n| format!("r{n:02}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(whereabouts(&exposure(Reachability::Tip, &many)).ends_with(", r07, 3 more"));
        let many: Vec<String> = (0..1000).map(|n| format!("r{n:04}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(whereabouts(&exposure(Reachability::Tip, &many)).ends_with(", r0007, 992 more"));
    }

    #[test]
    fn a_secret_in_a_ref_name_is_masked() {
        let name = format!("fix/{}", crate::aws::fake::pair(3).secret_text());
        assert_eq!(whereabouts(&exposure(Reachability::Tip, &[&name])), "still in fix/****");
    }
}
