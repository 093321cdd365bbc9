//! Finds the findings that entries of another tool name: by credential and path, or else by line.
//!
//! An entry that names a credential never matches another one in its place, which may be a key that came later.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use akid::aws::{AccessKeyId, SecretFingerprint};
use akid::finding::{Finding, Fingerprint};
use akid::known::Sha1Digest;
use akid::scan::Scan;

use super::commits::{Commits, is_in, plain};
use super::entry::Entry;
use crate::cli::run::way;

/// The findings of scans, by what entries may say of them.
pub(super) struct Matcher<'s> {
    by_fingerprint: BTreeMap<Fingerprint, &'s Finding>,
    by_path: BTreeMap<&'s [u8], Vec<&'s Finding>>,
    by_key_id: BTreeMap<AccessKeyId, Vec<&'s Finding>>,
    /// By the hash of the secret, and by that of the key ID.
    by_hash: BTreeMap<SecretFingerprint, Vec<&'s Finding>>,
    key_ids: BTreeMap<Sha1Digest, AccessKeyId>,
    secrets: BTreeMap<Sha1Digest, SecretFingerprint>,
    /// The folder that was scanned, with a `/` at its end.
    base: String,
    /// Where the current folder lies below that, with a `/` at its end; empty if they are the same.
    folder: String,
}

impl<'s> Matcher<'s> {
    /// The findings of `scans` of the folder `base`, for `entries`.
    pub(super) fn new<'e>(scans: &'s [Scan], base: &Path, entries: impl Iterator<Item = &'e Entry>) -> Self {
        let digests: BTreeSet<Sha1Digest> = entries.filter_map(|entry| entry.clues.digest).collect();
        let mut matcher = Self {
            by_fingerprint: BTreeMap::new(),
            by_path: BTreeMap::new(),
            by_key_id: BTreeMap::new(),
            by_hash: BTreeMap::new(),
            key_ids: BTreeMap::new(),
            secrets: scans.iter().flat_map(|scan| scan.known.with_digests(&digests)).collect(),
            base: format!("{}/", plain(&base.to_string_lossy())),
            folder: way(base).1,
        };
        scans.iter().flat_map(|scan| &scan.findings).for_each(|finding| matcher.add(finding));
        matcher
    }

    fn add(&mut self, finding: &'s Finding) {
        let name = &finding.credential;
        // One in unreachable objects has a fingerprint without a path.
        self.by_fingerprint.insert(finding.fingerprint_by_path(), finding);
        self.by_path.entry(finding.origin.path()).or_default().push(finding);
        if let Some(id) = name.id() {
            self.by_key_id.entry(id).or_default().push(finding);
            self.by_hash.entry(SecretFingerprint::of_key_id(&id)).or_default().push(finding);
            self.key_ids.insert(Sha1Digest::of_key_id(&id), id);
        }
        if let Some(secret) = name.any_secret() {
            self.by_hash.entry(secret).or_default().push(finding);
        }
    }

    /// The findings that `entry` names; the reason if there is none.
    pub(super) fn find(&self, entry: &Entry, commits: &Commits) -> Result<Vec<&'s Finding>, String> {
        if entry.clues.is_named() {
            return self.of_credential(entry);
        }
        if entry.clues.is_other {
            return Err("not an AWS access key".to_owned());
        }
        let Some((path, lines)) = entry.path.as_deref().zip(entry.lines.as_ref()) else {
            return Err("neither a credential nor a line is named".to_owned());
        };
        if let Some(commit) = &entry.commit {
            let fingerprints = commits.fingerprints(commit, &plain(path), lines)?;
            let findings = fingerprints.iter().filter_map(|known| self.by_fingerprint.get(known).copied());
            return some(findings.collect(), "akid finds no access key in this line of the commit");
        }
        let at_path = self.paths(path).into_iter().filter_map(|path| self.by_path.get(path.as_bytes()));
        let in_lines = |finding: &&&Finding| finding.places.iter().any(|place| is_in(place, lines));
        let findings = at_path.flatten().filter(in_lines).copied().collect();
        some(findings, "akid finds no access key in this line")
    }

    fn of_credential(&self, entry: &Entry) -> Result<Vec<&'s Finding>, String> {
        let clues = &entry.clues;
        let digest = clues.digest;
        let key_ids = clues.key_ids.iter().chain(digest.and_then(|digest| self.key_ids.get(&digest)));
        let secrets = clues.secrets.iter().chain(digest.and_then(|digest| self.secrets.get(&digest)));
        let of_ids = key_ids.filter_map(|id| self.by_key_id.get(id));
        let of_secrets = secrets.filter_map(|secret| self.by_hash.get(secret));
        let all: Vec<_> = of_ids.chain(of_secrets).flatten().copied().collect();
        if all.is_empty() {
            return Err("akid finds no such access key in the files or their history".to_owned());
        }
        let Some(path) = entry.path.as_deref() else { return Ok(all) };
        let paths = self.paths(path);
        let at_path = |is_same: &dyn Fn(&str, &str) -> bool| {
            let mut all = all.clone();
            all.retain(|finding| {
                let known = String::from_utf8_lossy(finding.origin.path());
                paths.iter().any(|path| is_same(path, &known))
            });
            some(all, "akid finds this access key only in other files")
        };
        // Tools are run in other folders and on other machines, too.
        at_path(&|path, known| path == known)
            .or_else(|_| at_path(&|path, known| is_end_of(path, known) || is_end_of(known, path)))
    }

    /// What `path` may be called from the top: tools are run there or in a folder below.
    fn paths(&self, path: &str) -> Vec<String> {
        let path = plain(path);
        let path = path.strip_prefix(&self.base).map(str::to_owned).unwrap_or(path);
        let below = format!("{}{path}", self.folder);
        let inside = |path: &String| path.contains('!').then(|| path.replace('!', "!/"));
        let paths = [path, below];
        // Members of archives.
        let members: Vec<String> = paths.iter().filter_map(inside).collect();
        paths.into_iter().chain(members).collect()
    }
}

/// Whether `path` is `whole`, or the last parts of it.
fn is_end_of(path: &str, whole: &str) -> bool {
    whole.strip_suffix(path).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

fn some<'s>(findings: Vec<&'s Finding>, otherwise: &str) -> Result<Vec<&'s Finding>, String> {
    if findings.is_empty() { Err(otherwise.to_owned()) } else { Ok(findings) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_matched_by_its_last_parts_only_whole_ones() {
        for (path, whole) in [("a/b", "a/b"), ("a/b", "/tmp/x/a/b"), ("b", "a/b")] {
            assert!(is_end_of(path, whole), "{path} {whole}");
        }
        for (path, whole) in [("a/b", "xa/b"), ("a/b", "b"), ("a", "a/b")] {
            assert!(!is_end_of(path, whole), "{path} {whole}");
        }
        assert_eq!(plain(".\\a\\b"), "a/b");
    }
}
