//! What stands in the lines of files of commits: the text of a commit never changes, so a line of it names a credential.

use std::collections::BTreeMap;
#[cfg(feature = "git")]
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

#[cfg(feature = "git")]
use akid::detect::Detector;
#[cfg(feature = "git")]
use akid::finding::CredentialName;
use akid::finding::{Fingerprint, Place};
#[cfg(feature = "git")]
use akid::origin::{Origin, RelativePath};
use akid::rule::RuleSet;
use akid::stop::Stop;

use super::entry::Entry;

/// The credentials in a file of a commit; the reason if it cannot be read.
type Content = Result<Vec<(Fingerprint, Vec<Place>)>, &'static str>;

/// The credentials in files of commits, by commit and path.
#[derive(Debug, Default)]
pub(super) struct Commits(BTreeMap<(String, String), Content>);

impl Commits {
    /// Reads the files that `entries` name only by a line of a commit, until `stop` says so.
    #[cfg(feature = "git")]
    pub(super) fn read<'e>(entries: impl Iterator<Item = &'e Entry>, rules: &RuleSet, stop: &Stop) -> Self {
        let wanted: BTreeSet<(String, String)> = entries.filter_map(place).collect();
        let mut contents = BTreeMap::new();
        let repository = crate::cli::repository::of_environment();
        let Some(repository) = repository.ok().filter(|_| !wanted.is_empty()) else { return Self::default() };
        let detector = Detector::new(rules);
        let mut names = wanted.iter();
        let places = wanted.iter().take_while(|_| !stop.is_stopped());
        let places = places.map(|(commit, path)| (commit.as_str(), path.as_bytes()));
        akid::source::git::files_at(&repository, places, |content| {
            let Some(name) = names.next() else { return };
            let content = match content {
                Ok(Some(bytes)) => Ok(credentials(&detector, &name.1, &bytes)),
                Ok(None) => Err("the file is not in this commit"),
                Err(_) => Err(NO_COMMIT),
            };
            contents.insert(name.clone(), content);
        });
        Self(contents)
    }

    /// Without git there is no commit to read.
    #[cfg(not(feature = "git"))]
    pub(super) fn read<'e>(_: impl Iterator<Item = &'e Entry>, _: &RuleSet, _: &Stop) -> Self {
        Self::default()
    }

    /// The fingerprints of what stands in `lines` of the file at `path` in `commit`.
    pub(super) fn fingerprints(
        &self,
        commit: &str,
        path: &str,
        lines: &RangeInclusive<u64>,
    ) -> Result<Vec<Fingerprint>, String> {
        let content = self.0.get(&(commit.to_owned(), path.to_owned()));
        let found = content.unwrap_or(&Err(NO_COMMIT)).as_ref().map_err(|reason| (*reason).to_owned())?;
        let is_meant = |places: &[Place]| places.iter().any(|place| is_in(place, lines));
        Ok(found.iter().filter(|(_, places)| is_meant(places)).map(|(known, _)| *known).collect())
    }
}

const NO_COMMIT: &str = "this commit of the file cannot be read here";

/// The commit and the path of an entry that says no more than these and a line.
#[cfg(feature = "git")]
fn place(entry: &Entry) -> Option<(String, String)> {
    let is_line = !entry.clues.is_named() && !entry.clues.is_other && entry.lines.is_some();
    // What looks like another revision than an ID is none that a tool writes.
    let is_id = |commit: &&String| commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let commit = entry.commit.as_ref().filter(|_| is_line).filter(is_id)?;
    Some((commit.clone(), plain(entry.path.as_ref()?)))
}

/// The credentials in a file, with the fingerprints that they have there.
#[cfg(feature = "git")]
fn credentials(detector: &Detector, path: &str, bytes: &[u8]) -> Vec<(Fingerprint, Vec<Place>)> {
    let origin = Origin::Version(RelativePath::from_bytes(path));
    let named = detector.detect(bytes).found.into_iter().map(|found| {
        let name = CredentialName::from(&found.credential);
        (Fingerprint::of(&found.rule, &name, &origin), found.places)
    });
    named.collect()
}

/// The path with `/` between its parts, from where it starts.
pub(super) fn plain(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.strip_prefix("./").map(str::to_owned).unwrap_or(path)
}

/// Whether a part of a credential stands in one of `lines`.
pub(super) fn is_in(place: &Place, lines: &RangeInclusive<u64>) -> bool {
    let parts = [place.key_id(), place.secret(), place.token()];
    let overlaps = |start: u64, end: u64| start <= *lines.end() && *lines.start() <= end;
    parts.into_iter().flatten().any(|part| overlaps(part.start.line, part.end.line))
}
