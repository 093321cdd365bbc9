//! Whether a key still works, as its own account knows.

use jiff::Timestamp;

use crate::level::Severity;

/// Whether a key works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyState {
    /// It works.
    Active,
    /// Its owner has deactivated it, and can activate it again.
    Inactive,
    /// It no longer exists.
    Deleted,
    /// It was temporary, and its time is over.
    Expired,
    /// Not known: the owner's account could not be asked, or did not say.
    #[default]
    Unknown,
}

/// When a key was used last. IAM reports a use some hours later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LastUse {
    /// IAM has no record of a use since it began to keep them, in April 2015.
    Never,
    /// IAM names a date, and neither a service nor a region.
    Untracked(Timestamp),
    /// IAM names all of it.
    Used {
        /// When.
        at: Timestamp,
        /// The service's name in ARNs and policies.
        service: String,
        /// The region.
        region: String,
    },
}

/// What the owner's account says of a key, each text as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyStatus {
    /// Whether it works.
    pub state: KeyState,
    /// Whether that is inferred, not read.
    pub is_likely: bool,
    /// What says so.
    pub evidence: String,
    /// When it was learnt.
    pub learnt_at: Timestamp,
    /// Whose it is: the name of a user, `root`, or the ARN of a session.
    pub principal: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was used last.
    pub last_use: Option<LastUse>,
}

impl KeyState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Active, Self::Inactive, Self::Deleted, Self::Expired, Self::Unknown];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }

    /// How bad a leak is by whether the key works: one step less while it is deactivated, which can be undone; low once
    /// it can never work again.
    pub fn weigh(self, severity: Severity) -> Severity {
        match self {
            Self::Inactive => severity.lower(),
            Self::Deleted | Self::Expired => Severity::Low,
            Self::Active | Self::Unknown => severity,
        }
    }

    /// Reads the word for it in reports.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl KeyStatus {
    /// The state, as far as that is sure: what is only inferred makes nothing harmless.
    pub fn settled(&self) -> KeyState {
        if self.is_likely { KeyState::Unknown } else { self.state }
    }
}

impl LastUse {
    /// When that was; `None` if it was never used.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::Untracked(at) | Self::Used { at, .. } => Some(*at),
        }
    }

    /// As people say it.
    pub fn describe(&self) -> String {
        match self {
            Self::Never => "never".to_owned(),
            Self::Untracked(at) => format!("{at:.0}, service and region not recorded"),
            Self::Used { at, service, region } => format!("{at:.0}, {service} in {region}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: KeyState, is_likely: bool) -> KeyStatus {
        let (evidence, learnt_at) = (String::new(), Timestamp::UNIX_EPOCH);
        KeyStatus { state, is_likely, evidence, learnt_at, principal: None, created_at: None, last_use: None }
    }

    #[test]
    fn only_what_is_known_for_sure_makes_a_leak_less_bad() {
        let weigh = |state, is_likely| status(state, is_likely).settled().weigh(Severity::Critical);
        assert_eq!(weigh(KeyState::Active, false), Severity::Critical);
        assert_eq!(weigh(KeyState::Unknown, false), Severity::Critical);
        assert_eq!(weigh(KeyState::Inactive, false), Severity::High);
        assert_eq!(weigh(KeyState::Deleted, false), Severity::Low);
        assert_eq!(weigh(KeyState::Expired, false), Severity::Low);
        assert_eq!(weigh(KeyState::Deleted, true), Severity::Critical);
    }
}
