//! `akid config`: what is in force, and where each value comes from. The output is a configuration itself.

use std::fmt::Write;
use std::ops::Range;
use std::path::PathBuf;

use akid::level::{Certainty, Severity};
use akid::redact::redact_words;

use super::args::ShowArgs;
use super::config::{self, Loaded};
use super::{Exit, output};

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
    let shown = |text: &String| redact_words(text.as_bytes());
    let rows = [
        ("fail-on", Some(quoted(config.fail_on.unwrap_or(Severity::Medium).as_str()))),
        ("min-confidence", Some(quoted(config.min_confidence.unwrap_or(Certainty::Medium).as_str()))),
        ("fail-owner", Some(quoted(config.fail_owner.unwrap_or_default().as_str()))),
        ("max-file-size", config.max_file_size.map(|size| size.to_string())),
        ("exclude", Some(list(config.exclude.iter().map(shown).collect()))),
        ("own-accounts", Some(list(config.own_accounts.iter().map(ToString::to_string).collect()))),
        ("baseline", config.baseline.as_ref().map(|path| quoted(&shown(path)))),
    ];
    let mut page = match &loaded.found {
        Some(found) => format!("# {}\n", found.name),
        None => "# There is no configuration: these are the defaults.\n".to_owned(),
    };
    for (key, value) in rows {
        let place = loaded.place_of(key).unwrap_or("default");
        // Writing to a string does not fail.
        let _ = match value {
            Some(value) => writeln!(page, "{:<32} # {place}", format!("{key} = {value}")),
            None => writeln!(page, "{:<32} # {place}", format!("# {key}: none")),
        };
    }
    if let Some(place) = loaded.place_of("accounts") {
        let _ = writeln!(page, "\n[accounts] # {place}");
        for (id, name) in &config.accounts {
            let _ = writeln!(page, "{id} = {}", quoted(name));
        }
    }
    let allows = config.allow.iter().map(|entry| ("allow", entry.span()));
    let skips = config.accept_skip.iter().map(|entry| ("accept-skip", entry.span()));
    allows.chain(skips).for_each(|(key, span)| page.push_str(&entry(loaded, key, &span)));
    page
}

/// An entry as it is written.
fn entry(loaded: &Loaded, key: &str, span: &Range<usize>) -> String {
    let lines = loaded.lines_below(span).filter(|line| !line.trim().is_empty());
    let lines: String = lines.map(|line| redact_words(line.as_bytes()) + "\n").collect();
    format!("\n[[{key}]] # {}\n{lines}", loaded.place_at(span))
}
