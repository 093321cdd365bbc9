//! Arguments, configuration and environment, checked once and put together.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use akid::detect::Detector;
use akid::level::{Certainty, Severity};
use akid::owner::{KeyState, Ownership};
use akid::report::{Failing, Format, Shown};
use akid::rule::RuleSet;
use akid::scan::Policy;
use akid::source::FilesOptions;
use akid::source::Limits;
use akid::suppress::Baseline;
use anyhow::Context;
use globset::GlobSet;

use super::accepted::{accepted, globs};
use super::accounts::Owners;
use super::args::account::{FailOwner, StatusOptions};
use super::args::suppress::BaselineArgs;
use super::args::{FailArgs, When, Which};
use super::config::{self, Config, Loaded};
use super::output::{self, Target};
use super::pager::Pager;
use super::place::Place;
use super::request::Request;
use super::{baseline, environment};

/// Everything that a scan is told, sound.
#[derive(Debug)]
pub(super) struct Settings {
    /// Folders and files, standard input left out.
    pub(super) roots: Vec<PathBuf>,
    pub(super) with_stdin: bool,
    pub(super) files: FilesOptions,
    pub(super) archives: Limits,
    /// What the user says of what is found.
    pub(super) policy: Policy,
    pub(super) rules: RuleSet,
    /// Made where it is first needed: some commands only read reports.
    detector: OnceLock<Detector>,
    pub(super) outputs: Vec<(Format, Target)>,
    /// What makes the command fail.
    pub(super) failing: Failing,
    pub(super) owners: Owners,
    pub(super) show_progress: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    /// Which credentials the report for people shows.
    pub(super) shown: Shown,
    /// What shows a long report for people.
    pub(super) pager: Option<Pager>,
    pub(super) sarif_category: Option<String>,
    pub(super) sarif_suppressed: bool,
    /// The baseline that is used, by its name.
    pub(super) baseline: Option<String>,
    /// A baseline beside what is scanned that is not used, by its name.
    pub(super) unused_baseline: Option<String>,
    /// The baseline that what is found is added to.
    pub(super) write_baseline: Option<PathBuf>,
    /// The files that these are.
    pub(super) baseline_files: Vec<PathBuf>,
    /// The configuration that was read.
    pub(super) config: Loaded,
}

impl Settings {
    /// Checks all that a scan is told.
    pub(super) fn new(args: Request) -> anyhow::Result<Self> {
        let nearest = config::nearest(&args.paths);
        Self::with(args, Some(Format::Text), nearest)
    }

    /// Checks all that a scan is told. It reports in `format` and takes the configuration at `config` if it is told no
    /// other.
    pub(super) fn with(
        args: Request,
        format: Option<Format>,
        config: Option<PathBuf>,
    ) -> anyhow::Result<Self> {
        let loaded = Loaded::new(&args.how.config, &args.paths, config)?;
        let config = &loaded.config;
        let color = match args.report.color {
            clap::ColorChoice::Auto => color_of_environment(),
            clap::ColorChoice::Always => anstream::ColorChoice::Always,
            clap::ColorChoice::Never => anstream::ColorChoice::Never,
        };
        color.write_global();
        let fail_owner = args.fail.fail_owner.or(config.fail_owner).unwrap_or_default();
        let BaselineArgs { suppress, write_baseline } = &args.baseline;
        let write_baseline = write_baseline.as_deref();
        write_baseline.map(baseline::check_target).transpose()?;
        let known = baseline::read(suppress.baseline.as_deref(), &loaded, write_baseline)?;
        let written = write_baseline.and_then(|path| Place::of(path).ok());
        let rules = rules(args.how.rules.as_deref())?;
        let files = files_options(&args, &loaded)?;
        let owners = Owners::new(&args.accounts, &args.status, &loaded, fail_owner)?;
        let policy = Policy {
            max_findings: args.how.max_findings.map_or(loaded.max_findings(), |limit| limit.get()),
            inline_allow: !suppress.no_inline_allow,
            accounts: owners.accounts.clone(),
            accepted: Arc::new(accepted(&loaded, &rules, known.baseline)?),
            exclude: files.exclude.clone(),
            strict: args.fail.strict || config.strict,
            now: environment::now()?,
        };
        Ok(Self {
            files,
            policy,
            archives: loaded.limits(),
            outputs: output::targets(&args.report, format)?,
            failing: failing(&args.fail, &args.status, config, fail_owner),
            owners,
            rules,
            detector: OnceLock::new(),
            unused_baseline: match (&known.name, write_baseline) {
                (None, None) => config::unused_baseline(&args.paths),
                _ => None,
            },
            baseline: known.name,
            write_baseline: write_baseline.map(Path::to_path_buf),
            baseline_files: [known.file, written]
                .into_iter()
                .flatten()
                .filter_map(Place::into_file)
                .collect(),
            show_progress: match args.report.progress {
                When::Auto => !args.report.quiet && std::io::stderr().is_terminal(),
                When::Always => true,
                When::Never => false,
            },
            shown: Shown {
                only_failing: args.report.show == Which::Failing,
                min_severity: args.report.min_severity.unwrap_or(Severity::Low),
            },
            pager: pager(args.report.no_pager),
            quiet: args.report.quiet,
            verbose: args.report.verbose,
            sarif_category: args.report.sarif_category,
            sarif_suppressed: args.report.sarif_suppressed,
            with_stdin: args.paths.iter().any(|path| path.as_os_str() == "-"),
            roots: args.paths.into_iter().filter(|path| path.as_os_str() != "-").collect(),
            config: loaded,
        })
    }

    /// What detects by the rules. Its gate is the gate of all sources.
    pub(super) fn detector(&self) -> &Detector {
        self.detector.get_or_init(|| Detector::new(&self.rules))
    }
}

/// Whether the environment wants colours everywhere, nowhere, or on terminals. What is set to nothing is not set, as
/// with `NO_COLOR`; `CLICOLOR` and `CLICOLOR_FORCE` are left to anstream.
fn color_of_environment() -> anstream::ColorChoice {
    let is_forced =
        environment::variable("FORCE_COLOR").is_some_and(|value| value != "0" && value != "false");
    match (environment::variable("NO_COLOR"), is_forced) {
        (None, true) => anstream::ColorChoice::Always,
        _ => anstream::ColorChoice::Auto,
    }
}

/// What shows a report that is longer than the terminal, as the user has chosen: set to nothing, nothing does.
fn pager(is_unwanted: bool) -> Option<Pager> {
    #[expect(clippy::disallowed_methods, reason = "settings is where the environment is read")]
    let chosen = ["AKID_PAGER", "PAGER"].into_iter().find_map(std::env::var_os);
    if is_unwanted { None } else { Pager::new(chosen) }
}

/// Which findings make the command fail.
fn failing(args: &FailArgs, status: &StatusOptions, config: &Config, fail_owner: FailOwner) -> Failing {
    let covers = |ownership: &Ownership| fail_owner.covers(*ownership);
    Failing {
        severity: args.fail_on.or(config.fail_on).unwrap_or(Severity::Medium),
        certainty: args.min_confidence.or(config.min_confidence).unwrap_or(Certainty::Medium),
        owners: Ownership::ALL.into_iter().filter(covers).collect(),
        ..failing_states(status, config)
    }
}

/// The states of keys that fail. Those of the configuration count only where the state was asked for: it is there for
/// every scan, and without `--status` nothing would fail.
fn failing_states(status: &StatusOptions, config: &Config) -> Failing {
    #[cfg(feature = "respond")]
    if !status.fail_status.is_empty() {
        return Failing { states: status.fail_status.clone(), unasked: false, ..Failing::default() };
    }
    #[cfg(not(feature = "respond"))]
    let _ = status;
    let states = config.fail_status.clone().unwrap_or_else(|| KeyState::ALL.to_vec());
    Failing { states, ..Failing::default() }
}

/// akid's rules, with the user's own.
pub(super) fn rules(folder: Option<&Path>) -> anyhow::Result<RuleSet> {
    let built_in = RuleSet::built_in();
    Ok(match folder {
        Some(folder) => built_in.with_folder(folder)?,
        None => built_in,
    })
}

fn files_options(args: &Request, loaded: &Loaded) -> anyhow::Result<FilesOptions> {
    Ok(FilesOptions {
        threads: args.how.threads.map_or(0, usize::from),
        no_ignore: args.no_ignore,
        max_file_size: args.max_file_size.or(loaded.config.max_file_size),
        exclude: excluded(loaded, &args.exclude.globs)?,
        outputs: Vec::new(),
    })
}

/// What the configuration and `more` globs exclude.
fn excluded(loaded: &Loaded, more: &[String]) -> anyhow::Result<GlobSet> {
    let written = &loaded.config.exclude;
    let exclude = globs("exclude", written);
    let exclude = exclude.with_context(|| loaded.place_of("exclude").unwrap_or_default().to_owned())?;
    if more.is_empty() {
        return Ok(exclude);
    }
    globs("--exclude", more)?;
    globs("--exclude", &[written, more].concat())
}

/// Checks a configuration that nothing is scanned with. Its baseline need not be there yet.
pub(super) fn check(loaded: &Loaded) -> anyhow::Result<()> {
    let known = baseline::read(None, loaded, loaded.baseline_file().as_deref())?;
    check_with(loaded, &RuleSet::built_in(), known.baseline)
}

/// Checks what a configuration excludes, allows and accepts.
pub(super) fn check_with(loaded: &Loaded, rules: &RuleSet, baseline: Baseline) -> anyhow::Result<()> {
    excluded(loaded, &[])?;
    accepted(loaded, rules, baseline).map(drop)
}
