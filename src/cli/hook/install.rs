//! `akid hook install` and `uninstall`.
//!
//! Git itself is asked where hooks are: it knows of `core.hooksPath` at every level, of linked worktrees and of what
//! the environment says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use akid::redact::redact;
use anyhow::{Context, bail};

use super::args::{InstallArgs, UninstallArgs};
use super::script::{self, Hook};
use crate::cli::settings::variable;
use crate::cli::{Exit, output};

/// A folder that git runs hooks from.
#[derive(Debug)]
struct Hooks {
    folder: PathBuf,
    /// Whether akid made it to stand in for every repository's own.
    stands_in: bool,
}

/// Installs hooks.
pub(super) fn install(args: &InstallArgs) -> anyhow::Result<Exit> {
    let hooks = Hooks::find(args.which.global, args.force)?;
    let akid = std::env::current_exe().context("where akid is cannot be told")?;
    fs::create_dir_all(&hooks.folder).with_context(|| format!("{}: cannot be made", shown(&hooks.folder)))?;
    for hook in args.which.hooks() {
        let script = if hooks.stands_in { hook.global(&akid) } else { hook.chained(&akid) };
        let note = hooks.put(hook.name(), &script, args.force)?;
        say(&format!("installed {}{note}\n", shown(&hooks.folder.join(hook.name()))))?;
    }
    if hooks.stands_in {
        for name in script::OTHERS {
            hooks.put(name, &script::passing_on(name), false)?;
        }
        let path = hooks.folder.to_str().context("the folder of hooks has no name that git could keep")?;
        git(Path::new("."), &["config", "--global", "core.hooksPath", path])?;
        say(
            "git's core.hooksPath is set, for all repositories of this user; their own hooks run as before\n",
        )?;
    }
    Ok(Exit::Clean)
}

/// Takes hooks away.
pub(super) fn uninstall(args: &UninstallArgs) -> anyhow::Result<Exit> {
    let hooks = Hooks::find(args.global, true)?;
    for hook in args.hooks() {
        // pre-commit calls `legacy` what was there before it came.
        let names = [hook.name().to_owned(), format!("{}.legacy", hook.name())];
        let taken: Vec<_> =
            names.into_iter().filter_map(|name| hooks.take_away(&name, hook).transpose()).collect();
        if taken.is_empty() {
            say(&format!("no hook of akid's in {}\n", shown(&hooks.folder.join(hook.name()))))?;
        }
        for note in taken {
            say(&note?)?;
        }
    }
    let is_left = Hook::ALL.iter().any(|hook| hooks.has_ours(hook.name()));
    if hooks.stands_in && !is_left && hooks.folder.is_dir() {
        // First the setting, so that no repository is without its own hooks in between.
        git(Path::new("."), &["config", "--global", "--unset", "core.hooksPath"])?;
        for name in script::OTHERS.iter().filter(|name| hooks.has_ours(name)) {
            fs::remove_file(hooks.folder.join(name)).context("a hook cannot be taken away")?;
        }
        // Stays where somebody put something else in it.
        let _ = fs::remove_dir(&hooks.folder);
        say("git's core.hooksPath is unset\n")?;
    }
    Ok(Exit::Clean)
}

impl UninstallArgs {
    /// All hooks if none is named.
    fn hooks(&self) -> Vec<Hook> {
        let is_asked = |hook: &Hook| match hook {
            Hook::PreCommit => self.pre_commit || !self.pre_push,
            Hook::PrePush => self.pre_push || !self.pre_commit,
        };
        Hook::ALL.into_iter().filter(is_asked).collect()
    }
}

impl Hooks {
    /// The folder that hooks of this repository run from, or those of all. A folder that other repositories use, too,
    /// is taken only if it is what was asked for, or `forced`.
    fn find(global: bool, forced: bool) -> anyhow::Result<Self> {
        if global {
            return Self::of_user();
        }
        let here = Path::new(".");
        let is_bare = git(here, &["rev-parse", "--is-bare-repository"])? == "true";
        let top = if is_bare { "--absolute-git-dir" } else { "--show-toplevel" };
        let top = PathBuf::from(git(here, &["rev-parse", top])?);
        let common = git(&top, &["rev-parse", "--git-common-dir"])?;
        let folder = top.join(git(&top, &["rev-parse", "--git-path", "hooks"])?);
        let (top, common) = (real(&top), real(&top.join(common)));
        let is_own = [&top, &common].iter().any(|own| real(&folder).starts_with(own));
        if !is_own && !forced {
            bail!(
                "{}: git runs the hooks of this repository from there (core.hooksPath), and maybe those of others\n\
                 help: `akid hook install --global` installs them for all, `--force` in that folder",
                shown(&folder)
            );
        }
        Ok(Self { folder, stands_in: false })
    }

    /// The folder for all repositories of this user: the one that git has been told, or one of akid's own.
    fn of_user() -> anyhow::Result<Self> {
        let own = own_folder()?;
        let set = git(Path::new("."), &["config", "--global", "--type=path", "--get", "core.hooksPath"]);
        let folder = set.map_or_else(|_| own.clone(), PathBuf::from);
        Ok(Self { stands_in: folder == own, folder })
    }

    fn has_ours(&self, name: &str) -> bool {
        fs::read(self.folder.join(name)).is_ok_and(|script| script::is_ours(&script))
    }

    /// Puts `script` where git runs it as `name`. Says what became of a hook that was there.
    fn put(&self, name: &str, script: &str, force: bool) -> anyhow::Result<String> {
        let path = self.folder.join(name);
        let aside = self.folder.join(format!("{name}.{}.tmp", std::process::id()));
        write_executable(&aside, script).with_context(|| format!("{}: cannot be written", shown(&aside)))?;
        let is_other = path.symlink_metadata().is_ok() && !self.has_ours(name);
        let kept = if force { script::replaced(name) } else { script::former(name) };
        let kept = self.folder.join(kept);
        let outcome = if !is_other {
            Ok(())
        } else if kept.symlink_metadata().is_ok() {
            Err(anyhow::anyhow!(
                "{}: there already, from another time\nhelp: keep it or {}, and remove the other",
                shown(&kept),
                shown(&path)
            ))
        } else {
            fs::rename(&path, &kept).with_context(|| format!("{}: cannot be renamed", shown(&path)))
        };
        let outcome = outcome.and_then(|()| {
            fs::rename(&aside, &path).with_context(|| format!("{}: cannot be written", shown(&path)))
        });
        if outcome.is_err() {
            drop(fs::remove_file(&aside));
        }
        outcome?;
        let kept = shown(&kept);
        Ok(match (is_other, force) {
            (false, _) => String::new(),
            (true, false) => format!("; what was there runs first, and is now {kept}"),
            (true, true) => format!("; what was there does not run any more, and is now {kept}"),
        })
    }

    /// Takes away the hook at `name`, if it is akid's, and puts back what was there before.
    fn take_away(&self, name: &str, hook: Hook) -> anyhow::Result<Option<String>> {
        if !self.has_ours(name) {
            return Ok(None);
        }
        let path = self.folder.join(name);
        let kept = [script::former(hook.name()), script::replaced(hook.name())];
        let kept =
            kept.iter().map(|kept| self.folder.join(kept)).find(|kept| kept.symlink_metadata().is_ok());
        let done = match &kept {
            Some(kept) => fs::rename(kept, &path),
            None => fs::remove_file(&path),
        };
        done.with_context(|| format!("{}: cannot be taken away", shown(&path)))?;
        let back = if kept.is_some() { "; what was there before is back" } else { "" };
        Ok(Some(format!("removed {}{back}\n", shown(&path))))
    }
}

/// The folder of akid's own for hooks of all repositories.
fn own_folder() -> anyhow::Result<PathBuf> {
    let home = |name, below: &str| Some(PathBuf::from(variable(name)?).join(below));
    let folder = home("XDG_CONFIG_HOME", "")
        .or_else(|| if cfg!(windows) { home("APPDATA", "") } else { home("HOME", ".config") });
    Ok(folder.context("no home folder is known to keep hooks in\nhelp: set HOME")?.join("akid").join("hooks"))
}

/// What git prints, without the line end.
fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("git").args(arguments).current_dir(folder).output();
    let output = output.context("git cannot be run\nhelp: install git")?;
    if !output.status.success() {
        let told = redact(output.stderr.trim_ascii());
        bail!("git {}: {told}", arguments[0]);
    }
    let text = String::from_utf8(output.stdout).context("git names a path that is not Unicode")?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

fn write_executable(path: &Path, script: &str) -> std::io::Result<()> {
    drop(fs::remove_file(path));
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
    std::io::Write::write_all(&mut options.open(path)?, script.as_bytes())
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn shown(path: &Path) -> String {
    redact(path.as_os_str().as_encoded_bytes())
}

fn say(text: &str) -> std::io::Result<()> {
    output::print(text.as_bytes())
}
