//! Asks the person at the terminal before anything is changed.

use akid::stop::Stop;
use anyhow::bail;

use crate::cli::prompt;

/// Whether the person wants it, who types `word`. Where nobody can be asked, `--yes` has to be given.
pub(super) fn typed(what: &str, word: &str, yes: bool, stop: &Stop) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    let Some(line) = prompt::line(&format!("{what}: type {word} to go on: "), stop) else {
        if stop.is_stopped() {
            return Ok(false);
        }
        bail!("{what}: no terminal is attached to ask\nhelp: --yes answers, for scripts");
    };
    Ok(line.trim() == word)
}
