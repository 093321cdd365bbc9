//! `akid sweep`: the places on a machine where keys lie.

mod credentials;
mod environ;
mod places;
mod unread;

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[cfg(feature = "respond")]
use akid::aws::AccessKeyId;
use akid::origin::Origin;
use akid::report::{self, Counted, Format, Options, Report};
use akid::scan::Scan;
use akid::source::{Files, FilesOptions, SkipReason, Source};
use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::args::account::{AccountArgs, StatusOptions};
use super::args::{CommonArgs, EXIT_CODES, parse_size};
#[cfg(feature = "respond")]
use super::remedy::of_lack;
use super::reports::open_outputs;
use super::repositories::Repositories;
use super::request::Request;
use super::run::{options, report, scan, stop_on_interrupt, way};
use super::settings::Settings;
use super::{Exit, output};
use credentials::Expected;
use environ::Environments;
use places::{Folders, Place, Table, There};
use unread::Unread;

/// What `akid sweep` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct SweepArgs {
    /// Sweep only this place; repeatable. --list names all
    #[arg(long = "place", value_name = "NAME")]
    places: Vec<String>,
    /// List the places and what of them is there, and scan nothing
    #[arg(long)]
    list: bool,
    /// Also read the environment of your own processes (/proc/*/environ)
    #[arg(long)]
    environ: bool,
    /// Print one JSON object: the places, the files where credentials belong, and the report, except with --list
    #[arg(long, conflicts_with_all = ["format", "outputs"])]
    json: bool,
    /// Skip files larger than this, in bytes or with K, M, G
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    max_file_size: Option<u64>,
    #[command(flatten)]
    common: CommonArgs,
    #[command(flatten)]
    status: StatusOptions,
    #[command(flatten)]
    accounts: AccountArgs,
}

/// What a sweep looks at, beside its report.
#[derive(Debug, Serialize)]
struct Sweep {
    schema: &'static str,
    places: Vec<Looked>,
    /// Files where credentials belong.
    expected: Option<Expected>,
    not_looked_at: Vec<String>,
}

/// A place, and what of it is there.
#[derive(Debug, Serialize)]
struct Looked {
    name: String,
    what: String,
    paths: Vec<String>,
    #[serde(skip)]
    roots: Vec<PathBuf>,
}

/// Scans the places where keys lie.
pub(super) fn run(args: SweepArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let Some(folders) = Folders::of_environment() else {
        bail!("HOME is not set\nhelp: set it to the home folder that is to be swept");
    };
    check_home(&folders.home)?;
    let table = Table::built_in()?;
    check(&table, &args.places)?;
    let (is_list, is_json, environ) = (args.list, args.json, args.environ);
    let mut there = There::default();
    let places = looked(&table, &folders, &args.places, &mut there);
    let roots: Vec<PathBuf> = places.iter().flat_map(|place| place.roots.clone()).collect();
    let settings = Settings::with(args.into_scan(roots), (!is_json).then_some(Format::Text), None)?;
    let expected = if places.iter().any(|place| place.name == "aws") {
        credentials::expected(&folders, settings.policy.now)
    } else {
        None
    };
    let mut not_looked_at = not_looked_at(&table, environ, &places);
    not_looked_at.extend(there.specials.iter().map(|path| {
        let path = akid::redact::redact(path.as_os_str().as_encoded_bytes());
        format!("{path}: a pipe, a socket or a device, which is not opened")
    }));
    let mut sweep = Sweep { schema: "akid-sweep/1", places, expected, not_looked_at };
    if is_list {
        return sweep.print_list(&there, is_json);
    }
    let mut unread: Vec<(PathBuf, io::Error)> = there.unread.into_iter().collect();
    if let Some(expected) = &mut sweep.expected {
        unread.extend(expected.fault.take().map(|fault| (expected.file.clone(), fault)));
    }
    let unread = Unread(unread);
    let outputs = open_outputs(&settings)?;
    let own_files = outputs.iter().flat_map(|(_, writer)| writer.files()).collect();
    let files = Files::new(&settings.roots, FilesOptions { outputs: own_files, ..settings.files.clone() });
    let environments: Option<&dyn Source> = if environ { Some(&Environments) } else { None };
    let sources: Vec<&dyn Source> =
        [&files as &dyn Source, &unread].into_iter().chain(environments).collect();
    let stop = stop_on_interrupt()?;
    let repositories = Repositories::of_roots(&settings.roots, files.base());
    let sources = (&sources[..], Counted::Files);
    #[cfg(feature = "respond")]
    settings.owners.also(sweep.listed());
    let mut scan = scan(&settings, &repositories, sources, &stop, false);
    #[cfg(feature = "respond")]
    let sweep = sweep.with_status(&settings)?;
    let base = files.base().map(akid::source::Base::as_path).unwrap_or(Path::new(""));
    excuse_system_files(&mut scan, &folders, base);
    if let Some(expected) = &sweep.expected {
        scan.findings
            .retain(|finding| path_of(&finding.origin, base) != expected.file || !expected.lists(finding));
    }
    let (path_prefix, current_folder) = files.base().map(|base| way(base.as_path())).unwrap_or_default();
    let options = Options { path_prefix, current_folder, ..options(&settings) };
    if is_json {
        sweep.print_json(&Report {
            scan: &scan,
            rules: &settings.rules,
            now: settings.policy.now,
            options: &options,
        })?;
    } else if settings.outputs.iter().any(|(format, _)| *format == Format::Text) {
        output::print(sweep.text().as_bytes())?;
    }
    report(&settings, &mut scan, outputs, &options, started, &stop)
}

impl SweepArgs {
    fn into_scan(self, paths: Vec<PathBuf>) -> Request {
        let Self { common, status, accounts, max_file_size, .. } = self;
        // What is ignored in a repository of dot-files lies there all the same.
        let here = Request::new(common);
        Request { paths, status, accounts, max_file_size, no_ignore: true, ..here }
    }
}

fn check(table: &Table, names: &[String]) -> anyhow::Result<()> {
    for name in names {
        if !table.place.iter().any(|place| place.name == *name) {
            let name = akid::redact::words(name.as_bytes());
            bail!("`{name}` is not a place\nhelp: `akid sweep --list` lists all places");
        }
    }
    Ok(())
}

fn check_home(home: &Path) -> anyhow::Result<()> {
    let name = akid::redact::redact(home.as_os_str().as_encoded_bytes());
    match home.metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => bail!("HOME: {name}: not a folder\nhelp: set HOME to the home folder that is to be swept"),
        Err(error) => bail!(
            "HOME: {name}: cannot be read: {error}\nhelp: set HOME to the home folder that is to be swept"
        ),
    }
}

/// The places that are wanted, with what of them is there.
fn looked(table: &Table, folders: &Folders, names: &[String], there: &mut There) -> Vec<Looked> {
    let is_wanted = |place: &&Place| names.is_empty() || names.contains(&place.name);
    let looked = |place: &Place| {
        let roots: Vec<PathBuf> = there.look(place, folders).into_iter().collect();
        let shown = |path: &PathBuf| akid::redact::redact(path.as_os_str().as_encoded_bytes());
        let paths = roots.iter().map(shown).collect();
        Looked { name: place.name.clone(), what: place.what.clone(), paths, roots }
    };
    table.place.iter().filter(is_wanted).map(looked).collect()
}

fn not_looked_at(table: &Table, environ: bool, places: &[Looked]) -> Vec<String> {
    let missing = places.iter().filter(|place| place.paths.is_empty());
    let missing: Vec<&str> = missing.map(|place| place.name.as_str()).collect();
    let left_out = table.place.iter().filter(|place| !places.iter().any(|looked| looked.name == place.name));
    let left_out: Vec<&str> = left_out.map(|place| place.name.as_str()).collect();
    let mut list: Vec<String> = table.not_looked_at.iter().map(|entry| entry.what.clone()).collect();
    if !environ {
        list.push("environments of running processes: --environ reads those of your own".to_owned());
    }
    if !missing.is_empty() {
        list.push(format!("places that are not there: {}", missing.join(", ")));
    }
    if !left_out.is_empty() {
        list.push(format!("places that --place leaves out: {}", left_out.join(", ")));
    }
    list
}

/// What a user may not read outside of their own folders is no failure of the sweep: it is listed as a warning.
fn excuse_system_files(scan: &mut Scan, folders: &Folders, base: &Path) {
    let is_denied = |reason: &SkipReason| matches!(reason, SkipReason::Io(error) if error.kind() == io::ErrorKind::PermissionDenied);
    for skipped in std::mem::take(&mut scan.skipped) {
        let is_outside = !folders.has(&path_of(&skipped.origin, base));
        let list =
            if is_denied(&skipped.reason) && is_outside { &mut scan.unreadable } else { &mut scan.skipped };
        list.push(skipped);
    }
}

/// The path of what was found or not read, where `base` is what the paths of files are relative to.
fn path_of(origin: &Origin, base: &Path) -> PathBuf {
    base.join(&*String::from_utf8_lossy(origin.path()))
}

impl Sweep {
    /// The keys where credentials belong.
    #[cfg(feature = "respond")]
    fn listed(&self) -> impl Iterator<Item = AccessKeyId> {
        let profiles = self.expected.iter().flat_map(|expected| &expected.profiles);
        profiles.filter_map(credentials::Profile::id)
    }

    /// The same with what the accounts of listed keys know of them.
    #[cfg(feature = "respond")]
    fn with_status(mut self, settings: &Settings) -> anyhow::Result<Self> {
        for profile in self.expected.iter_mut().flat_map(|expected| &mut expected.profiles) {
            if let Some(facts) = profile.id().and_then(|id| settings.owners.facts_of(id)) {
                profile.said = Some(report::status::line(&facts));
                profile.status = Some(report::status::value(&facts, of_lack)?);
            }
        }
        Ok(self)
    }

    /// Prints the places and what is there. What cannot be looked at makes the list incomplete.
    fn print_list(&mut self, there: &There, is_json: bool) -> anyhow::Result<Exit> {
        self.not_looked_at.extend(there.unread.iter().map(|(path, error)| {
            let path = akid::redact::redact(path.as_os_str().as_encoded_bytes());
            format!("{path}: cannot be read: {error}")
        }));
        let text = if is_json { format!("{:#}\n", serde_json::to_value(&*self)?) } else { self.list() };
        output::print(text.as_bytes())?;
        Ok(if there.unread.is_empty() { Exit::Clean } else { Exit::Incomplete })
    }

    /// The places and what is there, for people.
    fn list(&self) -> String {
        let mut text = String::new();
        for place in &self.places {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}: {}", place.name, place.what);
            place.paths.iter().for_each(|path| {
                let _ = writeln!(text, "    {path}");
            });
        }
        text + &self.left_out()
    }

    /// What is beside the report, for people.
    fn text(&self) -> String {
        let mut text = String::new();
        if let Some(expected) = &self.expected {
            text.push_str(&expected.text());
        }
        text + &self.left_out() + "\n"
    }

    fn left_out(&self) -> String {
        let lines: String = self.not_looked_at.iter().map(|what| format!("    {what}\n")).collect();
        format!("not looked at:\n{lines}")
    }

    fn print_json(&self, report: &Report<'_>) -> anyhow::Result<()> {
        let mut json = Vec::new();
        output::count(report::write(Format::Json, report, &mut json)?);
        let report: serde_json::Value = serde_json::from_slice(&json)?;
        let mut sweep = serde_json::to_value(self)?;
        sweep["report"] = report;
        output::print(format!("{sweep:#}\n").as_bytes())?;
        Ok(())
    }
}

impl Expected {
    fn text(&self) -> String {
        let age = match self.age_days {
            Some(0) => ", changed today".to_owned(),
            Some(1) => ", changed yesterday".to_owned(),
            Some(days) => format!(", changed {days} days ago"),
            None => String::new(),
        };
        let mut text = format!("credentials where they belong:\n    {}{age}\n", self.path);
        for profile in &self.profiles {
            let key = profile.key_id.as_deref().unwrap_or("no key ID");
            let secret = profile.secret.as_ref().map(|name| format!(" + secret {name}")).unwrap_or_default();
            let token = if profile.has_token { ", temporary" } else { "" };
            let uses = if profile.used_by.is_empty() {
                "nothing that akid knows".to_owned()
            } else {
                profile.used_by.join(", ")
            };
            let _ = writeln!(text, "      [{}] {key}{secret}{token}; used by: {uses}", profile.name);
            if let Some(said) = &profile.said {
                let _ = writeln!(text, "        {said}");
            }
        }
        if let Some(mode) = &self.open_to_others {
            let _ = writeln!(
                text,
                "    warning: its mode is {mode}, so that others can read it\n    help: chmod 600 {}",
                self.path
            );
        }
        if let Some(problem) = &self.problem {
            let _ = writeln!(text, "    warning: {problem}");
        }
        text
    }
}
