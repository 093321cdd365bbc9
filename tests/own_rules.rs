//! Rules of a user's own: what they find in a scan does not depend on which anchors are built in.

#![expect(clippy::unwrap_used, reason = "a test")]

use akid::aws::fake::{self, Random, SECRET_ALPHABET};
use akid::detect::{Detector, Found};
use akid::rule::RuleSet;

/// A rule with one anchor and one pattern.
fn rule(yields: &str, anchor: &str, regex: &str, more: &str) -> String {
    format!(
        "title = 't'\nsummary = 's'\nhelp = 'h'\nnext-step = 'n'\nseverity = 'high'\nyields = '{yields}'\n\
         anchors = ['{anchor}']\nexamples = ['none']\n{more}\n\
         [[pattern]]\nregex = '{regex}'\ncertainty = 'high'\nnear-anchor = {}\n",
        more.contains("reach")
    )
}

/// What is found in `text` with the rule alone, and beside the rules that are built in.
fn found(rule: &str, text: &str) -> [Vec<Found>; 2] {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("own.toml"), rule).unwrap();
    let alone = RuleSet::of_text("own", "own.toml", rule).unwrap();
    let together = RuleSet::built_in().with_folder(folder.path()).unwrap();
    [alone, together].map(|rules| Detector::new(&rules).detect(text.as_bytes()).found)
}

#[test]
fn an_anchor_may_begin_like_a_key_id() {
    let key = fake::pair(1);
    let rule = rule("secret", "ASIA_PACIFIC_SECRET", "ASIA_PACIFIC_SECRET{{assign}}{{secret}}", "");
    for found in found(&rule, &format!("ASIA_PACIFIC_SECRET = {}\n", key.secret_text())) {
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].credential.secret(), Some(key.secret()));
    }
}

#[test]
fn a_token_behind_an_anchor_of_a_users_own_is_read_to_its_end() {
    let rule = rule("session-token", "ACME_TICKET", "ACME_TICKET={{session-token-value}}", "");
    for len in [200, 1500, 15_000] {
        let token = Random::new(len as u64).text(SECRET_ALPHABET, len);
        for found in found(&rule, &format!("ACME_TICKET={token}\n")) {
            assert_eq!(found.len(), 1, "{len}: {found:?}");
            let span = found[0].places[0].token().unwrap().span;
            assert_eq!(span.end - span.start, len as u64);
        }
    }
}

#[test]
fn a_key_id_may_stand_behind_the_anchor() {
    let key = fake::pair(2);
    let rule = rule("long-term-key-id", "acme-login", "acme-login{{assign}}{{key-id}}", "");
    let text = format!("acme-login: {}\nsecret_access_key: {}\n", key.id_text(), key.secret_text());
    let [alone, together] = found(&rule, &text);
    assert_eq!(alone[0].credential.id(), Some(key.id()));
    assert_eq!(together[0].credential.secret(), Some(key.secret()));
}

#[test]
fn a_rule_reaches_as_far_from_its_anchor_as_it_says() {
    let key = fake::pair(3);
    let rule = rule("secret", "acme-vault", "pass{{assign}}{{secret}}", "reach = 16384");
    for distance in [0, 1500, 16_000] {
        let secret = key.secret_text();
        let gap = "- \n".repeat(distance / 3);
        for text in
            [format!("acme-vault\n{gap}pass = {secret}\n"), format!("pass = {secret}\n{gap}acme-vault\n")]
        {
            for found in found(&rule, &text) {
                assert_eq!(found.len(), 1, "{distance}: {found:?}");
            }
        }
    }
}
