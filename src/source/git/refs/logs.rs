//! Reflogs: where refs pointed before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::change::Change;
use super::files::{MAX_LINES, walk};
use super::{Problems, RefStore, reftable};
use crate::origin::ObjectId;
use crate::source::git::path::from_bytes;
use crate::source::git::read;

impl RefStore<'_> {
    /// The objects that each ref points to or pointed to, as far as git remembers: for each log, by the full name of its
    /// ref.
    pub(in crate::source::git) fn logged(
        &self,
        problems: &mut Problems,
        take: &mut dyn FnMut(&[u8], BTreeSet<ObjectId>),
    ) {
        let mut folders = vec![self.git_dir()];
        if self.git_dir() != self.common_dir() {
            folders.push(self.common_dir());
        }
        for folder in folders {
            if self.has_tables() {
                let mut logs: BTreeMap<Vec<u8>, BTreeSet<ObjectId>> = BTreeMap::new();
                let read = reftable::Stack::read(folder).and_then(|stack| {
                    stack.changes(&mut |name, _, change| {
                        let ids = [change.old, change.new].into_iter().filter(|id| !id.is_zero());
                        logs.entry(name.to_vec()).or_default().extend(ids);
                    })
                });
                if let Err(error) = read {
                    problems.io(self, &folder.join("reftable"), &error);
                }
                logs.into_iter().for_each(|(name, ids)| take(&name, ids));
                continue;
            }
            walk(self, folder, "logs", problems, &mut |path, problems| {
                let mut ids = BTreeSet::new();
                let read = each(self, folder, path, &mut |change| {
                    ids.extend([change.old, change.new].into_iter().filter(|id| !id.is_zero()));
                });
                if let Err(error) = read {
                    problems.io(self, &folder.join(from_bytes(path)), &error);
                }
                take(path.strip_prefix(b"logs/").unwrap_or(path), ids);
            });
        }
    }

    /// The changes of the ref of this full name that `keep` wants, the oldest first. None if it has no log.
    pub(in crate::source::git) fn changes(&self, name: &[u8], keep: &dyn Fn(&Change) -> bool) -> Vec<Change> {
        let is_own = super::name::is_of_worktree(name);
        let folder = if is_own { self.git_dir() } else { self.common_dir() };
        if self.has_tables() {
            let mut changes = Vec::new();
            drop(reftable::Stack::read(folder).and_then(|stack| {
                stack.changes(&mut |found, index, change| {
                    if found == name && keep(&change) {
                        changes.push((index, change));
                    }
                })
            }));
            changes.sort_by_key(|(index, _)| *index);
            return changes.into_iter().map(|(_, change)| change).collect();
        }
        let mut changes = Vec::new();
        // What cannot be read is not there: whoever asks for a change that is not there is told.
        drop(each(self, folder, &[b"logs/", name].concat(), &mut |change| {
            if keep(&change) {
                changes.push(change);
            }
        }));
        changes
    }
}

impl RefStore<'_> {
    fn has_tables(&self) -> bool {
        self.repository.has_reftables()
    }
}

fn each(
    store: &RefStore<'_>,
    folder: &Path,
    path: &[u8],
    take: &mut dyn FnMut(Change),
) -> std::io::Result<()> {
    let file = read::beneath(folder, &from_bytes(path))?;
    read::lines(file, MAX_LINES, &mut |line| {
        if let Some(change) = line.and_then(|line| parse(store, line)) {
            take(change);
        }
        true
    })
}

fn parse(store: &RefStore<'_>, line: &[u8]) -> Option<Change> {
    let len = store.format.hex_len();
    let old = ObjectId::parse(line.get(..len)?)?;
    let new = ObjectId::parse(line.get(len + 1..2 * len + 1)?)?;
    let message = memchr::memchr(b'\t', line).map_or(&[][..], |tab| &line[tab + 1..]);
    Some(Change { old, new, message: message.to_vec() })
}
