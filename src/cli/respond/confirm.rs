//! Asks the person at the terminal before anything is changed.

use akid::stop::Stop;
use anyhow::bail;

use crate::cli::{Exit, output, prompt};

/// What a command comes to, of which an interrupt is no fault: what kept it from going on is reported beside that.
pub(super) fn unless_stopped(done: anyhow::Result<Exit>, stop: &Stop) -> anyhow::Result<Exit> {
    if let (Err(error), true) = (&done, stop.is_stopped()) {
        output::warn(&format!("{error:#}"));
        return Ok(Exit::Interrupted);
    }
    done
}

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
