//! What refers to commits: branches, tags, stashes, reflogs, indexes.
//!
//! This is libgit2's part. Where it cannot open a repository, what was found is told all the same, without this.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git2::{ErrorCode, ObjectType};

use super::plain::not_plain;
use crate::finding::{Tip, TipKind};
use crate::origin::ObjectId;
use crate::redact::redact;
use crate::source::git::repo::Repository;

/// What refers to commits and tags of a repository, by ID.
#[derive(Debug, Default)]
pub(in super::super) struct Refs {
    /// The commits that branches, tags and the like point to, each with their names.
    pub(in super::super) tips: BTreeMap<ObjectId, BTreeSet<Tip>>,
    /// The tags of their own that refs point to, each with the names of those.
    pub(super) tags: BTreeMap<ObjectId, BTreeSet<Tip>>,
    /// The commit that is checked out.
    pub(in super::super) head: Option<ObjectId>,
    pub(super) stashes: BTreeSet<ObjectId>,
    /// Commits that only a reflog names.
    pub(super) logged: BTreeSet<ObjectId>,
    /// The blobs of indexes, with their paths.
    pub(super) staged: Vec<(ObjectId, Vec<u8>)>,
}

const STASH: &str = "refs/stash";
/// Names beside the refs that point to a commit while git is at something.
const HEADS: [&str; 6] =
    ["HEAD", "ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD"];

impl Refs {
    /// Reads what refers to commits in `repository`.
    ///
    /// # Errors
    ///
    /// Why it cannot be opened.
    pub(in super::super) fn read(repository: &Repository) -> Result<Self, git2::Error> {
        let repository = open(repository)?;
        let mut refs = Self { head: head(&repository), ..Self::default() };
        refs.add(&repository, "");
        for (name, worktree) in worktrees(&repository) {
            refs.add_heads(&worktree, &format!("{name}: "));
            refs.add_index(&worktree);
        }
        Ok(refs)
    }

    fn add(&mut self, repository: &git2::Repository, label: &str) {
        self.add_heads(repository, label);
        self.add_index(repository);
        let mut names = vec!["HEAD".to_owned()];
        for reference in repository.references().into_iter().flatten().flatten() {
            let Ok(name) = reference.name().map(str::to_owned) else { continue };
            if name != STASH {
                self.add_tip(&reference);
            }
            names.push(name);
        }
        for id in fetched(repository) {
            self.add_name(id, TipKind::Other, "FETCH_HEAD".to_owned());
        }
        for name in names {
            let log = repository.reflog(&name);
            let logged = log.iter().flat_map(git2::Reflog::iter);
            let ids = logged.flat_map(|entry| [object_id(entry.id_new()), object_id(entry.id_old())]);
            if name == STASH {
                self.stashes.extend(repository.refname_to_id(STASH).ok().map(object_id));
                self.stashes.extend(ids);
            } else {
                self.logged.extend(ids);
            }
        }
    }

    fn add_tip(&mut self, reference: &git2::Reference<'_>) {
        let kind = match reference {
            _ if reference.is_branch() => TipKind::Branch,
            _ if reference.is_remote() => TipKind::Remote,
            _ if reference.is_tag() => TipKind::Tag,
            _ => TipKind::Other,
        };
        let tip = Tip { kind, name: reference.shorthand().unwrap_or_default().to_owned() };
        if let Ok(commit) = reference.peel(ObjectType::Commit) {
            self.add_name(object_id(commit.id()), kind, tip.name.clone());
        }
        let tag = reference.target().filter(|_| reference.peel_to_tag().is_ok());
        if let Some(tag) = tag {
            self.tags.entry(object_id(tag)).or_default().insert(tip);
        }
    }

    fn add_name(&mut self, commit: ObjectId, kind: TipKind, name: String) {
        self.tips.entry(commit).or_default().insert(Tip { kind, name });
    }

    fn add_heads(&mut self, repository: &git2::Repository, label: &str) {
        for (name, id) in heads(repository) {
            let kind = if name == "HEAD" && label.is_empty() { TipKind::Head } else { TipKind::Other };
            self.add_name(id, kind, format!("{label}{name}"));
        }
    }

    fn add_index(&mut self, repository: &git2::Repository) {
        let Ok(index) = repository.index() else { return };
        self.staged.extend(index.iter().map(|entry| (object_id(entry.id), entry.path)));
    }
}

/// What refs are called, and the objects that they and the names beside them point to.
#[derive(Debug, Default)]
pub(in super::super) struct Names {
    /// Full names.
    pub(in super::super) names: Vec<Vec<u8>>,
    pub(in super::super) targets: BTreeSet<ObjectId>,
    /// The commit that is checked out.
    pub(in super::super) head: Option<ObjectId>,
}

impl Names {
    /// Reads them, without what it takes to tell which commits they lead to.
    ///
    /// # Errors
    ///
    /// Why the repository cannot be opened, or its refs cannot be read.
    pub(in super::super) fn read(repository: &Repository) -> Result<Self, git2::Error> {
        let repository = open(repository)?;
        let mut names = Self { head: head(&repository), ..Self::default() };
        for reference in repository.references()? {
            let reference = reference?;
            // What an annotated tag leads to is known of packed refs; what points to another ref, that one has.
            let target = reference.target_peel().or_else(|| reference.target());
            names.targets.extend(target.map(object_id));
            names.names.push(reference.name_bytes().to_vec());
        }
        names.targets.extend(fetched(&repository));
        names.targets.extend(heads(&repository).map(|(_, target)| target));
        for worktree in worktrees(&repository).into_values() {
            names.targets.extend(heads(&worktree).map(|(_, target)| target));
        }
        Ok(names)
    }
}

/// The other worktrees of a repository, by their names.
fn worktrees(repository: &git2::Repository) -> BTreeMap<String, git2::Repository> {
    let names = repository.worktrees().ok();
    let names = names.iter().flat_map(|names| names.iter()).filter_map(|name| name.ok().flatten());
    let open = |name: &str| {
        let worktree = repository.find_worktree(name).ok()?;
        Some((name.to_owned(), git2::Repository::open_from_worktree(&worktree).ok()?))
    };
    names.filter_map(open).collect()
}

/// The names beside refs that point to a commit, and the commits.
fn heads(repository: &git2::Repository) -> impl Iterator<Item = (&'static str, ObjectId)> {
    HEADS.into_iter().filter_map(|name| Some((name, object_id(repository.refname_to_id(name).ok()?))))
}

/// What was fetched last, which may be in no branch.
fn fetched(repository: &git2::Repository) -> BTreeSet<ObjectId> {
    let mut fetched = BTreeSet::new();
    drop(repository.fetchhead_foreach(|_, _, id, _| {
        fetched.insert(object_id(*id));
        true
    }));
    fetched
}

fn head(repository: &git2::Repository) -> Option<ObjectId> {
    match repository.head().and_then(|head| head.peel_to_commit()) {
        Ok(commit) => Some(object_id(commit.id())),
        Err(_) => None,
    }
}

fn object_id(id: git2::Oid) -> ObjectId {
    id.as_bytes().try_into().map_or(ObjectId::from_bytes([0; 20]), ObjectId::from_bytes)
}

/// Opens a repository whoever owns it, since nothing of it is run; but not one that could make us wait for ever.
pub(in super::super) fn open(repository: &Repository) -> Result<git2::Repository, git2::Error> {
    if let Some(path) = not_plain(repository) {
        let name = redact(repository.name_of(&path).as_os_str().as_encoded_bytes());
        return Err(git2::Error::from_str(&format!("`{name}` is no plain file")));
    }
    trust_no_owner();
    let git_dir = repository.git_dir();
    let no_ceilings = &[] as &[&Path];
    let opened = match git2::Repository::open_ext(git_dir, git2::RepositoryOpenFlags::NO_SEARCH, no_ceilings)
    {
        Err(error) if error.code() == ErrorCode::NotFound => git2::Repository::open(git_dir),
        opened => opened,
    }?;
    // While a push is received, what is new lies apart, and the environment says where.
    let odb = opened.odb()?;
    for store in repository.stores_of_environment() {
        if let Some(path) = store.to_str() {
            odb.add_disk_alternate(path)?;
        }
    }
    drop(odb);
    Ok(opened)
}

#[expect(
    unsafe_code,
    reason = "libgit2 has no safe call to read what others own; it is set once, to one value"
)]
fn trust_no_owner() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    // SAFETY: the call writes a global of libgit2 that is read when a repository is opened, which waits for this.
    ONCE.call_once(|| unsafe { drop(git2::opts::set_verify_owner_validation(false)) });
}
