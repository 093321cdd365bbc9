use jiff::SignedDuration;

use super::world::{World, now};
use crate::aws::fake;
use crate::owner::{KeyState, LastUse};
use crate::resolve::respond::locate::has;
use crate::resolve::respond::{Event, KeyFacts, Remedy, RootKey, Wanted, status};

fn ask(world: &World, seed: u64) -> KeyFacts {
    status(&world.account(), fake::pair(seed).id(), &Wanted::default(), now())
}

fn deletion(seed: u64, error: Option<&str>) -> Event {
    Event {
        name: "DeleteAccessKey".to_owned(),
        source: "iam.amazonaws.com".to_owned(),
        at: Some(now()),
        actor: Some("arn:aws:iam::222222222222:user/admin".to_owned()),
        about_key: Some(fake::pair(seed).id().to_string()),
        error: error.map(str::to_owned),
        ..Event::default()
    }
}

#[test]
fn a_users_key_is_what_the_list_of_its_keys_says() {
    let world = World::default().with_key("ada", 1, KeyState::Active).with_key("ada", 2, KeyState::Inactive);
    let world = world.used(1, 30);
    world.0.borrow_mut().tags.insert("owner".to_owned(), "ada@example.com".to_owned());
    world.0.borrow_mut().attached.push("AWSCompromisedKeyQuarantineV3".to_owned());
    let facts = ask(&world, 1);
    assert_eq!((facts.status.state, facts.status.is_likely), (KeyState::Active, false));
    assert_eq!(facts.status.principal.as_deref(), Some("ada"));
    assert!(matches!(facts.status.last_use, Some(LastUse::Used { .. })));
    assert_eq!(facts.other_keys.iter().map(|key| key.state).collect::<Vec<_>>(), [KeyState::Inactive]);
    let user = facts.user.unwrap();
    assert_eq!(user.tags, [("owner".to_owned(), "ada@example.com".to_owned())]);
    assert_eq!(user.quarantine, ["AWSCompromisedKeyQuarantineV3"]);
    let facts = ask(&world, 2);
    assert_eq!((facts.status.state, facts.status.last_use), (KeyState::Inactive, Some(LastUse::Never)));
}

#[test]
fn a_key_is_deleted_only_by_its_event_or_by_a_complete_listing() {
    let world = World::default().with_key("ada", 1, KeyState::Active);
    // Complete: one user, and a root user without keys.
    let facts = ask(&world, 9);
    assert_eq!(facts.status.state, KeyState::Deleted);
    assert!(facts.status.evidence.contains("none of 1 users has it"), "{}", facts.status.evidence);
    for action in ["iam:ListUsers", "iam:ListAccessKeys", "iam:GetAccountSummary"] {
        let facts = ask(&world.clone().denying(action), 9);
        assert_eq!(facts.status.state, KeyState::Unknown, "{action}");
        assert!(facts.lacks.iter().any(|lack| lack.action == action && lack.is_denied), "{action}");
        world.0.borrow_mut().denied.clear();
    }
    // AWS may refuse to speak of a key that is gone: no permission is missing then.
    let facts = ask(&world.clone().denying("iam:GetAccessKeyLastUsed"), 9);
    assert_eq!((facts.status.state, facts.is_complete()), (KeyState::Deleted, true));
    let world = World::default().denying("iam:ListUsers").with_event("us-east-1", deletion(9, None));
    let facts = ask(&world, 9);
    assert_eq!(facts.status.state, KeyState::Deleted);
    assert!(
        facts.status.evidence.contains("user/admin at 2026-11-27T12:00:00Z"),
        "{}",
        facts.status.evidence
    );
    // A deletion that failed, and one of another key, are none.
    let events = [deletion(9, Some("AccessDenied")), deletion(8, None)];
    for event in events {
        let world = World::default().denying("iam:ListUsers").with_event("us-east-1", event);
        assert_eq!(ask(&world, 9).status.state, KeyState::Unknown);
    }
}

#[test]
fn each_permission_that_is_missing_is_named_and_the_rest_is_still_told() {
    for (action, is_state_known) in [
        ("iam:GetAccessKeyLastUsed", true),
        ("iam:ListAccessKeys", false),
        ("iam:GetUser", true),
        ("iam:ListUserTags", true),
        ("iam:ListAttachedUserPolicies", true),
    ] {
        let world = World::default().with_key("ada", 1, KeyState::Active).denying(action);
        let facts = ask(&world, 1);
        assert_eq!(facts.status.state != KeyState::Unknown, is_state_known, "{action}");
        let [lack] = &facts.lacks[..] else { panic!("{action}: {:?}", facts.lacks) };
        assert_eq!((lack.action, &lack.remedy), (action, &Some(Remedy::Allow(action))));
    }
}

#[test]
fn a_key_that_only_the_root_user_can_have_is_likely_that() {
    let world = World::default().with_key("ada", 1, KeyState::Active);
    let last = LastUse::Untracked(now());
    world.0.borrow_mut().root = Some(vec![RootKey { rotated_at: Some(now()), last }]);
    let facts = ask(&world, 9);
    assert!(facts.is_root && facts.status.is_likely, "{facts:?}");
    assert_eq!((facts.status.state, facts.status.principal.as_deref()), (KeyState::Active, Some("root")));
    // Its keys are there, and none is active: this may be one of them, or gone.
    world.0.borrow_mut().root = Some(Vec::new());
    assert_eq!(ask(&world, 9).status.state, KeyState::Unknown);
    let facts = ask(&world.denying("iam:GetCredentialReport"), 9);
    assert_eq!((facts.status.state, facts.is_root), (KeyState::Unknown, false));
}

#[test]
fn a_temporary_key_lives_as_long_as_the_event_says_that_made_it() {
    let id = fake::temporary(3).id();
    let started = |hours: i64| Event {
        name: "AssumeRole".to_owned(),
        source: "sts.amazonaws.com".to_owned(),
        at: Some(now() - SignedDuration::from_hours(10)),
        actor: Some("arn:aws:iam::222222222222:user/ada".to_owned()),
        role: Some("arn:aws:iam::222222222222:role/deploy".to_owned()),
        made: Some(id.to_string()),
        expires_at: Some(now() + SignedDuration::from_hours(hours)),
        ..Event::default()
    };
    let ask = |world: &World| status(&world.account(), id, &Wanted::default(), now());
    for (hours, state) in [(1, KeyState::Active), (-1, KeyState::Expired)] {
        let facts = ask(&World::default().with_event("eu-west-1", started(hours)));
        assert_eq!(facts.status.state, state);
        assert_eq!(facts.status.principal.as_deref(), Some("arn:aws:iam::222222222222:role/deploy"));
        assert_eq!(facts.session.unwrap().actor.as_deref(), Some("arn:aws:iam::222222222222:user/ada"));
    }
    // Elsewhere, or not allowed: nothing is concluded, and it is said where was asked.
    let elsewhere = World::default().with_event("ap-south-1", started(-1));
    let facts = ask(&elsewhere);
    assert_eq!(facts.status.state, KeyState::Unknown);
    assert!(facts.status.evidence.ends_with("of eu-west-1 and us-east-1"), "{}", facts.status.evidence);
    let regions = ["sa-east-1", "ap-south-1"].map(str::to_owned).to_vec();
    let wanted = Wanted { regions, ..Wanted::default() };
    assert_eq!(status(&elsewhere.account(), id, &wanted, now()).status.state, KeyState::Expired);
    let denied = elsewhere.denying("cloudtrail:LookupEvents");
    assert_eq!((ask(&denied).status.state, ask(&denied).lacks.len()), (KeyState::Unknown, 1));
    assert!(denied.asked().iter().all(|asked| asked.starts_with("cloudtrail:")), "{:?}", denied.asked());
}

#[test]
fn activity_is_counted_where_the_key_may_have_been_used_with_what_was_denied_apart() {
    let signed = |name: &str, address: &str, error: Option<&str>| Event {
        name: name.to_owned(),
        source: "s3.amazonaws.com".to_owned(),
        at: Some(now()),
        signer: Some(fake::pair(1).id().to_string()),
        address: Some(address.to_owned()),
        error: error.map(str::to_owned),
        ..Event::default()
    };
    let world = World::default()
        .with_key("ada", 1, KeyState::Active)
        .used(1, 5)
        .with_event("eu-west-1", signed("ListBuckets", "198.51.100.7", None))
        .with_event("eu-central-1", signed("ListBuckets", "203.0.113.9", Some("AccessDenied")))
        .with_event("ap-south-1", signed("ListBuckets", "203.0.113.9", None));
    let wanted = Wanted { activity: true, regions: Vec::new() };
    let activity = status(&world.account(), fake::pair(1).id(), &wanted, now()).activity.unwrap();
    assert_eq!(activity.regions, ["eu-west-1", "us-east-1", "eu-central-1"]);
    assert_eq!((activity.events, activity.denied, activity.by_address.len()), (2, 1, 2));
    assert_eq!((activity.by_event[0].of.as_str(), activity.by_event[0].denied), ("s3:ListBuckets", 1));
    let wanted = Wanted { regions: vec!["ap-south-1".to_owned()], ..wanted };
    let activity = status(&world.account(), fake::pair(1).id(), &wanted, now()).activity.unwrap();
    assert_eq!((activity.regions.len(), activity.events), (4, 3));
}

#[test]
fn a_key_is_of_the_account_that_lists_it_or_has_its_deletion() {
    let id = fake::pair(1).id();
    let world = World::default().with_key("ada", 1, KeyState::Inactive);
    assert_eq!(has(&world.account(), id, now()), Ok(true));
    // AWS refuses to speak of keys of other accounts, to callers who are allowed to ask, too.
    let other = World::default().with_key("bob", 2, KeyState::Active).denying("iam:GetAccessKeyLastUsed");
    assert_eq!(has(&other.account(), id, now()), Ok(false));
    let gone = World::default().with_event("us-east-1", deletion(1, None));
    assert_eq!(has(&gone.account(), id, now()), Ok(true));
    for action in ["iam:ListUsers", "cloudtrail:LookupEvents"] {
        let lacks = has(&World::default().denying(action).account(), id, now()).unwrap_err();
        assert!(lacks.iter().any(|lack| lack.action == action && lack.is_denied), "{lacks:?}");
    }
    // A root user's key is of no user: whose it is remains unknown.
    let root = World::default();
    root.0.borrow_mut().root = Some(vec![RootKey { rotated_at: None, last: LastUse::Never }]);
    assert_eq!(has(&root.account(), id, now()), Ok(false));
}
