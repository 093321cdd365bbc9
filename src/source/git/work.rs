//! Shares out the reading of objects between threads.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::budget::{Meter, share};
use super::damages::Damages;
use super::entries::Entries;
use super::entry::Kind;
use super::faults::Faults;
use super::look::{Decoded, Look, Named};
use super::loose::{self, Loose, Unreadable};
use super::objects::Objects;
use super::owners::Owners;
use super::plan::{self, Task};
use super::reader::Reader;
use super::remembered::Remembered;
use super::sieve::WHOLE;
use super::walk::{Paused, Walked, Walker};
use crate::origin::ObjectId;
use crate::panic;
use crate::source::{Damage, Fault, Part, SkipReason};

/// Has every object of the kinds looked at by what `look` makes, one for each thread; returns those.
pub(super) fn walk<L: Look + Send>(
    objects: &Objects,
    threads: usize,
    look: &(dyn Fn() -> L + Sync),
    faults: &mut Faults,
) -> Vec<L> {
    let mut layout = Layout::all(objects, None, threads, L::wants);
    let looks = layout.walk(objects, look, faults);
    layout.lose_vanished(objects, faults);
    looks
}

/// Has the objects `ids` looked at, as far as they are there; returns those that looked, and what is not there.
pub(super) fn walk_some<L: Look + Send>(
    objects: &Objects,
    ids: &[ObjectId],
    threads: usize,
    look: &(dyn Fn() -> L + Sync),
    faults: &mut Faults,
) -> (Vec<L>, Vec<ObjectId>) {
    let (mut layout, mut missing) = Layout::some(objects, ids, threads, L::wants);
    let looks = layout.walk(objects, look, faults);
    missing.extend(layout.vanished.into_iter().map(|(id, _)| id));
    (looks, missing)
}

/// Bytes of packs that are kept while they are walked. What is more is read again, entry by entry.
const MAX_KEPT: usize = 128 << 20;

/// With fewer objects than this, one thread is as fast as several.
const WORTH_A_THREAD: usize = 256;

/// What there is to read, in the order in which it is read. It can be walked several times, for objects of different kinds.
pub(super) struct Layout {
    packs: Vec<Entries>,
    loose: Vec<(ObjectId, usize)>,
    threads: usize,
    /// What was found to be wrong with packs before any object was read.
    damages: Damages,
    /// Objects whose files are gone since they were listed.
    pub(super) vanished: Vec<(ObjectId, usize)>,
}

impl Layout {
    /// All objects but those that are `remembered`, to be walked for those that `wants` wants first.
    pub(super) fn all(
        objects: &Objects,
        remembered: Option<&Remembered>,
        threads: usize,
        wants: fn(Kind) -> bool,
    ) -> Self {
        let owners = Owners::of(&objects.packs);
        let (mut reader, mut room) = (Reader::new(objects), MAX_KEPT);
        let packs = objects.packs.iter().map(|pack| {
            let is_known = |position| remembered.is_some_and(|it| it.has(pack.number, position));
            let is_owned = |position| owners.is_owner(pack.number, position) && !is_known(position);
            Entries::read(pack, (&is_owned, wants), &mut |id| reader.kind_of(id), &mut room)
        });
        let packs = packs.collect();
        let is_known = |id| remembered.is_some_and(|it| it.has_loose(id));
        let is_alone = |(id, _): &(&ObjectId, &usize)| !is_known(**id) && objects.position_of(**id).is_none();
        let loose = objects.loose.iter().filter(is_alone).map(|(&id, &store)| (id, store));
        let mut loose: Vec<_> = loose.collect();
        loose.sort_unstable();
        Self::new(packs, loose, threads)
    }

    /// The objects `ids`, to be walked for those that `wants` wants first. Returns what is not there, too.
    pub(super) fn some(
        objects: &Objects,
        ids: &[ObjectId],
        threads: usize,
        wants: fn(Kind) -> bool,
    ) -> (Self, Vec<ObjectId>) {
        let (mut loose, mut missing) = (Vec::new(), Vec::new());
        let mut positions = vec![Vec::new(); objects.packs.len()];
        for &id in ids {
            if let Some((pack, position)) = objects.position_of(id) {
                positions[pack].push(position);
            } else if let Some(store) = loose::store_of(&objects.stores, id) {
                loose.push((id, store));
            } else {
                missing.push(id);
            }
        }
        let (mut reader, mut room) = (Reader::new(objects), MAX_KEPT / 2);
        let packs = objects.packs.iter().zip(&positions).map(|(pack, positions)| {
            Entries::read_some(pack, positions, wants, &mut |id| reader.kind_of(id), &mut room)
        });
        let packs = packs.collect();
        let threads = threads.min(ids.len().div_ceil(WORTH_A_THREAD));
        (Self::new(packs, loose, threads), missing)
    }

    fn new(packs: Vec<(Entries, Vec<Damage>)>, loose: Vec<(ObjectId, usize)>, threads: usize) -> Self {
        let mut damages = Damages::default();
        let (packs, of_packs): (Vec<_>, Vec<_>) = packs.into_iter().unzip();
        for (pack, of_pack) in of_packs.into_iter().enumerate() {
            of_pack.into_iter().for_each(|damage| damages.add(pack, damage));
        }
        Self { packs, loose, threads, damages, vanished: Vec::new() }
    }

    /// Prepares the next walk, for objects of other kinds.
    pub(super) fn turn_to(&mut self, objects: &Objects, wants: fn(Kind) -> bool) {
        let mut room = MAX_KEPT;
        for (entries, pack) in self.packs.iter_mut().zip(&objects.packs) {
            entries.turn_to(pack, wants, &mut room);
        }
    }

    /// How many objects the next walk looks at. Of what kind loose objects are is not known before.
    pub(super) fn expected(&self) -> u64 {
        let wanted =
            |pack: &Entries| pack.roots().iter().map(|&root| u64::from(pack.wanted(root))).sum::<u64>();
        self.packs.iter().map(wanted).sum::<u64>() + self.loose.len() as u64
    }

    /// Takes for lost what is gone.
    fn lose_vanished(&self, objects: &Objects, faults: &mut Faults) {
        for &(id, store) in &self.vanished {
            let path = loose::path_in(&objects.stores[store], id);
            faults.skip(&path, SkipReason::Io(io::ErrorKind::NotFound.into()));
        }
    }

    /// Has entries of packs and loose objects looked at. Loose objects of other kinds are left for the next walk.
    pub(super) fn walk<L: Look + Send>(
        &mut self,
        objects: &Objects,
        look: &(dyn Fn() -> L + Sync),
        faults: &mut Faults,
    ) -> Vec<L> {
        let packs = &self.packs;
        let mut tasks = plan::tasks(packs.iter().enumerate(), &self.loose);
        let input = packs.iter().flat_map(Entries::weights).sum();
        let most = objects.budget.left_for(input);
        let mut done = Done::default();
        let mut large = Mutex::default();
        for _ in 0..MAX_ROUNDS {
            let is_paused = |task: &Task| matches!(task, Task::Rest { .. });
            let weights = tasks.iter().filter(|task| is_paused(task)).map(|task| weight(packs, task));
            let paused: u64 = weights.sum();
            let (units, total) = (most.min(objects.budget.left()), if paused > 0 { paused } else { input });
            let work = Work {
                objects,
                packs,
                tasks,
                units,
                total,
                large,
                next: AtomicUsize::new(0),
                done: Mutex::new(done),
            };
            thread::scope(|scope| {
                // Where the system grants fewer threads, those that there are do more.
                let spawn =
                    |_: &usize| thread::Builder::new().spawn_scoped(scope, || work.help(look)).is_ok();
                (1..self.threads).take_while(spawn).for_each(drop);
                work.help(look);
            });
            large = work.large;
            done = work.done.into_inner().unwrap_or_else(PoisonError::into_inner);
            // In the order in which they are stored, whatever the threads.
            done.paused.sort_by_key(|(pack, paused)| (*pack, paused.root));
            tasks = done.paused.drain(..).map(|(pack, paused)| Task::Rest { pack, paused }).collect();
            if tasks.is_empty() {
                break;
            }
        }
        let mut damages = std::mem::take(&mut self.damages);
        damages.merge(done.damages);
        unpaid(packs, &tasks).into_iter().for_each(|(pack, damage)| damages.add(pack, damage));
        let damages = merge_unread(damages.into_all());
        damages.into_iter().for_each(|(pack, damage)| faults.add(&objects.packs[pack].path, damage));
        let mut unreadable = done.unreadable;
        unreadable.sort_by(|(a, _), (b, _)| a.cmp(b));
        unreadable.into_iter().for_each(|(path, reason)| faults.skip(&path, reason));
        for pack in objects.packs.iter().filter(|pack| pack.index.is_damaged()) {
            let damage = Damage { part: Part::Whole, fault: Fault::Index, lost: 0 };
            faults.add(&pack.path, damage);
        }
        self.vanished.append(&mut done.vanished);
        self.loose = done.others;
        self.loose.sort_unstable();
        done.looks
    }
}

/// Trees that cost more than their share get a part of what others left, this many times.
const MAX_ROUNDS: usize = 8;

/// How much of its pack the tree of a task takes.
fn weight(packs: &[Entries], task: &Task) -> u64 {
    match task {
        Task::Rest { pack, paused } => packs[*pack].weight(paused.root),
        Task::Trees { .. } | Task::Loose(_) => 0,
    }
}

/// Makes one damage for each pack of all that could not be read of it: it may be every entry.
fn merge_unread(damages: impl Iterator<Item = (usize, Damage)>) -> Vec<(usize, Damage)> {
    let (unread, mut merged): (Vec<_>, Vec<_>) =
        damages.partition(|(_, damage)| damage.fault == Fault::Unread);
    let mut lost: BTreeMap<usize, u64> = BTreeMap::new();
    unread.iter().for_each(|(pack, damage)| *lost.entry(*pack).or_default() += damage.lost);
    let whole = |(pack, lost)| (pack, Damage { part: Part::Whole, fault: Fault::Unread, lost });
    merged.extend(lost.into_iter().map(whole));
    merged
}

/// What is lost by trees that cost more than their shares, pack by pack.
fn unpaid(packs: &[Entries], tasks: &[Task]) -> BTreeMap<usize, Damage> {
    let mut unpaid = BTreeMap::new();
    for task in tasks {
        if let Task::Rest { pack, paused } = task {
            let damage = Damage { part: Part::Whole, fault: Fault::Work, lost: 0 };
            unpaid.entry(*pack).or_insert(damage).lost += paused.lost(&packs[*pack]);
        }
    }
    unpaid
}

/// What all threads work on.
struct Work<'a, L> {
    objects: &'a Objects,
    packs: &'a [Entries],
    tasks: Vec<Task>,
    /// What the tasks may cost, together, and what they weigh, together.
    units: u64,
    total: u64,
    large: Mutex<()>,
    next: AtomicUsize,
    done: Mutex<Done<L>>,
}

/// What came of it, in no order.
struct Done<L> {
    looks: Vec<L>,
    damages: Damages,
    unreadable: Vec<(PathBuf, SkipReason)>,
    /// Loose objects whose files are gone, and those of other kinds.
    vanished: Vec<(ObjectId, usize)>,
    others: Vec<(ObjectId, usize)>,
    paused: Vec<(usize, Paused)>,
}

impl<L> Default for Done<L> {
    fn default() -> Self {
        Self {
            looks: Vec::new(),
            damages: Damages::default(),
            unreadable: Vec::new(),
            vanished: Vec::new(),
            others: Vec::new(),
            paused: Vec::new(),
        }
    }
}

impl<L: Look> Work<'_, L> {
    /// Does parts of the work until there are no more.
    fn help(&self, look: &(dyn Fn() -> L + Sync)) {
        let mut done = Done::default();
        let mut walker = Walker::new(self.objects, &self.large, look());
        while let Some(task) = self.tasks.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            if walker.look.is_stopped() {
                break;
            }
            if let Err(panicked) = panic::catch(|| self.work(task, &mut walker, &mut done)) {
                // A bug of akid: what it was about is lost, and told.
                done.unreadable.push((self.path_of(task), SkipReason::Panic(panicked)));
                let spent = std::mem::replace(&mut walker, Walker::new(self.objects, &self.large, look()));
                done.damages.merge(spent.damages);
                done.looks.push(spent.look);
            }
        }
        done.damages.merge(walker.damages);
        done.looks.push(walker.look);
        let mut all = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        all.looks.append(&mut done.looks);
        all.damages.merge(done.damages);
        all.vanished.append(&mut done.vanished);
        all.others.append(&mut done.others);
        all.unreadable.append(&mut done.unreadable);
        all.paused.append(&mut done.paused);
    }

    fn work<'a>(&'a self, task: &Task, walker: &mut Walker<'a, L>, done: &mut Done<L>) {
        match task {
            Task::Trees { pack: number, roots } => {
                let walked = self.walked(*number);
                for place in roots.clone() {
                    let root = walked.entries.roots()[place];
                    let share = share(self.units, walked.entries.weights()[place], self.total);
                    done.paused.extend(walker.tree(walked, root, share).map(|paused| (*number, paused)));
                }
            }
            Task::Rest { pack: number, paused } => {
                let walked = self.walked(*number);
                let share = share(self.units, walked.entries.weight(paused.root), self.total);
                done.paused.extend(walker.resume(walked, paused, share).map(|paused| (*number, paused)));
            }
            Task::Loose(objects) => {
                let mut buffer = Vec::new();
                for (id, store) in objects {
                    if walker.look.is_stopped() {
                        break;
                    }
                    let path = loose::path_in(&self.objects.stores[*store], *id);
                    match look_at_loose(&path, *id, &mut walker.look, &mut buffer) {
                        Ok(true) => {}
                        Ok(false) => done.others.push((*id, *store)),
                        Err(SkipReason::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                            done.vanished.push((*id, *store));
                        }
                        Err(reason) => done.unreadable.push((path, reason)),
                    }
                }
            }
        }
    }

    fn walked(&self, pack: usize) -> Walked<'_> {
        Walked { pack: &self.objects.packs[pack], entries: &self.packs[pack] }
    }

    fn path_of(&self, task: &Task) -> PathBuf {
        match task {
            Task::Trees { pack, .. } | Task::Rest { pack, .. } => self.objects.packs[*pack].path.clone(),
            Task::Loose(_) => self.objects.stores.first().cloned().unwrap_or_default(),
        }
    }
}

/// Looks at an object that has a file of its own. Says whether it is of a kind that is wanted.
fn look_at_loose<L: Look>(
    path: &Path,
    id: ObjectId,
    look: &mut L,
    buffer: &mut Vec<u8>,
) -> Result<bool, SkipReason> {
    let reason = |unreadable| match unreadable {
        Unreadable::Io(error) => SkipReason::Io(error),
        Unreadable::Fault(fault) => SkipReason::Damaged(Damage { part: Part::Whole, fault, lost: 1 }),
    };
    let mut loose = Loose::open(path).map_err(reason)?;
    if !L::wants(loose.kind) {
        return Ok(false);
    }
    let object = Decoded { kind: loose.kind, name: Some(Named::Known(id)) };
    if loose.size > WHOLE as u64 {
        look.stream(object, &mut loose.content);
    } else {
        loose.read(WHOLE as u64, buffer).map_err(reason)?;
        // Nothing is made from it: what it costs is bounded by its own size.
        drop(look.whole(object, buffer, &mut Meter::unlimited()));
    }
    Ok(true)
}
