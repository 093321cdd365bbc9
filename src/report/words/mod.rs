//! What several formats say in the same words.

mod unread;

use jiff::Timestamp;

pub(super) use unread::{
    excluded_by, excluded_message, gap, left_out, notice, skip_message, skip_reason, stale,
};

use super::{Report, history};
use crate::aws::KnownAccount;
use crate::finding::{Claims, Finding, ImageLayer, Place, SignedRequest};
use crate::level::{Certainty, Confidence, Severity};
use crate::origin::{Member, Origin};
use crate::owner::{Account, KeyState, KeyStatus, KnownBy, Owner, Ownership};
use crate::redact::{self, redact};
use crate::rule::Rule;
use crate::text::Escaped;

/// The path of a finding from the current folder, behind its repository where several are scanned.
pub(in crate::report) fn path_of(report: &Report<'_>, finding: &Finding) -> String {
    in_repository(report, finding, path(report, &finding.origin))
}

/// The path of a finding, behind its repository where several are scanned.
pub(in crate::report) fn whole_path(report: &Report<'_>, finding: &Finding) -> String {
    in_repository(report, finding, redact(finding.origin.path()))
}

fn in_repository(report: &Report<'_>, finding: &Finding, path: String) -> String {
    match &finding.repository {
        Some(repository) if report.scan.is_of_several => {
            format!("{}/{path}", repository.label().trim_end_matches('/'))
        }
        _ => path,
    }
}

/// The input's path from the current folder. Masked as a whole: a secret could begin in the prefix.
pub(in crate::report) fn path(report: &Report<'_>, origin: &Origin) -> String {
    let options = report.options;
    let (Origin::File(_) | Origin::FileName(_)) = origin.root() else { return redact(origin.path()) };
    let path = origin.path();
    let below = path.strip_prefix(options.current_folder.as_bytes());
    match below.filter(|_| !options.current_folder.is_empty() && is_plain(path)) {
        Some(below) => redact(below),
        // What lies outside of the folder that all paths are relative to.
        None if path.starts_with(b"/") => redact(path),
        None => redact(&[options.path_prefix.as_bytes(), path].concat()),
    }
}

/// Longer steps of a build are cut, once nothing secret is in them any more.
const MAX_STEP: usize = 200;

/// The step of a build that made a layer. It may hold pieces of secrets, as no path does.
pub(in crate::report) fn made_by(layer: &ImageLayer) -> Option<String> {
    layer.made_by.as_ref().map(|step| redact::words(step.as_bytes()))
}

/// The layer of a container image, what made it, and what is known of what comes later.
pub(in crate::report) fn layer(layer: &ImageLayer) -> String {
    let image =
        layer.image.as_ref().map(|image| format!(" of {}", redact(image.as_bytes()))).unwrap_or_default();
    let step = made_by(layer).map(|step| step.chars().take(MAX_STEP).collect::<String>());
    let made_by = step.map(|step| format!(", created by: {step}")).unwrap_or_default();
    let deleted = if layer.is_deleted {
        "; a later layer deletes the file, but the image still contains it"
    } else {
        ""
    };
    format!("{} of {}{image}{made_by}{deleted}", layer.number, layer.of)
}

/// Where in an archive a place is.
pub(in crate::report) fn inside(member: &Member, origin: &Origin, place: &Place) -> String {
    let path = redact(member.inside());
    if origin.is_name() {
        return format!("in the name {path}");
    }
    let at = place.main().start;
    format!("at {path}:{}:{}", at.line, at.column)
}

/// Whether nothing in `text` needs a mask.
fn is_plain(text: &[u8]) -> bool {
    redact(text) == Escaped(text).to_string()
}

/// A finding in a few sentences with the next step, for formats that have one text for it.
pub(in crate::report) fn message(finding: &Finding, rule: Option<&Rule>) -> String {
    facts(finding, rule) + &next_sentence(finding, rule)
}

/// The next step as the last sentence. It ends with a command, so no full stop follows.
pub(in crate::report) fn next_sentence(finding: &Finding, rule: Option<&Rule>) -> String {
    next_step(finding, rule).map(|next_step| format!(" Next: {next_step}")).unwrap_or_default()
}

/// A finding in a few sentences. Nothing in it comes from the input but the key ID and what git records.
pub(in crate::report) fn facts(finding: &Finding, rule: Option<&Rule>) -> String {
    let name = &finding.credential;
    let mut message = title(finding, rule).to_owned();
    if let Some(id) = name.id() {
        message.push_str(&format!(" {id}"));
    }
    for (part, fingerprint) in [("secret", name.any_secret()), ("session token", name.token().copied())] {
        if let Some(fingerprint) = fingerprint {
            message.push_str(&format!(", {part} {fingerprint}"));
        }
    }
    message.push('.');
    if let Some(account) = finding.account {
        message.push_str(&format!(" Account {}.", self::account(account, &finding.owner)));
    }
    if let Some(reason) = &finding.owner.unresolved {
        message.push_str(&format!(" Not resolved: {reason}."));
    }
    if let Some(status) = &finding.owner.status {
        message.push_str(&format!(" Status {}.", self::status(status)));
    }
    message.push_str(&format!(" Confidence {}.", confidence(&finding.confidence)));
    if let Some(layer) = &finding.layer {
        message.push_str(&format!(" In layer {}.", self::layer(layer)));
    }
    if let Some(exposure) = &finding.exposure {
        message.push_str(&history::sentence(exposure));
    }
    message
}

/// What a finding is known by to a system that takes up the reports of many repositories: the same credential at the
/// same path of two of them is two findings.
pub(in crate::report) fn identity(finding: &Finding) -> String {
    match finding.repository.as_deref() {
        Some(repository) => format!("{}:{}", finding.fingerprint(), repository.identity()),
        None => finding.fingerprint().to_string(),
    }
}

/// The rule's title; its ID where the rule is not known.
pub(in crate::report) fn title<'a>(finding: &'a Finding, rule: Option<&'a Rule>) -> &'a str {
    rule.map_or(finding.rule.as_str(), |rule| &rule.title)
}

/// What to do next about this finding: what the rule says, unless it is not for the user to do.
pub(in crate::report) fn next_step(finding: &Finding, rule: Option<&Rule>) -> Option<String> {
    let next_step = next_step_of_any(finding, rule)?;
    Some(match finding.credential.id() {
        Some(id) => next_step.replace("<KEY_ID>", id.as_str()),
        None => next_step.to_owned(),
    })
}

/// The same for every key that it is the step for, with `<KEY_ID>` where the key's ID belongs.
pub(in crate::report) fn next_step_of_any<'a>(finding: &Finding, rule: Option<&'a Rule>) -> Option<&'a str> {
    Some(match finding.owner.ownership {
        _ if matches!(finding.owner.state(), KeyState::Deleted | KeyState::Expired) => OVER_STEP,
        Ownership::Canary => CANARY_STEP,
        Ownership::Foreign => FOREIGN_STEP,
        Ownership::Own | Ownership::Example | Ownership::Unknown => &rule?.next_step,
    })
}

/// What to do about a key that can never work again.
const OVER_STEP: &str = "it no longer works; check what was done with it while it did: akid explain <KEY_ID>";
/// What to do about a trap.
const CANARY_STEP: &str =
    "do not use it; ask your security team whether they planted it: akid explain <KEY_ID>";
/// What to do about somebody else's key.
const FOREIGN_STEP: &str =
    "report it to the account's owner or to AWS; never try the key: akid explain <KEY_ID>";

/// The certainty, and why it is no higher.
pub(in crate::report) fn confidence(confidence: &Confidence) -> String {
    let doubts: Vec<_> = confidence.doubts().iter().map(|doubt| doubt.describe()).collect();
    let colon = if doubts.is_empty() { "" } else { ": " };
    if confidence.certainty() == Certainty::Certain {
        return "certain: a signature proves it".to_owned();
    }
    format!("{}{colon}{}", confidence.certainty(), doubts.join("; "))
}

/// What a signed request says of itself, and whether it has expired.
pub(in crate::report) fn signed(signed: &SignedRequest, now: Timestamp) -> Option<String> {
    let expiry = |at| if at <= now { format!("expired {at}") } else { format!("valid until {at}") };
    let facts = [
        signed.signed_at.map(|at| at.to_string()),
        signed.service.as_ref().map(|service| format!("for {}", redact(service.as_bytes()))),
        signed.region.as_ref().map(|region| format!("in {}", redact(region.as_bytes()))),
        signed.expires_at.map(expiry),
    ];
    let facts: Vec<_> = facts.into_iter().flatten().collect();
    (!facts.is_empty()).then(|| facts.join(", "))
}

/// What the secret of a service says of itself, and whether it has expired.
pub(in crate::report) fn claims(claims: &Claims, now: Timestamp) -> Option<String> {
    let shown = |text: &String| redact(text.as_bytes());
    let expiry = |at| if at <= now { format!("expired {at}") } else { format!("valid until {at}") };
    let facts = [
        claims.user.as_ref().map(|user| format!("user {}", shown(user))),
        claims.start_url.as_ref().map(|url| format!("sign-in at {}", shown(url))),
        claims.region.as_ref().map(|region| format!("in {}", shown(region))),
        claims.issued_at.map(|at| format!("issued {at}")),
        claims.expires_at.map(expiry),
    ];
    let facts: Vec<_> = facts.into_iter().flatten().collect();
    (!facts.is_empty()).then(|| facts.join(", "))
}

/// What a finding says of itself: a signed request, or the secret of a service.
pub(in crate::report) fn says(finding: &Finding, now: Timestamp) -> Option<String> {
    let of_request = finding.signed.as_deref().and_then(|it| signed(it, now));
    of_request
        .map(|facts| format!("signed {facts}"))
        .or_else(|| finding.claims.as_deref().and_then(|it| claims(it, now)))
}

/// An account, what the user calls it, how it is known, what its number alone says, and whose it is.
pub(in crate::report) fn account(account: Account, owner: &Owner) -> String {
    let known_by = match account.known_by {
        KnownBy::KeyId => "decoded from the key ID",
        KnownBy::SessionToken => "decoded from the session token",
        KnownBy::Credential => "named by the credential",
        KnownBy::Sts => "reported by AWS",
        KnownBy::Iam => "listed by the account itself",
    };
    let otherwise = contradiction(account).map(|text| format!("; {text}"));
    let whose = match owner.ownership {
        Ownership::Own => "; yours",
        Ownership::Foreign => "; not yours",
        Ownership::Canary | Ownership::Example | Ownership::Unknown => "",
    };
    let known_for = match account.id.known() {
        Some(KnownAccount::Canary) => "; canary token: using it alerts whoever planted it",
        Some(KnownAccount::Documentation) => "; used in documentation and emulators",
        None => "",
    };
    let name = owner.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let otherwise = otherwise.unwrap_or_default();
    format!("{}{name} ({known_by}{otherwise}{known_for}{whose})", account.id)
}

/// Whether a key works, whose it is, when it was created and used last, what says so and when that was learnt.
pub(in crate::report) fn status(status: &KeyStatus) -> String {
    let likely = if status.is_likely { ", likely" } else { "" };
    let principal = status.principal.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    let last = status.last_use.as_ref().map(|last| format!(", last used: {}", last.describe()));
    let created = status.created_at.map(|at| format!(", created {at:.0}")).unwrap_or_default();
    let (last, evidence) = (last.unwrap_or_default(), &status.evidence);
    format!(
        "{}{likely}{principal}{created}{last} ({evidence}; learnt {:.0})",
        status.state.as_str(),
        status.learnt_at
    )
}

/// What another source says of an account.
pub(in crate::report) fn contradiction(account: Account) -> Option<String> {
    let claim = account.otherwise?;
    let source = match claim.known_by {
        KnownBy::KeyId => "the key ID",
        KnownBy::SessionToken => "the session token",
        KnownBy::Credential => "the credential",
        KnownBy::Sts => "AWS",
        KnownBy::Iam => "the account itself",
    };
    Some(format!("{source} says {} instead", claim.id))
}

/// The word for what an account's number alone says.
pub(in crate::report) fn account_label(account: Account) -> Option<&'static str> {
    Some(match account.id.known()? {
        KnownAccount::Canary => "canary",
        KnownAccount::Documentation => "documentation",
    })
}

/// The word for a severity, as GitLab and DefectDojo write it.
pub(in crate::report) fn capitalised(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
    }
}

/// The first `most` characters.
pub(in crate::report) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::AccountId;
    use crate::level::{Certainty, Doubt};
    use crate::owner::Claim;

    #[test]
    fn confidence_says_why_it_is_no_higher() {
        let sure = Confidence::new(Certainty::High);
        assert_eq!(confidence(&sure), "high");
        assert_eq!(
            confidence(&sure.doubting(Doubt::TestPath).doubting(Doubt::HexDigest)),
            "low: the secret is 40 hex digits, like a SHA-1 digest; the path contains test, example or documentation"
        );
    }

    #[test]
    fn a_canary_account_is_called_one() {
        let id = AccountId::parse("171436882533").unwrap();
        let account = Account { id, known_by: KnownBy::SessionToken, otherwise: None };
        let owner = Owner { ownership: Ownership::Canary, ..Owner::default() };
        assert!(
            super::account(account, &owner)
                .starts_with("171436882533 (decoded from the session token; canary token")
        );
        assert_eq!(account_label(account), Some("canary"));
    }

    #[test]
    fn an_account_is_told_with_its_name_its_owner_and_what_else_is_said_of_it() {
        let id = |text| AccountId::parse(text).unwrap();
        let otherwise = Some(Claim { id: id("333333333333"), known_by: KnownBy::KeyId });
        let account = Account { id: id("222222222222"), known_by: KnownBy::Sts, otherwise };
        let name = Some("payments prod".to_owned());
        let owner = Owner { ownership: Ownership::Own, name, ..Owner::default() };
        assert_eq!(
            super::account(account, &owner),
            "222222222222 payments prod (reported by AWS; the key ID says 333333333333 instead; yours)"
        );
    }
}
