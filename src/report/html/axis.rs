//! The time axis: where a date is between the first and the last one, and what is written below.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// So many dates are written below the axis, at most.
const MAX_TICKS: usize = 7;
/// So many bars are drawn, at most.
const MAX_BARS: usize = 60;
/// In which AWS began: an earlier date of a commit is wrong, and would leave no room for the right ones.
const AWS_BEGAN: i16 = 2006;

/// From the first of a month to the first of another.
pub(super) struct Axis {
    start: Date,
    end: Date,
}

impl Axis {
    /// The axis for dates up to now; `None` without a date.
    pub(super) fn of(dates: impl IntoIterator<Item = Timestamp>, now: Timestamp) -> Option<Self> {
        let earliest = dates.into_iter().min()?.min(now);
        let start = month_of(earliest).max(Date::new(AWS_BEGAN, 1, 1).ok()?);
        let end = month_of(now).max(start).checked_add(1.month()).ok()?;
        Some(Self { start, end })
    }

    /// The day of `at`, moved into the axis if the date is wrong.
    pub(super) fn day(&self, at: Timestamp) -> Date {
        let last = self.end.yesterday().unwrap_or(self.end);
        at.to_zoned(TimeZone::UTC).date().clamp(self.start, last)
    }

    /// Where a day is, in per cent.
    pub(super) fn at(&self, day: Date) -> f64 {
        let days = |from: Date, to: Date| f64::from((to - from).get_days());
        100.0 * days(self.start, day) / days(self.start, self.end)
    }

    /// The dates to write below, and where.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let months = [1, 2, 3, 6, 12, 24, 60];
        let step =
            months.into_iter().find(|&step| self.months_between(step).len() <= MAX_TICKS).unwrap_or(60);
        let format = if step < 12 { "%b %Y" } else { "%Y" };
        { self.months_between(step) }
            .into_iter()
            .map(|day| (self.at(day), day.strftime(format).to_string()))
            .collect()
    }

    /// The starts of the periods by which exposures are counted, the end of the last, and the word for a period.
    pub(super) fn periods(&self) -> (Vec<Date>, &'static str) {
        let is_few = |&(months, _): &(i32, _)| self.months_between(months).len() <= MAX_BARS;
        let (months, word) = [(1, "month"), (3, "quarter")].into_iter().find(is_few).unwrap_or((12, "year"));
        let mut starts = self.months_between(months);
        if starts.first() != Some(&self.start) {
            starts.insert(0, self.start);
        }
        if starts.last() != Some(&self.end) {
            starts.push(self.end);
        }
        (starts, word)
    }

    /// The firsts of each month whose number from year 0 on is a multiple of `step`.
    fn months_between(&self, step: i32) -> Vec<Date> {
        let number = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month()) - 1;
        let numbers = number(self.start)..=number(self.end);
        let firsts = numbers.filter(|number| number % step == 0).filter_map(|number| {
            let month = i8::try_from(number % 12 + 1).ok()?;
            Date::new(i16::try_from(number / 12).ok()?, month, 1).ok()
        });
        firsts.collect()
    }
}

fn month_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date().first_of_month()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        format!("{text}T12:00:00Z").parse().unwrap()
    }

    fn axis(first: &str, now: &str) -> Axis {
        Axis::of([time(now), time(first)], time(now)).unwrap()
    }

    #[test]
    fn an_axis_begins_and_ends_with_a_month() {
        let axis = axis("2026-01-31", "2026-02-10");
        assert_eq!((axis.at(axis.start), axis.at(axis.end)), (0.0, 100.0));
        let ticks: Vec<_> = axis.ticks().into_iter().map(|(_, text)| text).collect();
        assert_eq!(ticks, ["Jan 2026", "Feb 2026", "Mar 2026"]);
    }

    #[test]
    fn a_wrong_date_neither_leaves_the_axis_nor_stretches_it() {
        let axis = axis("1970-01-01", "2026-06-15");
        let (first, last) = (axis.day(time("1970-01-01")), axis.day(time("2099-01-01")));
        assert_eq!((first.to_string(), last.to_string()), ("2006-01-01".to_owned(), "2026-06-30".to_owned()));
    }

    #[test]
    fn any_span_has_a_few_ticks_and_bars_that_cover_it() {
        for first in ["2026-06-01", "2025-11-03", "2024-01-01", "2019-05-05", "2006-01-01"] {
            let axis = axis(first, "2026-06-15");
            assert!((2..=MAX_TICKS).contains(&axis.ticks().len()), "{first}");
            let (periods, _) = axis.periods();
            assert!(periods.len() <= MAX_BARS + 2, "{first}");
            assert_eq!((periods.first(), periods.last()), (Some(&axis.start), Some(&axis.end)));
            assert!(periods.is_sorted());
        }
    }
}
