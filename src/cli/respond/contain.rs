//! `akid contain`: the wiring.

use akid::aws::{AccessKeyId, KeyKind};
use akid::report::status::write_text;
use akid::resolve::respond::contain::{self, ContainError, OpenedRole, Plan, Tools, deniable_role};
use akid::resolve::respond::{Containment, Progress};
use akid::stop::Stop;
use anyhow::{anyhow, bail};
use clap::Args;

use super::commands::commands;
use super::confirm::{typed, unless_stopped};
use super::journal::Journal;
use super::target::{Target, TargetArgs, parse_id};
use crate::cli::remedy::{Remedied, of_lack};
use crate::cli::run::stop_on_interrupt;
use crate::cli::{Exit, environment, output};

/// What `akid contain` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct ContainArgs {
    /// ID of the leaked key
    #[arg(value_name = "KEY_ID", value_parser = parse_id)]
    id: AccessKeyId,
    /// Do it without asking; roles only if --revoke-role names them
    #[arg(long)]
    yes: bool,
    /// Print the commands of the AWS CLI that do the same, and change nothing
    #[arg(long, conflicts_with = "undo")]
    dry_run: bool,
    /// Take back what an earlier run did, from its journal
    #[arg(long)]
    undo: bool,
    /// Also deny the open sessions of this role, which the key opened; repeatable
    #[arg(long, value_name = "ROLE_ARN", conflicts_with = "undo")]
    revoke_role: Vec<String>,
    /// How long to wait before older sessions are denied again, while IAM carries the deactivation everywhere
    #[arg(long, value_name = "SECONDS", default_value = "12", value_parser = clap::value_parser!(u64).range(0..=600))]
    propagation: u64,
    /// Also contain the key that akid itself signs with
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    target: TargetArgs,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    the key is contained, or nothing was to be done
  2    something was not done, or bad usage; what was done is printed
  130  interrupted; run it again to go on";

/// Makes a leaked key stop, or takes that back.
pub(in crate::cli) fn run(args: &ContainArgs) -> anyhow::Result<Exit> {
    let stop = stop_on_interrupt()?;
    unless_stopped(run_until(args, &stop), &stop)
}

fn run_until(args: &ContainArgs, stop: &Stop) -> anyhow::Result<Exit> {
    let target = Target::open(args.id, &args.target, environment::now()?, stop)?;
    if args.undo {
        return undo(args, &target, stop);
    }
    let now = environment::now()?;
    let mut plan = match contain::plan(&target.account, &target.facts, now) {
        Ok(plan) => plan,
        // The user knows the role of a session that CloudTrail does not know.
        Err(_) if target.facts.session.is_none() && is_named_by_role(args) => Plan::default(),
        Err(why) => bail!("{} cannot be contained: {}", args.id, why.with_help()),
    };
    add_roles(&mut plan, &args.revoke_role)?;
    show(&target, &plan)?;
    if args.dry_run {
        let commands = commands(&plan, args.id, now);
        output::print(format!("\nCommands:\n  {}\n", commands.join("\n  ")).as_bytes())?;
        return Ok(Exit::Clean);
    }
    if target.is_callers && !args.force {
        bail!(
            "akid signs with {} itself: once it is deactivated, nothing more can be done with it, nor undone\nhelp: use \
             other credentials, such as --profile NAME, or --force",
            args.id
        );
    }
    refuse_own_session(&target, &plan, args.force)?;
    let last_four = &args.id.as_str()[AccessKeyId::LEN - 4..];
    if !typed(&format!("contain {}", args.id), last_four, args.yes, stop)? {
        return Ok(declined(stop));
    }
    let left = offer_roles(&mut plan, args.yes, stop)?;
    refuse_own_session(&target, &plan, args.force)?;
    carry_out(args, &target, &plan, &left, stop)
}

/// Whether the role of a temporary key is named.
fn is_named_by_role(args: &ContainArgs) -> bool {
    args.id.kind() == KeyKind::Temporary && !args.revoke_role.is_empty()
}

fn declined(stop: &Stop) -> Exit {
    output::warn("nothing was done");
    if stop.is_stopped() { Exit::Interrupted } else { Exit::Clean }
}

/// Refuses to deny the session that akid itself has: nothing more could be done with it, nor undone.
fn refuse_own_session(target: &Target, plan: &Plan, force: bool) -> anyhow::Result<()> {
    let own = plan.deny.iter().find(|holder| contain::is_session_of(&target.caller, holder));
    if let Some(holder) = own.filter(|_| !force) {
        bail!(
            "akid itself has a session of {holder}: once that is denied, nothing more can be done with it, nor undone\n\
             help: use other credentials, such as --profile NAME, or --force"
        );
    }
    Ok(())
}

fn carry_out(
    args: &ContainArgs,
    target: &Target,
    plan: &Plan,
    left: &[String],
    stop: &Stop,
) -> anyhow::Result<Exit> {
    let mut journal = Journal::open("contain", args.id)?;
    let mut record = journal.read::<Containment>()?.unwrap_or_default();
    record.steps.retain(|taken| taken.progress != Progress::Undone);
    record.key_id = args.id.to_string();
    record.account = target.account_id();
    let place = journal.place();
    let done = with_tools(&mut journal, args, stop, |tools| {
        contain::contain(&target.account, args.id, plan, &mut record, tools)
    });
    let remains: Vec<_> = plan.remains.iter().map(Remedied::with_help).chain(left.iter().cloned()).collect();
    if !remains.is_empty() {
        output::print(format!("Remains:\n  {}\n", remains.join("\n  ")).as_bytes())?;
    }
    output::print(
        format!("Journal: {place}; `akid contain --undo {}` takes this back\n", args.id).as_bytes(),
    )?;
    Ok(exit(done, stop))
}

fn undo(args: &ContainArgs, target: &Target, stop: &Stop) -> anyhow::Result<Exit> {
    let mut journal = Journal::open("contain", args.id)?;
    let Some(mut record) = journal.read::<Containment>()? else {
        bail!("akid has no journal of containing {}: {} is not there", args.id, journal.place());
    };
    if record.account != target.account_id() {
        bail!("the journal is of account {}, not of {}", record.account, target.account_id());
    }
    let last_four = &args.id.as_str()[AccessKeyId::LEN - 4..];
    if !typed(&format!("take back what contained {}", args.id), last_four, args.yes, stop)? {
        return Ok(declined(stop));
    }
    let done = with_tools(&mut journal, args, stop, |tools| {
        contain::undo(&target.account, args.id, &mut record, tools)
    });
    Ok(exit(done, stop))
}

fn with_tools<T>(
    journal: &mut Journal,
    args: &ContainArgs,
    stop: &Stop,
    work: impl FnOnce(&mut Tools<'_>) -> T,
) -> T {
    // What is told is told where the report is, and a closed one changes nothing of what is done.
    let mut tell = |what: String| drop(output::print(format!("{what}\n").as_bytes()));
    let wait = |time: std::time::Duration| stop.sleep(time);
    let propagation = std::time::Duration::from_secs(args.propagation);
    work(&mut Tools { log: journal, tell: &mut tell, wait: &wait, propagation })
}

fn exit(done: Result<(), Vec<ContainError>>, stop: &Stop) -> Exit {
    let faults = done.err().unwrap_or_default();
    faults.iter().for_each(|fault| output::warn(&format!("error: {}", fault.with_help())));
    match (stop.is_stopped(), faults.is_empty()) {
        (true, _) => Exit::Interrupted,
        (false, false) => Exit::Incomplete,
        (false, true) => Exit::Clean,
    }
}

fn show(target: &Target, plan: &Plan) -> anyhow::Result<()> {
    let mut page = Vec::new();
    write_text(&target.facts, of_lack, &mut page)?;
    let mut text = String::from("\nPlan:\n");
    plan.effects.iter().for_each(|effect| text.push_str(&format!("  {effect}\n")));
    for role in &plan.roles {
        text.push_str(&format!("  sessions of a role live on: {}\n", opened(role)));
    }
    page.extend_from_slice(text.as_bytes());
    Ok(output::print(&page)?)
}

fn opened(role: &OpenedRole) -> String {
    let last = role.last_at.map(|at| format!(", the last at {at:.0}")).unwrap_or_default();
    format!("{} ({} opened by this key{last})", role.arn, role.sessions)
}

/// Adds the roles that the user names to those whose sessions are denied.
fn add_roles(plan: &mut Plan, roles: &[String]) -> anyhow::Result<()> {
    for arn in roles {
        let holder = deniable_role(arn).map_err(|why| anyhow!("--revoke-role: {}", why.with_help()))?;
        plan.roles.retain(|role| role.arn != *arn);
        plan.effects.push(format!("deny {holder} every session opened before now, whoever opened it"));
        plan.deny.push(holder);
    }
    Ok(())
}

/// Offers to deny the sessions of each role that the key opened sessions of: one by one, since each is an outage of its
/// own. Returns those that live on, as they may be shown.
fn offer_roles(plan: &mut Plan, yes: bool, stop: &Stop) -> anyhow::Result<Vec<String>> {
    let mut left = Vec::new();
    for role in std::mem::take(&mut plan.roles) {
        let denied = match deniable_role(&role.arn) {
            Err(why) => Err(why.with_help()),
            Ok(_) if yes => Err(format!("sessions of {} live on\nhelp: --revoke-role {0}", role.arn)),
            Ok(holder) => {
                let what = format!("deny {holder} every open session, whoever opened it");
                let is_wanted = typed(&what, "yes", false, stop)?;
                is_wanted.then_some(holder).ok_or(format!("sessions of {} live on", role.arn))
            }
        };
        match denied {
            Ok(holder) => plan.deny.push(holder),
            Err(why) => left.push(why),
        }
    }
    Ok(left)
}
