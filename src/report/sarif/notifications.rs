//! What the tool has to say of its own run: inputs that were not scanned, results that were left out.

use serde_json::json;
use serde_sarif::sarif::{Message, Notification, ReportingDescriptor, ReportingDescriptorReference};

use super::location;
use super::room::Room;
use crate::redact::redact;
use crate::report::Hints;
use crate::report::remarks::{Remark, Sort, remarks};
use crate::scan::Scan;

/// The sorts of notifications, in the order of their index.
pub(super) fn descriptors(hints: Hints) -> Vec<ReportingDescriptor> {
    let descriptor = |sort: Sort| {
        // GitHub's checks ask of these what they ask of rules.
        ReportingDescriptor::builder()
            .id(sort.as_str())
            .short_description(super::text(describe(sort)))
            .full_description(super::text(describe(sort)))
            .help(super::text(&help(sort, hints)))
            .build()
    };
    Sort::ALL.map(descriptor).to_vec()
}

/// Everything there is to tell of the run, and of the `scan` if this run tells of it. Where there is more to tell of inputs than fits, the rest is told by its
/// number.
pub(super) fn notifications(scan: Option<&Scan>, left_out: usize, hints: Hints) -> Vec<Notification> {
    let rest = format!("{left_out} results are left out, the least severe: there are more than GitHub takes");
    let rest = (left_out > 0).then(|| Remark::of_run(Sort::LeftOut, rest));
    let mut room = Room::for_notifications();
    let mut notifications = Vec::new();
    let mut untold = 0;
    for remark in rest.into_iter().chain(scan.into_iter().flat_map(|scan| remarks(scan, hints))) {
        let len = |path: &[u8]| 3 * path.len() + remark.text.len();
        if remark.origin.is_none_or(|origin| room.take_notification(len(origin.path()))) {
            notifications.push(notification(&remark));
        } else {
            untold += 1;
        }
    }
    if untold > 0 {
        let text = format!("{untold} more inputs were not scanned");
        notifications.push(notification(&Remark::of_run(Sort::Skipped, text)));
    }
    notifications
}

fn notification(remark: &Remark<'_>) -> Notification {
    // The location is the outermost archive's.
    let member = remark.origin.and_then(|origin| origin.member());
    let member = member.map(|member| format!("{}: ", redact(member.inside()))).unwrap_or_default();
    let sort = remark.sort;
    let descriptor = ReportingDescriptorReference::builder().id(sort.as_str()).index(sort as i64).build();
    let notification = Notification::builder()
        .descriptor(descriptor)
        .level(json!(level(remark)))
        .message(Message::builder().text(format!("{member}{}", remark.text)).build())
        .build();
    let at = remark.origin.map(|origin| vec![location::input(origin)]);
    Notification { locations: at, ..notification }
}

fn level(remark: &Remark<'_>) -> &'static str {
    match remark.sort {
        _ if remark.is_error => "error",
        sort if sort.is_warning() => "warning",
        _ => "note",
    }
}

fn describe(sort: Sort) -> &'static str {
    match sort {
        Sort::Interrupted => "The scan was interrupted.",
        Sort::LeftOut => "There are more results than one file can contain.",
        Sort::Skipped => "An input could not be scanned completely.",
        Sort::Accepted => "An input could not be scanned completely, which the configuration accepts.",
        Sort::Stale => "An entry of the configuration has expired or matches nothing.",
        Sort::Excluded => "An input was excluded, as asked for.",
        Sort::Gap => "A part of a repository is missing or could not be read.",
        Sort::Unreadable => "An input is empty, encrypted, damaged or unsupported.",
        Sort::Unresolved => "The account lookup at AWS failed for some key IDs.",
        Sort::Note => "A remark about how the scan was run.",
    }
}

fn help(sort: Sort, hints: Hints) -> String {
    let text = match sort {
        Sort::Interrupted => "Scan again: the rest may contain more findings.",
        Sort::LeftOut => "Read the JSON report, which lists everything, or scan less at a time.",
        Sort::Skipped => "Make the input readable and scan again: it may contain more findings.",
        Sort::Accepted | Sort::Excluded => "No action is needed if this is intended.",
        Sort::Stale => "Remove or renew the entry.",
        Sort::Gap => "Scan a complete clone, or accept the gap with `[[accept-gap]]` in `.akid.toml`.",
        Sort::Unreadable => {
            return format!("No action is needed{}.", Hints::after("; ", hints.unreadable));
        }
        Sort::Unresolved => {
            return format!("Follow the message{}.", Hints::after(", then ", hints.resolve_again));
        }
        Sort::Note => "No action is needed if this is intended.",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::{Origin, RelativePath};
    use crate::source::{SkipReason, Skipped};

    #[test]
    fn what_does_not_fit_is_told_by_its_number() {
        let skipped = |n| Skipped {
            origin: Origin::File(RelativePath::from_bytes(format!("{n:01000}"))),
            reason: SkipReason::TooMany,
        };
        let scan = Scan { skipped: (0..500).map(skipped).collect(), ..Scan::default() };
        let notifications = notifications(Some(&scan), 0, Hints::default());
        let told = notifications.len() - 1;
        assert!((300..330).contains(&told), "{told}");
        let last = notifications[told].message.text.as_deref();
        assert_eq!(last, Some(format!("{} more inputs were not scanned", 500 - told).as_str()));
    }
}
