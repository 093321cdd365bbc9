//! What is found in a text, and how it is paired.

use akid::aws::Credential;
use akid::aws::fake::{self, Fake};
use akid::detect::{Cut, Detector, Found};
use akid::level::{Certainty, Doubt};
use akid::rule::RuleSet;

fn detector() -> &'static Detector {
    static DETECTOR: std::sync::LazyLock<Detector> =
        std::sync::LazyLock::new(|| Detector::new(&RuleSet::built_in()));
    &DETECTOR
}

fn found(text: &str) -> Vec<Found> {
    detector().detect(text.as_bytes()).found
}

/// Rule and credential of all that is found, credentials by their names.
fn told(text: &str) -> Vec<String> {
    let part = |known: bool, name: &str| if known { name.to_owned() } else { String::new() };
    found(text)
        .iter()
        .map(|found| {
            let credential = &found.credential;
            [
                found.rule.to_string(),
                credential.id().map(|id| id.to_string()).unwrap_or_default(),
                part(credential.secret().is_some(), "secret"),
                part(credential.token().is_some(), "token"),
            ]
            .iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
        })
        .collect()
}

fn is_pair_of(found: &Found, key: &Fake) -> bool {
    matches!(&found.credential, Credential::Pair { id, secret, .. } if *id == key.id() && secret == key.secret())
}

fn assert_pairs(text: &str, keys: &[Fake]) {
    let found = found(text);
    assert_eq!(found.len(), keys.len(), "{found:?}\n{text}");
    for key in keys {
        assert!(found.iter().any(|found| is_pair_of(found, key)), "{found:?}\n{text}");
    }
}

#[test]
fn ten_profiles_in_one_file_are_ten_right_pairs() {
    let keys: Vec<_> = (0..10).map(fake::pair).collect();
    let text: String = keys
        .iter()
        .enumerate()
        .map(|(n, key)| {
            format!(
                "[p{n}]\naws_access_key_id = {}\naws_secret_access_key = {}\n\n",
                key.id_text(),
                key.secret_text()
            )
        })
        .collect();
    assert_pairs(&text, &keys);
}

#[test]
fn a_secret_may_come_first_every_time() {
    let keys: Vec<_> = (0..6).map(fake::pair).collect();
    let text: String = keys
        .iter()
        .map(|key| format!("secret_key: {}\naccess_key: {}\n", key.secret_text(), key.id_text()))
        .collect();
    assert_pairs(&text, &keys);
}

#[test]
fn names_that_belong_together_are_paired_over_nearer_ones() {
    let (prod, dev) = (fake::pair(1), fake::pair(2));
    let text = format!(
        "prod_access_key={}\ndev_access_key={}\ndev_secret_key={}\nprod_secret_key={}\n",
        prod.id_text(),
        dev.id_text(),
        dev.secret_text(),
        prod.secret_text(),
    );
    assert_pairs(&text, &[prod, dev]);
}

#[test]
fn two_key_ids_and_one_secret_leave_one_key_id_alone() {
    let (first, second) = (fake::pair(1), fake::pair(2));
    let text = format!("id={}\nsecret={}\nid={}\n", first.id_text(), first.secret_text(), second.id_text());
    assert_eq!(
        told(&text),
        [
            format!("aws-access-key {} secret", first.id_text()),
            format!("aws-access-key-id {}", second.id_text())
        ]
    );
}

#[test]
fn an_unnamed_secret_beside_a_pair_is_told_with_low_confidence() {
    let (key, other) = (fake::pair(1), fake::pair(2));
    let text = format!(
        "aws_access_key_id={}\naws_secret_access_key={}\nchecksum: {}\n",
        key.id_text(),
        key.secret_text(),
        other.secret_text(),
    );
    let found = found(&text);
    assert!(is_pair_of(&found[0], &key));
    assert_eq!(found[1].rule.as_str(), "aws-secret-access-key");
    assert_eq!(found[1].confidence.certainty(), Certainty::Low);
    assert_eq!(found[1].confidence.doubts(), [Doubt::OtherSecretFits]);
}

#[test]
fn a_long_term_key_id_takes_no_token() {
    let (key, temporary) = (fake::pair(1), fake::temporary(2));
    let text = format!("id = {}\ntoken = {}\n", key.id_text(), temporary.token_text());
    assert_eq!(
        told(&text),
        [format!("aws-access-key-id {}", key.id_text()), "aws-session-token token".to_owned()]
    );
}

#[test]
fn a_temporary_key_id_with_its_token_and_no_secret_is_a_temporary_key_id() {
    let key = fake::temporary(2);
    let text = format!("id = {}\ntoken = {}\n", key.id_text(), key.token_text());
    assert_eq!(told(&text), [format!("aws-temporary-key-id {} token", key.id_text())]);
}

#[test]
fn a_token_of_another_account_is_not_the_key_ids() {
    let (key, other) = (fake::temporary(2), fake::temporary(3));
    let text = format!("id = {}\ntoken = {}\n", key.id_text(), other.token_text());
    assert_eq!(
        told(&text),
        [format!("aws-temporary-key-id {}", key.id_text()), "aws-session-token token".to_owned()]
    );
}

#[test]
fn a_real_secret_does_not_hide_behind_an_example_key_id() {
    let key = fake::pair(1);
    let text = format!("Session(\"AKIAIOSFODNN7EXAMPLE\", \"{}\")", key.secret_text());
    assert_eq!(told(&text), ["aws-access-key-id AKIAIOSFODNN7EXAMPLE", "aws-secret-access-key secret"]);
}

#[test]
fn the_same_credential_twice_is_one_finding_with_two_places() {
    let key = fake::pair(1);
    let once = format!("aws_access_key_id={}\naws_secret_access_key={}\n", key.id_text(), key.secret_text());
    let found = found(&format!("{once}{}{once}", "# nothing\n".repeat(3)));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].places.len(), 2);
}

#[test]
fn a_secret_in_another_section_is_not_the_key_ids() {
    let key = fake::pair(1);
    let text = format!(
        "[a]\naws_access_key_id={}\n[b]\naws_secret_access_key={}\n",
        key.id_text(),
        key.secret_text()
    );
    assert_eq!(
        told(&text),
        [format!("aws-access-key-id {}", key.id_text()), "aws-secret-access-key secret".to_owned()]
    );
}

#[test]
fn an_excerpt_shows_the_key_id_and_no_neighbour_that_is_secret() {
    let (key, other) = (fake::pair(1), fake::pair(2));
    let text = format!("x({}, \"{}\", other='{}')", key.id_text(), key.secret_text(), other.secret_text());
    for found in found(&text) {
        for place in &found.places {
            let shown = place.excerpt.to_string();
            assert!(shown.contains(key.id_text()), "{shown}");
            for secret in [key.secret_text(), other.secret_text()] {
                assert!(
                    !secret
                        .as_bytes()
                        .windows(8)
                        .any(|part| shown.contains(std::str::from_utf8(part).unwrap()))
                );
            }
        }
    }
}

#[test]
fn a_token_at_the_end_of_endless_lines_that_begin_like_tokens_is_found_in_linear_time() {
    let key = fake::temporary(12);
    let lines = "IQoJb3JpZ2luX2VjAAAAAAAA\n".repeat(20_000);
    let text = format!("{lines}\ntoken: {}\n", key.token_text());
    assert!(told(&text).contains(&"aws-session-token token".to_owned()));
}

#[test]
fn tokens_on_one_line_each_are_all_found() {
    let keys: Vec<Fake> = (0..100).map(fake::temporary).collect();
    let lines: Vec<&str> = keys.iter().map(Fake::token_text).collect();
    let detection = detector().detect(lines.join("\n").as_bytes());
    assert_eq!((detection.found.len(), detection.cut), (100, Cut::None));
}

/// Texts of which each match starts anew what the last one read, in vain.
#[test]
fn a_text_that_takes_too_much_work_is_cut_and_says_so() {
    let id = fake::pair(1);
    for (unit, is_cut) in [
        ("AKIA\"+\"AAAA\"+\"".to_owned(), true),
        (
            format!(
                "<AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>",
                id.id_text(),
                id.secret_text()
            ),
            false,
        ),
        (format!("{}\n", id.id_text()), false),
    ] {
        let text = unit.repeat(150_000 / unit.len());
        let detection = detector().detect(text.as_bytes());
        // About as many steps as a second has nanoseconds.
        assert!(detection.work < 1_000_000_000, "{unit}: {}", detection.work);
        assert_eq!(detection.cut, if is_cut { Cut::Work } else { Cut::None }, "{unit}");
        assert_eq!(detection.work, detector().detect(text.as_bytes()).work, "{unit}");
    }
}

#[test]
fn an_old_secret_in_a_comment_is_not_taken_for_the_one_behind_it() {
    let (key, old) = (fake::pair(71), fake::pair(72));
    for sign in ["#", "// ", "; ", "-- "] {
        let text = format!(
            "AWS_ACCESS_KEY_ID={}\n{sign}AWS_SECRET_ACCESS_KEY={}\nAWS_SECRET_ACCESS_KEY={}\n",
            key.id_text(),
            old.secret_text(),
            key.secret_text()
        );
        let found = found(&text);
        assert!(found.iter().any(|found| is_pair_of(found, &key)), "{found:?}\n{text}");
    }
    // All of it may be a comment, or only the secret.
    for (of_id, of_secret) in [("# ", "# "), ("", "# ")] {
        let text = format!(
            "{of_id}AWS_ACCESS_KEY_ID={}\n{of_secret}AWS_SECRET_ACCESS_KEY={}\n",
            key.id_text(),
            key.secret_text()
        );
        assert_pairs(&text, &[fake::pair(71)]);
    }
}

#[test]
fn a_key_is_found_at_any_place_in_the_rows_of_a_dump() {
    let key = fake::pair(73);
    let line = format!("{} aws_secret_access_key={}\n", key.id_text(), key.secret_text());
    for (offset, joint) in (0..16).flat_map(|offset| [(offset, ""), (offset, " ")]) {
        let bytes = ["-".repeat(offset), line.clone()].concat();
        let row = |(nth, row): (usize, &[u8])| {
            let groups: Vec<String> = row
                .chunks(2)
                .map(|two| two.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(joint))
                .collect();
            let shown: String =
                row.iter().map(|&byte| if byte == b'\n' { '.' } else { char::from(byte) }).collect();
            format!("{:08x}: {:39}  {shown}\n", nth * 16, groups.join(" "))
        };
        let dump: String = bytes.as_bytes().chunks(16).enumerate().map(row).collect();
        assert_pairs(&dump, &[fake::pair(73)]);
    }
}
