//! The cache of clean git objects: the option that uses it, and the commands that look after it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use akid::clean::{self, CleanCache, Contents, Key, Pruned};
use anyhow::Context;
use clap::{Args, Subcommand};

use super::Exit;
use super::config::shown;
use super::folders;
use super::output;
use super::settings::Settings;

/// Whether to use the cache.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct CacheArgs {
    /// Remember which git objects contain nothing, and skip them the next time; the report stays the same. DIR is the
    /// cache's folder [default: `akid/clean` in the user's cache folder]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, help_heading = "Scanning")]
    cache: Option<Option<PathBuf>>,
}

/// What `akid cache` takes.
#[derive(Args, Debug)]
pub(super) struct CacheCommandArgs {
    #[command(subcommand)]
    pub(super) command: CacheCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum CacheCommand {
    /// List what is in the cache
    Stats(FolderArgs),
    /// Remove what other versions of akid wrote, damaged segments and unfinished files
    Prune(FolderArgs),
    /// Remove the whole cache
    Clear(FolderArgs),
}

#[derive(Args, Debug)]
pub(super) struct FolderArgs {
    /// The cache's folder [default: `akid/clean` in the user's cache folder]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// akid's version: another one may find more.
const VERSION: &str = env!("CARGO_PKG_VERSION");

impl CacheArgs {
    /// The options to pass on to another akid.
    pub(super) fn to_option(&self) -> Option<std::ffi::OsString> {
        let mut option = std::ffi::OsString::from("--cache");
        if let Some(folder) = self.cache.as_ref()? {
            option.push("=");
            option.push(folder);
        }
        Some(option)
    }

    /// Opens the cache, if it is wanted. Where it cannot be used, akid warns and scans without it.
    pub(super) fn open(&self, settings: &Settings) -> Option<Arc<CleanCache>> {
        let folder = self.cache.as_ref()?;
        // What these look like decides what is found; a pattern is shown as it was written.
        let rules = format!("{:?}", settings.rules);
        let limits = format!("{:?}", settings.archives);
        let key = Key::new(VERSION, &[rules.as_bytes(), limits.as_bytes()]);
        let opened = folder_of(folder.as_deref())
            .and_then(|folder| CleanCache::open(&folder, key).map_err(Into::into));
        match opened {
            Ok(cache) => Some(Arc::new(cache)),
            Err(error) => {
                output::warn(&format!("warning: the cache is not used: {error:#}"));
                None
            }
        }
    }
}

/// Warns of what of the cache could not be used.
pub(super) fn warn_of_problems(cache: Option<&CleanCache>) {
    let problems = cache.map(CleanCache::problems).unwrap_or_default();
    problems.iter().for_each(|problem| output::warn(&format!("warning: the cache: {problem}")));
    if !problems.is_empty() {
        output::warn("help: the scan is complete without it; `akid cache prune` removes what is damaged");
    }
}

/// Runs a command of the cache.
pub(super) fn run(command: &CacheCommand) -> anyhow::Result<Exit> {
    match command {
        CacheCommand::Stats(args) => {
            let folder = args.folder()?;
            let contents = clean::contents(&folder).with_context(|| shown(&folder))?;
            output::print(stats(&folder, &contents).as_bytes())?;
        }
        CacheCommand::Prune(args) => {
            let folder = args.folder()?;
            removed(clean::prune(&folder, VERSION).with_context(|| shown(&folder))?)?;
        }
        CacheCommand::Clear(args) => {
            let folder = args.folder()?;
            removed(clean::clear(&folder).with_context(|| shown(&folder))?)?;
        }
    }
    Ok(Exit::Clean)
}

impl FolderArgs {
    fn folder(&self) -> anyhow::Result<PathBuf> {
        folder_of(self.folder.as_deref())
    }
}

fn folder_of(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    // Owners of accounts are remembered beside it.
    let default = || folders::cache().map(|folder| folder.join("clean"));
    named.map(Path::to_path_buf).or_else(default).context(
        "no folder is known for the cache: the environment names no home\nhelp: name one with `--cache=DIR`",
    )
}

fn stats(folder: &Path, contents: &[Contents]) -> String {
    let mut text = format!("{}\n", shown(folder));
    if contents.is_empty() {
        text.push_str("  empty\n");
    }
    for key in contents {
        let Contents { name, segments, unusable, objects, repositories, bytes } = key;
        // Writing to a string never fails.
        let _ = writeln!(
            text,
            "  {name}  {objects} objects of {repositories} repositories in {segments} segments, {bytes} bytes"
        );
        if *unusable > 0 {
            let _ = writeln!(text, "    {unusable} segments cannot be used: `akid cache prune` removes them");
        }
    }
    text
}

fn removed(Pruned { files, bytes }: Pruned) -> anyhow::Result<()> {
    output::print(format!("removed {files} files, {bytes} bytes\n").as_bytes())?;
    Ok(())
}
