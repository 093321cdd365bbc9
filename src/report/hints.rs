//! What a report advises its reader to call, in the words of the command that writes it.

/// Parts of sentences that name options of the command that writes a report. The library has no options: where a text
/// is empty, which is the default, the report leaves that advice out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// What lists everything where a report for people names the first of many: "X lists them".
    pub list_all: &'static str,
    /// What becomes of inputs that no tool can read: "with X, exit code 2".
    pub fail_on_unreadable: &'static str,
    /// The same, as a sentence in SARIF's help: "X fails on such inputs".
    pub unreadable: &'static str,
    /// How the accounts of a report's keys are looked up again: "run X on this file".
    pub resolve_again: &'static str,
    /// What keeps credentials from the report for people.
    pub hidden_by: &'static str,
    /// What sets the size above which files are left out.
    pub size_limit: &'static str,
    /// What follows `akid allow` and the ID of a credential.
    pub allow: &'static str,
}

impl Hints {
    /// `before` and a hint, or nothing where there is no hint.
    pub(super) fn after(before: &str, hint: &str) -> String {
        if hint.is_empty() { String::new() } else { format!("{before}{hint}") }
    }
}
