//! A key's status, read back from JSON.

use jiff::Timestamp;
use serde::Deserialize;

use crate::owner::{KeyState, KeyStatus, LastUse};
use crate::redact::redact;

#[derive(Deserialize)]
pub(super) struct StatusEntry {
    state: String,
    likely: bool,
    evidence: String,
    learnt_at: Timestamp,
    principal: Option<String>,
    created_at: Option<Timestamp>,
    last_used: Option<LastUsed>,
}

#[derive(Deserialize)]
struct LastUsed {
    at: Option<Timestamp>,
    service: Option<String>,
    region: Option<String>,
}

impl StatusEntry {
    pub(super) fn read(self) -> KeyStatus {
        let shown = |text: String| redact(text.as_bytes());
        KeyStatus {
            state: KeyState::parse(&self.state).unwrap_or_default(),
            is_likely: self.likely,
            evidence: shown(self.evidence),
            learnt_at: self.learnt_at,
            principal: self.principal.map(shown),
            created_at: self.created_at,
            last_use: self.last_used.map(|last| match (last.at, last.service, last.region) {
                (None, ..) => LastUse::Never,
                (Some(at), Some(service), Some(region)) => {
                    LastUse::Used { at, service: shown(service), region: shown(region) }
                }
                (Some(at), ..) => LastUse::Untracked(at),
            }),
        }
    }
}
