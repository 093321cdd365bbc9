//! Made-up credentials of every kind that the corpus plants.

use akid::aws::fake::{self, Random};

/// A credential's parts as text.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
}

/// What is special about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `AKIA`, of the generation that carries its account.
    LongTerm,
    /// `AKIAI` or `AKIAJ`.
    OldGeneration,
    /// A fifth character that no real key was seen with.
    Implausible,
    /// `ASIA`, with a token.
    Temporary,
    /// The secret begins with `+` or `/`.
    SecretBeginsWithSign,
    /// The secret ends with `+` or `/`.
    SecretEndsWithSign,
}

/// Every kind, for layouts that take any.
pub(crate) const ANY: &[Kind] = &[
    Kind::LongTerm,
    Kind::SecretEndsWithSign,
    Kind::Temporary,
    Kind::OldGeneration,
    Kind::SecretBeginsWithSign,
    Kind::Implausible,
];
pub(crate) const LONG_TERM: &[Kind] = &[Kind::LongTerm, Kind::OldGeneration];
pub(crate) const TEMPORARY: &[Kind] = &[Kind::Temporary];

impl Key {
    /// The key of this kind that `seed` names.
    pub(crate) fn of(kind: Kind, seed: u64) -> Self {
        let is_sign = |c: char| c == '+' || c == '/';
        match kind {
            Kind::LongTerm => Self::from_fake(&fake::pair(seed)),
            Kind::Temporary => Self::from_fake(&fake::temporary(seed)),
            Kind::OldGeneration => Self::from_fake(&fake::pair(seed)).with_fifth("IJ", seed),
            Kind::Implausible => Self::from_fake(&fake::pair(seed)).with_fifth("ABCDEFGHKLMNOP7", seed),
            Kind::SecretBeginsWithSign => Self::first(seed, |key| key.secret.starts_with(is_sign)),
            Kind::SecretEndsWithSign => Self::first(seed, |key| key.secret.ends_with(is_sign)),
        }
    }

    fn first(seed: u64, wanted: impl Fn(&Self) -> bool) -> Self {
        let seeds = (0..).map(|step: u64| seed.wrapping_add(step << 40));
        seeds.map(|seed| Self::from_fake(&fake::pair(seed))).find(wanted).expect("1 in 32 is")
    }

    fn from_fake(fake: &fake::Fake) -> Self {
        Self {
            id: fake.id_text().to_owned(),
            secret: fake.secret_text().to_owned(),
            token: fake.token_text().to_owned(),
        }
    }

    fn with_fifth(mut self, choices: &str, seed: u64) -> Self {
        let fifth = Random::new(seed).text(choices, 1);
        self.id.replace_range(4..5, &fifth);
        self
    }
}
