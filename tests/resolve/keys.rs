//! What is asked about keys, and what comes of the answers.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use akid::aws::fake;
use serde_json::Value;

use crate::resolve::aws::{Aws, Reply, account, error};
use crate::resolve::{Place, caller, old_id, settings, stderr, stdout, truth};

#[test]
fn a_scan_asks_once_about_each_key_signs_with_the_callers_and_sends_no_secret() {
    let aws = Aws::new(truth);
    let keys = [fake::pair(1), fake::pair(2), fake::temporary(3)];
    let place = Place::new().with("a.env", &settings(&keys[0])).with("b.env", &settings(&keys[0]));
    let place = place.with("c.env", &settings(&keys[1])).with("d.env", &settings(&keys[2]));
    let output = place.akid(&aws, &["scan", "--resolve", "-f", "json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let asked = aws.asked();
    let ids: Vec<_> = asked.iter().filter_map(|request| request.parameter("AccessKeyId")).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(BTreeSet::from_iter(ids), keys.iter().map(fake::Fake::id_text).collect());
    assert_eq!(asked[0].action(), "GetCallerIdentity");
    for request in &asked {
        assert!(["GetCallerIdentity", "GetAccessKeyInfo"].contains(&request.action()), "{request:?}");
        assert_eq!(request.signer(), Some(caller().id_text()));
        let sent = format!("{request:?}");
        for key in keys.iter().chain([&caller()]) {
            let shows = |part: &str| {
                part.as_bytes().windows(8).any(|piece| sent.as_bytes().windows(8).any(|at| at == piece))
            };
            assert!(!shows(key.secret_text()) && !shows(&key.token_text()[key.token_text().len().min(24)..]));
        }
    }
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["findings"][0]["account"]["known_by"], "sts");
    assert_eq!(log["findings"][0]["ownership"], "foreign");
    assert_eq!(log["resolution"]["caller"]["account"], "222222222222");
    assert_eq!(log["complete"], true);
}

#[test]
fn only_what_is_missing_is_asked_about_if_so_wished() {
    let aws = Aws::new(truth);
    let place = Place::new().with("a", &format!("{}\n{}\n", settings(&fake::pair(1)), old_id()));
    let output = place.akid(&aws, &["scan", "--resolve=missing", "-f", "json"]).output().unwrap();
    let asked = aws.asked();
    assert_eq!(
        asked.iter().filter_map(|request| request.parameter("AccessKeyId")).collect::<Vec<_>>(),
        [old_id()]
    );
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let owners: Vec<_> =
        log["findings"].as_array().unwrap().iter().map(|finding| &finding["ownership"]).collect();
    assert_eq!(owners, ["foreign", "own"]);
    assert_eq!(log["findings"][1]["severity"], "high");
}

#[test]
fn the_option_never_eats_a_path() {
    let aws = Aws::new(truth);
    let place = Place::new().with("missing", &settings(&fake::pair(1)));
    let output = place.akid(&aws, &["scan", "--resolve", "missing"]).output().unwrap();
    assert!(stdout(&output).contains("\n          missing:1:19\n"), "{}", stdout(&output));
    assert_eq!(aws.actions().len(), 2);
}

#[test]
fn with_no_key_there_is_nothing_to_ask() {
    let aws = Aws::new(truth);
    let place = Place::new().with("a", "nothing\n").with("b", "AKIAIOSFODNN7EXAMPLE\n");
    let output = place.akid(&aws, &["scan", "--resolve"]).output().unwrap();
    assert_eq!((output.status.code(), aws.actions().len()), (Some(0), 0), "{}", stderr(&output));
}

#[test]
fn where_aws_and_the_key_id_disagree_both_are_told() {
    let aws = Aws::new(|request| match request.action() {
        "GetAccessKeyInfo" => account("333333333333"),
        _ => truth(request),
    });
    let place = Place::new().with("a.env", &settings(&fake::pair(1)));
    let output = place.akid(&aws, &["scan", "--resolve"]).output().unwrap();
    let id = fake::pair(1).id().account().unwrap();
    let told = format!("333333333333 (reported by AWS; the key ID says {id} instead; not yours)");
    let words = stdout(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&told), "{words}");
}

#[test]
fn a_key_that_aws_does_not_know_is_unknown_and_no_failure() {
    let aws = Aws::new(|request| match request.action() {
        "GetAccessKeyInfo" => error(400, "ValidationError"),
        _ => truth(request),
    });
    let output = Place::new().akid(&aws, &["resolve", &old_id(), fake::pair(1).id_text()]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let table = stdout(&output);
    assert!(
        table.contains("AWS does not tell: ValidationError: no ValidationError (request r-1)"),
        "{table}"
    );
    let lines: Vec<_> = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(lines[1][1..4], ["long-term", "old", "unknown"]);
    assert_eq!(lines[2][4..6], ["key-id", "foreign"]);
}

#[test]
fn no_finding_is_lost_when_aws_fails() {
    for reply in [error(500, "InternalFailure"), error(403, "AccessDenied"), Reply::Close] {
        let shown = format!("{reply:?}");
        let aws = Aws::new(move |request| match request.action() {
            "GetAccessKeyInfo" => reply.clone(),
            _ => truth(request),
        });
        let place = Place::new().with("a.env", &settings(&fake::pair(1)));
        let mut command = place.akid(&aws, &["scan", "--resolve", "-o", "-", "-o", "r.sarif"]);
        let output = command.env("AWS_MAX_ATTEMPTS", "1").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{shown}");
        assert!(stdout(&output).contains("\n          a.env:1:19\n"), "{shown}");
        assert!(stderr(&output).contains("not resolved: 1 key ID: "), "{shown}: {}", stderr(&output));
        let log: Value = serde_json::from_slice(&std::fs::read(place.path("work/r.sarif")).unwrap()).unwrap();
        assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 1);
        assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    }
}

#[test]
fn a_trouble_of_many_keys_is_told_once_with_their_number() {
    let aws = Aws::new(|request| match request.action() {
        "GetAccessKeyInfo" => error(503, request.parameter("AccessKeyId").unwrap()),
        _ => truth(request),
    });
    let ids: Vec<_> = (0..12).map(|seed| fake::pair(seed).id_text().to_owned()).collect();
    let args: Vec<_> = ["resolve"].into_iter().chain(ids.iter().map(String::as_str)).collect();
    let output = Place::new().akid(&aws, &args).env("AWS_MAX_ATTEMPTS", "1").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).starts_with("error: 12 key IDs: AWS is not available now: "),
        "{}",
        stderr(&output)
    );
    assert_eq!(stderr(&output).lines().count(), 2);
}

#[test]
fn throttling_is_waited_out() {
    let times = AtomicUsize::new(0);
    let aws = Aws::new(move |request| match request.action() {
        "GetAccessKeyInfo" if times.fetch_add(1, Ordering::Relaxed) < 2 => error(400, "Throttling"),
        _ => truth(request),
    });
    let output = Place::new().akid(&aws, &["resolve", &old_id()]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("sts"), "{}", stdout(&output));
}

#[test]
fn ids_are_picked_out_of_any_text_and_out_of_reports() {
    let aws = Aws::new(truth);
    let keys = [fake::pair(1), fake::pair(2), fake::temporary(3)];
    let place = Place::new().with("a.env", &settings(&keys[0])).with("b.env", &settings(&keys[1]));
    let ids = |table: &str| -> Vec<String> {
        table.lines().skip(1).map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
    };
    let wanted: Vec<_> = keys[..2].iter().map(|key| key.id_text().to_owned()).collect();
    for format in ["json", "jsonl", "sarif"] {
        let report = format!("r.{format}");
        place.bare(&["scan", "-o", &report]).output().unwrap();
        let output = place.akid(&aws, &["resolve", "--from", &report]).output().unwrap();
        assert_eq!(ids(&stdout(&output)), wanted, "{format}: {}", stderr(&output));
    }
    let mut command = place.akid(&aws, &["resolve", "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let text = format!("see {}, then \"{}\\n{}\n", keys[2].id_text(), keys[0].id_text(), settings(&keys[1]));
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(ids(&stdout(&output)), [keys[2].id_text(), keys[0].id_text(), keys[1].id_text()]);
}

#[test]
fn a_secret_in_place_of_an_id_is_refused_and_not_repeated() {
    let aws = Aws::new(truth);
    let key = fake::temporary(5);
    for secret in [key.secret_text(), key.token_text()] {
        let output = Place::new().akid(&aws, &["resolve", fake::pair(1).id_text(), secret]).output().unwrap();
        let shown = stdout(&output) + &stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{shown}");
        assert!(
            secret.as_bytes().windows(8).all(|part| !shown.as_bytes().windows(8).any(|at| at == part)),
            "{shown}"
        );
    }
    assert_eq!(aws.actions().len(), 0);
}

#[test]
fn nothing_that_another_endpoint_said_is_kept() {
    let aws = Aws::new(truth);
    let place = Place::new();
    let caches = place.path("caches");
    let output = place.akid(&aws, &["resolve", &old_id()]).env("XDG_CACHE_HOME", &caches).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!caches.exists() && !place.path("home/.cache").exists());
    // Nor does what was kept count there.
    std::fs::create_dir_all(caches.join("akid")).unwrap();
    std::fs::write(caches.join("akid/accounts"), format!("{} 444444444444\n", old_id())).unwrap();
    let output = place.akid(&aws, &["resolve", &old_id()]).env("XDG_CACHE_HOME", &caches).output().unwrap();
    assert!(stdout(&output).contains("222222222222"), "{}", stdout(&output));
}

#[test]
fn csv_and_json_say_what_the_table_says() {
    let aws = Aws::new(truth);
    let place = Place::new().with(".akid.toml", "[accounts]\n222222222222 = 'the, \"main\" one'\n");
    let run = |format| stdout(&place.akid(&aws, &["resolve", "-f", format, &old_id()]).output().unwrap());
    let id = old_id();
    assert_eq!(
        run("csv"),
        format!(
            "key_id,kind,generation,account,known_by,ownership,name,error\n\
             {id},long-term,old,222222222222,sts,own,\"the, \"\"main\"\" one\",\n"
        )
    );
    let log: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!((&log["schema"], &log["complete"]), (&"akid/1".into(), &true.into()));
    let key = &log["keys"][0];
    assert_eq!((&key["key_id"], &key["generation"]), (&id.into(), &"old".into()));
    assert_eq!((&key["account"]["name"], &key["ownership"]), (&"the, \"main\" one".into(), &"own".into()));
}
