//! Pairs that a signature proves, wherever the key ID and the secret are.

#![expect(clippy::unwrap_used, reason = "a test")]

use akid::aws::fake::{self, Fake};
use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::work::{Folder, Work};

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn derived(secret: &str, steps: &[&str]) -> Vec<u8> {
    steps.iter().fold(format!("AWS4{secret}").into_bytes(), |key, step| hmac(&key, step))
}

/// A URL for an object that `key` presigned.
pub(crate) fn presigned(key: &Fake) -> String {
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}%2F20260101%2Feu-west-1%2Fs3%2Faws4_request&\
         X-Amz-Date=20260101T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host",
        key.id_text()
    );
    let host = "bucket.s3.eu-west-1.amazonaws.com";
    let canonical = format!("GET\n/a%20b.txt\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
    let digest = HEXLOWER.encode(&Sha256::digest(canonical.as_bytes()));
    let string = format!("AWS4-HMAC-SHA256\n20260101T000000Z\n20260101/eu-west-1/s3/aws4_request\n{digest}");
    let steps = ["20260101", "eu-west-1", "s3", "aws4_request"];
    let signature = HEXLOWER.encode(&hmac(&derived(key.secret_text(), &steps), &string));
    format!("https://{host}/a%20b.txt?{query}&X-Amz-Signature={signature}")
}

fn smtp_password(key: &Fake) -> String {
    let steps = ["11111111", "eu-west-1", "ses", "aws4_request", "SendRawEmail"];
    BASE64.encode(&[&[4], &derived(key.secret_text(), &steps)[..]].concat())
}

/// Findings that count, in order of paths.
pub(crate) fn findings(work: &Work, command: &[&str]) -> Vec<Value> {
    work.akid(&[command, &["-o", "../report.json"]].concat());
    let report: Value = serde_json::from_str(&work.read("../report.json")).unwrap();
    let all = report["findings"].as_array().unwrap().clone();
    all.into_iter().filter(|finding| finding["suppressed"].is_null()).collect()
}

fn told(findings: &[Value]) -> Vec<(&str, &str, &str)> {
    findings
        .iter()
        .map(|finding| {
            let level = &finding["confidence"]["level"];
            (finding["path"].as_str().unwrap(), finding["rule"].as_str().unwrap(), level.as_str().unwrap())
        })
        .collect()
}

/// A key ID, a URL that its secret signed, and the secret, in files of their own.
fn apart(folder: &Folder, key: &Fake, url: &str) -> Work {
    let work = folder.repo("work");
    work.commit("app/id.tf", format!("access_key = \"{}\"\n", key.id_text()));
    work.commit("ci/secret.yml", format!("AWS_SECRET_ACCESS_KEY: {}\n", key.secret_text()));
    work.commit("log.txt", format!("GET {url} 200\n"));
    work
}

#[test]
fn a_signature_pairs_a_key_id_with_a_secret_in_another_file() {
    let (folder, key) = (Folder::new(), fake::pair(1));
    let work = apart(&folder, &key, &presigned(&key));
    for command in [&["scan"][..], &["history"], &["scan", "--history"]] {
        let findings = findings(&work, command);
        let expected =
            [("app/id.tf", "aws-access-key", "certain"), ("ci/secret.yml", "aws-access-key", "certain")];
        assert_eq!(told(&findings), expected, "{command:?}");
        assert_eq!(findings[0]["credential_id"], findings[1]["credential_id"]);
        assert!(findings.iter().all(|finding| finding["severity"] == "critical"), "{findings:#?}");
        assert!(findings.iter().all(|finding| finding["pair_id"].is_string()), "{findings:#?}");
    }
}

#[test]
fn what_is_changed_by_one_character_proves_nothing() {
    let key = fake::pair(2);
    let url = presigned(&key);
    for changed in [
        url.replace("a%20b", "a%20c"),
        url.replace("Expires=900", "Expires=901"),
        url.replace("eu-west-1.", "eu-west-2."),
    ] {
        let folder = Folder::new();
        let findings = findings(&apart(&folder, &key, &changed), &["scan"]);
        let expected =
            [("app/id.tf", "aws-access-key-id", "high"), ("ci/secret.yml", "aws-secret-access-key", "high")];
        assert_eq!(told(&findings), expected);
    }
}

#[test]
fn a_part_keeps_its_fingerprint_and_a_baseline_of_parts_does_not_hide_the_pair() {
    let (folder, key) = (Folder::new(), fake::pair(3));
    let work = apart(&folder, &key, "https://example.com/");
    let alone = findings(&work, &["scan"]);
    work.akid(&["scan", "--write-baseline", "known"]).ok();
    assert_eq!(findings(&work, &["scan", "--baseline", "known"]), [] as [Value; 0]);
    work.write("log.txt", presigned(&key));
    let paired = findings(&work, &["scan", "--baseline", "known"]);
    assert_eq!(told(&paired).len(), 2);
    for (alone, paired) in alone.iter().zip(&paired) {
        assert_eq!(alone["fingerprint"], paired["fingerprint"]);
    }
    work.akid(&["scan", "--write-baseline", "known"]).ok();
    assert_eq!(findings(&work, &["scan", "--baseline", "known"]), [] as [Value; 0]);
}

#[test]
fn a_pair_that_stands_together_becomes_certain() {
    let (folder, key) = (Folder::new(), fake::pair(4));
    let work = folder.repo("work");
    let pair = format!("access_key = {}\nsecret_key = {}\n", key.id_text(), key.secret_text());
    work.write("a.env", pair);
    work.write("b.txt", presigned(&key));
    let findings = findings(&work, &["scan"]);
    assert_eq!(told(&findings), [("a.env", "aws-access-key", "certain")]);
    assert!(findings[0]["pair_id"].is_null());
}

#[test]
fn a_proof_counts_in_a_test_too() {
    let (folder, key) = (Folder::new(), fake::pair(8));
    let work = folder.repo("work");
    let pair = format!("access_key = {}\nsecret_key = {}\n", key.id_text(), key.secret_text());
    work.commit("tests/a.env", pair + &presigned(&key));
    for command in ["scan", "history"] {
        let findings = findings(&work, &[command]);
        assert_eq!(told(&findings), [("tests/a.env", "aws-access-key", "certain")], "{command}");
    }
}

#[test]
fn a_pair_by_distance_gives_way_to_a_proven_one_and_is_doubted_where_none_is_proven() {
    let (key, other) = (fake::pair(5), fake::pair(6));
    let by_distance = format!("use {} with\n  {}\n", key.id_text(), other.secret_text());
    let folder = Folder::new();
    let work = folder.repo("work");
    work.write("a.txt", &by_distance);
    work.write("b.txt", presigned(&key));
    let doubted = findings(&work, &["scan"]);
    assert_eq!(told(&doubted), [("a.txt", "aws-access-key", "medium")]);
    assert_eq!(doubted[0]["confidence"]["reasons"], serde_json::json!(["other-signature"]));
    assert_eq!(doubted[0]["fails"], true);
    work.write("c.env", format!("AWS_SECRET_ACCESS_KEY={}\n", key.secret_text()));
    let rules: Vec<_> =
        told(&findings(&work, &["scan"])).iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
    assert!(rules.contains(&("a.txt".to_owned(), "aws-secret-access-key".to_owned())), "{rules:?}");
    assert!(rules.contains(&("c.env".to_owned(), "aws-access-key".to_owned())), "{rules:?}");
}

#[test]
fn a_secret_proves_the_smtp_password_that_was_made_from_it() {
    let (folder, key) = (Folder::new(), fake::pair(7));
    let work = folder.repo("work");
    work.write("mail.env", format!("SMTP_USER={}\nSMTP_PASSWORD={}\n", key.id_text(), smtp_password(&key)));
    work.write("other.env", format!("AWS_SECRET_ACCESS_KEY={}\n", key.secret_text()));
    let findings = findings(&work, &["scan"]);
    let expected =
        [("mail.env", "aws-ses-smtp-password", "certain"), ("other.env", "aws-access-key", "certain")];
    assert_eq!(told(&findings), expected);
}

#[test]
fn proofs_are_the_same_at_any_number_of_threads() {
    let folder = Folder::new();
    let work = folder.repo("work");
    for seed in 10..30 {
        let key = fake::pair(seed);
        work.write(&format!("{seed}/id"), format!("key {}\n{}\n", key.id_text(), presigned(&key)));
        work.write(&format!("{seed}.env"), format!("AWS_SECRET_ACCESS_KEY={}\n", key.secret_text()));
    }
    let report = |threads: &str| {
        work.akid(&["scan", "-o", "../report.csv", "--threads", threads]);
        let report = work.read("../report.csv");
        assert_eq!(report.matches(",certain,").count(), 40, "{report}");
        report
    };
    assert_eq!(report("1"), report("4"));
}
