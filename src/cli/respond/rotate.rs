//! `akid rotate`: the wiring.

use std::time::Duration;

use akid::aws::AccessKeyId;
use akid::report::status::write_text;
use akid::resolve::respond::rotate::{self, Destination, Next, Patience, Rotation};
use akid::stop::Stop;
use anyhow::{anyhow, bail};
use clap::Args;
use jiff::SignedDuration;

use super::confirm::typed;
use super::destination::{Command, Profile};
use super::journal::{self, Journal};
use super::target::{Target, TargetArgs, parse_id};
use crate::cli::scan::stop_on_interrupt;
use crate::cli::{Exit, output, settings};

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

/// How long `--watch` waits before it asks IAM again, at most.
const WATCH: SignedDuration = SignedDuration::from_mins(10);

/// Replaces a key, as far as it can be done now.
pub(in crate::cli) fn run(args: &RotateArgs) -> anyhow::Result<Exit> {
    if args.list {
        return list();
    }
    let Some(id) = args.id else { bail!("no key ID was given") };
    let stop = stop_on_interrupt()?;
    let mut journal = Journal::open("rotate", id)?;
    if args.abandon {
        journal.remove()?;
        output::print(format!("the rotation of {id} is forgotten; its keys are as they were\n").as_bytes())?;
        return Ok(Exit::Clean);
    }
    loop {
        let target = Target::open(id, &args.target, settings::now()?, &stop)?;
        let mut run = Run::new(args, id, target, &mut journal, &stop)?;
        let Some(pause) = run.go_on()? else { return Ok(run.exit()) };
        if !args.watch {
            return Ok(Exit::Clean);
        }
        if !stop.sleep(Duration::try_from(pause.min(WATCH)).unwrap_or_default()) {
            return Ok(Exit::Interrupted);
        }
    }
}

fn list() -> anyhow::Result<Exit> {
    let rotations: Vec<Rotation> = journal::all("rotate")?;
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

/// One look at a rotation, and the steps that can be done now.
struct Run<'a> {
    args: &'a RotateArgs,
    id: AccessKeyId,
    target: Target,
    journal: &'a mut Journal,
    record: Rotation,
    destination: Option<Box<dyn Destination>>,
    is_declined: bool,
    stop: &'a Stop,
}

impl<'a> Run<'a> {
    fn new(
        args: &'a RotateArgs,
        id: AccessKeyId,
        target: Target,
        journal: &'a mut Journal,
        stop: &'a Stop,
    ) -> anyhow::Result<Self> {
        let record = match journal.read::<Rotation>()? {
            Some(record) if record.account != target.account_id() => {
                bail!("the journal is of account {}, not of {}", record.account, target.account_id())
            }
            Some(record) => record,
            None => Rotation {
                key_id: id.to_string(),
                account: target.account_id(),
                user: rotate::check(&target.facts).map_err(|why| anyhow!("{id} cannot be rotated: {why}"))?,
                ..Rotation::default()
            },
        };
        let destination: Option<Box<dyn Destination>> = match (&args.to_profile, &args.to_command) {
            (Some(name), _) => Some(Box::new(Profile::new(name, id)?)),
            (None, Some(line)) => Some(Box::new(Command(line.clone()))),
            (None, None) => None,
        };
        Ok(Self { args, id, target, journal, record, destination, is_declined: false, stop })
    }

    /// Does what can be done now. How long to wait for the rest, if there is any.
    fn go_on(&mut self) -> anyhow::Result<Option<SignedDuration>> {
        let patience = Patience {
            quiet_for: self.args.quiet_for,
            keep_inactive: self.args.keep_inactive,
            is_forced: self.args.force,
        };
        while !self.stop.is_stopped() && !self.is_declined {
            let now = settings::now()?;
            let destination = self.destination.as_deref();
            let (account, id) = (&self.target.account, self.id);
            let next = rotate::next(account, id, &mut self.record, destination, patience, self.journal, now);
            match next.map_err(|why| anyhow!("{id}: {why}"))? {
                Next::Create => self.create()?,
                Next::Arrived => {
                    rotate::arrived(&mut self.record, self.journal, now).map_err(|why| anyhow!(why))?
                }
                Next::Discard(new) => self.discard(new)?,
                Next::Unexplained(new) => self.explain(new)?,
                Next::Deactivate => self.deactivate()?,
                Next::Delete => self.delete()?,
                Next::Wait { until, why } => return self.wait(until, &why).map(Some),
                Next::Finished => {
                    self.tell(&format!("{id} is gone: the rotation is finished"))?;
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    fn exit(&self) -> Exit {
        if self.stop.is_stopped() { Exit::Interrupted } else { Exit::Clean }
    }

    fn tell(&self, what: &str) -> anyhow::Result<()> {
        Ok(output::print(format!("{what}\n").as_bytes())?)
    }

    fn wait(&self, until: Option<jiff::Timestamp>, why: &str) -> anyhow::Result<SignedDuration> {
        let Some(until) = until else {
            self.tell(&format!("waiting: {why}"))?;
            return Ok(WATCH);
        };
        self.tell(&format!("waiting until {until:.0}: {why}"))?;
        Ok(until.duration_since(settings::now()?).max(SignedDuration::from_secs(1)))
    }

    /// Whether the user wants a step, which is noted if not.
    fn confirmed(&mut self, what: &str) -> anyhow::Result<bool> {
        let is_wanted = typed(what, "yes", self.args.yes, self.stop)?;
        self.is_declined = !is_wanted;
        if self.is_declined {
            output::warn("nothing was done");
        }
        Ok(is_wanted)
    }

    fn create(&mut self) -> anyhow::Result<()> {
        let Some(destination) = self.destination.as_deref() else {
            bail!(
                "where the new key goes is not named\nhelp: --to-profile NAME, or --to-command COMMAND; akid never prints it"
            );
        };
        destination.check().map_err(|why| anyhow!("{why}"))?;
        let mut page = Vec::new();
        write_text(&self.target.facts, &mut page)?;
        output::print(&page)?;
        let name = destination.name();
        let user = akid::redact::redact(self.record.user.as_bytes());
        if !self.confirmed(&format!("create a second key of user {user} and hand it to {name}"))? {
            return Ok(());
        }
        let Some(destination) = self.destination.as_deref() else { return Ok(()) };
        let now = settings::now()?;
        let new = rotate::create(&self.target.account, &mut self.record, destination, self.journal, now)
            .map_err(|why| anyhow!("{why}"))?;
        self.tell(&format!("created {new}, and handed it to {name}"))?;
        let text = format!("replaces {} by akid", self.id);
        if let Err(error) = self.target.account.iam.tag_user(&self.record.user, new.as_str(), &text) {
            output::warn(&format!("note: the new key has no description: {error}"));
        }
        Ok(())
    }

    fn discard(&mut self, new: AccessKeyId) -> anyhow::Result<()> {
        if self.confirmed(&format!("delete {new}, which akid created and did not hand over"))? {
            rotate::discard(self.target.account.iam.as_ref(), &mut self.record, new, self.journal)
                .map_err(|why| anyhow!("{new}: {why}"))?;
            self.tell(&format!("deleted {new}"))?;
        }
        Ok(())
    }

    /// A key that nobody can explain is deleted only by a person who types its ID.
    fn explain(&mut self, new: AccessKeyId) -> anyhow::Result<()> {
        if self.args.handed_over && self.record.new_id.as_deref() == Some(new.as_str()) {
            return rotate::arrived(&mut self.record, self.journal, settings::now()?)
                .map_err(|why| anyhow!(why));
        }
        let what =
            format!("{new} was created meanwhile, and akid does not know who has its secret; delete it");
        // Never by --yes, and where nobody can be asked, nobody has said so.
        if !typed(&what, new.as_str(), false, self.stop).unwrap_or(false) {
            bail!(
                "{new} is unexplained: nothing was done\nhelp: if it is yours, `akid rotate --abandon {}`; if the command \
                 has it, --handed-over",
                self.id
            );
        }
        rotate::discard(self.target.account.iam.as_ref(), &mut self.record, new, self.journal)
            .map_err(|why| anyhow!("{new}: {why}"))?;
        self.tell(&format!("deleted {new}"))
    }

    fn deactivate(&mut self) -> anyhow::Result<()> {
        self.refuse_own()?;
        if self.confirmed(&format!("deactivate {}", self.id))? {
            let now = settings::now()?;
            rotate::deactivate(&self.target.account, self.id, &mut self.record, self.journal, now)
                .map_err(|why| anyhow!("{}: {why}", self.id))?;
            self.tell(&format!("deactivated {}", self.id))?;
        }
        Ok(())
    }

    fn delete(&mut self) -> anyhow::Result<()> {
        self.refuse_own()?;
        if self.confirmed(&format!("delete {} for good", self.id))? {
            rotate::delete(&self.target.account, self.id, &mut self.record, self.journal)
                .map_err(|why| anyhow!("{}: {why}", self.id))?;
            self.tell(&format!("deleted {}", self.id))?;
        }
        Ok(())
    }

    fn refuse_own(&self) -> anyhow::Result<()> {
        if self.target.is_callers {
            bail!(
                "akid signs with {} itself, so it cannot be ended with it\nhelp: sign with the new key, or with others: \
                 --profile NAME",
                self.id
            );
        }
        Ok(())
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
