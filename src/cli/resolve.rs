//! `akid resolve`: the wiring.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use akid::aws::AccessKeyId;
use akid::detect::{Cut, Detector};
use akid::owner::{Account, Claim, KnownBy};
use akid::redact::redact;
use akid::report::keys::{self, KeyFormat, Keys};
use akid::resolve::{Answer, Key, Resolution};
use akid::rule::RuleSet;
use akid::stop::Stop;
use anyhow::{Context, bail};
use clap::Args;

use super::accounts::Owners;
use super::args::account::{AccountArgs, FailOwner, StatusOptions};
use super::run::stop_on_interrupt;
use super::typed::key_id_fault;
use super::{Exit, config, earlier, output};

/// What `akid resolve` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct ResolveArgs {
    /// Key IDs; `-` reads any text on standard input and finds the key IDs in it
    #[arg(value_name = "KEY_ID", required_unless_present = "from")]
    ids: Vec<String>,
    /// Read the key IDs from an akid report: JSON, JSON Lines or SARIF; repeatable
    #[arg(long, value_name = "FILE")]
    from: Vec<PathBuf>,
    /// Output format
    #[arg(short, long, default_value = "text")]
    format: KeyFormatArg,
    /// Use this configuration instead of the nearest `.akid.toml`
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Ignore any configuration
    #[arg(long)]
    no_config: bool,
    #[command(flatten)]
    accounts: AccountArgs,
}

/// A format, as typed.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum KeyFormatArg {
    /// A table
    Text,
    /// One object
    Json,
    /// One line per key ID, with a header
    Csv,
}

impl From<KeyFormatArg> for KeyFormat {
    fn from(format: KeyFormatArg) -> Self {
        match format {
            KeyFormatArg::Text => Self::Text,
            KeyFormatArg::Json => Self::Json,
            KeyFormatArg::Csv => Self::Csv,
        }
    }
}

const EXIT_CODES: &str = "\
Exit codes:
  0    every key ID was looked up, even if little is known about it
  2    incomplete, or bad usage; what is known is printed
  130  interrupted";

/// The most of standard input that is read, in bytes: key IDs are short.
const MAX_INPUT: u64 = 256 << 20;

/// Tells whose the keys are.
pub(super) fn run(args: ResolveArgs) -> anyhow::Result<Exit> {
    let ids = ids(&args.ids, &args.from)?;
    let nearest = config::nearest(&[PathBuf::from(".")]).filter(|_| !args.no_config);
    let loaded = config::Loaded::of_file(args.config.clone(), nearest)?;
    let mut accounts = args.accounts;
    ask_by_default(&mut accounts);
    let owners = Owners::new(&accounts, &StatusOptions::default(), &loaded, FailOwner::All)?;
    let stop = stop_on_interrupt()?;
    let told = tell(&ids, &owners, &stop);
    output::hide(&told.resolution.known);
    let mut page = Vec::new();
    keys::write(args.format.into(), &told, &mut page)?;
    output::print(&page)?;
    tell_problems(&told.resolution);
    Ok(match (stop.is_stopped(), told.resolution.failures.is_empty()) {
        (true, _) => Exit::Interrupted,
        (false, false) => Exit::Incomplete,
        (false, true) => Exit::Clean,
    })
}

/// Reports what the user should know beside the answers.
pub(super) fn tell_problems(resolution: &Resolution) {
    let notes = resolution.notes.iter().map(|note| format!("WARNING: {note}"));
    let failures = resolution.failures.iter().map(|failure| format!("error: {failure}"));
    notes.chain(failures).for_each(|text| output::warn(&text));
}

/// To ask is what the command is for.
fn ask_by_default(args: &mut AccountArgs) {
    #[cfg(feature = "sts")]
    args.resolve.get_or_insert_default();
    #[cfg(not(feature = "sts"))]
    let _ = args;
}

/// Each key with its owner, in the order of `ids`.
fn tell(ids: &[AccessKeyId], owners: &Owners, stop: &Stop) -> Keys {
    let known = |id: AccessKeyId| Account::of(id.account().map(|id| Claim { id, known_by: KnownBy::KeyId }));
    let all: BTreeMap<_, _> = ids.iter().map(|id| (*id, known(*id))).collect();
    let mut accounts = owners.accounts.clone();
    let (answers, resolution): (BTreeMap<AccessKeyId, Answer>, Resolution);
    #[cfg(feature = "sts")]
    {
        let outcome = owners.question.as_ref().map(|question| question.ask(&all, None, &mut accounts, stop));
        let outcome = outcome.unwrap_or_default();
        (answers, resolution) = (outcome.answers, outcome.resolution);
    }
    #[cfg(not(feature = "sts"))]
    {
        let _ = (&mut accounts, stop);
        let unasked = "this akid was built without the feature `sts`: AWS was not asked\n\
                       help: `cargo install` it with that feature";
        let is_missing = all.iter().any(|(id, account)| account.is_none() && !id.is_example());
        let failures = is_missing.then(|| unasked.to_owned()).into_iter().collect();
        (answers, resolution) = (BTreeMap::new(), Resolution { failures, ..Resolution::default() });
    }
    let key = |id: &AccessKeyId| {
        let (account, owner) = accounts.tell(Some(*id), known(*id), answers.get(id));
        Key { id: *id, account, owner }
    };
    Keys { keys: ids.iter().map(key).collect(), resolution }
}

/// The key IDs that are asked for, each once, in order.
pub(super) fn ids(words: &[String], reports: &[PathBuf]) -> anyhow::Result<Vec<AccessKeyId>> {
    let mut ids = Vec::new();
    for (nth, text) in (1..).zip(words) {
        match AccessKeyId::parse(text.trim().as_bytes()) {
            _ if text == "-" => ids.extend(ids_in_stdin()?),
            Some(id) => ids.push(id),
            // What was typed is not repeated: it may be a secret.
            None => bail!(
                "argument {nth} is not an access key ID: {}\n\
                 help: a secret says nothing of its owner, and one that was typed here is in your shell's history now: \
                 replace it",
                key_id_fault(text)
            ),
        }
    }
    for path in reports {
        ids.extend(ids_of_report(path)?);
    }
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    Ok(ids)
}

fn ids_in_stdin() -> anyhow::Result<Vec<AccessKeyId>> {
    let mut text = Vec::new();
    std::io::stdin().take(MAX_INPUT + 1).read_to_end(&mut text).context("standard input cannot be read")?;
    if text.len() as u64 > MAX_INPUT {
        bail!(
            "standard input is too long\nhelp: `akid scan -` reads any length, and --resolve asks whose keys are"
        );
    }
    let detection = Detector::new(&RuleSet::built_in()).detect(&text);
    if detection.cut != Cut::None {
        bail!("standard input holds too many key IDs\nhelp: give it in parts");
    }
    let mut found: Vec<_> = detection
        .found
        .iter()
        .filter_map(|found| Some((found.places.first()?.key_id()?.span.start, found.credential.id()?)))
        .collect();
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

fn ids_of_report(path: &Path) -> anyhow::Result<Vec<AccessKeyId>> {
    let name = redact(path.as_os_str().as_encoded_bytes());
    let file = std::fs::File::open(path).with_context(|| format!("{name}: cannot be read"))?;
    earlier::ids(std::io::BufReader::new(file)).map_err(|fault| anyhow::anyhow!("{name}: {fault}"))
}
