//! What several formats say in the same words.

use jiff::Timestamp;

use super::summary::{bytes, grouped};
use super::{Report, history};
use crate::aws::KnownAccount;
use crate::finding::{Claims, Finding, ImageLayer, Place, SignedRequest};
use crate::level::{Certainty, Confidence, Severity};
use crate::origin::{Member, Origin};
use crate::owner::{Account, KeyState, KeyStatus, KnownBy, Owner, Ownership};
use crate::redact::{self, redact};
use crate::rule::Rule;
use crate::scan::{LeftOut, MAX_INPUTS, Scan, Stale};
use crate::source::{
    ArchiveFault, Damage, ExcludedBy, Fault, Gap, IgnoreFault, Notice, Part, SkipReason, Stage,
};
use crate::text::Escaped;

/// What is counted and not listed, each in a sentence, and whether the scan is incomplete because of it.
pub(super) fn left_out(scan: &Scan) -> impl Iterator<Item = (bool, String)> {
    let LeftOut { limit, skipped, unreadable, accepted, excluded, .. } = &scan.left_out;
    let findings = format!(
        "not listed: the limit is {}, and the most severe are listed first; raise `max-findings`, or scan less at a \
         time",
        grouped(*limit as u64)
    );
    let inputs = format!("not listed: the limit is {}", grouped(MAX_INPUTS as u64));
    let more = |n: u64, what: &str| format!("{} more {what}{}", grouped(n), if n == 1 { "" } else { "s" });
    [
        (true, scan.left_out.findings(), "finding", &findings),
        (false, scan.left_out.suppressed(), "suppressed finding", &findings),
        (true, *skipped, "skipped input", &inputs),
        (false, *unreadable, "unreadable input", &inputs),
        (false, *accepted, "accepted input", &inputs),
        (false, *excluded, "excluded input", &inputs),
    ]
    .into_iter()
    .filter(|(_, n, ..)| *n > 0)
    .map(|(is_error, n, what, why)| (is_error, format!("{} {why}", more(n, what))))
    .collect::<Vec<_>>()
    .into_iter()
}

/// The path of a finding from the current folder, behind its repository where several are scanned.
pub(super) fn path_of(report: &Report<'_>, finding: &Finding) -> String {
    in_repository(report, finding, path(report, &finding.origin))
}

/// The path of a finding, behind its repository where several are scanned.
pub(super) fn whole_path(report: &Report<'_>, finding: &Finding) -> String {
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
pub(super) fn path(report: &Report<'_>, origin: &Origin) -> String {
    let options = report.options;
    let (Origin::File(_) | Origin::FileName(_)) = origin.root() else { return redact(origin.path()) };
    let path = origin.path();
    let below = path.strip_prefix(options.current_folder.as_bytes());
    match below.filter(|_| !options.current_folder.is_empty() && is_plain(path)) {
        Some(below) => redact(below),
        None => redact(&[options.path_prefix.as_bytes(), path].concat()),
    }
}

/// Longer steps of a build are cut, once nothing secret is in them any more.
const MAX_STEP: usize = 200;

/// The step of a build that made a layer. It may hold pieces of secrets, as no path does.
pub(super) fn made_by(layer: &ImageLayer) -> Option<String> {
    layer.made_by.as_ref().map(|step| redact::words(step.as_bytes()))
}

/// The layer of a container image, what made it, and what is known of what comes later.
pub(super) fn layer(layer: &ImageLayer) -> String {
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
pub(super) fn inside(member: &Member, origin: &Origin, place: &Place) -> String {
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
pub(super) fn message(finding: &Finding, rule: Option<&Rule>) -> String {
    facts(finding, rule) + &next_sentence(finding, rule)
}

/// The next step as the last sentence. It ends with a command, so no full stop follows.
pub(super) fn next_sentence(finding: &Finding, rule: Option<&Rule>) -> String {
    next_step(finding, rule).map(|next_step| format!(" Next: {next_step}")).unwrap_or_default()
}

/// A finding in a few sentences. Nothing in it comes from the input but the key ID and what git records.
pub(super) fn facts(finding: &Finding, rule: Option<&Rule>) -> String {
    let name = &finding.credential;
    let mut message = title(finding, rule).to_owned();
    if let Some(id) = name.key_id {
        message.push_str(&format!(" {id}"));
    }
    for (part, fingerprint) in [("secret", name.secret), ("session token", name.token)] {
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
pub(super) fn identity(finding: &Finding) -> String {
    match finding.repository.as_deref() {
        Some(repository) => format!("{}:{}", finding.fingerprint(), repository.identity()),
        None => finding.fingerprint().to_string(),
    }
}

/// The rule's title; its ID where the rule is not known.
pub(super) fn title<'a>(finding: &'a Finding, rule: Option<&'a Rule>) -> &'a str {
    rule.map_or(finding.rule.as_str(), |rule| &rule.title)
}

/// What to do next about this finding: what the rule says, unless it is not for the user to do.
pub(super) fn next_step(finding: &Finding, rule: Option<&Rule>) -> Option<String> {
    let next_step = next_step_of_any(finding, rule)?;
    Some(match finding.credential.key_id {
        Some(id) => next_step.replace("<KEY_ID>", id.as_str()),
        None => next_step.to_owned(),
    })
}

/// The same for every key that it is the step for, with `<KEY_ID>` where the key's ID belongs.
pub(super) fn next_step_of_any<'a>(finding: &Finding, rule: Option<&'a Rule>) -> Option<&'a str> {
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
pub(super) fn confidence(confidence: &Confidence) -> String {
    let doubts: Vec<_> = confidence.doubts().iter().map(|doubt| doubt.describe()).collect();
    let colon = if doubts.is_empty() { "" } else { ": " };
    if confidence.certainty() == Certainty::Certain {
        return "certain: a signature proves it".to_owned();
    }
    format!("{}{colon}{}", confidence.certainty(), doubts.join("; "))
}

/// What a signed request says of itself, and whether it has expired.
pub(super) fn signed(signed: &SignedRequest, now: Timestamp) -> Option<String> {
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
pub(super) fn claims(claims: &Claims, now: Timestamp) -> Option<String> {
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
pub(super) fn says(finding: &Finding, now: Timestamp) -> Option<String> {
    let of_request = finding.signed.as_deref().and_then(|it| signed(it, now));
    of_request
        .map(|facts| format!("signed {facts}"))
        .or_else(|| finding.claims.as_deref().and_then(|it| claims(it, now)))
}

/// An account, what the user calls it, how it is known, what its number alone says, and whose it is.
pub(super) fn account(account: Account, owner: &Owner) -> String {
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
pub(super) fn status(status: &KeyStatus) -> String {
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
pub(super) fn contradiction(account: Account) -> Option<String> {
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
pub(super) fn account_label(account: Account) -> Option<&'static str> {
    Some(match account.id.known()? {
        KnownAccount::Canary => "canary",
        KnownAccount::Documentation => "documentation",
    })
}

/// The word for a severity, as GitLab and DefectDojo write it.
pub(super) fn capitalised(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
    }
}

/// The first `most` characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// The word for why an input was not scanned whole.
pub(super) fn skip_reason(reason: &SkipReason) -> &str {
    match reason {
        SkipReason::Io(_) => "io",
        SkipReason::Panic(_) => "panic",
        SkipReason::TooMany => "too-many",
        SkipReason::Work => "search-work",
        SkipReason::Damaged(damage) => damage.fault.as_str(),
        SkipReason::Archive(fault) | SkipReason::Member(fault) => fault.as_str(),
        SkipReason::Empty => "empty",
        SkipReason::Lfs => "git-lfs",
        SkipReason::Ignore(_) => "ignore-file",
        SkipReason::Told(told) => &told.word,
    }
}

/// Why an input was not scanned whole.
pub(super) fn skip_message(reason: &SkipReason) -> String {
    match reason {
        // Such a message may name a path or repeat what was read.
        SkipReason::Io(error) => redact(error.to_string().as_bytes()),
        SkipReason::Panic(place) => {
            format!("akid panicked at {}: this is a bug in akid", redact(place.to_string().as_bytes()))
        }
        SkipReason::TooMany => "too many candidates: only the first are reported".to_owned(),
        SkipReason::Work => {
            "searching it takes too much work: only what was found first is reported".to_owned()
        }
        SkipReason::Damaged(damage) => self::damage(damage),
        SkipReason::Archive(fault) | SkipReason::Member(fault) => archive_fault(*fault),
        SkipReason::Empty => "empty input".to_owned(),
        SkipReason::Lfs => "git LFS pointer without its content; `git lfs pull` downloads it".to_owned(),
        SkipReason::Ignore(fault) => ignore_fault(*fault).to_owned(),
        SkipReason::Told(told) => told.message.clone(),
    }
}

/// Why an ignore file does not hide what it says.
fn ignore_fault(fault: IgnoreFault) -> &'static str {
    match fault {
        IgnoreFault::TooLarge => {
            "its patterns are not applied: the ignore files of this folder exceed 1 MiB in total"
        }
        IgnoreFault::TooComplex => "its patterns are not applied to every path: matching takes too long",
        IgnoreFault::Unreadable => "its patterns are not applied: it cannot be read",
    }
}

/// What stands in the way of reading an archive, with the limit that it met.
fn archive_fault(fault: ArchiveFault) -> String {
    let text = match fault {
        ArchiveFault::Depth(depth) => {
            return format!("archive nesting exceeds `max-depth` ({depth}): not opened");
        }
        ArchiveFault::Ratio(ratio) => {
            return format!("compression ratio exceeds `max-ratio` ({ratio}): not read to its end");
        }
        ArchiveFault::Bytes(limit) => {
            return format!("unpacked size exceeds `max-bytes` ({}): not read to its end", bytes(limit));
        }
        ArchiveFault::Members(members) => {
            return format!("member count exceeds `max-members` ({members}): not read to its end");
        }
        ArchiveFault::Work(_) => "work exceeds `max-work` for its size: not read to its end",
        ArchiveFault::Hidden(1) => "its table of contents lists a member that overlaps others",
        ArchiveFault::Hidden(hidden) => {
            return format!("its table of contents lists {hidden} members that overlap others");
        }
        ArchiveFault::Base(lost) => {
            return format!("{lost} objects are deltas whose base is not in it");
        }
        ArchiveFault::Objects => "it contains damaged git objects",
        ArchiveFault::More { count: 1, .. } => "1 more problem",
        ArchiveFault::More { count, .. } => return format!("{count} more problems"),
        ArchiveFault::Method(method) => {
            return format!("unsupported zip compression method {method}");
        }
        ArchiveFault::Format(format) => {
            return format!("unsupported archive format {format}: unpack it and scan the files");
        }
        ArchiveFault::Filter => "a stream uses an unsupported filter",
        ArchiveFault::Encrypted => "encrypted",
        ArchiveFault::Memory => "decompressing it needs more memory than akid's limit",
        ArchiveFault::Truncated => "truncated",
        ArchiveFault::Compression => "damaged compressed data",
        ArchiveFault::Header => "damaged header",
        ArchiveFault::Size => "size mismatch: its header states another size",
        ArchiveFault::Checksum => "checksum mismatch",
    };
    text.to_owned()
}

/// What is wrong with a part of an object store, and what is lost by it.
fn damage(damage: &Damage) -> String {
    let part = match damage.part {
        Part::Whole => String::new(),
        Part::Entry { offset, id: Some(id) } => format!("object {id} at byte {offset}: "),
        Part::Entry { offset, id: None } => format!("entry at byte {offset}: "),
    };
    let lost = match damage.lost {
        0 | 1 => String::new(),
        lost => format!("; {lost} objects could not be scanned"),
    };
    format!("{part}{}{lost}", fault(damage.fault))
}

fn fault(fault: Fault) -> String {
    let text = match fault {
        Fault::NotAPack => "not a pack of a known version, or truncated",
        Fault::NoIndex => "a pack without an index: run `git index-pack` on it",
        Fault::OtherHash => "its object IDs do not use the hash that `extensions.objectFormat` names",
        Fault::NoPack => "the index's pack is missing",
        Fault::Index => "the index is damaged or has an unknown version",
        Fault::OtherIndex => "the index belongs to another pack",
        Fault::Outside => "its offset is outside the pack",
        Fault::Header => "damaged header",
        Fault::Compression => "damaged compressed data",
        Fault::Checksum => "checksum mismatch",
        Fault::Size => "size mismatch",
        Fault::Delta => "damaged delta: it does not fit its base",
        Fault::MissingBase(id) => return format!("its delta base {id} is missing"),
        Fault::Promised(id) => {
            return format!("its delta base {id} was never fetched (partial clone)");
        }
        Fault::Cycle => "delta cycle",
        Fault::TooLarge => "larger than akid's limit for an object stored as a delta",
        Fault::MissingAlternate => "an alternate object directory is missing",
        Fault::NotAnObject => "not a git object",
        Fault::Absent(id) => return format!("object {id} is missing or damaged"),
        Fault::NotABlob(id) => return format!("object {id} is not a blob"),
        Fault::Unread => "truncated while akid read it, or the system reported a read error",
        Fault::Work => "its deltas expand to more work than its size allows, as in a decompression bomb",
        Fault::Endless => "tree cycle: its directories nest without end",
    };
    text.to_owned()
}

/// What was not read, and what to do about it.
pub(super) fn gap(gap: &Gap) -> String {
    match gap {
        Gap::Shallow => "shallow clone: commits before its boundary were never fetched; \
                         `git fetch --unshallow` fetches them"
            .to_owned(),
        Gap::Partial => "partial clone: some objects were never fetched; \
                         `git fetch --refetch --no-filter` fetches them"
            .to_owned(),
        Gap::Index(path, reason) => {
            let (path, reason) = (redact(path.as_bytes()), redact::words(reason.as_bytes()));
            format!(
                "{path}: {reason}: akid does not know which files git tracks there, and does not scan those that `.gitignore` hides"
            )
        }
        Gap::Objects => "some commits or trees could not be read: names in them were not searched, \
                         and findings may lack commits and paths; `git fsck` lists what is missing"
            .to_owned(),
        Gap::Missing { lost, first } => {
            let named: Vec<String> = first.iter().map(ToString::to_string).collect();
            let more = if *lost > first.len() as u64 { ", …" } else { "" };
            let objects =
                if *lost == 1 { "object that refs lead to is" } else { "objects that refs lead to are" };
            format!("{lost} {objects} missing: {}{more}; `git fsck` lists them", named.join(", "))
        }
        Gap::Changing => "objects were added or moved each time that akid had read all of them: \
                          some were not scanned; scan again once no other program changes the repository"
            .to_owned(),
        Gap::Refs(reason) => {
            let reason = redact::words(reason.as_bytes());
            format!("refs could not be read: names were not searched, and findings may lack refs: {reason}")
        }
        Gap::TooMany => {
            "findings have too many paths: some commits and paths are not listed; scan less at a time"
                .to_owned()
        }
        Gap::Told(_, message) => message.clone(),
        Gap::In(repository, gap) => format!("{repository}: {}", self::gap(gap)),
        Gap::Stage(stage, panicked) => {
            let missing = match stage {
                Stage::Source => "not everything was scanned",
                Stage::Proof => "pairs are not proven by signatures",
                Stage::Attribution => "findings in history lack commits and paths",
                Stage::Acceptance => "excludes, allow lists and baselines were not applied to all findings",
                Stage::Owners => "owners were not identified",
            };
            let place = redact(panicked.to_string().as_bytes());
            format!("akid panicked at {place}: {missing}; this is a bug in akid, please report it")
        }
    }
}

/// How a source was read.
pub(super) fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Head => {
            "the current commit could not be read: every file in the index counts as staged".to_owned()
        }
        Notice::IgnoreFile(path) => {
            let path = redact(path.as_bytes());
            format!("{path}: not a regular file: neither git nor akid applies it")
        }
        Notice::Outside(path) => {
            let path = redact(path.as_bytes());
            format!("{path}: outside the scanned folder; akid read it because the repository refers to it")
        }
        Notice::Borrowed(path) => {
            let path = redact(path.as_bytes());
            format!("{path}: the repository borrows these objects (git alternates); akid scanned them, too")
        }
        Notice::Configuration(path) => format!(
            "{path}: not applied, because the current folder is not in its repository; `--config {path}` applies it"
        ),
        Notice::Told(message) => message.clone(),
        Notice::In(repository, notice) => format!("{repository}: {}", self::notice(notice)),
        Notice::Proofs => "signatures: there are more than can be tried to prove which secret belongs to \
             which key ID; some pairs are not proven"
            .to_owned(),
        Notice::ShallowPush => {
            "the push begins where a shallow clone ends: akid scanned every file of the first commit, and could not \
             see which commits added them"
                .to_owned()
        }
    }
}

/// What an entry of the user's does no more.
pub(super) fn stale(stale: &Stale) -> String {
    match stale {
        Stale::Told(message) => message.clone(),
        Stale::Expired(place) => format!("{place}: this entry has expired"),
        Stale::Unmatched(place) => {
            format!("{place}: this entry matches nothing in this scan")
        }
    }
}

/// The word for what left an input out.
pub(super) fn excluded_by(by: ExcludedBy) -> &'static str {
    match by {
        ExcludedBy::Size => "size",
        ExcludedBy::Glob => "glob",
    }
}

/// What left an input out.
pub(super) fn excluded_message(by: ExcludedBy) -> &'static str {
    match by {
        ExcludedBy::Size => "larger than --max-file-size",
        ExcludedBy::Glob => "matches a glob of `exclude`",
    }
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
