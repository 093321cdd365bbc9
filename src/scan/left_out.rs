//! What was found and is not listed, in numbers.

use std::collections::BTreeMap;

use super::Scan;
use super::class::Class;
use crate::finding::Suppression;
use crate::level::Severity;

/// How much there is beside what a scan lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The most findings that the scan may list.
    pub limit: usize,
    /// Findings that count.
    pub by_severity: BTreeMap<Severity, u64>,
    /// Findings that do not.
    pub by_suppression: BTreeMap<Suppression, u64>,
    /// Inputs that could not be read, or not whole.
    pub skipped: u64,
    /// Such inputs that nothing else could read either.
    pub unreadable: u64,
    /// Such inputs that the user accepts.
    pub accepted: u64,
    /// Inputs that the user left out.
    pub excluded: u64,
}

impl LeftOut {
    /// How many findings that count are not listed.
    pub fn findings(&self) -> u64 {
        self.by_severity.values().sum()
    }

    /// How many suppressed findings are not listed.
    pub fn suppressed(&self) -> u64 {
        self.by_suppression.values().sum()
    }

    pub(super) fn add(&mut self, class: Class) {
        *match class.suppression {
            None => self.by_severity.entry(class.severity.0).or_default(),
            Some(suppression) => self.by_suppression.entry(suppression).or_default(),
        } += 1;
    }

    /// Takes over the findings that `other` counts.
    pub(super) fn add_all(&mut self, other: &Self) {
        for (severity, n) in &other.by_severity {
            *self.by_severity.entry(*severity).or_default() += n;
        }
        for (suppression, n) in &other.by_suppression {
            *self.by_suppression.entry(*suppression).or_default() += n;
        }
    }
}

impl Scan {
    /// Whether everything that was asked for was scanned, listed and resolved. What is not listed and would not count
    /// does not make a scan incomplete.
    pub fn is_complete(&self) -> bool {
        self.is_all_read() && self.left_out.findings() == 0 && self.resolution.failures.is_empty()
    }

    /// Whether everything that was asked for was read.
    pub fn is_all_read(&self) -> bool {
        let is_skipped = !self.skipped.is_empty() || self.left_out.skipped > 0;
        !self.interrupted && !is_skipped && self.gaps.is_empty()
    }
}
