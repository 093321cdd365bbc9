//! What is written down before anything is changed, so that a run that was killed can be taken up, and undone.

use serde::{Deserialize, Serialize};

use super::Holder;

/// Takes down what a run is about to do, and what it has done. Nothing is done that could not be taken down.
pub trait Log<R> {
    /// Replaces what was taken down before.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn write(&mut self, record: &R) -> Result<(), LogError>;
}

/// Why nothing could be taken down, in the words of the [`Log`], as they may be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LogError(pub String);

/// What `contain` did with one key. There is no secret in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Containment {
    /// The key's ID.
    pub key_id: String,
    /// Its account.
    pub account: String,
    /// The steps, in the order in which they were done.
    pub steps: Vec<TakenStep>,
}

/// A step, and how far it got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenStep {
    /// What.
    #[serde(flatten)]
    pub step: Step,
    /// How far.
    pub progress: Progress,
    /// When, by this machine's clock.
    pub at: String,
}

/// A change that `contain` makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// The key is deactivated.
    Deactivate {
        /// Its user.
        user: String,
    },
    /// Sessions are denied everything that were opened before a time.
    Deny {
        /// Who has the policy.
        holder: Holder,
        /// The policy's name.
        policy: String,
        /// The policy.
        document: String,
        /// What stood under that name before.
        previous: Option<String>,
    },
}

/// How far a step got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// It was about to be done, and may have been.
    Intended,
    /// It was done.
    Done,
    /// It was taken back.
    Undone,
}
