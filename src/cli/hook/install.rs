//! `akid hook install` and `uninstall`.

use std::fs;

use anyhow::Context;

use super::args::{InstallArgs, UninstallArgs};
use super::folder::HookFolder;
use super::git::shown;
use super::script::{self, Hook};
use super::setting;
use crate::cli::{Exit, output};

/// Installs hooks.
pub(super) fn install(args: &InstallArgs) -> anyhow::Result<Exit> {
    let hooks = HookFolder::find(&args.which)?;
    let akid = std::env::current_exe().context("the path of the akid program is unknown")?;
    // What others check out is to work on their machines, too.
    let portable = Some(akid.as_path()).filter(|_| !hooks.is_shared);
    hooks.check(&args.which.hooks(), args.force)?;
    fs::create_dir_all(&hooks.path).with_context(|| format!("{}: cannot be created", shown(&hooks.path)))?;
    for hook in args.which.hooks() {
        let script = if hooks.stands_in { hook.global(&akid) } else { hook.chained(portable) };
        let note = hooks.put(hook.name(), &script, args.force)?;
        say(&format!("installed {}{note}\n", shown(&hooks.path.join(hook.name()))))?;
    }
    if hooks.stands_in {
        stand_in(&hooks)?;
    }
    Ok(Exit::Clean)
}

/// Makes the folder stand in for every repository's own hooks.
fn stand_in(hooks: &HookFolder) -> anyhow::Result<()> {
    let rest = Hook::ALL.map(Hook::name).into_iter().filter(|name| !hooks.has_ours(name));
    for name in rest.chain(script::OTHERS) {
        hooks.put(name, &script::passing_on(name), false)?;
    }
    setting::set(&hooks.path)?;
    say(&format!(
        "git's core.hooksPath is set for all repositories of this user; their own hooks still run, except {}\n",
        script::NOT_PASSED_ON.join(", ")
    ))?;
    Ok(())
}

/// Takes hooks away.
pub(super) fn uninstall(args: &UninstallArgs) -> anyhow::Result<Exit> {
    let hooks = HookFolder::find(args)?;
    // What is wrong with one hook leaves no other where it is.
    let mut fault = Ok(());
    for hook in args.hooks() {
        // pre-commit calls `legacy` what was there before it came.
        let names = [hook.name().to_owned(), format!("{}.legacy", hook.name())];
        let taken: Vec<_> =
            names.into_iter().filter_map(|name| hooks.take_away(&name, hook).transpose()).collect();
        if taken.is_empty() {
            say(&format!("no akid hook in {}\n", shown(&hooks.path.join(hook.name()))))?;
        }
        for note in taken {
            match note {
                Ok(note) => say(&note)?,
                Err(error) => fault = fault.and(Err(error)),
            }
        }
        if hooks.stands_in && hooks.path.is_dir() && !hooks.has_ours(hook.name()) {
            hooks.put(hook.name(), &script::passing_on(hook.name()), false)?;
        }
    }
    if hooks.stands_in && !Hook::ALL.iter().any(|hook| hooks.has_akid(hook.name())) {
        dissolve(&hooks)?;
    }
    fault.map(|()| Exit::Clean)
}

/// Takes away what stands in for every repository's own hooks.
fn dissolve(hooks: &HookFolder) -> anyhow::Result<()> {
    // First the setting, so that no repository is without its own hooks in between.
    if setting::unset()? {
        say("git's core.hooksPath is unset\n")?;
    }
    let names = Hook::ALL.map(Hook::name).into_iter().chain(script::OTHERS);
    for name in names.filter(|name| hooks.has_ours(name)) {
        fs::remove_file(hooks.path.join(name)).context("a hook cannot be taken away")?;
    }
    // Stays where somebody put something else in it.
    let _ = fs::remove_dir(&hooks.path);
    Ok(())
}

impl UninstallArgs {
    /// All hooks if none is named.
    fn hooks(&self) -> Vec<Hook> {
        let is_asked = |hook: &Hook| match hook {
            Hook::Commit | Hook::MergeCommit => self.pre_commit || !self.pre_push,
            Hook::Push => self.pre_push || !self.pre_commit,
        };
        Hook::ALL.into_iter().filter(is_asked).collect()
    }
}

fn say(text: &str) -> std::io::Result<()> {
    output::print(text.as_bytes())
}
