//! From what the sources of one repository held to a scan: what is proven, where it is in history, whose repository it
//! is in, and which parts belong together that were found apart.

use std::sync::Arc;

use super::collector::Collected;
use super::history::Attributor;
use super::prove::Evidence;
use super::tolerance::Tolerance;
use super::{Policy, Scan, Scanner, kept};
use crate::finding::RepositoryName;
use crate::origin::Origin;
use crate::source::{Source, Stage};

impl Collected {
    /// Puts findings together, in the order of reports. Where the scan was stopped, they stay where they were found. The
    /// evidence may prove pairs with what other repositories hold.
    pub(super) fn conclude(
        self,
        scanner: &Scanner,
        sources: &[&dyn Source],
        tolerance: &Tolerance,
        name_of: &dyn Fn(&Origin) -> Option<Arc<RepositoryName>>,
    ) -> (Scan, Evidence) {
        let Self { mut scan, evidence, hints } = self;
        let (policy, stop, rules) = (&scanner.policy, &scanner.stop, scanner.detector.rules());
        scan.run_stage(Stage::Proof, |scan| scan.prove(&evidence, rules, stop));
        let is_stopped = stop.is_stopped();
        let values = &hints.values;
        if !is_stopped {
            Attributor { sources, policy, tolerance, values, stop }.run(&mut scan);
        }
        scan.leave_out_values(values);
        scan.name_repositories(name_of);
        if !is_stopped {
            scan.run_stage(Stage::Proof, |scan| scan.pair_apart(&hints.labels, rules));
        }
        scan.tolerate(tolerance);
        scan.interrupted = stop.is_stopped();
        // A lower limit than the default one counts only once it is known at how many paths each finding is.
        if policy.max_findings < Policy::MAX_FINDINGS {
            scan.trim(policy);
        }
        scan.left_out.limit = policy.max_findings;
        scan.findings.sort_by(kept::report_order);
        (scan, evidence)
    }
}
