//! Which commits to look at, as typed.

use clap::Args;

/// Which commits to look at.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Commits")]
pub(super) struct CommitArgs {
    /// Scan only what these commits change, in the syntax of `git rev-list`: A..B, A...B, A, ^A; repeatable
    #[arg(long, value_name = "REVISIONS", allow_hyphen_values = true)]
    pub(super) range: Vec<String>,
    /// Scan only what commits since this committer date change: 2026-01-31, 2026-01-31T12:00:00Z, or 90d
    #[arg(long, value_name = "DATE", value_parser = parse_since)]
    pub(super) since: Option<Since>,
    /// Scan only commits reachable from these refs: a name, or a glob such as refs/heads/release/*; repeatable
    #[arg(long = "ref", value_name = "GLOB")]
    pub(super) refs: Vec<String>,
}

/// A point in time, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// At that time.
    At(jiff::Timestamp),
    /// So many days before now.
    Days(u32),
}

fn parse_since(text: &str) -> Result<Since, String> {
    if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse().ok()) {
        return Ok(Since::Days(days));
    }
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    let at = text.parse().ok().or_else(|| day().map(|day| day.timestamp()));
    at.map(Since::At).ok_or_else(|| "not a date, such as 2026-01-31, 2026-01-31T12:00:00Z or 90d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_times_or_so_many_days_ago() {
        let at = |text: &str| Ok(Since::At(text.parse().unwrap()));
        assert_eq!(parse_since("2026-01-31"), at("2026-01-31T00:00:00Z"));
        assert_eq!(parse_since("2026-01-31T12:00:00+01:00"), at("2026-01-31T11:00:00Z"));
        assert_eq!(parse_since("90d"), Ok(Since::Days(90)));
        assert!(parse_since("yesterday").is_err() && parse_since("d").is_err());
    }
}
