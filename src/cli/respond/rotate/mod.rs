//! `akid rotate`: the wiring.

mod run;

use std::time::Duration;

use akid::aws::AccessKeyId;
use akid::resolve::respond::rotate::Rotation;
use akid::stop::Stop;
use anyhow::bail;
use clap::Args;
use jiff::SignedDuration;

use super::confirm::unless_stopped;
use super::journal::{self, Journal};
use super::target::{Target, TargetArgs, parse_id};
use crate::cli::run::stop_on_interrupt;
use crate::cli::{Exit, environment, output};
use run::{Run, Wait};

/// What `akid rotate` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct RotateArgs {
    /// ID of the key to replace
    #[arg(value_name = "KEY_ID", value_parser = parse_id, required_unless_present = "list")]
    id: Option<AccessKeyId>,
    /// Write the new key to this profile of the AWS credentials file
    #[arg(long, value_name = "NAME", conflicts_with = "to_command")]
    to_profile: Option<String>,
    /// Hand the new key to this command, as JSON on its standard input; its output is discarded
    #[arg(long, value_name = "COMMAND")]
    to_command: Option<String>,
    /// Do each step without asking; never shortens a wait
    #[arg(long)]
    yes: bool,
    /// Deactivate the old key once it was not used for this long, such as 24h or 2d
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = parse_duration)]
    quiet_for: SignedDuration,
    /// Delete the old key once it was inactive for this long
    #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = parse_duration)]
    keep_inactive: SignedDuration,
    /// Go on although nothing shows that the new key is used
    #[arg(long)]
    force: bool,
    /// Stay, and go on as soon as each wait is over
    #[arg(long)]
    watch: bool,
    /// List the rotations that have begun, from the journal
    #[arg(long, conflicts_with_all = ["id", "watch", "abandon"])]
    list: bool,
    /// Forget a rotation that has begun; no key is changed
    #[arg(long, conflicts_with = "watch")]
    abandon: bool,
    /// Say that the command has the new key, where akid was killed before it knew
    #[arg(long)]
    handed_over: bool,
    #[command(flatten)]
    target: TargetArgs,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    the step is done, or there is something to wait for; call it again to go on
  2    the rotation cannot go on, or bad usage
  130  interrupted; run it again to go on";

/// How long `--watch` waits before it asks IAM again: at least, and at most.
const LEAST: SignedDuration = SignedDuration::from_secs(1);
const WATCH: SignedDuration = SignedDuration::from_mins(10);

/// Replaces a key, as far as it can be done now.
pub(in crate::cli) fn run(args: &RotateArgs) -> anyhow::Result<Exit> {
    if args.list {
        return list();
    }
    let Some(id) = args.id else { bail!("no key ID was given") };
    let stop = stop_on_interrupt()?;
    if args.abandon {
        Journal::open("rotate", id)?.remove()?;
        output::print(format!("the rotation of {id} is forgotten; its keys are as they were\n").as_bytes())?;
        return Ok(Exit::Clean);
    }
    unless_stopped(watch(args, id, &stop), &stop)
}

/// Looks at a rotation again and again, if that is wanted, until it is finished or stopped.
fn watch(args: &RotateArgs, id: AccessKeyId, stop: &Stop) -> anyhow::Result<Exit> {
    while let Some(Wait { until, why }) = look(args, id, stop)? {
        let until_when = until.map_or(String::new(), |until| format!(" until {until:.0}"));
        output::print(format!("waiting{until_when}: {why}\n").as_bytes())?;
        if !args.watch {
            return Ok(Exit::Clean);
        }
        let now = environment::now()?;
        let pause = until.map_or(WATCH, |until| until.duration_since(now).clamp(LEAST, WATCH));
        if !stop.sleep(Duration::try_from(pause).unwrap_or_default()) {
            break;
        }
    }
    Ok(if stop.is_stopped() { Exit::Interrupted } else { Exit::Clean })
}

/// Does what can be done now, and returns what the rest waits for. From then on nothing keeps `akid contain` from the
/// key: a leak may become known while somebody watches.
fn look(args: &RotateArgs, id: AccessKeyId, stop: &Stop) -> anyhow::Result<Option<Wait>> {
    let mut journal = Journal::open("rotate", id)?;
    let target = Target::open(id, &args.target, environment::now()?, stop)?;
    Run::new(args, id, target, &mut journal, stop)?.go_on()
}

fn list() -> anyhow::Result<Exit> {
    let rotations: Vec<Rotation> = journal::all("rotate")?;
    if rotations.is_empty() {
        output::warn("no rotation has begun");
    }
    let mut page = String::new();
    for rotation in rotations {
        let new = rotation.new_id.as_deref().unwrap_or("no new key yet");
        page.push_str(&format!(
            "{} -> {new}  {}, account {}, user {}, {}\n",
            rotation.key_id,
            stage(&rotation),
            rotation.account,
            akid::redact::redact(rotation.user.as_bytes()),
            rotation.destination
        ));
    }
    output::print(page.as_bytes())?;
    Ok(Exit::Clean)
}

fn stage(rotation: &Rotation) -> String {
    match (rotation.is_finished, rotation.deactivated_at, rotation.handed_at) {
        (true, ..) => "finished".to_owned(),
        (_, Some(at), _) => format!("deactivated {at:.0}"),
        (_, _, Some(at)) => format!("handed over {at:.0}"),
        _ => "begun".to_owned(),
    }
}

/// Reads a number of hours or days.
fn parse_duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "not a duration, such as 24h or 7d".to_owned();
    let (number, hours) = match text.strip_suffix('d') {
        Some(days) => (days, 24),
        None => (text.strip_suffix('h').ok_or_else(wrong)?, 1),
    };
    let number: i64 = number.parse().map_err(|_none| wrong())?;
    (0..=100_000).contains(&number).then(|| SignedDuration::from_hours(number * hours)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_hours_or_days() {
        assert_eq!(parse_duration("24h"), Ok(SignedDuration::from_hours(24)));
        assert_eq!(parse_duration("7d"), Ok(SignedDuration::from_hours(168)));
        assert!(
            ["", "7", "d", "-1h", "7w", "99999999999999d"].iter().all(|text| parse_duration(text).is_err())
        );
    }
}
