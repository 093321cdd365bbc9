//! What is shown, and what is typed. Everything that is shown passes the last check of the output.

use std::io::ErrorKind;

use akid::report::{self, Credential, Report};
use akid::stop::Stop;
use console::Term;
use dialoguer::Input;

use crate::cli::output;

/// What the user wants to do about a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Allow,
    Baseline,
    Open,
    Explain,
    Skip,
    Undo,
    Quit,
}

/// What came of a question.
#[derive(Debug)]
pub(super) enum Answer<T> {
    Given(T),
    /// The user thought better of it.
    None,
    /// It cannot be done, in words for the user.
    Refused(String),
}

const HELP: &str = "\
  a  allow it: writes an entry to `.akid.toml`, with a reason and a last day
  b  add its findings to the baseline
  o  open the best place in your editor (VISUAL or EDITOR)
  e  explain what it is and what to do
  s  skip it, also with Space or Enter; it comes up last the next time
  u  undo the last decision
  q  quit, also with Escape; decisions stay
";

/// The terminal.
#[derive(Debug)]
pub(super) struct Screen {
    term: Term,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self { term: Term::stdout() }
    }

    /// Shows a line.
    pub(super) fn say(&self, text: &str) -> anyhow::Result<()> {
        Ok(output::print(format!("{}\n", report::without_commands(text)).as_bytes())?)
    }

    /// Shows a longer text.
    pub(super) fn page(&self, text: &str) -> anyhow::Result<()> {
        self.say(&format!("\n{}", text.trim_end()))
    }

    /// Shows a credential as the text report does.
    pub(super) fn show(&self, report: &Report<'_>, credential: &Credential<'_>) -> anyhow::Result<()> {
        let block = report::block(report, credential);
        Ok(output::print(format!("\n{block}").as_bytes())?)
    }

    /// Asks what to do about number `nth` of `all`, until a key is typed that means something.
    pub(super) fn ask(&self, nth: usize, all: usize, can_undo: bool, stop: &Stop) -> anyhow::Result<Key> {
        let undo = if can_undo { "  [u]ndo" } else { "" };
        let question =
            format!("{nth} of {all}:  [a]llow  [b]aseline  [o]pen  [e]xplain  [s]kip{undo}  [q]uit  [?] ");
        loop {
            output::print(question.as_bytes())?;
            let typed = self.read(stop)?;
            output::print(b"\n")?;
            match typed {
                console::Key::Char('a') => return Ok(Key::Allow),
                console::Key::Char('b') => return Ok(Key::Baseline),
                console::Key::Char('o') => return Ok(Key::Open),
                console::Key::Char('e') => return Ok(Key::Explain),
                console::Key::Char('s' | ' ') | console::Key::Enter => return Ok(Key::Skip),
                console::Key::Char('u') => return Ok(Key::Undo),
                console::Key::Char('q') | console::Key::Escape | console::Key::CtrlC => return Ok(Key::Quit),
                _ => output::print(HELP.as_bytes())?,
            }
        }
    }

    /// One key; `CtrlC` where the user wants to stop or the terminal is gone.
    fn read(&self, stop: &Stop) -> anyhow::Result<console::Key> {
        if stop.is_stopped() {
            return Ok(console::Key::CtrlC);
        }
        match self.term.read_key() {
            Ok(_) if stop.is_stopped() => Ok(console::Key::CtrlC),
            Ok(key) => Ok(key),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Interrupted | ErrorKind::UnexpectedEof | ErrorKind::NotConnected
                ) =>
            {
                Ok(console::Key::CtrlC)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Asks for a line; `None` if it is empty and may be, or the user stops.
    pub(super) fn line(
        &self,
        question: &str,
        check: impl FnMut(&String) -> Result<(), String>,
    ) -> anyhow::Result<Option<String>> {
        let input = Input::<String>::new().with_prompt(question).allow_empty(true).validate_with(check);
        match input.interact_text_on(&self.term) {
            Ok(line) => Ok(Some(line.trim().to_owned()).filter(|line| !line.is_empty())),
            Err(dialoguer::Error::IO(error)) if error.kind() == ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
