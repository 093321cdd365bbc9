//! Asks git itself.

use std::path::Path;
use std::process::Command;

use akid::redact::redact;
use anyhow::{Context, bail};

/// What git prints, without the line end.
pub(super) fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("git").args(arguments).current_dir(folder).output();
    let output = output.context("git cannot be run\nhelp: install git")?;
    if !output.status.success() {
        bail!("git {}: {}", arguments[0], advice(&output.stderr));
    }
    let text = String::from_utf8(output.stdout).context("git names a path that is not Unicode")?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// What git says on standard error, line by line: its advice is to be read, and pasted.
fn advice(stderr: &[u8]) -> String {
    let line = |line: &[u8]| {
        let text = line.trim_ascii_start();
        let indent = if text.len() < line.len() && !text.is_empty() { "    " } else { "" };
        format!("{indent}{}", redact(text.trim_ascii_end()))
    };
    stderr.trim_ascii().split(|&byte| byte == b'\n').map(line).collect::<Vec<_>>().join("\n")
}

pub(super) fn shown(path: &Path) -> String {
    redact(path.as_os_str().as_encoded_bytes())
}
