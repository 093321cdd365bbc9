//! The result of a scan.

use crate::finding::Finding;
use crate::source::{Excluded, Skipped};

/// Everything that a scan has to tell, sorted, so that equal inputs give equal scans.
#[derive(Debug, Default)]
pub struct Scan {
    /// What was found, suppressed findings included.
    pub findings: Vec<Finding>,
    /// What could not be read or not be scanned whole: each makes the scan incomplete.
    pub skipped: Vec<Skipped>,
    /// What the user left out.
    pub excluded: Vec<Excluded>,
    /// Number of inputs scanned.
    pub inputs: u64,
    /// Number of bytes scanned.
    pub bytes: u64,
    /// Whether the scan was stopped before its end.
    pub interrupted: bool,
}
