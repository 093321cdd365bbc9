//! What a report has to say of the run itself: what was not scanned, and what is not known.

use super::{Hints, words};
use crate::origin::Origin;
use crate::redact::redact;
use crate::scan::Scan;
use crate::source::Skipped;

/// Something to say of the run.
#[derive(Debug)]
pub(super) struct Remark<'a> {
    pub(super) sort: Sort,
    /// Whether the run is incomplete because of it.
    pub(super) is_error: bool,
    /// The input that it is about, if it is about one.
    pub(super) origin: Option<&'a Origin>,
    /// One word for the reason, for those who count.
    pub(super) reason: &'a str,
    /// What there is to say.
    pub(super) text: String,
}

/// What a remark is about; what is worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Interrupted,
    Skipped,
    Unresolved,
    /// There is more than the scan or the report lists.
    LeftOut,
    Gap,
    /// Nothing else could read it either.
    Unreadable,
    Stale,
    Note,
    Accepted,
    Excluded,
}

impl Sort {
    /// All sorts, the worst first.
    pub(super) const ALL: [Self; 10] = [
        Self::Interrupted,
        Self::Skipped,
        Self::Unresolved,
        Self::LeftOut,
        Self::Gap,
        Self::Unreadable,
        Self::Stale,
        Self::Note,
        Self::Accepted,
        Self::Excluded,
    ];

    /// The word for it in reports.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::Skipped => "skipped",
            Self::Unresolved => "unresolved",
            Self::LeftOut => "results-left-out",
            Self::Gap => "gap",
            Self::Unreadable => "unreadable",
            Self::Stale => "stale",
            Self::Note => "note",
            Self::Accepted => "accepted",
            Self::Excluded => "excluded",
        }
    }

    /// Whether the run is incomplete whatever the remark says.
    fn is_error(self) -> bool {
        matches!(self, Self::Interrupted | Self::Skipped | Self::Unresolved | Self::Gap)
    }

    /// Whether somebody should do something about it all the same.
    pub(super) fn is_warning(self) -> bool {
        matches!(self, Self::LeftOut | Self::Unreadable | Self::Stale | Self::Note)
    }

    /// Whether it is what the user asked for.
    pub(super) fn is_as_asked(self) -> bool {
        matches!(self, Self::Accepted | Self::Excluded)
    }
}

impl<'a> Remark<'a> {
    /// A remark about an input that was not read whole, with what becomes of it.
    fn of_skipped(sort: Sort, skipped: &'a Skipped, verdict: &str) -> Self {
        Self {
            sort,
            is_error: sort.is_error(),
            origin: Some(&skipped.origin),
            reason: words::skip_reason(&skipped.reason),
            text: format!("{verdict}: {}", words::skip_message(&skipped.reason)),
        }
    }

    /// A remark that is about no input.
    pub(super) fn of_run(sort: Sort, text: String) -> Self {
        Self { sort, is_error: sort.is_error(), origin: None, reason: "", text }
    }

    /// The path of the input that it is about, as it may be shown.
    pub(super) fn path(&self) -> Option<String> {
        self.origin.map(|origin| redact(origin.path()))
    }

    /// The input and what there is to say of it, in one text.
    pub(super) fn told(&self) -> String {
        match self.path() {
            Some(path) => format!("{path}: {}", self.text),
            None => self.text.clone(),
        }
    }
}

/// The worst that makes the run incomplete, in words for people; `None` if it is complete.
pub fn first_error(scan: &Scan) -> Option<String> {
    remarks(scan, Hints::default()).find(|remark| remark.is_error).map(|remark| remark.told())
}

/// Everything there is to say of a run, the worst first.
pub(super) fn remarks(scan: &Scan, hints: Hints) -> impl Iterator<Item = Remark<'_>> {
    let interrupted = || "the scan was stopped before its end; this is what was found so far".to_owned();
    let interrupted = scan.interrupted.then(interrupted);
    let unread = "not scanned, or only in part";
    let skipped = scan.skipped.iter().map(|skipped| Remark::of_skipped(Sort::Skipped, skipped, unread));
    let unreadable =
        scan.unreadable.iter().map(|skipped| Remark::of_skipped(Sort::Unreadable, skipped, unread));
    let accepted = scan.accepted.iter().map(|(skipped, reason)| {
        Remark::of_skipped(Sort::Accepted, skipped, &format!("accepted ({reason})"))
    });
    let excluded = scan.excluded.iter().map(move |excluded| Remark {
        sort: Sort::Excluded,
        is_error: false,
        origin: Some(&excluded.origin),
        reason: words::excluded_by(excluded.by),
        text: format!("excluded: {}", words::excluded_message(excluded.by, hints)),
    });
    let resolution = &scan.resolution;
    let failures = resolution.failures.iter().map(|text| format!("not resolved: {text}"));
    let of_run = |sort| move |text| Remark::of_run(sort, text);
    let left_out = words::left_out(scan)
        .map(|(is_error, text)| Remark { is_error, ..Remark::of_run(Sort::LeftOut, text) });
    let gaps = scan.gaps.iter().map(|gap| {
        let remark = Remark::of_run(Sort::Gap, words::gap(gap));
        Remark { reason: gap.kind().as_str(), ..remark }
    });
    let accepted_gaps = scan.accepted_gaps.iter().map(|(gap, reason)| {
        let remark = Remark::of_run(Sort::Accepted, format!("accepted ({reason}): {}", words::gap(gap)));
        Remark { reason: gap.kind().as_str(), ..remark }
    });
    { interrupted }
        .into_iter()
        .map(of_run(Sort::Interrupted))
        .chain(left_out)
        .chain(skipped)
        .chain(failures.map(of_run(Sort::Unresolved)))
        .chain(gaps)
        .chain(unreadable)
        .chain(scan.stale.iter().map(words::stale).map(of_run(Sort::Stale)))
        .chain(resolution.notes.iter().cloned().map(of_run(Sort::Note)))
        .chain(scan.notices.iter().map(words::notice).map(of_run(Sort::Note)))
        .chain(accepted)
        .chain(accepted_gaps)
        .chain(excluded)
}
