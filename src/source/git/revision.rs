//! Revisions: what people call a commit, such as `HEAD~2`, `v1.0^{commit}` or the start of an ID.

use std::collections::BTreeSet;

use super::config;
use super::entry::Kind;
use super::loose;
use super::reader::Reader;
use super::refs::{RefStore, candidates};
use super::repo::Repository;
use crate::origin::{ObjectId, ObjectKind};

/// Finds the objects that revisions name.
pub(super) struct Revisions<'r, 'a> {
    repository: &'r Repository,
    store: RefStore<'r>,
    pub(super) reader: Reader<'a>,
}

/// Fewer digits name no object.
const MIN_DIGITS: usize = 4;
/// Objects whose IDs start alike that are told apart at most.
const MAX_ALIKE: usize = 1000;

impl<'r, 'a> Revisions<'r, 'a> {
    pub(super) fn new(repository: &'r Repository, reader: Reader<'a>) -> Self {
        Self { repository, store: RefStore::of(repository), reader }
    }

    /// The refs of the repository.
    pub(super) fn store(&self) -> &RefStore<'r> {
        &self.store
    }

    /// The commit that `text` names, or that the tag leads to that it names.
    pub(super) fn commit(&mut self, text: &str) -> Option<ObjectId> {
        let id = self.object(text)?;
        self.reader.peel(id).ok()?.commit()
    }

    /// The object that `text` names.
    pub(super) fn object(&mut self, text: &str) -> Option<ObjectId> {
        let (base, mut steps) = split(text);
        let mut id = self.base(base, &mut steps)?;
        while !steps.is_empty() {
            id = self.step(id, &mut steps)?;
        }
        Some(id)
    }

    /// What stands before all steps, with the `@{…}` that may follow it.
    fn base(&mut self, base: &str, steps: &mut &str) -> Option<ObjectId> {
        let Some((at, rest)) = braces(steps, "@{") else {
            return if base.is_empty() { None } else { self.named(if base == "@" { "HEAD" } else { base }) };
        };
        *steps = rest;
        let previous = at.strip_prefix('-').and_then(|nth| nth.parse::<usize>().ok());
        if let (Some(nth), true) = (previous, base.is_empty()) {
            let name = self.checked_out_before(nth)?;
            return self.named(&name);
        }
        let current = self.store.checked_out();
        let name = match base {
            "" => current.clone().unwrap_or_else(|| b"HEAD".to_vec()),
            "@" => b"HEAD".to_vec(),
            name => self.full_name(name)?.into_bytes(),
        };
        if at.eq_ignore_ascii_case("u") || at.eq_ignore_ascii_case("upstream") {
            let name = if name == b"HEAD" { current? } else { name };
            return self.upstream(&name);
        }
        let nth = at.parse::<usize>().ok()?;
        let mut changes = self.store.changes(&name, &|_| true);
        let Some(newest) = changes.len().checked_sub(1) else {
            // The log may have expired.
            return self.store.target(&name).ok().flatten().filter(|_| nth == 0);
        };
        match newest.checked_sub(nth) {
            Some(place) => Some(changes.swap_remove(place).new),
            // Where the log begins.
            None if nth == newest + 1 => Some(changes.swap_remove(0).old).filter(|id| !id.is_zero()),
            None => None,
        }
    }

    /// The name of the branch that was checked out before, `nth` times ago.
    fn checked_out_before(&self, nth: usize) -> Option<String> {
        const MOVING: &[u8] = b"checkout: moving from ";
        let mut changes = self.store.changes(b"HEAD", &|change| change.message.starts_with(MOVING));
        let place = changes.len().checked_sub(nth).filter(|place| *place < changes.len())?;
        let message = changes.swap_remove(place).message;
        let names = String::from_utf8(message.get(MOVING.len()..)?.to_vec()).ok()?;
        names.split_once(" to ").map(|(from, _)| from.to_owned())
    }

    /// The remote-tracking branch that a branch follows.
    fn upstream(&mut self, branch: &[u8]) -> Option<ObjectId> {
        let branch = std::str::from_utf8(branch.strip_prefix(b"refs/heads/")?).ok()?;
        let config::Upstream { remote, merge } = config::upstream(&self.repository.config(), branch)?;
        if remote == "." {
            return self.target(&merge);
        }
        let remotes = config::remotes(&self.repository.config());
        let found = remotes.iter().find(|found| found.name == remote)?;
        let name = found.fetch.iter().find_map(|refspec| mapped(refspec, &merge))?;
        self.target(&name)
    }

    fn target(&self, name: &str) -> Option<ObjectId> {
        self.store.target(name.as_bytes()).ok().flatten()
    }

    /// The full name that a short one stands for.
    fn full_name(&self, name: &str) -> Option<String> {
        candidates(name).find(|name| self.target(name).is_some())
    }

    /// The object that a name or an ID stands for, in the order in which git tries what it may be.
    fn named(&mut self, name: &str) -> Option<ObjectId> {
        let is_whole = name.len() == self.repository.format().hex_len();
        if let Some(id) = ObjectId::parse(name.as_bytes()).filter(|_| is_whole) {
            return Some(id);
        }
        if let Some(id) = candidates(name).find_map(|name| self.target(&name)) {
            return Some(id);
        }
        // `git describe` prints `v1.0-3-g1234567`.
        let digits = name.rsplit_once("-g").map_or(name, |(_, digits)| digits);
        self.abbreviated(digits).or_else(|| self.abbreviated(name))
    }

    /// The only object whose ID starts with these digits, or the only one of them that leads to a commit.
    fn abbreviated(&mut self, digits: &str) -> Option<ObjectId> {
        let max = self.repository.format().hex_len();
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !is_hex || !(MIN_DIGITS..=max).contains(&digits.len()) {
            return None;
        }
        let alike = self.alike(&digits.to_ascii_lowercase());
        if alike.len() > MAX_ALIKE {
            return None;
        }
        if alike.len() == 1 {
            return alike.into_iter().next();
        }
        let is_commit = |id: &ObjectId| self.reader.peel(*id).is_ok_and(|peeled| peeled.commit().is_some());
        let mut commits = alike.into_iter().filter(is_commit);
        let only = commits.next();
        only.filter(|_| commits.next().is_none())
    }

    fn alike(&self, digits: &str) -> BTreeSet<ObjectId> {
        let objects = self.reader.objects();
        let mut alike: BTreeSet<ObjectId> = loose::alike(&objects.stores, digits).into_iter().collect();
        let padded = format!("{digits:0<width$}", width = self.repository.format().hex_len());
        let Some(first) = ObjectId::parse(padded.as_bytes()) else { return alike };
        for pack in &objects.packs {
            let (mut start, mut end) = (0, pack.index.len());
            while start < end {
                let middle = start + (end - start) / 2;
                if pack.index.id(middle).as_bytes() < first.as_bytes() {
                    start = middle + 1;
                } else {
                    end = middle;
                }
            }
            let ids =
                (start..pack.index.len()).filter_map(|at| ObjectId::from_slice(pack.index.id(at).as_bytes()));
            alike.extend(ids.take_while(|id| id.to_string().starts_with(digits)).take(MAX_ALIKE + 1));
        }
        alike
    }

    /// Goes one step on from the object `id`: `~N`, `^N` or `^{kind}`.
    fn step(&mut self, id: ObjectId, steps: &mut &str) -> Option<ObjectId> {
        if let Some((kind, rest)) = braces(steps, "^{") {
            *steps = rest;
            return self.peeled_to(id, kind);
        }
        let (sign, rest) = steps.split_at_checked(1)?;
        let digits = rest.len() - rest.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        let (number, rest) = rest.split_at(digits);
        let number = if number.is_empty() { 1 } else { number.parse::<usize>().ok()? };
        *steps = rest;
        let mut commit = self.reader.peel(id).ok()?.commit()?;
        match (sign, number) {
            ("^", 0) => Some(commit),
            ("^", nth) => self.parents(commit)?.get(nth - 1).copied(),
            ("~", number) => {
                for _ in 0..number {
                    commit = *self.parents(commit)?.first()?;
                }
                Some(commit)
            }
            _ => None,
        }
    }

    /// The parents of a commit.
    pub(super) fn parents(&mut self, commit: ObjectId) -> Option<Vec<ObjectId>> {
        self.reader.commit(commit).ok().map(|ties| ties.parents)
    }

    fn peeled_to(&mut self, id: ObjectId, kind: &str) -> Option<ObjectId> {
        let peeled = self.reader.peel(id).ok()?;
        match (kind, peeled.kind) {
            ("", _) => Some(peeled.id),
            ("object", _) => Some(id),
            ("commit", _) => peeled.commit(),
            ("tag", _) => peeled.tags.first().copied(),
            ("blob", Kind::Text(ObjectKind::Blob)) => Some(peeled.id),
            ("tree", _) => self.reader.tree_of(id).ok().flatten(),
            _ => None,
        }
    }
}

/// The name at the start of a revision, and the steps that follow it.
fn split(text: &str) -> (&str, &str) {
    let ends = [text.find('^'), text.find('~'), text.find("@{")];
    text.split_at(ends.into_iter().flatten().min().unwrap_or(text.len()))
}

/// What stands in the braces that `text` opens with, and what follows them.
fn braces<'t>(text: &&'t str, open: &str) -> Option<(&'t str, &'t str)> {
    text.strip_prefix(open)?.split_once('}')
}

/// Where a refspec puts the ref called `name`.
pub(super) fn mapped(refspec: &str, name: &str) -> Option<String> {
    let (from, to) = refspec.trim_start_matches('+').split_once(':')?;
    match (from.split_once('*'), to.split_once('*')) {
        (Some((before, after)), Some((to_before, to_after))) => {
            let middle = name.strip_prefix(before)?.strip_suffix(after)?;
            Some(format!("{to_before}{middle}{to_after}"))
        }
        (None, None) => (from == name).then(|| to.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_name_and_steps() {
        assert_eq!(split("main~2^{tree}"), ("main", "~2^{tree}"));
        assert_eq!(split("a@b"), ("a@b", ""));
        assert_eq!(split("@{u}^"), ("", "@{u}^"));
        assert_eq!(braces(&"^{tree}~", "^{"), Some(("tree", "~")));
        assert_eq!(braces(&"^{tree", "^{"), None);
    }

    #[test]
    fn a_refspec_says_where_a_ref_is_fetched_to() {
        let to = |refspec: &str| mapped(refspec, "refs/heads/a/b");
        assert_eq!(to("+refs/heads/*:refs/remotes/o/*").as_deref(), Some("refs/remotes/o/a/b"));
        assert_eq!(to("refs/heads/a/b:refs/x").as_deref(), Some("refs/x"));
        assert_eq!(to("refs/tags/*:refs/tags/*"), None);
        assert_eq!(to("refs/heads/*"), None);
    }
}
