//! Whose a credential is, and how that is known.

mod status;

use crate::aws::AccountId;
use crate::level::Severity;

pub use status::{KeyState, KeyStatus, LastUse};

/// What one source says of a credential's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The account.
    pub id: AccountId,
    /// What told it.
    pub known_by: KnownBy,
}

/// An account, how it is known, and whether all that tells of it agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// The account, as the surest source says.
    pub id: AccountId,
    /// What told it.
    pub known_by: KnownBy,
    /// What another source says instead.
    pub otherwise: Option<Claim>,
}

/// What told an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KnownBy {
    /// It was decoded from the key ID.
    KeyId,
    /// It was decoded from the session token.
    SessionToken,
    /// The credential says so, its user name, or the host that it is for.
    Credential,
    /// AWS said so: the operation GetAccessKeyInfo of its Security Token Service.
    Sts,
    /// The account itself has it among the keys of its users, or had.
    Iam,
}

/// Whose an account is, seen by the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ownership {
    /// One of the user's own.
    Own,
    /// One in which an issuer of canary tokens makes keys.
    Canary,
    /// One of documentation and emulators, or a documented key.
    Example,
    /// Somebody else's.
    Foreign,
    /// Not known: the account is not, or the user's own accounts are not.
    #[default]
    Unknown,
}

/// Whose a credential is, beyond its account, and what the owner's side says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Owner {
    /// Whose the account is.
    pub ownership: Ownership,
    /// What the user calls the account, as it may be shown.
    pub name: Option<String>,
    /// Why AWS did not tell the account, where it was asked to and did not; as it may be shown.
    pub unresolved: Option<String>,
    /// Whether the key still works, where its account was asked.
    pub status: Option<KeyStatus>,
}

impl Owner {
    /// How bad a leak is by whose it is and by whether it still works, from how bad it is by its rule.
    pub fn weigh(&self, severity: Severity) -> Severity {
        self.state().weigh(self.ownership.weigh(severity))
    }

    /// Whether the key works, as far as that is sure.
    pub fn state(&self) -> KeyState {
        self.status.as_ref().map_or(KeyState::Unknown, KeyStatus::settled)
    }
}

impl Account {
    /// What several sources together say, the surest first; `None` if none says anything.
    pub fn of(claims: impl IntoIterator<Item = Claim>) -> Option<Self> {
        let mut claims = claims.into_iter();
        let Claim { id, known_by } = claims.next()?;
        Some(Self { id, known_by, otherwise: claims.find(|claim| claim.id != id) })
    }

    /// What each source says of it, the surest first.
    pub fn claims(self) -> impl Iterator<Item = Claim> {
        std::iter::once(Claim { id: self.id, known_by: self.known_by }).chain(self.otherwise)
    }
}

impl KnownBy {
    /// Every source.
    pub const ALL: [Self; 5] = [Self::KeyId, Self::SessionToken, Self::Credential, Self::Sts, Self::Iam];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeyId => "key-id",
            Self::SessionToken => "session-token",
            Self::Credential => "credential",
            Self::Sts => "sts",
            Self::Iam => "iam",
        }
    }
}

impl Ownership {
    /// Every ownership.
    pub const ALL: [Self; 5] = [Self::Own, Self::Canary, Self::Example, Self::Foreign, Self::Unknown];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Canary => "canary",
            Self::Example => "example",
            Self::Foreign => "foreign",
            Self::Unknown => "unknown",
        }
    }

    /// How bad a leak is by whose it is: one step worse for the user's own, one step less for a canary, which opens
    /// nothing. Somebody else's is as bad as it was.
    pub fn weigh(self, severity: Severity) -> Severity {
        match self {
            Self::Own => severity.higher(),
            Self::Canary => severity.lower(),
            Self::Example | Self::Foreign | Self::Unknown => severity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(number: u64, known_by: KnownBy) -> Claim {
        Claim { id: AccountId::new(number).unwrap(), known_by }
    }

    #[test]
    fn the_surest_source_counts_and_another_opinion_is_kept() {
        let [sts, same, other] =
            [claim(1, KnownBy::Sts), claim(1, KnownBy::KeyId), claim(2, KnownBy::SessionToken)];
        assert_eq!(Account::of([]), None);
        assert_eq!(Account::of([sts, same]).unwrap().otherwise, None);
        let account = Account::of([sts, same, other]).unwrap();
        assert_eq!((account.id, account.otherwise), (sts.id, Some(other)));
        assert!(account.claims().eq([sts, other]));
    }

    #[test]
    fn ownership_weighs_one_step_and_never_beyond_the_ends() {
        assert_eq!(Ownership::Own.weigh(Severity::Medium), Severity::High);
        assert_eq!(Ownership::Own.weigh(Severity::Critical), Severity::Critical);
        assert_eq!(Ownership::Canary.weigh(Severity::Critical), Severity::High);
        assert_eq!(Ownership::Canary.weigh(Severity::Low), Severity::Low);
        for ownership in [Ownership::Foreign, Ownership::Example, Ownership::Unknown] {
            assert_eq!(ownership.weigh(Severity::High), Severity::High);
        }
    }
}
