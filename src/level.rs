//! How bad a finding is, how sure we are of it, and why not surer.

use std::fmt;

/// How much harm a leak does, before anything is known of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing that could be used by itself.
    Low,
    /// Half of something.
    Medium,
    /// Usable for a while, or likely to be.
    High,
    /// Usable now.
    Critical,
}

/// How sure we are that a finding is what its rule says. Separate from [`Severity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// Worth a look.
    Low,
    /// Probably.
    Medium,
    /// Named or structured as such.
    High,
    /// Proven: a signature that only this credential can have made was found.
    Certain,
}

/// A reason to be less sure. Each takes the certainty one step down; none hides a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Doubt {
    /// The key ID is of no generation that was ever seen on a real key.
    ImplausibleGeneration,
    /// The key ID is upper-case letters only, among other upper-case letters: a protein, a word list.
    LettersOnly,
    /// The secret's characters are fewer and more alike than a random key's.
    LowEntropy,
    /// The secret is forty hex digits, as SHA-1 sums and git's object IDs are.
    HexDigest,
    /// The secret reads like a path.
    PathLike,
    /// The secret reads like words or identifiers.
    WordLike,
    /// The secret looks cut from a longer base64 text.
    CutFromBase64,
    /// The name beside the secret is one that other services use, too.
    GenericName,
    /// Another secret near this one was the better match for the key ID.
    OtherSecretFits,
    /// The path says that this is a test, an example or documentation.
    TestPath,
    /// A signature made with the key ID was found, and not this secret made it.
    OtherSignature,
    /// The key ID and the secret were found in different files.
    PairedAcrossFiles,
}

/// Certainty with the doubts that brought it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confidence {
    start: Certainty,
    doubts: Vec<Doubt>,
}

impl Confidence {
    /// Starts from what the finding's form alone says.
    pub fn new(start: Certainty) -> Self {
        Self { start, doubts: Vec::new() }
    }

    /// Adds a doubt, once.
    #[must_use]
    pub fn doubting(mut self, doubt: Doubt) -> Self {
        if let Err(place) = self.doubts.binary_search(&doubt) {
            self.doubts.insert(place, doubt);
        }
        self
    }

    /// The certainty that is left: one step below the start for each doubt.
    pub fn certainty(&self) -> Certainty {
        self.doubts.iter().fold(self.start, |certainty, _| certainty.lower())
    }

    /// Every doubt, in a fixed order.
    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }
}

impl Certainty {
    /// Every certainty, from the least.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Certain];

    /// Those that the form of something can give: what is certain needs a proof.
    pub const BY_FORM: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The word for it in options and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Certain => "certain",
        }
    }

    fn lower(self) -> Self {
        match self {
            Self::Certain => Self::High,
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

impl Severity {
    /// One step worse, unless nothing is worse.
    #[must_use]
    pub fn higher(self) -> Self {
        Self::ALL.into_iter().find(|severity| *severity > self).unwrap_or(self)
    }

    /// One step less bad, unless nothing is less.
    #[must_use]
    pub fn lower(self) -> Self {
        Self::ALL.into_iter().rev().find(|severity| *severity < self).unwrap_or(self)
    }

    /// Every severity, from the least.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word for it in rules, options and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Doubt {
    /// Every doubt.
    pub const ALL: [Self; 12] = [
        Self::ImplausibleGeneration,
        Self::LettersOnly,
        Self::LowEntropy,
        Self::HexDigest,
        Self::PathLike,
        Self::WordLike,
        Self::CutFromBase64,
        Self::GenericName,
        Self::OtherSecretFits,
        Self::TestPath,
        Self::OtherSignature,
        Self::PairedAcrossFiles,
    ];

    /// The doubt's ID in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ImplausibleGeneration => "implausible-generation",
            Self::LettersOnly => "letters-only",
            Self::LowEntropy => "low-entropy",
            Self::HexDigest => "hex-digest",
            Self::PathLike => "path-like",
            Self::WordLike => "word-like",
            Self::CutFromBase64 => "cut-from-base64",
            Self::GenericName => "generic-name",
            Self::OtherSecretFits => "other-secret-fits",
            Self::TestPath => "test-path",
            Self::OtherSignature => "other-signature",
            Self::PairedAcrossFiles => "paired-across-files",
        }
    }

    /// The doubt as people say it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::ImplausibleGeneration => "the key ID does not match the format of known AWS keys",
            Self::LettersOnly => "the key ID has only letters and stands among other letters",
            Self::LowEntropy => "the secret's characters repeat too much for a random key",
            Self::HexDigest => "the secret is 40 hex digits, like a SHA-1 digest",
            Self::PathLike => "the secret looks like a path",
            Self::WordLike => "the secret looks like words",
            Self::CutFromBase64 => "the secret looks like part of longer base64",
            Self::GenericName => "other services use the name beside the secret",
            Self::OtherSecretFits => "another secret near it fits the key ID better",
            Self::OtherSignature => "a signature made with the key ID was not made with this secret",
            Self::PairedAcrossFiles => "the key ID and the secret are in different files",
            Self::TestPath => "the path contains test, example or documentation",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_doubt_takes_certainty_one_step_down_and_is_kept() {
        let confidence = Confidence::new(Certainty::High).doubting(Doubt::TestPath).doubting(Doubt::TestPath);
        assert_eq!(confidence.certainty(), Certainty::Medium);
        assert_eq!(confidence.clone().doubting(Doubt::LowEntropy).certainty(), Certainty::Low);
        assert_eq!(confidence.doubts(), [Doubt::TestPath]);
    }

    #[test]
    fn doubts_have_ids_of_their_own() {
        let ids: std::collections::BTreeSet<_> = Doubt::ALL.iter().map(|doubt| doubt.as_str()).collect();
        assert_eq!(ids.len(), Doubt::ALL.len());
    }
}
