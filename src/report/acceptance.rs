//! The configuration that accepts what a scan did not read, to paste.

use std::collections::BTreeSet;
use std::io;

use crate::origin::Origin;
use crate::redact::redact;
use crate::scan::Scan;
use crate::source::{GapKind, SkipReason};

/// How many paths one entry names; for more, a folder is the better entry.
const MAX_PATHS: usize = 20;

/// Returns the lines of `.akid.toml` that accept the skipped inputs and the gaps of `scan`; empty if it has none.
pub(super) fn acceptance(scan: &Scan) -> Vec<String> {
    let skipped = scan.skipped.iter().chain(&scan.unreadable).filter(|skipped| !is_missing(&skipped.reason));
    let paths: BTreeSet<String> = skipped.filter_map(|skipped| glob(&skipped.origin)).collect();
    let kinds: BTreeSet<GapKind> = scan.gaps.iter().map(crate::source::Gap::kind).collect();
    let kinds = kinds.into_iter().filter(|kind| GapKind::ACCEPTABLE.contains(kind));
    let (paths, kinds) =
        (list(paths.into_iter().take(MAX_PATHS)), list(kinds.map(|kind| kind.as_str().to_owned())));
    let entry = |name: &str, key: &str, value: Option<String>| {
        let value = value?;
        Some([
            format!("[[{name}]]"),
            format!("{key} = {value}"),
            "reason = \"why this is harmless\"".to_owned(),
        ])
    };
    let entries = [entry("accept-skip", "path", paths), entry("accept-gap", "kind", kinds)];
    entries.into_iter().flatten().flatten().collect()
}

/// Whether the user named something that does not exist: that is to be corrected.
fn is_missing(reason: &SkipReason) -> bool {
    matches!(reason, SkipReason::Io(error) if error.kind() == io::ErrorKind::NotFound)
}

/// A TOML string for one text, an array for more.
fn list(texts: impl Iterator<Item = String>) -> Option<String> {
    // The strings of JSON are strings of TOML.
    let quoted: Vec<String> = texts.map(|text| serde_json::Value::from(text).to_string()).collect();
    match &quoted[..] {
        [] => None,
        [one] => Some(one.clone()),
        all => Some(format!("[{}]", all.join(", "))),
    }
}

/// The glob that matches the path of `origin` and nothing else; `None` for what no glob can name.
fn glob(origin: &Origin) -> Option<String> {
    let (Origin::File(path) | Origin::Version(path)) = origin.root() else { return None };
    let path = std::str::from_utf8(path.as_bytes()).ok()?;
    let is_shown_whole = redact(path.as_bytes()) == path;
    let escape = |c: char| if "*?[]{}\\!".contains(c) { format!("[{c}]") } else { c.to_string() };
    is_shown_whole.then(|| format!("/{}", path.chars().map(escape).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::{Member, RelativePath};
    use crate::source::{ArchiveFault, Gap, Skipped};

    fn skipped(name: &str) -> Skipped {
        let origin = Origin::File(RelativePath::from_bytes(name));
        Skipped { origin, reason: SkipReason::Archive(ArchiveFault::Depth(8)) }
    }

    #[test]
    fn every_skipped_path_and_every_gap_is_named_once() {
        let member = |name: &str| {
            let root = Origin::File(RelativePath::from_bytes(name));
            let origin = Origin::Member(Member::new(root, ["a"]));
            Skipped { origin, reason: SkipReason::Member(ArchiveFault::Encrypted) }
        };
        let scan = Scan {
            skipped: vec![skipped("b [1].zip"), skipped("a.zip")],
            unreadable: vec![member("a.zip")],
            gaps: [Gap::Shallow, Gap::Refs("x".to_owned()), Gap::Refs("y".to_owned())].into(),
            ..Scan::default()
        };
        let reason = "reason = \"why this is harmless\"";
        let expected = [
            "[[accept-skip]]",
            "path = [\"/a.zip\", \"/b [[]1[]].zip\"]",
            reason,
            "[[accept-gap]]",
            "kind = [\"shallow\", \"refs\"]",
            reason,
        ];
        assert_eq!(acceptance(&scan), expected);
        assert!(acceptance(&Scan::default()).is_empty());
    }
}
