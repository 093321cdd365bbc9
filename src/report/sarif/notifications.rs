//! What the tool has to say of its own run: inputs that were not scanned, results that were left out.

use serde_json::json;
use serde_sarif::sarif::{
    Location, Message, Notification, ReportingDescriptor, ReportingDescriptorReference,
};

use super::location;
use super::room::Room;
use crate::redact::redact;
use crate::report::words;
use crate::scan::Scan;

/// A sort of notification.
#[derive(Clone, Copy)]
enum Sort {
    Interrupted,
    LeftOut,
    Skipped,
    Accepted,
    Excluded,
    Gap,
    Stale,
    Unresolved,
    Note,
}

/// The sorts of notifications, in the order of their index.
pub(super) fn descriptors() -> Vec<ReportingDescriptor> {
    let descriptor = |sort: Sort| {
        // GitHub's checks ask of these what they ask of rules.
        ReportingDescriptor::builder()
            .id(sort.id())
            .short_description(super::text(sort.describe()))
            .full_description(super::text(sort.describe()))
            .help(super::text(sort.help()))
            .build()
    };
    Sort::ALL.map(descriptor).to_vec()
}

/// Everything there is to tell of the run. Where there is more to tell than fits, the rest is told by its number.
pub(super) fn notifications(scan: &Scan, left_out: usize) -> Vec<Notification> {
    let mut notifications = Vec::new();
    if scan.interrupted {
        notifications.push(Sort::Interrupted.notification("the scan was stopped before its end", None));
    }
    if left_out > 0 {
        let text =
            format!("{left_out} results are left out, the least severe: there are more than GitHub takes");
        notifications.push(Sort::LeftOut.notification(&text, None));
    }
    let gaps = scan.gaps.iter().map(|gap| Sort::Gap.notification(&words::gap(gap), None));
    notifications.extend(gaps);
    let stale = scan.stale.iter().map(|stale| Sort::Stale.notification(&words::stale(stale), None));
    notifications.extend(stale);
    let resolution = &scan.resolution;
    let failures = resolution.failures.iter().map(|text| Sort::Unresolved.notification(text, None));
    notifications.extend(failures);
    notifications.extend(resolution.notes.iter().map(|text| Sort::Note.notification(text, None)));
    let skipped = scan.skipped.iter().map(|skipped| {
        // The location is the outermost archive's.
        let member = skipped.origin.member().map(|member| format!("{}: ", redact(&member.inside())));
        let reason = words::skip_message(&skipped.reason);
        let text = format!("not scanned, or not whole: {}{reason}", member.unwrap_or_default());
        (Sort::Skipped, &skipped.origin, text)
    });
    let excluded = scan.excluded.iter().map(|excluded| {
        let text = format!("left out as asked: {}", words::excluded_message(excluded.by));
        (Sort::Excluded, &excluded.origin, text)
    });
    let accepted = scan.accepted.iter().map(|(skipped, reason)| {
        let text = format!("accepted ({reason}): {}", words::skip_message(&skipped.reason));
        (Sort::Accepted, &skipped.origin, text)
    });
    let mut room = Room::for_notifications();
    let mut told = 0;
    for (sort, origin, text) in skipped.chain(accepted).chain(excluded) {
        if !room.take_notification(3 * origin.path().len() + text.len()) {
            break;
        }
        notifications.push(sort.notification(&text, Some(location::input(origin))));
        told += 1;
    }
    let untold = scan.skipped.len() + scan.accepted.len() + scan.excluded.len() - told;
    if untold > 0 {
        let text = format!("{untold} more inputs were not scanned");
        notifications.push(Sort::Skipped.notification(&text, None));
    }
    notifications
}

impl Sort {
    const ALL: [Self; 9] = [
        Self::Interrupted,
        Self::LeftOut,
        Self::Skipped,
        Self::Accepted,
        Self::Excluded,
        Self::Gap,
        Self::Stale,
        Self::Unresolved,
        Self::Note,
    ];

    fn id(self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::LeftOut => "results-left-out",
            Self::Skipped => "skipped",
            Self::Accepted => "accepted",
            Self::Stale => "stale",
            Self::Excluded => "excluded",
            Self::Gap => "gap",
            Self::Unresolved => "unresolved",
            Self::Note => "note",
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Interrupted => "The scan was stopped before its end.",
            Self::LeftOut => "There are more results than one file may hold.",
            Self::Skipped => "An input could not be scanned, or not whole.",
            Self::Accepted => "An input could not be scanned whole, which the user accepts.",
            Self::Stale => "An entry of the configuration does nothing any more.",
            Self::Excluded => "An input was left out because the user said so.",
            Self::Gap => "Something of a repository is not there, or could not be found out.",
            Self::Unresolved => {
                "AWS was to be asked whose the keys are, and that did not work, or not for all."
            }
            Self::Note => "Something that the caller of AWS should know.",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Interrupted => "Scan again: what was not reached may hold more.",
            Self::LeftOut => "Look at the JSON report, which has everything, or scan less at a time.",
            Self::Skipped => "Make the input readable and scan again: it may hold more.",
            Self::Accepted | Self::Excluded => "Nothing, if that was meant.",
            Self::Stale => "Take the entry out, or renew it.",
            Self::Gap => "Scan a complete clone, if what is missing matters.",
            Self::Unresolved => "Do what the message says, then `akid resolve --from` this file.",
            Self::Note => "Read it.",
        }
    }

    fn level(self) -> &'static str {
        match self {
            Self::Interrupted | Self::Skipped | Self::Unresolved => "error",
            Self::LeftOut | Self::Stale | Self::Note => "warning",
            Self::Accepted | Self::Excluded | Self::Gap => "note",
        }
    }

    fn notification(self, text: &str, at: Option<Location>) -> Notification {
        let descriptor = ReportingDescriptorReference::builder().id(self.id()).index(self as i64).build();
        let notification = Notification::builder()
            .descriptor(descriptor)
            .level(json!(self.level()))
            .message(Message::builder().text(text).build())
            .build();
        Notification { locations: at.map(|at| vec![at]), ..notification }
    }
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
        let notifications = notifications(&scan, 0);
        let told = notifications.len() - 1;
        assert!((300..330).contains(&told), "{told}");
        let last = notifications[told].message.text.as_deref();
        assert_eq!(last, Some(format!("{} more inputs were not scanned", 500 - told).as_str()));
    }
}
