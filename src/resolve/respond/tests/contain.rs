use std::time::Duration;

use super::world::{Lost, World, now};
use crate::aws::{AccountId, fake};
use crate::owner::KeyState;
use crate::resolve::Caller;
use crate::resolve::respond::contain::{
    ContainError, PolicyChange, Remains, Tools, contain, deniable_role, deny_document, is_session_of, plan,
    undo,
};
use crate::resolve::respond::{
    CallError, Containment, Event, Holder, Log, LogError, Progress, Wanted, status,
};

/// A journal that stops working after some writes, as if akid were killed there.
struct Killed {
    written: Option<Containment>,
    left: usize,
}

impl Log<Containment> for Killed {
    fn write(&mut self, record: &Containment) -> Result<(), LogError> {
        self.left = self.left.checked_sub(1).ok_or_else(|| LogError("killed".to_owned()))?;
        self.written = Some(record.clone());
        Ok(())
    }
}

/// Contains a key until the journal ends; what it holds then.
fn run(world: &World, before: Containment, writes: usize) -> (Containment, Result<(), Vec<ContainError>>) {
    let (account, id) = (world.account(), fake::pair(1).id());
    let facts = status(&account, id, &Wanted::default(), now());
    let plan = plan(&account, &facts, now()).unwrap();
    let (mut record, mut log) = (before.clone(), Killed { written: None, left: writes });
    let mut tools = Tools { log: &mut log, tell: &mut |_| {}, wait: &|_| true, propagation: Duration::ZERO };
    let done = contain(&account, id, &plan, &mut record, &mut tools);
    (log.written.unwrap_or(before), done)
}

fn take_back(world: &World, record: &mut Containment) -> Result<(), Vec<ContainError>> {
    let mut log = Killed { written: None, left: usize::MAX };
    let mut tools = Tools { log: &mut log, tell: &mut |_| {}, wait: &|_| true, propagation: Duration::ZERO };
    undo(&world.account(), fake::pair(1).id(), record, &mut tools)
}

fn leaked() -> World {
    World::default().with_key("ada", 1, KeyState::Active).with_key("ada", 2, KeyState::Active)
}

fn policies(world: &World) -> usize {
    world.0.borrow().policies.len()
}

#[test]
fn a_key_is_deactivated_first_and_then_its_older_sessions_are_denied() {
    let world = leaked();
    let (record, done) = run(&world, Containment::default(), usize::MAX);
    assert_eq!(
        (done, world.state_of(1), world.state_of(2)),
        (Ok(()), Some(KeyState::Inactive), Some(KeyState::Active))
    );
    let changes: Vec<_> =
        world.asked().into_iter().filter(|it| it.contains("Update") || it.contains("Put")).collect();
    assert!(changes[0].starts_with("iam:UpdateAccessKey"), "{changes:?}");
    // Twice: once more after the change has spread.
    assert_eq!(changes.len(), 3, "{changes:?}");
    assert!(record.steps.iter().all(|step| step.progress == Progress::Done), "{record:?}");
    let world = world.0.borrow();
    let document = world.policies.values().next().unwrap();
    assert_eq!(*document, deny_document(now()));
    assert!(document.contains("2026-11-27T12:00:00Z") && document.len() < 2_048, "{document}");
}

#[test]
fn what_was_done_is_taken_back_wherever_it_was_killed() {
    // Each step is taken down before and after: six writes.
    for writes in 0..6 {
        let world = leaked();
        let (mut record, done) = run(&world, Containment::default(), writes);
        assert!(done.is_err(), "{writes}");
        assert_eq!(take_back(&world, &mut record), Ok(()), "{writes}");
        assert_eq!((world.state_of(1), policies(&world)), (Some(KeyState::Active), 0), "{writes}");
        // And gone on with: the end is the same.
        let world = leaked();
        let (record, _) = run(&world, Containment::default(), writes);
        let (mut record, done) = run(&world, record, usize::MAX);
        assert_eq!(
            (done, world.state_of(1), policies(&world)),
            (Ok(()), Some(KeyState::Inactive), 1),
            "{writes}"
        );
        assert_eq!(take_back(&world, &mut record), Ok(()), "{writes}");
        assert_eq!((world.state_of(1), policies(&world)), (Some(KeyState::Active), 0), "{writes}");
    }
}

#[test]
fn a_key_that_was_inactive_before_is_not_activated_by_taking_back() {
    let world = World::default().with_key("ada", 1, KeyState::Inactive);
    let (mut record, done) = run(&world, Containment::default(), usize::MAX);
    assert_eq!(done, Ok(()));
    assert_eq!(take_back(&world, &mut record), Ok(()));
    assert_eq!((world.state_of(1), policies(&world)), (Some(KeyState::Inactive), 0));
}

/// What somebody else does meanwhile.
type Change = fn(&World);

#[test]
fn nothing_is_taken_back_where_the_state_has_changed_since() {
    let id = fake::pair(1).id();
    let holder = || Holder::User("ada".to_owned());
    let policy = || format!("akid-deny-sessions-{id}");
    let changed = |change| ContainError::PolicyChanged { policy: policy(), holder: holder(), change };
    let changes: [(ContainError, Change); 3] = [
        (ContainError::KeyChanged { id, state: KeyState::Active }, |world| {
            world.account().iam.set_active("ada", fake::pair(1).id(), true).unwrap();
        }),
        (changed(PolicyChange::Changed), |world| {
            let mut world = world.0.borrow_mut();
            world.policies.values_mut().for_each(|document| *document = "{}".to_owned());
        }),
        (changed(PolicyChange::Deleted), |world| world.0.borrow_mut().policies.clear()),
    ];
    for (nth, (why, change)) in changes.into_iter().enumerate() {
        let world = leaked();
        let (mut record, _) = run(&world, Containment::default(), usize::MAX);
        change(&world);
        let before = (world.state_of(1), policies(&world));
        let faults = take_back(&world, &mut record).unwrap_err();
        assert_eq!(faults, vec![why]);
        assert_eq!((world.state_of(1), policies(&world)), before, "{nth}");
    }
    // A policy that somebody else had put there is put back.
    let world = leaked();
    let key = ("user ada".to_owned(), policy());
    world.0.borrow_mut().policies.insert(key.clone(), "{\"mine\": 1}".to_owned());
    let (mut record, _) = run(&world, Containment::default(), usize::MAX);
    assert_eq!(take_back(&world, &mut record), Ok(()));
    assert_eq!(world.0.borrow().policies[&key], "{\"mine\": 1}");
}

#[test]
fn what_is_denied_or_lost_is_reported_and_the_rest_is_done() {
    for (action, is_inactive, has_policy) in
        [("iam:UpdateAccessKey", false, true), ("iam:PutUserPolicy", true, false)]
    {
        let world = leaked().denying(action);
        let (_, done) = run(&world, Containment::default(), usize::MAX);
        let faults = done.unwrap_err();
        let [ContainError::NotDeactivated { cause, .. } | ContainError::NotDenied { cause, .. }] =
            &faults[..]
        else {
            panic!("{faults:?}")
        };
        let ContainError::Call(error) = &**cause else { panic!("{cause:?}") };
        assert!(error.action == action && error.is_denied(), "{error:?}");
        assert_eq!(world.state_of(1) == Some(KeyState::Inactive), is_inactive, "{action}");
        assert_eq!(policies(&world) == 1, has_policy, "{action}");
    }
    // After a lost answer, the list tells what was done.
    for (lost, is_done) in [(Lost::Answer, true), (Lost::Request, false)] {
        let world = leaked();
        world.0.borrow_mut().lost.insert("iam:UpdateAccessKey", lost);
        let (_, done) = run(&world, Containment::default(), usize::MAX);
        assert_eq!((done.is_ok(), world.state_of(1) == Some(KeyState::Inactive)), (is_done, is_done));
    }
}

#[test]
fn a_policy_that_does_not_fit_is_not_tried() {
    let world = leaked();
    let (full, key) = ("x".repeat(1_950), ("user ada".to_owned(), "theirs".to_owned()));
    world.0.borrow_mut().policies.insert(key, full);
    let (_, done) = run(&world, Containment::default(), usize::MAX);
    let holder = Holder::User("ada".to_owned());
    let cause = Box::new(ContainError::TooManyPolicies { holder: holder.clone(), quota: 2_048 });
    assert_eq!(done, Err(vec![ContainError::NotDenied { holder, cause }]));
    assert_eq!((world.state_of(1), policies(&world)), (Some(KeyState::Inactive), 1));
}

#[test]
fn roles_that_the_key_opened_sessions_of_are_found() {
    let opened = |error: Option<&str>| Event {
        name: "AssumeRole".to_owned(),
        at: Some(now()),
        signer: Some(fake::pair(1).id().to_string()),
        role: Some("arn:aws:iam::222222222222:role/deploy".to_owned()),
        error: error.map(str::to_owned),
        ..Event::default()
    };
    let world = leaked().with_event("eu-west-1", opened(None)).with_event("us-east-1", opened(None));
    let world = world.with_event("us-east-1", opened(Some("AccessDenied")));
    let account = world.account();
    let facts = status(&account, fake::pair(1).id(), &Wanted::default(), now());
    let plan = plan(&account, &facts, now()).unwrap();
    let [role] = &plan.roles[..] else { panic!("{:?}", plan.roles) };
    assert_eq!(role.sessions, 2);
}

#[test]
fn what_cloudtrail_does_not_tell_of_roles_remains() {
    let world = leaked().denying("cloudtrail:LookupEvents");
    let account = world.account();
    let facts = status(&account, fake::pair(1).id(), &Wanted::default(), now());
    let plan = plan(&account, &facts, now()).unwrap();
    assert!(plan.roles.is_empty());
    let error = |what: &Remains| match what {
        Remains::UnknownSessions { error, .. } => Some(error.clone()),
        _ => None,
    };
    let errors: Vec<CallError> = plan.remains.iter().filter_map(error).collect();
    assert_eq!(errors.len(), 2, "{:?}", plan.remains);
    assert!(errors.iter().all(|error| error.action == "cloudtrail:LookupEvents"), "{errors:?}");
}

#[test]
fn a_caller_is_told_by_its_session() {
    let caller = |arn: &str, id| Caller {
        account: AccountId::new(222_222_222_222).unwrap(),
        arn: arn.to_owned(),
        key_ids: vec![id],
    };
    let (key, session) = (fake::pair(7).id(), fake::temporary(7).id());
    let (ada, deploy) = (Holder::User("ada".to_owned()), Holder::Role("deploy".to_owned()));
    let user = "arn:aws:iam::222222222222:user/team/ada";
    assert!(is_session_of(&caller(user, session), &ada) && !is_session_of(&caller(user, key), &ada));
    let role = "arn:aws:sts::222222222222:assumed-role/deploy/x";
    assert!(is_session_of(&caller(role, session), &deploy) && !is_session_of(&caller(role, session), &ada));
}

#[test]
fn roles_that_only_aws_changes_are_refused() {
    assert_eq!(
        deniable_role("arn:aws:iam::222222222222:role/team/deploy"),
        Ok(Holder::Role("deploy".to_owned()))
    );
    let (linked, reserved, user) =
        ("AWSServiceRoleForX", "AWSReservedSSO_Admin_1", "arn:aws:iam::1:user/ada");
    for (arn, error) in [
        (
            format!("arn:aws:iam::1:role/aws-service-role/x.amazonaws.com/{linked}"),
            ContainError::ServiceLinkedRole(linked.to_owned()),
        ),
        (
            format!("arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/{reserved}"),
            ContainError::PermissionSetRole(reserved.to_owned()),
        ),
        (user.to_owned(), ContainError::NotARole(user.to_owned())),
    ] {
        assert_eq!(deniable_role(&arn), Err(error));
    }
}
