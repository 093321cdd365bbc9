//! The user's editor.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use akid::finding::Finding;
use akid::origin::Origin;
use anyhow::{Context, bail};

use crate::cli::environment::variable;

/// The file below `base` that `finding` is in; `None` if it is in history or inside of something, or is not there.
///
/// A report may come from anywhere, so the file must lie below `base`, links included.
pub(super) fn file(base: &Path, finding: &Finding) -> Option<PathBuf> {
    let path = match &finding.origin {
        Origin::File(path) => path,
        Origin::Version(path) if finding.exposure.as_deref().is_some_and(|exposure| exposure.at_head) => path,
        _ => return None,
    };
    let path = base.join(std::str::from_utf8(path.as_bytes()).ok()?);
    let real = path.canonicalize().ok()?;
    let is_below = real.starts_with(base.canonicalize().ok()?);
    (is_below && real.is_file()).then_some(real)
}

/// Opens `file` at `line` and waits until the editor ends.
pub(super) fn open(file: &Path, line: u64) -> anyhow::Result<()> {
    let editor = variable("VISUAL").or_else(|| variable("EDITOR"));
    let editor = editor.context("no editor is named\nhelp: set VISUAL or EDITOR")?;
    let status = command(&editor, file, line).status().context("the editor cannot be run")?;
    if !status.success() {
        bail!("the editor ended with an error");
    }
    Ok(())
}

/// The name of the program that a command line runs, without its folder.
fn program(line: &str) -> String {
    let line = line.trim_start();
    let word = match line.chars().next() {
        Some(quote @ ('"' | '\'')) => line[1..].split(quote).next(),
        _ => line.split_whitespace().next(),
    };
    Path::new(word.unwrap_or_default()).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The variable may hold arguments, which a shell splits, as for git.
fn command(editor: &OsString, file: &Path, line: u64) -> Command {
    let program = program(&editor.to_string_lossy());
    let mut place: Vec<OsString> = Vec::new();
    let mut with_line = file.as_os_str().to_owned();
    with_line.push(format!(":{line}"));
    match program.as_str() {
        "code" | "code-insiders" | "codium" | "cursor" | "windsurf" => {
            place.extend(["--wait".into(), "--goto".into(), with_line]);
        }
        "subl" => place.extend(["--wait".into(), with_line]),
        "hx" | "helix" | "zed" => place.push(with_line),
        "vi" | "vim" | "nvim" | "view" | "nano" | "pico" | "emacs" | "emacsclient" | "joe" | "micro"
        | "kak" | "less" | "mg" | "ne" => place.extend([format!("+{line}").into(), file.into()]),
        _ => place.push(file.into()),
    }
    let mut command = if cfg!(windows) {
        Command::new(editor)
    } else {
        let mut shell = Command::new("sh");
        let mut script = editor.clone();
        script.push(" \"$@\"");
        shell.arg("-c").arg(script).arg("sh");
        shell
    };
    command.args(place);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_editor_is_told_the_line_in_its_own_way() {
        let arguments = |editor: &str| {
            let command = command(&editor.into(), Path::new("/a b/c.env"), 7);
            let all = command.get_args().skip(3).map(|word| word.to_string_lossy().into_owned());
            all.collect::<Vec<_>>().join(" | ")
        };
        if cfg!(windows) {
            return;
        }
        assert_eq!(arguments("vim -R"), "+7 | /a b/c.env");
        assert_eq!(arguments("/usr/bin/nano"), "+7 | /a b/c.env");
        assert_eq!(arguments("'/opt/my tools/nvim' -R"), "+7 | /a b/c.env");
        assert_eq!(arguments("code"), "--wait | --goto | /a b/c.env:7");
        assert_eq!(arguments("hx"), "/a b/c.env:7");
        assert_eq!(arguments("own-editor"), "/a b/c.env");
    }
}
