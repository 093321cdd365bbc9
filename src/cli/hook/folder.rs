//! A folder that git runs hooks from, and what lies in it.
//!
//! Git itself is asked where that is: it knows of `core.hooksPath` at every level, of linked worktrees and of what the
//! environment says.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::UninstallArgs;
use super::git::{git, shown};
use super::manager::Manager;
use super::script::{self, Hook};
use super::setting;
use crate::cli::aside::Aside;
use crate::cli::environment::variable;

/// A folder that git runs hooks from.
#[derive(Debug)]
pub(super) struct HookFolder {
    pub(super) path: PathBuf,
    /// Whether akid made it to stand in for every repository's own.
    pub(super) stands_in: bool,
    /// Whether it is part of a worktree, which others may check out.
    pub(super) is_shared: bool,
    /// The top of the repository that it is the folder of; `None` if it is that of all.
    top: Option<PathBuf>,
}

impl HookFolder {
    /// The folder that hooks of this repository run from, or those of all. A folder that other repositories use, too,
    /// is taken only if that is what was asked for.
    pub(super) fn find(args: &UninstallArgs) -> anyhow::Result<Self> {
        if args.global {
            // Before git reads it: a pipe may say nothing for ever.
            setting::check()?;
            return Self::of_user();
        }
        let here = Path::new(".");
        let is_bare = git(here, &["rev-parse", "--is-bare-repository"])? == "true";
        let top = if is_bare { "--absolute-git-dir" } else { "--show-toplevel" };
        let top = PathBuf::from(git(here, &["rev-parse", top])?);
        let common = top.join(git(&top, &["rev-parse", "--git-common-dir"])?);
        let path = top.join(git(&top, &["rev-parse", "--git-path", "hooks"])?);
        let is_below = |folder: &Path| real(&path).starts_with(real(folder));
        if !is_below(&top) && !is_below(&common) && !args.outside {
            bail!(
                "{}: core.hooksPath names this folder outside the repository, which others may share\n\
                 help: --outside installs there, --global installs for all your repositories",
                shown(&path)
            );
        }
        let is_shared = !is_below(&common) && is_below(&top);
        Ok(Self { path, stands_in: false, is_shared, top: Some(top) })
    }

    /// The folder for all repositories of this user: the one that git has been told, or one of akid's own.
    fn of_user() -> anyhow::Result<Self> {
        let get = |level| {
            let arguments = ["config", level, "--includes", "--type=path", "--get", "core.hooksPath"];
            git(Path::new("."), &arguments).ok()
        };
        let set = get("--global").or_else(|| get("--system")).filter(|set| !set.is_empty());
        let Some(path) = set.map(PathBuf::from) else {
            return Ok(Self { path: own_folder()?, stands_in: true, is_shared: false, top: None });
        };
        if path.is_relative() {
            bail!(
                "core.hooksPath is `{}` for all repositories: a folder in each of them\n\
                 help: run `akid hook install` in each",
                shown(&path)
            );
        }
        let passes_on =
            |name: &&str| fs::read(path.join(name)).is_ok_and(|script| script::is_passing_on(&script));
        let stands_in = own_folder().is_ok_and(|own| own == path) || script::OTHERS.iter().any(passes_on);
        Ok(Self { path, stands_in, is_shared: false, top: None })
    }

    /// Checks that `hooks` can go there: that none is a folder and, unless by `force`, that what is there as one could
    /// run first, under another name.
    pub(super) fn check(&self, hooks: &[Hook], force: bool) -> anyhow::Result<()> {
        if let Some(hook) = hooks.iter().find(|hook| self.path.join(hook.name()).is_dir()) {
            let path = shown(&self.path.join(hook.name()));
            bail!("{path}: git expects a hook here, but this is a folder\nhelp: remove or rename it");
        }
        if force {
            return Ok(());
        }
        let others: Vec<&Hook> = hooks.iter().filter(|hook| !self.has_ours(hook.name())).collect();
        let scripts = others.iter().filter_map(|hook| fs::read(self.path.join(hook.name())).ok());
        let manager = Manager::of(scripts, self.top.as_deref()).filter(|_| !others.is_empty());
        if let Some(manager) = manager {
            return Err(manager.refusal(&self.path, &others));
        }
        let is_husky = self.path.iter().any(|part| part == ".husky");
        let looks = |hook: &Hook| {
            fs::read(self.path.join(hook.name())).is_ok_and(|script| script::looks_at_its_name(&script))
        };
        let foreign: Vec<&Hook> = others.into_iter().filter(|hook| is_husky || looks(hook)).collect();
        let Some(first) = foreign.first() else { return Ok(()) };
        let place = |hook: &Hook| match is_husky {
            true => format!(".husky/{}", hook.name()),
            false => shown(&self.path.join(hook.name())),
        };
        let lines: Vec<_> =
            foreign.iter().map(|hook| format!("to {}: `{}`", place(hook), hook.line())).collect();
        let fault = if is_husky {
            format!("{}: husky recreates this folder and removes other files from it", shown(&self.path))
        } else {
            let path = shown(&self.path.join(first.name()));
            format!("{path}: this hook depends on its own file name, so akid cannot rename it")
        };
        let n = if lines.len() == 1 { "a line" } else { "lines" };
        bail!("{fault}\nhelp: add {n} {}", lines.join("; "))
    }

    /// Whether what is there as `name` is akid's.
    pub(super) fn has_ours(&self, name: &str) -> bool {
        fs::read(self.path.join(name)).is_ok_and(|script| script::is_ours(&script))
    }

    /// Whether akid runs there, and does not only pass on.
    pub(super) fn has_akid(&self, name: &str) -> bool {
        let script = fs::read(self.path.join(name));
        script.is_ok_and(|script| script::is_ours(&script) && !script::is_passing_on(&script))
    }

    /// Puts `script` where git runs it as `name`. Says what became of a hook that was there.
    pub(super) fn put(&self, name: &str, script: &str, force: bool) -> anyhow::Result<String> {
        let path = self.path.join(name);
        let failed = || format!("{}: cannot be written", shown(&path));
        let aside = write_executable(path.clone(), script).with_context(failed)?;
        let note = self.make_room(name, force)?;
        aside.put().with_context(failed)?;
        Ok(note)
    }

    /// Renames what is there as `name`, unless it is akid's: so that it runs first or, by force, not at all.
    fn make_room(&self, name: &str, force: bool) -> anyhow::Result<String> {
        let is_there = |path: &Path| path.symlink_metadata().is_ok();
        let [path, former, replaced] =
            [name.to_owned(), script::former(name), script::replaced(name)].map(|name| self.path.join(name));
        let from = if is_there(&path) && !self.has_ours(name) { &path } else { &former };
        let kept = if force { &replaced } else { &former };
        if !is_there(from) {
            return Ok(String::new());
        }
        if from != kept {
            if is_there(kept) {
                bail!(
                    "{}: already exists\nhelp: keep it or {}, and remove the other",
                    shown(kept),
                    shown(from)
                );
            }
            fs::rename(from, kept).with_context(|| format!("{}: cannot be renamed", shown(from)))?;
        }
        let does = if force { "no longer runs" } else { "runs first" };
        Ok(format!("; the previous hook {does}, and is now {}", shown(kept)))
    }

    /// Takes away the hook at `name`, if akid runs there, and puts back what was there before.
    pub(super) fn take_away(&self, name: &str, hook: Hook) -> anyhow::Result<Option<String>> {
        if !self.has_akid(name) {
            return Ok(None);
        }
        let path = self.path.join(name);
        let kept = [script::former(hook.name()), script::replaced(hook.name())];
        let kept = kept.iter().map(|kept| self.path.join(kept)).find(|kept| kept.symlink_metadata().is_ok());
        let done = match &kept {
            Some(kept) => fs::rename(kept, &path),
            None => fs::remove_file(&path),
        };
        done.with_context(|| format!("{}: cannot be removed", shown(&path)))?;
        let back = if kept.is_some() { "; the previous hook is restored" } else { "" };
        Ok(Some(format!("removed {}{back}\n", shown(&path))))
    }
}

/// The folder of akid's own for hooks of all repositories.
fn own_folder() -> anyhow::Result<PathBuf> {
    let home = |name, below: &str| Some(PathBuf::from(variable(name)?).join(below));
    let folder = home("XDG_CONFIG_HOME", "")
        .or_else(|| if cfg!(windows) { home("APPDATA", "") } else { home("HOME", ".config") });
    Ok(folder.context("the home folder for hooks is unknown\nhelp: set HOME")?.join("akid").join("hooks"))
}

fn write_executable(target: PathBuf, script: &str) -> std::io::Result<Aside> {
    let mut aside = Aside::beside(target)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = aside.file.metadata()?.permissions().mode();
        // Who may read it may run it: as the user's mask has it.
        aside.file.set_permissions(fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))?;
    }
    std::io::Write::write_all(&mut aside.file, script.as_bytes())?;
    Ok(aside)
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}
