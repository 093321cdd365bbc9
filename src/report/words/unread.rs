//! What was not read, not listed or not done, in words.

use crate::redact::{self, redact};
use crate::report::Hints;
use crate::report::numbers::{bytes, grouped};
use crate::scan::{LeftOut, MAX_INPUTS, Scan, Stale};
use crate::source::{
    ArchiveFault, Damage, ExcludedBy, Fault, Gap, IgnoreFault, Notice, Part, SkipReason, Stage,
};

/// What is counted and not listed, each in a sentence, and whether the scan is incomplete because of it.
pub(in crate::report) fn left_out(scan: &Scan) -> impl Iterator<Item = (bool, String)> {
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

/// The word for why an input was not scanned whole.
pub(in crate::report) fn skip_reason(reason: &SkipReason) -> &str {
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
pub(in crate::report) fn skip_message(reason: &SkipReason) -> String {
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
pub(in crate::report) fn gap(gap: &Gap) -> String {
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
pub(in crate::report) fn notice(notice: &Notice) -> String {
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
pub(in crate::report) fn stale(stale: &Stale) -> String {
    match stale {
        Stale::Told(message) => message.clone(),
        Stale::Expired(place) => format!("{place}: this entry has expired"),
        Stale::Unmatched(place) => {
            format!("{place}: this entry matches nothing in this scan")
        }
    }
}

/// The word for what left an input out.
pub(in crate::report) fn excluded_by(by: ExcludedBy) -> &'static str {
    match by {
        ExcludedBy::Size => "size",
        ExcludedBy::Glob => "glob",
    }
}

/// What left an input out.
pub(in crate::report) fn excluded_message(by: ExcludedBy, hints: Hints) -> String {
    match by {
        ExcludedBy::Size if hints.size_limit.is_empty() => "larger than the limit".to_owned(),
        ExcludedBy::Size => format!("larger than {}", hints.size_limit),
        ExcludedBy::Glob => "matches a glob of `exclude`".to_owned(),
    }
}
