//! `akid config`: what is in force, and where each value comes from. The output is a configuration itself.

use std::fmt::Write;
use std::path::PathBuf;

use akid::level::{Certainty, Severity};
use akid::owner::KeyState;
use akid::redact;

use super::args::ConfigArgs;
use super::config::{self, AcceptGap, AcceptSkip, AllowEntry, Loaded, row};
use super::{Exit, output};
use clap::Args;

/// What `akid config` takes.
#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// Folder or repository [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

/// Prints the configuration for scanning a path.
pub(super) fn run(args: &ShowArgs) -> anyhow::Result<Exit> {
    let roots = [args.path.clone().unwrap_or_else(|| PathBuf::from("."))];
    let loaded = Loaded::new(&args.config, &roots, config::nearest(&roots))?;
    // What is wrong with it is told as a scan would tell it.
    super::settings::check(&loaded)?;
    output::print(page(&loaded).as_bytes())?;
    Ok(Exit::Clean)
}

fn page(loaded: &Loaded) -> String {
    let config = &loaded.config;
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let list = |texts: Vec<String>| toml::Value::from(texts).to_string();
    let shown = |text: &String| redact::words(text.as_bytes());
    let rows = [
        ("fail-on", Some(quoted(config.fail_on.unwrap_or(Severity::Medium).as_str()))),
        ("min-confidence", Some(quoted(config.min_confidence.unwrap_or(Certainty::Medium).as_str()))),
        ("fail-owner", Some(quoted(config.fail_owner.unwrap_or_default().as_str()))),
        ("fail-status", Some(list(states(config)))),
        ("max-findings", Some(loaded.max_findings().to_string())),
        ("max-file-size", config.max_file_size.map(|size| size.to_string())),
        ("exclude", Some(list(config.exclude.iter().map(shown).collect()))),
        ("own-accounts", Some(list(config.own_accounts.iter().map(ToString::to_string).collect()))),
        ("strict", Some(config.strict.to_string())),
        ("baseline", config.baseline.as_ref().map(|path| quoted(&shown(path)))),
    ];
    let mut page = match &loaded.found {
        Some(found) => format!("# {}\n", found.name),
        None => "# No configuration was found; these are the defaults.\n".to_owned(),
    };
    if let Some(path) = &loaded.ignored {
        let _ = writeln!(page, "# {path} is not applied: the current folder is not in its repository.");
    }
    for (key, value) in rows {
        let is_missing = key == "baseline" && loaded.baseline_file().is_some_and(|file| !file.exists());
        let note = if is_missing { "; the file does not exist yet" } else { "" };
        let place = format!("{}{note}", loaded.place_of(key).unwrap_or("default"));
        // Writing to a string does not fail.
        let _ = match value {
            Some(value) => writeln!(page, "{:<32} # {place}", format!("{key} = {value}")),
            None => writeln!(page, "{:<32} # {place}", format!("# {key}: none")),
        };
    }
    if let Some(place) = loaded.place_of("accounts") {
        let _ = writeln!(page, "\n[accounts] # {place}");
        for (id, name) in &config.accounts.names {
            let _ = writeln!(page, "{id} = {}", quoted(name));
        }
    }
    page.push_str(&archives(loaded));
    for written in &config.allow {
        let _ =
            write!(page, "\n[[allow]] # {}\n{}", loaded.place_at(&written.span()), allow(written.get_ref()));
    }
    for written in &config.accept_skip {
        let place = loaded.place_at(&written.span());
        let _ = write!(page, "\n[[accept-skip]] # {place}\n{}", accept_skip(written.get_ref()));
    }
    for written in &config.accept_gap {
        let place = loaded.place_at(&written.span());
        let _ = write!(page, "\n[[accept-gap]] # {place}\n{}", accept_gap(written.get_ref()));
    }
    page
}

/// The states of keys that fail.
fn states(config: &config::Config) -> Vec<String> {
    let states = config.fail_status.clone().unwrap_or_else(|| KeyState::ALL.to_vec());
    states.into_iter().map(|state| state.as_str().to_owned()).collect()
}

/// The limits to archives.
fn archives(loaded: &Loaded) -> String {
    let mut table = "\n[archives]\n".to_owned();
    for (key, written, limit) in loaded.archive_limits() {
        let place = match (loaded.place_of("archives").filter(|_| written.is_some()), written) {
            (None, _) => "default".to_owned(),
            (Some(place), Some(written)) if written > limit => {
                format!("{place}; {written} only where --config names the file")
            }
            (Some(place), _) => place.to_owned(),
        };
        // Writing to a string does not fail.
        let _ = writeln!(table, "{:<32} # {place}", format!("{key} = {limit}"));
    }
    table
}

/// The rows of an entry, as they may be shown.
fn allow(entry: &AllowEntry) -> String {
    let path = entry.path.iter().map(|path| redact::words(path.as_bytes())).collect();
    lines(AllowEntry { path, ..entry.clone() }.rows())
}

fn accept_skip(entry: &AcceptSkip) -> String {
    let AcceptSkip { path, reason, expires } = entry;
    let rows = [row("path", path.iter().map(|path| redact::words(path.as_bytes()))), row("reason", [reason])];
    lines({ rows }.into_iter().flatten().chain(expires.map(|day| format!("expires = {day}"))))
}

fn accept_gap(entry: &AcceptGap) -> String {
    let AcceptGap { kind, reason, expires } = entry;
    let rows = [row("kind", kind.iter().map(|kind| kind.as_str())), row("reason", [reason])];
    lines({ rows }.into_iter().flatten().chain(expires.map(|day| format!("expires = {day}"))))
}

fn lines(rows: impl IntoIterator<Item = String>) -> String {
    rows.into_iter().map(|row| row + "\n").collect()
}
