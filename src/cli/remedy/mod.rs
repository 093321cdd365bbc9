//! What to do about an error of the library: the library says what is wrong, and the options that help are named here.

pub(super) mod report;
#[cfg(feature = "sts")]
mod resolve;
#[cfg(feature = "respond")]
mod respond;

#[cfg(feature = "sts")]
use std::fmt::Display;

#[cfg(feature = "respond")]
pub(super) use respond::{lack_with_help, of_lack};

/// An error with a way out.
#[cfg(feature = "sts")]
pub(super) trait Remedied: Display {
    /// What to do, as it may be shown; `None` where the error says all there is.
    fn help(&self) -> Option<String>;

    /// The error and what to do about it, as it may be shown.
    fn with_help(&self) -> String {
        match self.help() {
            Some(help) => format!("{self}\nhelp: {help}"),
            None => self.to_string(),
        }
    }
}

/// The statement of a policy that allows one action.
#[cfg(feature = "sts")]
fn statement(action: &str) -> String {
    format!(
        "the caller needs this policy statement\n  \
         {{\"Effect\": \"Allow\", \"Action\": \"{action}\", \"Resource\": \"*\"}}"
    )
}
