//! Counts that more than one format shows.

use std::collections::BTreeMap;

use crate::finding::Suppression;
use crate::level::Severity;
use crate::scan::Scan;

/// How many findings there are of each sort, with those that are not listed. What there is none of is left out.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Findings that count.
    pub(super) by_severity: BTreeMap<Severity, u64>,
    /// Findings that do not.
    pub(super) by_suppression: BTreeMap<Suppression, u64>,
}

impl Tally {
    pub(super) fn of(scan: &Scan) -> Self {
        let left_out = &scan.left_out;
        let mut tally = Self {
            by_severity: left_out.by_severity.clone(),
            by_suppression: left_out.by_suppression.clone(),
        };
        for finding in &scan.findings {
            *match finding.suppression {
                None => tally.by_severity.entry(finding.severity).or_default(),
                Some(suppression) => tally.by_suppression.entry(suppression).or_default(),
            } += 1;
        }
        tally
    }
}
