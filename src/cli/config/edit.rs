//! One more `[[allow]]` entry in a configuration, which keeps every byte that is there.
//!
//! The entry is put into the text by hand: a document that is printed anew loses its line ends.

use std::path::{Path, PathBuf};

use akid::redact::redact;
use anyhow::bail;
use toml::de::DeTable;

use super::found::MAX_LEN;
use super::{AllowEntry, Config, Found, Loaded, Origin, shown};

/// What becomes of a configuration with one more entry; nothing is written yet.
#[derive(Debug)]
pub(in crate::cli) enum Edit {
    /// It is this one; there may be a file already.
    Changed { loaded: Box<Loaded>, is_there: bool },
    /// The entry at this place already allows all of it.
    Needless(String),
}

impl Edit {
    /// Reads the configuration at `path`, which need not be there, and adds `entry`.
    pub(in crate::cli) fn of(path: PathBuf, entry: &AllowEntry) -> anyhow::Result<Self> {
        let is_there = path.symlink_metadata().is_ok();
        let old = if is_there { Some(Found::nearby(path.clone())?) } else { None };
        let old = Loaded::read(old)?;
        if let Some(known) = old.config.allow.iter().find(|known| known.get_ref().covers(entry)) {
            return Ok(Self::Needless(old.place_at(&known.span())));
        }
        let text = with_entry(old.text(), entry);
        if text.len() as u64 > MAX_LEN << 20 {
            bail!("{}: more than {MAX_LEN} MiB with another entry\nhelp: write a baseline", shown(&path));
        }
        let found = Found { name: shown(&path), text, origin: Origin::File(path) };
        let loaded = Box::new(Loaded::read(Some(found))?);
        check(&old.config, &loaded.config, entry)?;
        Ok(Self::Changed { loaded, is_there })
    }
}

/// Checks that akid reads nothing but `entry` in the new configuration that it did not read in the old one.
fn check(old: &Config, new: &Config, entry: &AllowEntry) -> anyhow::Result<()> {
    let count = new.allow.iter().filter(|written| written.get_ref().covers(entry)).count();
    if count != 1 || new.allow.len() != old.allow.len() + 1 {
        bail!("the entry would not be read as it was meant: this is a bug in akid");
    }
    Ok(())
}

/// `text` with `entry` in a table of its own at the end, or at the start of a list `allow = […]`, which cannot stand
/// beside such tables.
fn with_entry(text: &str, entry: &AllowEntry) -> String {
    let line_end =
        if text.split('\n').next().is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" };
    if let Some(at) = list(text) {
        let (before, after) = text.split_at(at);
        return format!("{before}{{ {} }}, {after}", entry.rows().join(", "));
    }
    let gap = match text {
        "" => String::new(),
        text if text.ends_with('\n') => line_end.to_owned(),
        _ => line_end.repeat(2),
    };
    let rows = entry.rows().into_iter().map(|row| row + line_end);
    format!("{text}{gap}[[allow]]{line_end}{}", rows.collect::<String>())
}

/// Where the entries of a list `allow = […]` start.
fn list(text: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let start = table.get_ref().get("allow")?.span().start;
    let is_list = text[start..].starts_with('[') && !text[start..].starts_with("[[");
    is_list.then_some(start + 1)
}

/// The file at which a configuration is to be written that the user named: links to it are followed, as for a report.
pub(in crate::cli) fn target(named: &Path) -> anyhow::Result<PathBuf> {
    let place = crate::cli::place::Place::of(named).ok().and_then(crate::cli::place::Place::into_file);
    let Some(file) = place else {
        bail!("{}: not a file that can be written", redact(named.as_os_str().as_encoded_bytes()));
    };
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> AllowEntry {
        AllowEntry { path: vec!["a".into()], reason: "why".into(), ..AllowEntry::default() }
    }

    #[test]
    fn an_entry_goes_to_the_end_and_keeps_every_byte_before_it() {
        let block = "[[allow]]\npath = \"a\"\nreason = \"why\"\n";
        for (text, gap) in [
            ("", ""),
            ("# only a comment", "\n\n"),
            ("strict = true # why\n", "\n"),
            ("[archives]\nmax-depth = 4\n\n\n", "\n"),
            ("[[allow]]\npath = 'b'\nreason = 'x'\n\n[accounts]\n", "\n"),
        ] {
            assert_eq!(with_entry(text, &entry()), format!("{text}{gap}{block}"));
        }
    }

    #[test]
    fn line_ends_are_those_of_the_file() {
        let text = "strict = true\r\n# mixed\n";
        let block = "\r\n[[allow]]\r\npath = \"a\"\r\nreason = \"why\"\r\n";
        assert_eq!(with_entry(text, &entry()), format!("{text}{block}"));
    }

    #[test]
    fn a_list_of_entries_stays_one() {
        let inside = "{ path = \"a\", reason = \"why\" }, ";
        for (before, after) in [
            ("allow = [", "]\nstrict = true\n"),
            ("'allow'=[", "\n  { path = 'b', reason = 'x' } # last, ]\n]\n"),
        ] {
            let text = with_entry(&format!("{before}{after}"), &entry());
            assert_eq!(text, format!("{before}{inside}{after}"));
            assert!(toml::from_str::<Config>(&text).is_ok(), "{text}");
        }
    }
}
