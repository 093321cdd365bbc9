//! What was masked, on standard error.

use akid::mask::Tally;

use super::Plan;
use crate::cli::output;

/// Different secrets that are listed.
const LISTED: usize = 100;

/// What was done with what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// It is masked in what was written.
    Masked,
    /// It would be masked: nothing was written.
    Checked,
}

impl Done {
    /// What `--check` stands for.
    pub(super) fn of(is_check: bool) -> Self {
        if is_check { Self::Checked } else { Self::Masked }
    }
}

/// Reports what was masked, by rule and fingerprint.
pub(super) fn tell(plan: &Plan, tally: &Tally, done: Done) {
    if !plan.quiet {
        output::warn(&text(tally, done));
    }
}

fn text(tally: &Tally, done: Done) -> String {
    if tally.total() == 0 {
        return "nothing to mask".to_owned();
    }
    let count = tally.masked().count();
    let plural =
        |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let verb = if done == Done::Checked { "to mask:" } else { "masked" };
    let mut lines = vec![format!(
        "{verb} {} in {}",
        plural(count as u64, "secret", "secrets"),
        plural(tally.total(), "place", "places")
    )];
    for (masked, places) in tally.masked().take(LISTED) {
        let fingerprint = masked.fingerprint.map(|name| name.to_string()).unwrap_or_default();
        lines.push(format!(
            "  {:<22} {fingerprint:<19} {}",
            masked.rule.as_str(),
            plural(places, "place", "places")
        ));
    }
    if count > LISTED {
        lines.push(format!("  and {} more", count - LISTED));
    }
    if tally.more() > 0 {
        lines.push(format!(
            "  and {} of secrets that were too many to count",
            plural(tally.more(), "place", "places")
        ));
    }
    lines.join("\n")
}
