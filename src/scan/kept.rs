//! The findings that a scan lists: where there are more than it may list, the first by rank. The rest is counted.
//!
//! What is listed depends on neither the number of threads nor the order of arrival: ranks are total, and a rank that
//! was left out once never comes in again.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::class::Class;
use super::{LeftOut, merge};
use crate::finding::{Finding, Location, Place};

/// A finding by its rank: its class, then the order of reports.
#[derive(Debug)]
struct Ranked {
    class: Class,
    finding: Box<Finding>,
}

/// The first findings by rank, as far as their weights fit the limit.
#[derive(Debug)]
pub(super) struct Kept {
    limit: usize,
    weight: usize,
    ranked: BTreeSet<Ranked>,
    /// The first of those that were left out: nothing from there on comes in.
    bar: Option<Ranked>,
    left_out: LeftOut,
}

/// A longer path weighs more than one finding, and so do more places: both are kept and written.
const PATH_OF_ONE: usize = 1024;
const PLACES_OF_ONE: usize = 8;

fn weight(finding: &Finding) -> usize {
    1 + finding.origin.path().len() / PATH_OF_ONE + finding.places.len() / PLACES_OF_ONE
}

impl Kept {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, weight: 0, ranked: BTreeSet::new(), bar: None, left_out: LeftOut::default() }
    }

    /// Takes a finding, and leaves out the last ones where there is too much.
    ///
    /// A finding of an archive is added to what is known at the same place: members may have the same name.
    pub(super) fn add(&mut self, class: Class, finding: Finding) {
        let new = Ranked { class, finding: Box::new(finding) };
        if self.bar.as_ref().is_some_and(|bar| new >= *bar) {
            return self.left_out.add(class);
        }
        match new.finding.origin.member().and_then(|_| self.ranked.take(&new)) {
            Some(mut known) => {
                self.weight -= weight(&known.finding);
                merge::add(&mut known.finding, *new.finding);
                self.insert(known);
            }
            None => self.insert(new),
        }
        while self.weight > self.limit && self.ranked.len() > 1 {
            let Some(last) = self.ranked.pop_last() else { break };
            self.weight -= weight(&last.finding);
            self.left_out.add(last.class);
            self.bar = Some(last);
        }
    }

    fn insert(&mut self, ranked: Ranked) {
        let weight = weight(&ranked.finding);
        if self.ranked.insert(ranked) {
            self.weight += weight;
        }
    }

    /// Counts a finding of this class at `path` as left out, if it ranks behind one that was; returns whether it does.
    pub(super) fn leaves_out(&mut self, class: Class, path: &[u8]) -> bool {
        let is_behind =
            self.bar.as_ref().is_some_and(|bar| (class, path) > (bar.class, bar.finding.origin.path()));
        if is_behind {
            self.left_out.add(class);
        }
        is_behind
    }

    /// The findings, and how many were left out.
    pub(super) fn finish(self) -> (Vec<Finding>, LeftOut) {
        let mut findings = Vec::with_capacity(self.ranked.len());
        findings.extend(self.ranked.into_iter().map(|ranked| *ranked.finding));
        (findings, self.left_out)
    }
}

/// The order of findings in reports: by repository, path, place, rule and credential.
pub(super) fn report_order(a: &Finding, b: &Finding) -> Ordering {
    let place = |finding: &Finding| -> Option<Location> { finding.places.first().map(Place::main) };
    (a.repository.cmp(&b.repository))
        .then_with(|| a.origin.path().cmp(b.origin.path()))
        .then_with(|| place(a).cmp(&place(b)))
        .then_with(|| a.rule.cmp(&b.rule))
        .then_with(|| a.credential.cmp(&b.credential))
        .then_with(|| a.origin.cmp(&b.origin))
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.class.cmp(&other.class).then_with(|| report_order(&self.finding, &other.finding))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}
