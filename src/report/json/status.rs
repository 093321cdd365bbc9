//! A key's status, as JSON has it.

use jiff::Timestamp;
use serde::Serialize;

use crate::owner::{KeyStatus, LastUse};

/// A time, as JSON has it.
pub(in crate::report) fn time(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// A key's status, as JSON has it: in `akid status` and in reports.
#[derive(Serialize)]
pub(in crate::report) struct Status<'a> {
    state: &'static str,
    likely: bool,
    evidence: &'a str,
    learnt_at: String,
    principal: Option<&'a str>,
    created_at: Option<String>,
    last_used: Option<LastUsed<'a>>,
}

/// The last use. `recorded` is false where IAM has no record of one: `at` is null then.
#[derive(Serialize)]
pub(in crate::report) struct LastUsed<'a> {
    recorded: bool,
    pub(in crate::report) at: Option<String>,
    pub(in crate::report) service: Option<&'a str>,
    pub(in crate::report) region: Option<&'a str>,
}

impl<'a> LastUsed<'a> {
    pub(in crate::report) fn of(last: Option<&'a LastUse>) -> Option<Self> {
        let (service, region) = match last? {
            LastUse::Used { service, region, .. } => (Some(service.as_str()), Some(region.as_str())),
            LastUse::Never | LastUse::Untracked(_) => (None, None),
        };
        let at = last?.at().map(time);
        Some(Self { recorded: at.is_some(), at, service, region })
    }
}

impl<'a> Status<'a> {
    pub(in crate::report) fn of(status: &'a KeyStatus) -> Self {
        Self {
            state: status.state.as_str(),
            likely: status.is_likely,
            evidence: &status.evidence,
            learnt_at: time(status.learnt_at),
            principal: status.principal.as_deref(),
            created_at: status.created_at.map(time),
            last_used: LastUsed::of(status.last_use.as_ref()),
        }
    }
}
