//! Files and history of one repository in one scan: what both have at one path is one finding.

use std::collections::BTreeMap;
use std::mem;

use super::{Scan, kept};
use crate::finding::{Finding, Fingerprint, Suppression};
use crate::origin::Origin;

impl Scan {
    /// Makes one finding of a file's and of the versions that history has of it. It shows the places in the file, which
    /// are the ones to change, and says what history says. It counts if one of both does.
    pub fn merge_files_with_history(&mut self) {
        let mut versions: BTreeMap<Fingerprint, Finding> = BTreeMap::new();
        let mut findings = Vec::with_capacity(self.findings.len());
        for finding in mem::take(&mut self.findings) {
            if is_of_history(&finding) {
                versions.insert(finding.fingerprint_by_path(), finding);
            } else {
                findings.push(finding);
            }
        }
        for finding in &mut findings {
            let Some(version) = versions.remove(&finding.fingerprint_by_path()) else { continue };
            finding.exposure = version.exposure;
            keep_if_one_counts(finding, version.suppression);
        }
        findings.extend(versions.into_values());
        findings.sort_by(kept::report_order);
        self.findings = findings;
    }
}

fn is_of_history(finding: &Finding) -> bool {
    !matches!(finding.origin.root(), Origin::File(_) | Origin::FileName(_) | Origin::Stdin)
}

fn keep_if_one_counts(finding: &mut Finding, other: Option<Suppression>) {
    if other.is_none() {
        (finding.suppression, finding.justification) = (None, None);
    }
}
