//! Points in time as git users type them: a date, a time, or how long ago.
//!
//! Days start at midnight in UTC, so that a scan is the same on every machine.

use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A point in time, as typed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Since {
    /// At that time.
    At(Timestamp),
    /// So long before now.
    Ago(Span),
    /// At midnight UTC, this many days before today.
    Day(i64),
    /// At the start of the last such day before today.
    Last(Weekday),
}

/// The help for an invalid value: examples of valid dates.
const EXAMPLES: &str = "not a date, such as 2026-01-31, \"2026-01-31 12:00\", yesterday, \"last monday\", \
                        \"2 weeks ago\", 90d, 3y or @1700000000";

impl Since {
    /// Parses a date, a time or a duration.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().to_ascii_lowercase();
        let named = || named(&words(&text).iter().map(String::as_str).collect::<Vec<_>>());
        at(&text).map(Self::At).or_else(named).ok_or_else(|| EXAMPLES.to_owned())
    }

    /// The time that it is at `now`; `None` if it is too long ago.
    pub(super) fn before(self, now: Timestamp) -> Option<Timestamp> {
        let now = now.to_zoned(TimeZone::UTC);
        let date = match self {
            Self::At(at) => return Some(at),
            Self::Ago(span) => return now.checked_sub(span).ok().map(|at| at.timestamp()),
            Self::Day(days) => now.date().checked_sub(Span::new().try_days(days).ok()?),
            Self::Last(day) => now.date().nth_weekday(-1, day),
        };
        Some(date.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
    }
}

/// A date or a time with or without an offset, or seconds since 1970.
fn at(text: &str) -> Option<Timestamp> {
    if let Some(seconds) = text.strip_prefix('@') {
        return Timestamp::from_second(seconds.parse().ok()?).ok();
    }
    // git puts a space before the offset.
    let offset = text.rsplit_once(' ').filter(|(_, offset)| offset.starts_with(['+', '-']));
    let text = offset.map_or_else(|| text.to_owned(), |(time, offset)| format!("{time}{offset}"));
    let civil = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    text.parse().ok().or_else(|| civil().map(|time| time.timestamp()))
}

/// The numbers and words of a text: `2.weeks.ago`, `2 weeks ago` and `2weeks` have the same.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for char in text.chars() {
        let kind =
            Some(char.is_ascii_digit()).filter(|_| !char.is_whitespace() && !matches!(char, '.' | ',' | '_'));
        match words.last_mut().filter(|_| kind.is_some() && kind == last) {
            Some(word) => word.push(char),
            None if kind.is_some() => words.push(char.to_string()),
            None => {}
        }
        last = kind;
    }
    words
}

fn named(words: &[&str]) -> Option<Since> {
    match words {
        ["now"] => Some(Since::Ago(Span::new())),
        ["today"] => Some(Since::Day(0)),
        ["yesterday"] => Some(Since::Day(1)),
        [day] | ["last", day] if weekday(day).is_some() => weekday(day).map(Since::Last),
        [length @ .., "ago"] | length => ago(length).map(Since::Ago),
    }
}

/// A duration of at least one number with its unit.
fn ago(words: &[&str]) -> Option<Span> {
    let mut span = Span::new();
    let pairs = words.chunks_exact(2);
    if words.is_empty() || !pairs.remainder().is_empty() {
        return None;
    }
    for pair in pairs {
        let count = number(pair[0])?;
        span = match pair[1] {
            "y" | "yr" | "yrs" | "year" | "years" => span.try_years(add(span.get_years().into(), count)?),
            "mo" | "month" | "months" => span.try_months(add(span.get_months().into(), count)?),
            "w" | "week" | "weeks" => span.try_weeks(add(span.get_weeks().into(), count)?),
            "d" | "day" | "days" => span.try_days(add(span.get_days().into(), count)?),
            "h" | "hr" | "hrs" | "hour" | "hours" => span.try_hours(add(span.get_hours().into(), count)?),
            "min" | "mins" | "minute" | "minutes" => span.try_minutes(add(span.get_minutes(), count)?),
            "s" | "sec" | "secs" | "second" | "seconds" => span.try_seconds(add(span.get_seconds(), count)?),
            // `m` alone could be months or minutes.
            _ => return None,
        }
        .ok()?;
    }
    Some(span)
}

fn add(known: i64, count: i64) -> Option<i64> {
    known.checked_add(count)
}

fn number(word: &str) -> Option<i64> {
    const WORDS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    if matches!(word, "a" | "an" | "last") {
        return Some(1);
    }
    let nth = || WORDS.iter().position(|known| *known == word);
    word.parse().ok().or_else(|| i64::try_from(nth()? + 1).ok())
}

/// A day of the week by its name or the first letters of it.
fn weekday(word: &str) -> Option<Weekday> {
    let days = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    days.into_iter().find(|(name, _)| word.len() >= 3 && name.starts_with(word)).map(|(_, day)| day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `text` is on Saturday, 2026-02-28, at noon.
    fn since(text: &str) -> Option<String> {
        let now = "2026-02-28T12:00:00Z".parse().unwrap();
        Some(Since::parse(text).ok()?.before(now)?.to_string())
    }

    #[test]
    fn dates_and_times_are_in_utc_unless_they_say_otherwise() {
        for (text, at) in [
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-01-31 12:00", "2026-01-31T12:00:00Z"),
            ("2026-01-31 12:00:30", "2026-01-31T12:00:30Z"),
            ("2026-01-31T12:00", "2026-01-31T12:00:00Z"),
            ("2026-01-31T12:00:00+01:00", "2026-01-31T11:00:00Z"),
            ("2026-01-31 12:00:00 +0100", "2026-01-31T11:00:00Z"),
            ("@1700000000", "2023-11-14T22:13:20Z"),
        ] {
            assert_eq!(since(text).as_deref(), Some(at), "{text}");
        }
    }

    #[test]
    fn durations_are_before_now_however_they_are_written() {
        for (text, at) in [
            ("now", "2026-02-28T12:00:00Z"),
            ("90d", "2025-11-30T12:00:00Z"),
            ("3y", "2023-02-28T12:00:00Z"),
            ("2 weeks ago", "2026-02-14T12:00:00Z"),
            ("2.weeks", "2026-02-14T12:00:00Z"),
            ("2.Weeks.Ago", "2026-02-14T12:00:00Z"),
            ("two weeks", "2026-02-14T12:00:00Z"),
            ("a month ago", "2026-01-28T12:00:00Z"),
            ("last year", "2025-02-28T12:00:00Z"),
            ("1 year 2 months ago", "2024-12-28T12:00:00Z"),
            ("1 day 1 day", "2026-02-26T12:00:00Z"),
            ("36h", "2026-02-27T00:00:00Z"),
            ("30min", "2026-02-28T11:30:00Z"),
        ] {
            assert_eq!(since(text).as_deref(), Some(at), "{text}");
        }
    }

    #[test]
    fn days_by_name_start_at_midnight() {
        for (text, at) in [
            ("today", "2026-02-28T00:00:00Z"),
            ("yesterday", "2026-02-27T00:00:00Z"),
            ("last monday", "2026-02-23T00:00:00Z"),
            ("fri", "2026-02-27T00:00:00Z"),
            // Not today.
            ("saturday", "2026-02-21T00:00:00Z"),
        ] {
            assert_eq!(since(text).as_deref(), Some(at), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_told_dates() {
        for text in
            ["", "d", "soon", "3m", "weeks", "2 weeks 3", "2026-13-01", "ago", "@x", "last", "mo", "3x"]
        {
            let error = Since::parse(text).unwrap_err();
            assert!(error.contains("2026-01-31") && !error.contains("****"), "{text}: {error}");
        }
        // Before the calendar starts.
        for text in ["19000y", "999999999999 weeks", "18446744073709551615 s", "9223372036854775807 d 1 d"] {
            assert_eq!(since(text), None, "{text}");
        }
    }

    #[test]
    fn every_example_of_the_message_is_a_date() {
        let examples = EXAMPLES.trim_start_matches("not a date, such as ").replace(" or ", ", ");
        let examples: Vec<_> = examples.split(", ").map(|example| example.trim_matches('"')).collect();
        assert!(examples.len() == 8 && examples.iter().all(|text| since(text).is_some()), "{examples:?}");
    }
}
