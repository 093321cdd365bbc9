//! What a report calls a finding or its credential, as typed.

use std::fmt;

use akid::aws::{AccessKeyId, SecretFingerprint};
use akid::finding::{Finding, Fingerprint};

/// A name that reports give to a finding or a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    KeyId(AccessKeyId),
    /// A secret, or a session token.
    Secret(SecretFingerprint),
    /// A fingerprint or a credential ID: both have 32 hex digits, so only a scan tells which.
    Hex(Fingerprint),
}

impl Name {
    /// Parses a name. The error repeats nothing of `text`, which may be a secret.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let key_id = || AccessKeyId::parse(text.as_bytes()).map(Self::KeyId);
        let secret = || SecretFingerprint::parse(text).map(Self::Secret);
        let hex = || Fingerprint::parse(text.as_bytes()).map(Self::Hex);
        key_id().or_else(secret).or_else(hex).ok_or_else(|| {
            "not a key ID, nor a fingerprint or credential ID as `--format json` prints them".to_owned()
        })
    }

    /// Whether this names `finding` or its credential.
    pub(super) fn is_of(&self, finding: &Finding) -> bool {
        let name = &finding.credential;
        match self {
            Self::KeyId(id) => name.id() == Some(*id),
            Self::Secret(secret) => [name.any_secret(), name.token().copied()].contains(&Some(*secret)),
            Self::Hex(hex) => finding.fingerprint() == *hex || self.is_credential_of(finding),
        }
    }

    /// Whether this is the ID of the credential of `finding`.
    pub(super) fn is_credential_of(&self, finding: &Finding) -> bool {
        matches!(self, Self::Hex(hex) if finding.credential_id().to_string() == hex.to_string())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyId(id) => id.fmt(f),
            Self::Secret(secret) => secret.fmt(f),
            Self::Hex(hex) => hex.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use akid::aws::fake;

    use super::*;

    #[test]
    fn names_are_read_as_they_are_shown_and_a_secret_is_none() {
        let key = fake::pair(3);
        let names =
            [key.id_text().to_owned(), key.secret().fingerprint().to_string(), "0123456789abcdef".repeat(2)];
        for name in names {
            assert_eq!(Name::parse(&name).unwrap().to_string(), name);
        }
        for wrong in [key.secret_text(), "", "0123456789abcdef", "sha256:0123"] {
            let error = Name::parse(wrong).unwrap_err();
            assert!(wrong.is_empty() || !error.contains(wrong), "{error}");
        }
    }
}
