//! `akid resolve -f json` and `akid status -f json` against the published schema.

use akid::aws::{AccountId, fake};
use akid::owner::{Account, Claim, KeyState, KeyStatus, KnownBy, LastUse, Owner, Ownership};
use akid::report::Format;
use akid::report::keys::{self, KeyFormat, Keys};
use akid::report::status::{self, Statuses, line};
use akid::resolve::Key;
use akid::resolve::respond::{Activity, Count, KeyFacts, Lack, Remedy, SessionOrigin, UserFacts, UserKey};
use akid::scan::Scan;
use jiff::Timestamp;
use serde_json::Value;

use super::render;
use super::scans::pair_finding;
use super::schema::assert_documented;

fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn account() -> Option<Account> {
    Account::of([Claim { id: AccountId::new(222_222_222_222).unwrap(), known_by: KnownBy::Iam }])
}

fn known() -> KeyStatus {
    let region = "eu-west-1".to_owned();
    KeyStatus {
        state: KeyState::Active,
        is_likely: true,
        evidence: "made up".to_owned(),
        learnt_at: now(),
        principal: Some("ada".to_owned()),
        created_at: Some(now()),
        last_use: Some(LastUse::Used { at: now(), service: "s3".to_owned(), region }),
    }
}

/// A key of which everything is known, and one of which nothing is.
fn facts() -> Vec<KeyFacts> {
    let text = || Some("text".to_owned());
    let count = Count { of: "s3:ListBuckets".to_owned(), events: 2, denied: 1 };
    let other = UserKey { id: fake::pair(2).id(), state: KeyState::Inactive, created_at: Some(now()) };
    let lack = Lack {
        action: "iam:GetUser",
        why: "refused".to_owned(),
        remedy: Some(Remedy::NameRole),
        is_denied: true,
    };
    let mut whole = KeyFacts::new(fake::pair(1).id(), now());
    whole.status = known();
    whole.account = account();
    whole.owner = Owner { ownership: Ownership::Own, name: text(), unresolved: text(), status: None };
    whole.user = Some(UserFacts {
        name: "ada".to_owned(),
        arn: text(),
        path: text(),
        created_at: Some(now()),
        tags: vec![("owner".to_owned(), "ada@example.com".to_owned())],
        quarantine: vec!["AWSCompromisedKeyQuarantineV3".to_owned()],
    });
    whole.other_keys = vec![other];
    whole.session = Some(SessionOrigin {
        operation: "AssumeRole".to_owned(),
        actor: text(),
        signer: text(),
        role: text(),
        address: text(),
        agent: text(),
        at: Some(now()),
        expires_at: Some(now()),
    });
    whole.activity = Some(Activity {
        regions: vec!["eu-west-1".to_owned()],
        events: 2,
        denied: 1,
        span: Some((now(), now())),
        by_event: vec![count.clone()],
        by_address: vec![count.clone()],
        by_agent: vec![count],
        is_cut: true,
    });
    whole.lacks = vec![lack.clone(), Lack { action: "", remedy: None, ..lack }];
    vec![whole, KeyFacts::new(fake::pair(3).id(), now())]
}

#[test]
fn lists_of_keys_are_as_the_schema_says() {
    let written = |format, keys| {
        let mut out = Vec::new();
        status::write(
            format,
            &Statuses { keys, ..Statuses::default() },
            |_| "name a role".to_owned(),
            &mut out,
        )
        .unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_documented(&written(KeyFormat::Json, facts()));
    assert_documented(&written(KeyFormat::Json, Vec::new()));
    let list: Value = serde_json::from_str(&written(KeyFormat::Json, facts())).unwrap();
    assert_eq!(list["keys"][0]["missing"][0]["help"], "name a role");
    assert!(written(KeyFormat::Text, facts()).contains("help: name a role\n"));
    assert_eq!(
        (&list["keys"][0]["status"]["created_at"], &list["complete"]),
        (&"2026-06-01T00:00:00Z".into(), &false.into())
    );
    let keys = vec![Key { id: fake::pair(1).id(), account: account(), owner: Owner::default() }];
    let mut out = Vec::new();
    keys::write(KeyFormat::Json, &Keys { keys, ..Keys::default() }, &mut out).unwrap();
    assert_documented(&String::from_utf8(out).unwrap());
}

#[test]
fn a_finding_has_the_status_of_its_key_and_it_survives_being_read() {
    let key = fake::pair(1);
    let mut finding = pair_finding("a.env", &key, 1);
    finding.owner = Owner { ownership: Ownership::Own, status: Some(known()), ..Owner::default() };
    let scan = Scan { findings: vec![finding], ..Scan::default() };
    let json = render(&scan, Format::Json);
    assert_documented(&json);
    let read = akid::report::read(json.as_bytes()).unwrap();
    assert_eq!(read.scan.findings[0].owner.status, Some(known()));
}

#[test]
fn a_line_says_state_user_age_and_account() {
    let said = line(&facts()[0]);
    for part in [
        "active, likely, ada, created 2026-06-01T00:00:00Z",
        "last used: ",
        "account 222222222222 text (own)",
    ] {
        assert!(said.contains(part), "{said}");
    }
}
