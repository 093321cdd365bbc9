//! The decisions: what each of them writes, and where.

use std::path::{Path, PathBuf};

use akid::redact;
use akid::report::{self, Credential};
use jiff::civil::Date;

use super::changes::Change;
use super::screen::{Answer, Screen};
use super::{Step, editor};
use crate::cli::config::{AllowEntry, shown};
use crate::cli::everything::Everything;
use crate::cli::{allow, baseline, suppress_args};

/// What decisions are made with.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    everything: &'a Everything,
    baseline: Option<PathBuf>,
}

impl<'a> Desk<'a> {
    /// Adds to the file at `baseline`, else to the one that the configuration names.
    pub(super) fn new(everything: &'a Everything, baseline: Option<PathBuf>) -> Self {
        Self { everything, baseline }
    }

    /// The folder that is reviewed.
    pub(super) fn base(&self) -> &Path {
        &self.everything.base
    }

    /// Asks for a reason and a last day, and allows the credential.
    pub(super) fn allow(&self, credential: &Credential<'_>, screen: &Screen) -> anyhow::Result<Answer<Step>> {
        let Some(reason) = screen.line("Why may it stay? (nothing: cancel)", |_| Ok(()))? else {
            return Ok(Answer::None);
        };
        let reason = redact::words(reason.as_bytes());
        let day = |text: &str| -> Result<Option<Date>, String> {
            if text.trim().is_empty() {
                return Ok(None);
            }
            let day = suppress_args::parse_day(text.trim())?;
            allow::check_day(Some(day), self.everything.settings.policy.now)
                .map_err(|error| error.to_string())?;
            Ok(Some(day))
        };
        let typed = screen
            .line("Until which day, such as 2027-06-30? (nothing: no end)", |text: &String| {
                day(text).map(drop)
            })?;
        let expires = typed.map(|text| day(&text)).transpose().ok().flatten().flatten();
        let entry = AllowEntry { reason, expires, ..allow::of_credential(credential.best()) };
        let file = allow::file(self.everything);
        let mut told = String::new();
        let change = Change::of(&file, || {
            told = allow::add(self.everything, file.clone(), &entry)?;
            Ok(())
        })?;
        screen.say(told.trim_end())?;
        Ok(Answer::Given(Step::Allowed(change)))
    }

    /// Adds the findings of the credential that count to the baseline.
    pub(super) fn add_to_baseline(
        &self,
        credential: &Credential<'_>,
        screen: &Screen,
    ) -> anyhow::Result<Answer<Step>> {
        let path = match self.everything.baseline_file(self.baseline.clone()) {
            Ok(path) => path,
            Err(error) => {
                return Ok(Answer::Refused(format!("{error:#}\nhelp: start again with `--baseline FILE`")));
            }
        };
        baseline::check_target(&path)?;
        let mut told = String::new();
        let change = Change::of(&path, || {
            let findings = credential.findings.iter().copied();
            let written = baseline::add(&path, findings, &self.everything.settings.rules)?;
            told = written.message(&path);
            Ok(())
        })?;
        screen.say(&told)?;
        Ok(Answer::Given(Step::Known(change)))
    }

    /// Opens the best place in the user's editor.
    pub(super) fn open(&self, credential: &Credential<'_>) -> anyhow::Result<()> {
        let best = credential.best();
        let Some(file) = editor::file(self.base(), best) else {
            return Err(match report::showing(best) {
                Some(command) => anyhow::anyhow!(
                    "this place is in history, not in a file\nhelp: this shows it unmasked: {command}"
                ),
                None => anyhow::anyhow!("there is no file to open"),
            });
        };
        let line = best.places.first().map_or(1, |place| place.main().start.line);
        editor::open(&file, line).map_err(|error| error.context(shown(&file)))
    }
}
