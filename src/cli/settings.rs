//! Arguments, configuration and environment, checked once and put together.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use akid::level::{Certainty, Severity};
use akid::redact::redact;
use akid::report::Format;
use akid::rule::RuleSet;
use akid::source::FilesOptions;
use akid::source::container::Limits;
use anyhow::{Context, anyhow, bail};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::Timestamp;

use super::account_args::FailOwner;
use super::accounts::Owners;
use super::args::{ScanArgs, When};
use super::config::{self, Config};
use super::output::{self, Target};

/// Everything that a scan is told, sound.
#[derive(Debug)]
pub(super) struct Settings {
    /// Folders and files, standard input left out.
    pub(super) roots: Vec<PathBuf>,
    pub(super) with_stdin: bool,
    pub(super) files: FilesOptions,
    pub(super) archives: Limits,
    pub(super) rules: RuleSet,
    pub(super) outputs: Vec<(Format, Target)>,
    pub(super) fail_on: Severity,
    pub(super) min_confidence: Certainty,
    pub(super) fail_owner: FailOwner,
    pub(super) owners: Owners,
    pub(super) inline_allow: bool,
    pub(super) now: Timestamp,
    pub(super) show_progress: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    pub(super) sarif_category: Option<String>,
    pub(super) sarif_suppressed: bool,
    /// The configuration that was read.
    pub(super) config: Option<PathBuf>,
}

impl Settings {
    /// Checks all that a scan is told.
    pub(super) fn new(args: ScanArgs) -> anyhow::Result<Self> {
        let path = args
            .how
            .config
            .clone()
            .or_else(|| if args.how.no_config { None } else { config::nearest(&args.paths) });
        let config = path.as_deref().map(config::read).transpose()?.unwrap_or_default();
        let name = path.as_ref().map(|path| redact(path.as_os_str().as_encoded_bytes())).unwrap_or_default();
        let color = match args.report.color {
            clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
            clap::ColorChoice::Always => anstream::ColorChoice::Always,
            clap::ColorChoice::Never => anstream::ColorChoice::Never,
        };
        color.write_global();
        let fail_owner = args.fail.fail_owner.or(config.fail_owner).unwrap_or_default();
        let owners = Owners::new(&args.accounts, &config, fail_owner)?;
        let with_stdin = args.paths.iter().any(|path| path.as_os_str() == "-");
        Ok(Self {
            files: files_options(&args, &config, &name)?,
            archives: config.archives.limits(),
            rules: rules(args.how.rules.as_deref())?,
            outputs: output::targets(&args.report)?,
            fail_on: args.fail.fail_on.or(config.fail_on).unwrap_or(Severity::Medium),
            min_confidence: args.fail.min_confidence.or(config.min_confidence).unwrap_or(Certainty::Medium),
            fail_owner,
            owners,
            inline_allow: !args.no_inline_allow,
            now: now()?,
            show_progress: match args.report.progress {
                When::Auto => !args.report.quiet && std::io::stderr().is_terminal(),
                When::Always => true,
                When::Never => false,
            },
            quiet: args.report.quiet,
            verbose: args.report.verbose,
            sarif_category: args.report.sarif_category,
            sarif_suppressed: args.report.sarif_suppressed,
            roots: args.paths.into_iter().filter(|path| path.as_os_str() != "-").collect(),
            with_stdin,
            config: path,
        })
    }
}

/// akid's rules, with the user's own.
pub(super) fn rules(folder: Option<&Path>) -> anyhow::Result<RuleSet> {
    let built_in = RuleSet::built_in();
    Ok(match folder {
        Some(folder) => built_in.with_folder(folder)?,
        None => built_in,
    })
}

fn files_options(args: &ScanArgs, config: &Config, name: &str) -> anyhow::Result<FilesOptions> {
    Ok(FilesOptions {
        threads: args.how.threads.map_or(0, usize::from),
        no_ignore: args.no_ignore,
        max_file_size: args.max_file_size.or(config.max_file_size),
        exclude: globs(&config.exclude).with_context(|| name.to_owned())?,
        outputs: Vec::new(),
    })
}

/// Globs as in `.gitignore`: without a `/` in it a glob matches at any depth, and a folder stands for all below it.
fn globs(written: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for written in written {
        let anchored = written.trim_end_matches('/').contains('/');
        let path = written.trim_start_matches('/').trim_end_matches('/');
        let path = if anchored { path.to_owned() } else { format!("**/{path}") };
        for glob in [path.clone(), format!("{path}/**")] {
            let built = GlobBuilder::new(&glob).literal_separator(true).build();
            // globset's own message repeats the glob as it is.
            let built = built.map_err(|error| {
                let [glob, fault] = [written, &error.kind().to_string()].map(|text| redact(text.as_bytes()));
                anyhow!("`exclude`: `{glob}`: {fault}")
            });
            set.add(built?);
        }
    }
    set.build().context("the globs of `exclude` are too many or too long")
}

/// A variable of the environment.
#[cfg(any(feature = "git", feature = "sts"))]
pub(super) fn variable(name: &str) -> Option<std::ffi::OsString> {
    #[expect(clippy::disallowed_methods, reason = "settings is where the environment is read")]
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The one look at the clock, or what stands for it where builds are to be reproducible.
fn now() -> anyhow::Result<Timestamp> {
    #[expect(clippy::disallowed_methods, reason = "settings is where the environment is read")]
    let Some(epoch) = std::env::var_os("SOURCE_DATE_EPOCH") else { return Ok(Timestamp::now()) };
    let seconds = epoch.to_str().and_then(|text| text.parse().ok());
    match seconds.map(Timestamp::from_second) {
        Some(Ok(now)) => Ok(now),
        _ => bail!("SOURCE_DATE_EPOCH is no time\nhelp: give seconds since 1970, or unset it"),
    }
}
