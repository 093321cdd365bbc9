//! What the owner's account knows of keys, for `akid status`: text, JSON or CSV.

use std::io::{self, Write};

use serde::Serialize;

use super::json::{Account, LastUsed, Resolution, SCHEMA, Status, Tool, time};
use super::keys::{KeyFormat, kind_of};
use super::{csv, words};
use crate::owner::KeyStatus;
use crate::resolve;
use crate::resolve::respond::{Activity, Count, KeyFacts, Lack, SessionOrigin, UserKey};

/// Keys with all that their accounts know of them.
#[derive(Clone, Debug, Default)]
pub struct Statuses {
    /// In the order in which they are shown.
    pub keys: Vec<KeyFacts>,
    /// What came of asking.
    pub resolution: resolve::Resolution,
}

/// Most counts that the text shows of one sort; JSON has all of them.
const MAX_COUNTS: usize = 5;

/// Writes the keys.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write(format: KeyFormat, statuses: &Statuses, out: &mut dyn Write) -> io::Result<()> {
    match format {
        KeyFormat::Text => statuses.keys.iter().try_for_each(|key| write_text(key, out)),
        KeyFormat::Json => write_json(statuses, out),
        KeyFormat::Csv => write_csv(statuses, out),
    }
}

/// The state, as people read it.
fn state(status: &KeyStatus) -> String {
    let likely = if status.is_likely { " (likely)" } else { "" };
    format!("{}{likely}", status.state.as_str())
}

/// All that is known of one key, for people: its ID and state, then a fact a line.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write_text(key: &KeyFacts, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}  {}", key.id, state(&key.status))?;
    for (name, fact) in rows(key) {
        writeln!(out, "  {name:<11} {fact}")?;
    }
    for lack in &key.lacks {
        // What is the evidence already is not said twice.
        if lack.why != key.status.evidence {
            writeln!(out, "  {:<11} {}", if lack.is_denied { "not allowed" } else { "not known" }, lack.why)?;
        }
        for (nth, line) in lack.help.iter().flat_map(|help| help.lines()).enumerate() {
            let mark = if nth == 0 { "help: " } else { "" };
            writeln!(out, "  {:<11} {mark}{}", "", line.trim_start())?;
        }
    }
    Ok(())
}

fn rows(key: &KeyFacts) -> Vec<(&'static str, String)> {
    let mut rows = vec![("account", account(key))];
    if let Some(principal) = &key.status.principal {
        rows.push((if key.session.is_some() { "session of" } else { "user" }, principal.clone()));
    }
    if key.is_root {
        rows.push((
            "",
            "the root user: no policy limits it; delete its keys, and sign in with MFA".to_owned(),
        ));
    }
    if let Some(user) = &key.user {
        rows.extend(user.arn.clone().map(|arn| ("", arn)));
        rows.extend(user.tags.iter().map(|(name, value)| ("tag", format!("{name} = {value}"))));
        rows.extend(
            user.quarantine.iter().map(|policy| ("quarantine", format!("{policy}: AWS has seen this leak"))),
        );
    }
    rows.extend(key.created_at.map(|at| ("created", format!("{at:.0}"))));
    rows.extend(key.status.last_use.as_ref().map(|last| ("last used", last.describe())));
    rows.extend(key.other_keys.iter().map(|other| ("other key", other_key(other))));
    rows.extend(key.session.iter().map(|origin| ("made by", made_by(origin))));
    rows.extend(key.activity.iter().flat_map(activity));
    rows.push(("evidence", format!("{}; learnt {:.0}", key.status.evidence, key.status.learnt_at)));
    rows
}

fn account(key: &KeyFacts) -> String {
    let Some(account) = key.account else { return "not known".to_owned() };
    let name = key.owner.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let contradiction = words::contradiction(account).map(|text| format!("; {text}")).unwrap_or_default();
    format!("{}{name} ({}){contradiction}", account.id, key.owner.ownership.as_str())
}

fn other_key(key: &UserKey) -> String {
    let created = key.created_at.map(|at| format!(", created {at:.0}")).unwrap_or_default();
    format!("{} {}{created}", key.id, key.state.as_str())
}

fn made_by(origin: &SessionOrigin) -> String {
    let part = |word: &str, text: &Option<String>| {
        text.as_ref().map(|text| format!(" {word} {text}")).unwrap_or_default()
    };
    format!(
        "{}{}{}{}{}",
        origin.operation,
        part("by", &origin.actor),
        part("with", &origin.signer),
        part("from", &origin.address),
        origin.at.map(|at| format!(" at {at:.0}")).unwrap_or_default()
    )
}

fn activity(activity: &Activity) -> Vec<(&'static str, String)> {
    let more = if activity.is_cut { " or more" } else { "" };
    let span = activity.span.map(|(from, to)| format!(", {from:.0} to {to:.0}")).unwrap_or_default();
    let head = format!(
        "{}{more} events, {} denied, of 90 days in {}{span}",
        activity.events,
        activity.denied,
        activity.regions.join(" and ")
    );
    let count = |count: &Count| {
        let denied = if count.denied > 0 { format!(", {} denied", count.denied) } else { String::new() };
        ("", format!("{:>6}  {}{denied}", count.events, count.of))
    };
    let lists = [&activity.by_event, &activity.by_address, &activity.by_agent];
    let lines = lists.into_iter().flat_map(|list| list.iter().take(MAX_COUNTS).map(count));
    std::iter::once(("activity", head)).chain(lines).collect()
}

const COLUMNS: [&str; 14] = [
    "key_id",
    "kind",
    "account",
    "ownership",
    "state",
    "likely",
    "principal",
    "created_at",
    "last_used_at",
    "last_used_service",
    "last_used_region",
    "quarantine",
    "evidence",
    "learnt_at",
];

fn write_csv(statuses: &Statuses, out: &mut dyn Write) -> io::Result<()> {
    csv::write_line(&COLUMNS, out)?;
    for key in &statuses.keys {
        let (used_at, service, region) = match LastUsed::of(key.status.last_use.as_ref()) {
            Some(used) => (used.at, used.service, used.region),
            None => (None, None, None),
        };
        let quarantine = key.user.iter().flat_map(|user| user.quarantine.clone()).collect::<Vec<_>>();
        let row: [String; 14] = [
            key.id.to_string(),
            kind_of(key.id).to_owned(),
            key.account.map(|account| account.id.to_string()).unwrap_or_default(),
            key.owner.ownership.as_str().to_owned(),
            key.status.state.as_str().to_owned(),
            key.status.is_likely.to_string(),
            key.status.principal.clone().unwrap_or_default(),
            key.created_at.map(time).unwrap_or_default(),
            used_at.unwrap_or_default(),
            service.unwrap_or_default().to_owned(),
            region.unwrap_or_default().to_owned(),
            quarantine.join(" "),
            key.status.evidence.clone(),
            time(key.status.learnt_at),
        ];
        csv::write_line(&row, out)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Log<'a> {
    schema: &'static str,
    tool: Tool,
    keys: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution<'a>>,
    complete: bool,
}

#[derive(Serialize)]
struct Entry<'a> {
    key_id: &'a str,
    kind: &'static str,
    account: Option<Account>,
    ownership: &'static str,
    unresolved: Option<&'a str>,
    status: Status<'a>,
    root: bool,
    created_at: Option<String>,
    user: Option<User<'a>>,
    other_keys: Vec<OtherKey<'a>>,
    session: Option<Session<'a>>,
    activity: Option<Signed<'a>>,
    missing: Vec<Missing<'a>>,
}

#[derive(Serialize)]
struct User<'a> {
    name: String,
    arn: Option<&'a str>,
    path: Option<&'a str>,
    created_at: Option<String>,
    tags: Vec<Tag<'a>>,
    quarantine: &'a [String],
}

#[derive(Serialize)]
struct Tag<'a> {
    key: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct OtherKey<'a> {
    key_id: &'a str,
    state: &'static str,
    created_at: Option<String>,
}

#[derive(Serialize)]
struct Session<'a> {
    operation: &'a str,
    actor: Option<&'a str>,
    signer: Option<&'a str>,
    role: Option<&'a str>,
    address: Option<&'a str>,
    agent: Option<&'a str>,
    created_at: Option<String>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct Signed<'a> {
    regions: &'a [String],
    events: u64,
    denied: u64,
    first_at: Option<String>,
    last_at: Option<String>,
    truncated: bool,
    by_event: Vec<Counted<'a>>,
    by_address: Vec<Counted<'a>>,
    by_agent: Vec<Counted<'a>>,
}

#[derive(Serialize)]
struct Counted<'a> {
    name: &'a str,
    events: u64,
    denied: u64,
}

#[derive(Serialize)]
struct Missing<'a> {
    action: Option<&'a str>,
    denied: bool,
    message: &'a str,
    help: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn of(key: &'a KeyFacts) -> Self {
        Self {
            key_id: key.id.as_str(),
            kind: kind_of(key.id),
            account: key.account.map(|account| Account::of(account, &key.owner)),
            ownership: key.owner.ownership.as_str(),
            unresolved: key.owner.unresolved.as_deref(),
            status: Status::of(&key.status),
            root: key.is_root,
            created_at: key.created_at.map(time),
            user: key.user.as_ref().map(|user| User {
                name: user.shown(),
                arn: user.arn.as_deref(),
                path: user.path.as_deref(),
                created_at: user.created_at.map(time),
                tags: user.tags.iter().map(|(key, value)| Tag { key, value }).collect(),
                quarantine: &user.quarantine,
            }),
            other_keys: key.other_keys.iter().map(OtherKey::of).collect(),
            session: key.session.as_ref().map(Session::of),
            activity: key.activity.as_ref().map(Signed::of),
            missing: key.lacks.iter().map(Missing::of).collect(),
        }
    }
}

impl<'a> OtherKey<'a> {
    fn of(key: &'a UserKey) -> Self {
        let created_at = key.created_at.map(time);
        Self { key_id: key.id.as_str(), state: key.state.as_str(), created_at }
    }
}

impl<'a> Session<'a> {
    fn of(origin: &'a SessionOrigin) -> Self {
        Self {
            operation: &origin.operation,
            actor: origin.actor.as_deref(),
            signer: origin.signer.as_deref(),
            role: origin.role.as_deref(),
            address: origin.address.as_deref(),
            agent: origin.agent.as_deref(),
            created_at: origin.at.map(time),
            expires_at: origin.expires_at.map(time),
        }
    }
}

impl<'a> Signed<'a> {
    fn of(activity: &'a Activity) -> Self {
        let counted = |counts: &'a [Count]| {
            let counted =
                |count: &'a Count| Counted { name: &count.of, events: count.events, denied: count.denied };
            counts.iter().map(counted).collect()
        };
        Self {
            regions: &activity.regions,
            events: activity.events,
            denied: activity.denied,
            first_at: activity.span.map(|(first, _)| time(first)),
            last_at: activity.span.map(|(_, last)| time(last)),
            truncated: activity.is_cut,
            by_event: counted(&activity.by_event),
            by_address: counted(&activity.by_address),
            by_agent: counted(&activity.by_agent),
        }
    }
}

impl<'a> Missing<'a> {
    fn of(lack: &'a Lack) -> Self {
        let action = Some(lack.action).filter(|action| !action.is_empty());
        Self { action, denied: lack.is_denied, message: &lack.why, help: lack.help.as_deref() }
    }
}

fn write_json(statuses: &Statuses, out: &mut dyn Write) -> io::Result<()> {
    let is_all_known = statuses.keys.iter().all(KeyFacts::is_complete);
    let log = Log {
        schema: SCHEMA,
        tool: Tool::AKID,
        keys: statuses.keys.iter().map(Entry::of).collect(),
        resolution: Resolution::of(&statuses.resolution),
        complete: statuses.resolution.failures.is_empty() && is_all_known,
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}
