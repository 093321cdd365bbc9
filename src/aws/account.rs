//! AWS account numbers and the few that everybody knows.

use std::fmt;

use super::canary;

/// An AWS account number: twelve digits, leading zeros kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(u64);

/// An account whose number alone says what a key in it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KnownAccount {
    /// Belongs to an issuer of canary tokens: using such a key raises an alarm at whoever planted it.
    Canary,
    /// Used by the AWS documentation and by local AWS emulators. A label, never a reason to suppress.
    Documentation,
}

impl AccountId {
    /// The largest account number.
    pub const MAX: Self = Self(999_999_999_999);

    /// Makes an account from its number; `None` if that has more than twelve digits.
    pub fn new(number: u64) -> Option<Self> {
        (number <= Self::MAX.0).then_some(Self(number))
    }

    /// Parses exactly twelve digits.
    pub fn parse(text: &str) -> Option<Self> {
        let twelve_digits = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        twelve_digits.then(|| text.parse().ok()).flatten().and_then(Self::new)
    }

    /// What is publicly known of this account, if anything.
    pub fn known(self) -> Option<KnownAccount> {
        if canary::ISSUERS.binary_search(&self.0).is_ok() {
            Some(KnownAccount::Canary)
        } else if DOCUMENTATION.contains(&self.0) {
            Some(KnownAccount::Documentation)
        } else {
            None
        }
    }
}

/// Accounts of the AWS documentation's examples.
const DOCUMENTATION: [u64; 4] = [0, 111_122_223_333, 123_456_789_012, 444_455_556_666];

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_keeps_its_leading_zeros() {
        assert_eq!(AccountId::new(2_682_819_933).unwrap().to_string(), "002682819933");
        assert_eq!(AccountId::parse("002682819933"), AccountId::new(2_682_819_933));
    }

    #[test]
    fn thirteen_digits_are_no_account() {
        assert_eq!(AccountId::new(1_000_000_000_000), None);
        assert_eq!(AccountId::parse("1000000000000"), None);
        assert_eq!(AccountId::parse("+12345678901"), None);
    }

    #[test]
    fn known_accounts_are_told_apart() {
        let known = |number| AccountId::new(number).unwrap().known();
        assert_eq!(known(171_436_882_533), Some(KnownAccount::Canary));
        assert_eq!(known(52_310_077_262), Some(KnownAccount::Canary));
        assert_eq!(known(123_456_789_012), Some(KnownAccount::Documentation));
        assert_eq!(known(609_629_065_308), None);
    }
}
