//! One look at a rotation, and the steps that can be done now.

use akid::aws::AccessKeyId;
use akid::report::status::write_text;
use akid::resolve::respond::rotate::{self, Destination, Next, Patience, Rotation};
use akid::stop::Stop;
use anyhow::{anyhow, bail};
use jiff::Timestamp;

use super::RotateArgs;
use crate::cli::remedy::{Remedied, of_lack};
use crate::cli::respond::confirm::typed;
use crate::cli::respond::destination::{Command, Profile};
use crate::cli::respond::journal::Journal;
use crate::cli::respond::target::Target;
use crate::cli::{environment, output};

/// What a rotation waits for.
pub(super) struct Wait {
    /// Until when, if that is known.
    pub(super) until: Option<Timestamp>,
    /// For what, as it may be shown.
    pub(super) why: String,
}

/// One look at a rotation, and the steps that can be done now.
pub(super) struct Run<'a> {
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
    pub(super) fn new(
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
                user: rotate::check(&target.facts)
                    .map_err(|error| anyhow!("{id} cannot be rotated: {}", error.with_help()))?,
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

    /// Does what can be done now, and returns what the rest waits for, if there is any.
    pub(super) fn go_on(&mut self) -> anyhow::Result<Option<Wait>> {
        let patience = Patience {
            quiet_for: self.args.quiet_for,
            keep_inactive: self.args.keep_inactive,
            is_forced: self.args.force,
        };
        while !self.stop.is_stopped() && !self.is_declined {
            let now = environment::now()?;
            let destination = self.destination.as_deref();
            let (account, id) = (&self.target.account, self.id);
            let next = rotate::next(account, id, &mut self.record, destination, patience, self.journal, now);
            match next.map_err(|error| anyhow!("{id}: {}", error.with_help()))? {
                Next::Create => self.create()?,
                Next::Arrived => {
                    rotate::arrived(&mut self.record, self.journal, now).map_err(|why| anyhow!(why))?
                }
                Next::Discard(new) => self.discard(new)?,
                Next::Unexplained(new) => self.explain(new)?,
                Next::Deactivate => self.deactivate()?,
                Next::Delete => self.delete()?,
                Next::Wait { until, why } => return Ok(Some(Wait { until, why })),
                Next::Finished => {
                    self.tell(&format!("{id} is gone: the rotation is finished"))?;
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    fn tell(&self, what: &str) -> anyhow::Result<()> {
        Ok(output::print(format!("{what}\n").as_bytes())?)
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
        write_text(&self.target.facts, of_lack, &mut page)?;
        output::print(&page)?;
        let name = destination.name();
        let user = akid::redact::redact(self.record.user.as_bytes());
        if !self.confirmed(&format!("create a second key of user {user} and hand it to {name}"))? {
            return Ok(());
        }
        let Some(destination) = self.destination.as_deref() else { return Ok(()) };
        let now = environment::now()?;
        let new = rotate::create(&self.target.account, &mut self.record, destination, self.journal, now)
            .map_err(|error| anyhow!(error.with_help()))?;
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
                .map_err(|error| anyhow!("{new}: {}", error.with_help()))?;
            self.tell(&format!("deleted {new}"))?;
        }
        Ok(())
    }

    /// A key that nobody can explain is deleted only by a person who types its ID.
    fn explain(&mut self, new: AccessKeyId) -> anyhow::Result<()> {
        if self.args.handed_over && self.record.new_id.as_deref() == Some(new.as_str()) {
            return rotate::arrived(&mut self.record, self.journal, environment::now()?)
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
            .map_err(|error| anyhow!("{new}: {}", error.with_help()))?;
        self.tell(&format!("deleted {new}"))
    }

    fn deactivate(&mut self) -> anyhow::Result<()> {
        self.refuse_own()?;
        if self.confirmed(&format!("deactivate {}", self.id))? {
            let now = environment::now()?;
            rotate::deactivate(&self.target.account, self.id, &mut self.record, self.journal, now)
                .map_err(|error| anyhow!("{}: {}", self.id, error.with_help()))?;
            self.tell(&format!("deactivated {}", self.id))?;
        }
        Ok(())
    }

    fn delete(&mut self) -> anyhow::Result<()> {
        self.refuse_own()?;
        if self.confirmed(&format!("delete {} for good", self.id))? {
            rotate::delete(&self.target.account, self.id, &mut self.record, self.journal)
                .map_err(|error| anyhow!("{}: {}", self.id, error.with_help()))?;
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
