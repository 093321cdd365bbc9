//! Reads all of one repository.

use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::entries::Entries;
use super::index::gix_id;
use super::loose::{self, Loose, Unreadable};
use super::objects::Objects;
use super::owners::Owners;
use super::pack::{Kind, Pack, Unusable};
use super::plan::{self, Task};
use super::repo::Repository;
use super::sieve::{Anchors, Sieve, WHOLE};
use super::walk::{Walked, Walker};
use crate::origin::{ObjectId, Origin, RelativePath};
use crate::source::{Content, Damage, Fault, Part, Sink, SkipReason, Skipped};

/// Pushes every blob, commit and tag of `repository` into `sink`.
pub(super) fn run(repository: &Repository, threads: usize, anchors: Option<&Anchors>, sink: &dyn Sink) {
    let mut faults = Faults { repository, sink };
    let objects = open(repository, &mut faults);
    let owners = Owners::of(&objects.packs);
    let packs: Vec<(Entries, Vec<Damage>)> = objects
        .packs
        .iter()
        .enumerate()
        .map(|(number, pack)| read(&objects, &owners, number, pack))
        .collect();
    let loose = loose(&objects, &mut faults);
    let tasks = plan::tasks(packs.iter().map(|(entries, _)| entries).enumerate(), &loose);

    let work =
        Work { objects: &objects, packs: &packs, tasks, next: AtomicUsize::new(0), done: Mutex::default() };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| work.help(anchors, sink));
        }
        work.help(anchors, sink);
    });

    let done = work.done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let of_entries = packs
        .iter()
        .enumerate()
        .flat_map(|(pack, (_, damages))| damages.iter().map(move |damage| (pack, *damage)));
    let mut damages: Vec<(usize, Damage)> = of_entries.chain(done.damages).collect();
    damages.sort();
    damages.into_iter().for_each(|(pack, damage)| faults.tell(&objects.packs[pack].path, damage));
    let mut unreadable = done.unreadable;
    unreadable.sort_by(|(a, _), (b, _)| a.cmp(b));
    unreadable.into_iter().for_each(|(path, reason)| faults.skip(&path, reason));
}

/// Opens all packs, in order of their names.
fn open(repository: &Repository, faults: &mut Faults<'_>) -> Objects {
    let mut packs = Vec::new();
    let mut stores = Vec::new();
    for store in repository.stores() {
        if !store.is_there {
            faults.tell(&store.path, Damage { part: Part::Whole, fault: Fault::MissingAlternate, lost: 0 });
            continue;
        }
        let (good, unusable) = Pack::all_in(&store.path.join("pack"));
        packs.extend(good);
        for (path, reason) in unusable {
            match reason {
                Unusable::Damaged(fault) => {
                    faults.tell(&path, Damage { part: Part::Whole, fault, lost: 0 });
                }
                Unusable::Unreadable(error) => faults.skip(&path, SkipReason::Io(error)),
            }
        }
        stores.push(store.path);
    }
    packs.sort_by(|a, b| a.path.file_name().cmp(&b.path.file_name()));
    Objects { packs, stores, is_partial: repository.is_partial() }
}

fn read(objects: &Objects, owners: &Owners, number: usize, pack: &Pack) -> (Entries, Vec<Damage>) {
    let is_owned = |position| owners.is_owner(number, position);
    Entries::read(pack, &is_owned, &|id| objects.kind_of(id))
}

/// The objects that have files of their own and are in no pack.
fn loose(objects: &Objects, faults: &mut Faults<'_>) -> Vec<(ObjectId, usize)> {
    let mut unreadable = |path: &Path, error| faults.skip(path, SkipReason::Io(error));
    let all = loose::all_in(&objects.stores, &mut unreadable);
    let is_packed = |id: ObjectId| {
        let id = gix_id(id);
        objects.packs.iter().any(|pack| pack.index.position(&id).is_some())
    };
    all.into_iter().filter(|(id, _)| !is_packed(*id)).collect()
}

/// What all threads work on.
struct Work<'a> {
    objects: &'a Objects,
    packs: &'a [(Entries, Vec<Damage>)],
    tasks: Vec<Task>,
    next: AtomicUsize,
    done: Mutex<Done>,
}

/// What went wrong, in no order.
#[derive(Default)]
struct Done {
    damages: Vec<(usize, Damage)>,
    unreadable: Vec<(PathBuf, SkipReason)>,
}

impl Work<'_> {
    /// Does parts of the work until there are no more.
    fn help(&self, anchors: Option<&Anchors>, sink: &dyn Sink) {
        let walker = || Walker::new(self.objects, Sieve::new(anchors, sink));
        let mut done = Done::default();
        let mut at_work = walker();
        while let Some(task) = self.tasks.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            if sink.is_stopped() {
                break;
            }
            let worked =
                panic::catch_unwind(AssertUnwindSafe(|| self.work(task, &mut at_work, &mut done, sink)));
            if worked.is_err() {
                // A bug of akid: what it was about is lost, and told.
                done.damages.append(&mut at_work.damages);
                done.unreadable
                    .push((self.path_of(task), SkipReason::Panic("the walk of objects".to_owned())));
                at_work = walker();
            }
        }
        done.damages.append(&mut at_work.damages);
        let mut all = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        all.damages.append(&mut done.damages);
        all.unreadable.append(&mut done.unreadable);
    }

    fn work(&self, task: &Task, walker: &mut Walker<'_>, done: &mut Done, sink: &dyn Sink) {
        match task {
            Task::Trees { pack: number, roots } => {
                let entries = &self.packs[*number].0;
                let walked = Walked { number: *number, pack: &self.objects.packs[*number], entries };
                for &root in &entries.roots()[roots.clone()] {
                    walker.tree(walked, root);
                }
            }
            Task::Loose(objects) => {
                let mut buffer = Vec::new();
                for (id, store) in objects.iter().take_while(|_| !sink.is_stopped()) {
                    let path = loose::path_in(&self.objects.stores[*store], *id);
                    if let Err(reason) = self.loose(&path, *id, walker, &mut buffer) {
                        done.unreadable.push((path, reason));
                    }
                }
            }
        }
    }

    fn loose(
        &self,
        path: &Path,
        id: ObjectId,
        walker: &mut Walker<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<(), SkipReason> {
        let reason = |unreadable| match unreadable {
            Unreadable::Io(error) => SkipReason::Io(error),
            Unreadable::Fault(fault) => SkipReason::Damaged(Damage { part: Part::Whole, fault, lost: 1 }),
        };
        let mut loose = Loose::open(path).map_err(reason)?;
        let Kind::Text(kind) = loose.kind else { return Ok(()) };
        if loose.size > WHOLE as u64 {
            walker.sieve.hand_over(Some((kind, id)), Content::Stream(&mut loose.content));
        } else {
            loose.read(buffer).map_err(reason)?;
            walker.sieve.whole(Some((kind, id)), buffer);
        }
        Ok(())
    }

    fn path_of(&self, task: &Task) -> PathBuf {
        match task {
            Task::Trees { pack, .. } => self.objects.packs[*pack].path.clone(),
            Task::Loose(_) => self.objects.stores.first().cloned().unwrap_or_default(),
        }
    }
}

/// Tells what of a repository could not be read.
struct Faults<'a> {
    repository: &'a Repository,
    sink: &'a dyn Sink,
}

impl Faults<'_> {
    fn tell(&mut self, path: &Path, damage: Damage) {
        self.skip(path, SkipReason::Damaged(damage));
    }

    fn skip(&mut self, path: &Path, reason: SkipReason) {
        let name = self.repository.name_of(path);
        let name = RelativePath::from_bytes(name.as_os_str().as_encoded_bytes());
        self.sink.skip(Skipped { origin: Origin::File(name), reason });
    }
}
