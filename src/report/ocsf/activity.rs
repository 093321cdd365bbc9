//! The scan itself as an event: how much was scanned, and what was not.

use serde::Serialize;

use super::{Captioned, Class, Metadata, milliseconds};
use crate::report::remarks::{Remark, remarks};
use crate::report::{Report, summary};

/// How many remarks are listed: a hostile input can make any number.
const MAX_REMARKS: usize = 1000;

/// The end of a scan.
#[derive(Serialize)]
pub(super) struct Event {
    #[serde(flatten)]
    class: Class,
    metadata: Metadata,
    time: i64,
    severity_id: u8,
    severity: &'static str,
    status_id: u8,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_detail: Option<String>,
    message: String,
    scan: Scan,
    num_files: u64,
    num_skipped_items: u64,
    num_detections: u64,
    total: u64,
    unmapped: Unmapped,
}

#[derive(Serialize)]
struct Scan {
    name: &'static str,
    type_id: u8,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// What there is to say of the run, which the schema has no attribute for.
#[derive(Serialize)]
struct Unmapped {
    complete: bool,
    remarks: Vec<Told>,
    more_remarks: u64,
}

#[derive(Serialize)]
struct Told {
    kind: &'static str,
    reason: String,
    message: String,
}

impl Event {
    pub(super) fn of(report: &Report<'_>) -> Self {
        let scan = report.scan;
        let complete = scan.is_complete();
        let all: Vec<Remark<'_>> = remarks(scan, report.options.hints).collect();
        let told = |remark: &Remark<'_>| Told {
            kind: remark.sort.as_str(),
            reason: remark.reason.to_owned(),
            message: remark.told(),
        };
        let errors = all.iter().filter(|remark| remark.is_error).count();
        let activity = if scan.interrupted { Captioned(3, "Cancelled") } else { Captioned(2, "Completed") };
        let status = if complete { Captioned(1, "Success") } else { Captioned(2, "Failure") };
        Self {
            class: Class::new(Captioned(6, "Application Activity"), 6007, "Scan Activity", activity),
            metadata: Metadata::AKID,
            time: milliseconds(report.now),
            severity_id: 1,
            severity: "Informational",
            status_id: status.0,
            status: status.1,
            status_detail: (!complete).then(|| {
                format!("Not everything was scanned: {errors} problems, listed in `unmapped.remarks`")
            }),
            message: summary::scanned(report),
            scan: Scan { name: env!("CARGO_PKG_NAME"), type_id: 1, kind: "Manual" },
            num_files: scan.inputs,
            num_skipped_items: scan.skipped.len() as u64 + scan.left_out.skipped,
            num_detections: report.counting().count() as u64 + scan.left_out.findings(),
            total: scan.inputs + scan.members,
            unmapped: Unmapped {
                complete,
                remarks: all.iter().take(MAX_REMARKS).map(told).collect(),
                more_remarks: all.len().saturating_sub(MAX_REMARKS) as u64,
            },
        }
    }
}
