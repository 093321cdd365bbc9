use std::cell::RefCell;

use jiff::{SignedDuration, Timestamp};

use super::world::{Lost, World, now};
use crate::aws::{AccessKeyId, fake};
use crate::owner::{KeyState, LastUse};
use crate::resolve::respond::rotate::{
    Destination, DestinationError, Next, Patience, RotateError, Rotation, create, deactivate, delete,
    discard, next,
};
use crate::resolve::respond::{CreatedKey, Log, LogError};

const PATIENCE: Patience = Patience {
    quiet_for: SignedDuration::from_hours(24),
    keep_inactive: SignedDuration::from_hours(168),
    is_forced: false,
};

#[derive(Default)]
struct Memory {
    written: Option<Rotation>,
    /// After how many writes akid is killed.
    left: Option<usize>,
}

impl Log<Rotation> for Memory {
    fn write(&mut self, record: &Rotation) -> Result<(), LogError> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1).ok_or_else(|| LogError("killed".to_owned()))?;
        }
        self.written = Some(record.clone());
        Ok(())
    }
}

/// A place that takes keys, or refuses them.
#[derive(Default)]
struct Shelf {
    keys: RefCell<Vec<AccessKeyId>>,
    is_full: bool,
    is_mute: bool,
    name: &'static str,
}

impl Destination for Shelf {
    fn name(&self) -> String {
        format!("a shelf {}", self.name)
    }

    fn check(&self) -> Result<(), DestinationError> {
        Ok(())
    }

    fn hand_over(&self, _: &str, key: &CreatedKey) -> Result<(), DestinationError> {
        if self.is_full {
            return Err(DestinationError("it is full".to_owned()));
        }
        self.keys.borrow_mut().push(key.id);
        Ok(())
    }

    fn has(&self, id: AccessKeyId) -> Option<bool> {
        (!self.is_mute).then(|| self.keys.borrow().contains(&id))
    }
}

fn world() -> World {
    World::default().with_key("ada", 1, KeyState::Active).used(1, 100)
}

fn begun() -> Rotation {
    Rotation { key_id: fake::pair(1).id().to_string(), user: "ada".to_owned(), ..Rotation::default() }
}

fn ask(world: &World, record: &mut Rotation, shelf: &Shelf, at: Timestamp) -> Result<Next, RotateError> {
    next(&world.account(), fake::pair(1).id(), record, Some(shelf), PATIENCE, &mut Memory::default(), at)
}

fn keys(world: &World) -> usize {
    world.0.borrow().users["ada"].len()
}

fn hours(count: i64) -> Timestamp {
    now() + SignedDuration::from_hours(count)
}

#[test]
fn a_rotation_goes_step_by_step_and_waits_for_what_is_still_in_use() {
    let (world, shelf, mut log) = (world(), Shelf::default(), Memory::default());
    let (account, old, mut record) = (world.account(), fake::pair(1).id(), begun());
    assert_eq!(ask(&world, &mut record, &shelf, now()), Ok(Next::Create));
    let new = create(&account, &mut record, &shelf, &mut log, now()).unwrap();
    assert_eq!((keys(&world), shelf.keys.borrow().as_slice()), (2, &[new][..]));
    // Nobody uses the new one yet.
    assert!(matches!(ask(&world, &mut record, &shelf, hours(99)), Ok(Next::Wait { until: None, .. })));
    let used = |at: Timestamp| LastUse::Used { at, service: "s3".to_owned(), region: "x".to_owned() };
    world.0.borrow_mut().used.insert(new, used(hours(1)));
    world.0.borrow_mut().used.insert(old, used(hours(2)));
    let Ok(Next::Wait { until: Some(until), .. }) = ask(&world, &mut record, &shelf, hours(3)) else {
        panic!()
    };
    // Its last use, a day of silence, and the hours by which IAM is late.
    assert_eq!(until, hours(2 + 24 + 4));
    assert_eq!(ask(&world, &mut record, &shelf, until), Ok(Next::Deactivate));
    deactivate(&account, old, &mut record, &mut log, until).unwrap();
    assert_eq!(world.state_of(1), Some(KeyState::Inactive));
    let Ok(Next::Wait { until: Some(end), .. }) = ask(&world, &mut record, &shelf, until) else { panic!() };
    assert_eq!(end, until + SignedDuration::from_hours(168));
    assert_eq!(ask(&world, &mut record, &shelf, end), Ok(Next::Delete));
    delete(&account, old, &mut record, &mut log).unwrap();
    assert_eq!((ask(&world, &mut record, &shelf, end), keys(&world)), (Ok(Next::Finished), 1));
}

#[test]
fn a_user_with_two_keys_is_refused() {
    let world = world().with_key("ada", 2, KeyState::Inactive);
    let second =
        RotateError::SecondKey { user: "ada".to_owned(), id: fake::pair(2).id(), state: KeyState::Inactive };
    assert_eq!(ask(&world, &mut begun(), &Shelf::default(), now()), Err(second));
}

#[test]
fn a_key_that_cannot_be_handed_over_is_deleted_again() {
    let (world, shelf) = (world(), Shelf { is_full: true, ..Shelf::default() });
    let (account, mut record, mut log) = (world.account(), begun(), Memory::default());
    let why = create(&account, &mut record, &shelf, &mut log, now()).unwrap_err();
    let full = RotateError::from(DestinationError("it is full".to_owned()));
    assert_eq!(why, RotateError::NotHandedOver(Box::new(full)));
    assert_eq!((keys(&world), ask(&world, &mut record, &shelf, now())), (1, Ok(Next::Create)));
    // Where that fails, too, it is said, and taken up later.
    let stuck = world.clone().denying("iam:DeleteAccessKey");
    let why = create(&account, &mut record, &shelf, &mut log, now()).unwrap_err();
    assert!(matches!(why, RotateError::NotDeletedAgain { .. }), "{why}");
    stuck.0.borrow_mut().denied.clear();
    let Ok(Next::Discard(new)) = ask(&world, &mut record, &shelf, now()) else { panic!() };
    discard(account.iam.as_ref(), &mut record, new, &mut log).unwrap();
    assert_eq!((keys(&world), ask(&world, &mut record, &shelf, now())), (1, Ok(Next::Create)));
}

#[test]
fn a_lost_answer_is_looked_into_and_never_tried_again_by_itself() {
    for (lost, is_there) in [(Lost::Answer, true), (Lost::Request, false)] {
        let (world, shelf) = (world(), Shelf::default());
        let (account, mut record, mut log) = (world.account(), begun(), Memory::default());
        world.0.borrow_mut().lost.insert("iam:CreateAccessKey", lost);
        let why = create(&account, &mut record, &shelf, &mut log, now()).unwrap_err();
        assert!(matches!(why, RotateError::LostCreation { .. }), "{why}");
        let creations = world.asked().iter().filter(|asked| asked.contains("CreateAccessKey")).count();
        assert_eq!(creations, 1);
        let next = ask(&world, &mut record, &shelf, now()).unwrap();
        assert_eq!(matches!(next, Next::Unexplained(_)), is_there, "{next:?}");
        assert_eq!(next == Next::Create, !is_there);
    }
}

#[test]
fn a_run_that_is_killed_anywhere_is_taken_up_by_what_iam_says() {
    for (writes, is_mute) in (0..3).flat_map(|writes| [(writes, false), (writes, true)]) {
        let (world, shelf) = (world(), Shelf { is_mute, ..Shelf::default() });
        let (account, mut record) = (world.account(), begun());
        let mut log = Memory { left: Some(writes), ..Memory::default() };
        assert!(create(&account, &mut record, &shelf, &mut log, now()).is_err());
        let mut record = log.written.unwrap_or_else(begun);
        let next = ask(&world, &mut record, &shelf, now()).unwrap();
        match (writes, is_mute) {
            // Nothing was created, or it was deleted again since it could not be taken down.
            (0 | 1, _) => assert_eq!((keys(&world), &next), (1, &Next::Create), "{writes}"),
            (_, false) => assert_eq!(next, Next::Arrived),
            (_, true) => assert!(matches!(next, Next::Unexplained(_)), "{next:?}"),
        }
    }
}

#[test]
fn a_key_that_one_destination_may_have_is_not_deleted_because_another_does_not_have_it() {
    let (world, shelf) = (world(), Shelf::default());
    let (account, mut record) = (world.account(), begun());
    // Killed after the key was handed over, and before that was taken down.
    let mut log = Memory { left: Some(2), ..Memory::default() };
    assert!(create(&account, &mut record, &shelf, &mut log, now()).is_err());
    let mut record = log.written.unwrap();
    let other = Shelf { name: "elsewhere", ..Shelf::default() };
    assert!(matches!(ask(&world, &mut record, &other, now()), Ok(Next::Unexplained(_))));
    assert_eq!(ask(&world, &mut record, &shelf, now()), Ok(Next::Arrived));
    // One that its destination refused is nobody's, whatever the next destination is.
    record.is_refused = true;
    assert!(matches!(ask(&world, &mut record, &other, now()), Ok(Next::Discard(_))));
}

#[test]
fn a_key_that_is_activated_again_is_not_ended() {
    let (world, shelf, mut log) = (world(), Shelf::default(), Memory::default());
    let (account, old, mut record) = (world.account(), fake::pair(1).id(), begun());
    let new = create(&account, &mut record, &shelf, &mut log, now()).unwrap();
    world.0.borrow_mut().used.insert(new, LastUse::Untracked(now()));
    deactivate(&account, old, &mut record, &mut log, now()).unwrap();
    account.iam.set_active("ada", old, true).unwrap();
    assert_eq!(ask(&world, &mut record, &shelf, hours(999)), Err(RotateError::Reactivated(old)));
    // One that somebody deactivates by hand keeps its time, too.
    record.deactivated_at = None;
    account.iam.set_active("ada", old, false).unwrap();
    assert!(matches!(ask(&world, &mut record, &shelf, hours(999)), Ok(Next::Wait { .. })));
    assert_eq!(record.deactivated_at, Some(hours(999)));
}
