//! What a configuration allows and accepts, and the globs in it, checked.

use akid::redact;
use akid::rule::RuleSet;
use akid::scan::Accepted;
use akid::suppress::{AcceptedGap, AcceptedSkip, Allow, Baseline, Term};
use anyhow::{Context, anyhow, bail};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use toml::Spanned;

use super::config::{AcceptGap, AcceptSkip, AllowEntry, Config, Loaded};

/// How many entries of one kind a configuration may have: each costs time for every finding.
const MAX_ENTRIES: usize = 1000;
/// How many globs one list may have.
const MAX_GLOBS: usize = 10_000;
/// How long a glob may be, in bytes.
const MAX_GLOB: usize = 1000;

/// What the configuration allows and accepts, checked.
pub(super) fn accepted(loaded: &Loaded, rules: &RuleSet, baseline: Baseline) -> anyhow::Result<Accepted> {
    let Config { allow: allowed, accept_skip: skips, accept_gap: gaps, .. } = &loaded.config;
    let counts = [("allow", allowed.len()), ("accept-skip", skips.len()), ("accept-gap", gaps.len())];
    for (key, count) in counts {
        if count > MAX_ENTRIES {
            let place = loaded.place_of(key).unwrap_or_default();
            bail!(
                "{place}: more than {MAX_ENTRIES} entries of `{key}`\n\
                 help: name several paths, key IDs or findings in one entry, or write a baseline"
            );
        }
    }
    let term = |span, reason: &String, expires| Term {
        place: loaded.place_at(&span),
        reason: reason.clone(),
        expires,
    };
    let allow = |written: &Spanned<AllowEntry>| {
        let entry = written.get_ref();
        let term = term(written.span(), &entry.reason, entry.expires);
        if entry.names_nothing() {
            bail!(
                "{}: this entry would allow everything\n\
                 help: name a path, key-id, secret, finding, rule or account",
                term.place
            );
        }
        if entry.rule.iter().any(|rule| rules.get(rule).is_none()) {
            bail!("{}: unknown rule\nhelp: `akid rules list` lists all rules", term.place);
        }
        let paths = globs("path", &entry.path).with_context(|| term.place.clone())?;
        Ok(Allow {
            paths: (!entry.path.is_empty()).then_some(paths),
            key_ids: entry.key_id.clone(),
            secrets: entry.secret.clone(),
            findings: entry.finding.clone(),
            rules: entry.rule.clone(),
            accounts: entry.account.clone(),
            term,
        })
    };
    let skip = |written: &Spanned<AcceptSkip>| {
        let entry = written.get_ref();
        let term = term(written.span(), &entry.reason, entry.expires);
        Ok(AcceptedSkip { paths: globs("path", &entry.path).with_context(|| term.place.clone())?, term })
    };
    let gap = |written: &Spanned<AcceptGap>| {
        let entry = written.get_ref();
        AcceptedGap { kinds: entry.kind.clone(), term: term(written.span(), &entry.reason, entry.expires) }
    };
    Ok(Accepted {
        allows: allowed.iter().map(allow).collect::<anyhow::Result<_>>()?,
        skips: skips.iter().map(skip).collect::<anyhow::Result<_>>()?,
        gaps: gaps.iter().map(gap).collect(),
        baseline,
        written_in: loaded.path(),
    })
}

/// Globs as in `.gitignore`: without a `/` in it a glob matches at any depth, and a folder stands for all below it.
pub(super) fn globs(key: &str, written: &[String]) -> anyhow::Result<GlobSet> {
    if written.len() > MAX_GLOBS {
        bail!("`{key}`: more than {MAX_GLOBS} globs\nhelp: name folders instead of files");
    }
    if written.iter().any(|glob| glob.len() > MAX_GLOB) {
        bail!("`{key}`: a glob of more than {MAX_GLOB} bytes\nhelp: write it as several");
    }
    let mut set = GlobSetBuilder::new();
    for written in written {
        let plain = written.strip_prefix("./").unwrap_or(written);
        let anchored = plain.trim_end_matches('/').contains('/') || plain.len() < written.len();
        let path = plain.trim_start_matches('/').trim_end_matches('/');
        if path.is_empty() || path.starts_with('!') {
            let fault = if path.is_empty() {
                "would match everything"
            } else {
                "does not take back, as it would in .gitignore"
            };
            bail!("`{key}`: `{}`: {fault}\nhelp: name files or folders", redact::words(written.as_bytes()));
        }
        let path = if anchored { path.to_owned() } else { format!("**/{path}") };
        for glob in [path.clone(), format!("{path}/**")] {
            let built = GlobBuilder::new(&glob).literal_separator(true).build();
            // globset's own message repeats the glob as it is.
            let built = built.map_err(|error| {
                let [glob, fault] =
                    [written, &error.kind().to_string()].map(|text| redact::words(text.as_bytes()));
                anyhow!("`{key}`: `{glob}`: {fault}")
            });
            set.add(built?);
        }
    }
    set.build().with_context(|| format!("the globs of `{key}` are too many or too long"))
}
