//! What a rule or a key ID is, why it matters and what to do now: the text of `akid explain`.
//!
//! In: a rule, or a key ID. Out: plain text for a terminal, two screens at most. Asks nobody: all that is told
//! of a key is read from its ID.

use std::path::Path;

use akid::aws::{AccessKeyId, Generation, KeyKind, KnownAccount};
use akid::finding::Finding;
use akid::rule::{Rule, RuleId, RuleSet};
use anyhow::bail;

use super::{Exit, output, settings};

/// How to find the owner.
const WHOSE: &str = include_str!("explain/whose.txt");
/// What to do about a long-term key.
const LONG_TERM: &str = include_str!("explain/long_term.txt");
/// What to do about a temporary key.
const TEMPORARY: &str = include_str!("explain/temporary.txt");

/// What AWS itself puts on a role to revoke its sessions; `$now` is set by the command before it, outside the
/// single quotes. Requests without a token, such as those of a long-term key, have no `aws:TokenIssueTime` and
/// are not denied.
const DENY_OLDER: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","#,
    r#""Condition":{"DateLessThan":{"aws:TokenIssueTime":"'$now'"}}}]}"#,
);

/// Explains the rule or the key ID that `what` names.
pub(super) fn run(what: &str, rules: Option<&Path>) -> anyhow::Result<Exit> {
    let rules = settings::rules(rules)?;
    let rule = RuleId::parse(what).and_then(|id| rules.get(&id).cloned());
    let page = match (rule, AccessKeyId::parse(what.trim().as_bytes())) {
        (Some(rule), _) => explain_rule(&rule),
        (None, Some(id)) => explain_key_id(id),
        // What was typed is not repeated: it may be a secret.
        (None, None) => bail!(
            "this is neither a rule nor an access key ID\n\
             help: `akid rules list` lists the rules; a key ID is AKIA or ASIA and 16 characters of A-Z and 2-7"
        ),
    };
    output::print(page.as_bytes())?;
    Ok(Exit::Clean)
}

/// The page about the credential of `finding`: about its key if it has a key ID, else about its rule.
pub(super) fn page_of(finding: &Finding, rules: &RuleSet) -> String {
    match (finding.credential.id(), rules.get(&finding.rule)) {
        (Some(id), _) => explain_key_id(id),
        (None, Some(rule)) => explain_rule(rule),
        (None, None) => format!("There is no rule {} here\n", finding.rule),
    }
}

/// A page about a rule: what it finds and what to do about a finding.
fn explain_rule(rule: &Rule) -> String {
    format!(
        "{}: {}\nseverity: {}\n\n{}\n\n{}\n\nNext: {}\n",
        rule.id,
        rule.title,
        rule.severity,
        rule.summary,
        rule.help.trim(),
        rule.next_step,
    )
}

/// A page about a key: what its ID tells, what a leak of it means, and the steps to take.
fn explain_key_id(id: AccessKeyId) -> String {
    let advice = match dead_end(id) {
        Some(reason) => reason.to_owned(),
        None => steps(id.kind()),
    };
    format!("{}\n{}", facts(id), advice.replace("<KEY_ID>", id.as_str()))
}

/// What the ID alone tells, one fact a line.
fn facts(id: AccessKeyId) -> String {
    let account = match id.generation() {
        Generation::New(account) => format!("{account}, read from the ID; AWS was not asked"),
        Generation::Old => "not in the ID, as in all of its generation; only AWS can tell".to_owned(),
        Generation::Implausible => "none can be read from the ID".to_owned(),
    };
    let mut text = format!(
        "{id}\n  kind        {}\n  generation  {}\n  account     {account}\n",
        kind(id.kind()),
        generation(id.generation())
    );
    if let Some(note) = note(id) {
        text.push_str(note);
    }
    text
}

fn kind(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::LongTerm => "long-term access key (AKIA) of an IAM user or of the root user; never expires",
        KeyKind::Temporary => {
            "temporary key (ASIA) of an STS session; needs its session token, expires by itself"
        }
    }
}

fn generation(generation: Generation) -> &'static str {
    match generation {
        Generation::New(_) => "new: the account is part of the ID",
        Generation::Old => "old (5th character I or J): the account is not part of the ID",
        Generation::Implausible => "implausible: the key ID does not match the format of known AWS keys",
    }
}

/// What is peculiar about the ID or its account.
fn note(id: AccessKeyId) -> Option<&'static str> {
    if id.is_example() {
        return Some("  note        an example of the AWS documentation\n");
    }
    if id.is_placeholder() {
        return Some("  note        plainly a placeholder\n");
    }
    match id.account()?.known()? {
        KnownAccount::Canary => {
            Some("  note        CANARY: the account belongs to an issuer of canary tokens\n")
        }
        KnownAccount::Documentation => Some(
            "  note        documentation account: such keys are made by local AWS emulators and copied from\n\
             \x20             examples; those open nothing. The number alone is no proof.\n",
        ),
    }
}

/// Why there is nothing to rotate, where that is so.
fn dead_end(id: AccessKeyId) -> Option<&'static str> {
    if id.is_example() || id.is_placeholder() {
        return Some(
            "This is not a real key. akid counts it as suppressed and does not report it. Nothing to do.\n",
        );
    }
    (id.account()?.known()? == KnownAccount::Canary).then_some(
        "A trap, set to learn who uses it. It opens nothing, and there is nothing to rotate.\n\
         \x20 1. Do not use it, not even to test it: any use raises an alarm at whoever planted it.\n\
         \x20 2. Ask your security team whether they planted it. If so, leave it where it is: in a repository\n\
         \x20    or on a server it is there to be found. Put `akid:allow` in a comment on its line.\n\
         \x20 3. If it is not, find out who put it there and when: git log -S <KEY_ID>.\n\
         \x20 4. If you have used it already, tell them, so that they do not look for an intruder.\n",
    )
}

/// The steps for a key that may be real.
fn steps(kind: KeyKind) -> String {
    let page = match kind {
        KeyKind::LongTerm => LONG_TERM,
        KeyKind::Temporary => TEMPORARY,
    };
    format!("{WHOSE}{page}").replace("<DENY_OLDER>", DENY_OLDER)
}

#[cfg(test)]
mod tests {
    use akid::aws::fake;
    use akid::rule::RuleSet;

    use super::*;

    /// The IDs are cut in two so that no line here is a finding.
    fn page(head: &str, tail: &str) -> String {
        explain_key_id(AccessKeyId::parse([head, tail].concat().as_bytes()).unwrap())
    }

    /// A screen is some thirty lines of a hundred columns; a command may run over, so that it can be copied.
    fn fits_two_screens(page: &str) -> bool {
        let prose_fits = page.lines().filter(|line| !line.contains("--")).all(|line| line.len() <= 104);
        page.lines().count() <= 64 && prose_fits
    }

    #[test]
    fn a_page_names_the_key_in_every_command_about_it() {
        for id in [fake::pair(1).id(), fake::temporary(1).id()] {
            let page = explain_key_id(id);
            assert!(!page.contains("<KEY_ID>") && !page.contains("<DENY_OLDER>"), "{page}");
            assert!(page.contains(&format!("get-access-key-info --access-key-id {id} ")), "{page}");
            assert!(page.contains(&format!(",AttributeValue={id}\n")), "{page}");
            assert!(fits_two_screens(&page), "{page}");
        }
    }

    #[test]
    fn a_new_id_tells_its_account_and_an_old_one_says_why_not() {
        let account = fake::pair(2).id().account().unwrap().to_string();
        assert!(explain_key_id(fake::pair(2).id()).contains(&format!("account     {account}, read")));
        let old = page("AKIAJSIE27", "KKMHXI3BJQ");
        assert!(old.contains("old (5th character I or J)") && old.contains("only AWS can tell"), "{old}");
        assert!(page("AKIALALEME", "L33243OLIB").contains("implausible"));
    }

    #[test]
    fn a_canary_is_left_alone() {
        let page = page("AKIASP2TPH", "JSQH3FJRUX");
        assert!(page.contains("CANARY") && page.contains("Do not use it"), "{page}");
        assert!(!page.contains("aws iam") && fits_two_screens(&page), "{page}");
    }

    #[test]
    fn a_documentation_account_is_a_label_and_the_steps_stay() {
        let page = page("AKIARZPUZD", "IKCX7M2BWD");
        assert!(page.contains("documentation account") && page.contains("--status Inactive"), "{page}");
        assert!(fits_two_screens(&page), "{page}");
    }

    #[test]
    fn an_example_needs_no_steps() {
        let page = page("AKIAIOSFOD", "NN7EXAMPLE");
        assert!(
            page.contains("example of the AWS documentation") && page.contains("Nothing to do"),
            "{page}"
        );
        assert!(!page.contains("aws "), "{page}");
    }

    #[test]
    fn the_deny_policy_is_json_once_the_shell_has_set_the_time() {
        let policy = DENY_OLDER.replace("'$now'", "2026-01-31T23:59:00Z");
        let json: serde_json::Value = serde_json::from_str(&policy).unwrap();
        let limit = &json["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"];
        assert_eq!(limit, "2026-01-31T23:59:00Z");
    }

    #[test]
    fn a_rule_is_told_with_its_help_and_the_next_step() {
        for rule in RuleSet::built_in().iter() {
            let page = explain_rule(rule);
            assert!(page.starts_with(&format!("{}: ", rule.id)), "{page}");
            assert!(
                page.contains("## What to do") && page.ends_with(&format!("{}\n", rule.next_step)),
                "{page}"
            );
            assert!(rule.summary.chars().count() <= 1024, "SARIF's limit for a full description");
        }
    }
}
