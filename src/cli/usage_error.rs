//! Arguments that are refused, without repeating what could be a secret.

use std::path::Path;

use akid::redact;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Exit, output};

/// Shows help or version as asked for; refuses anything else without repeating what could be a secret.
pub(super) fn report(error: clap::Error) -> anyhow::Result<Exit> {
    if !error.use_stderr() {
        output::print(error.render().to_string().as_bytes())?;
        return Ok(Exit::Clean);
    }
    #[cfg(feature = "git")]
    super::hook::tell_of_wrong_arguments();
    output::warn(&shown(error).render().to_string());
    Ok(Exit::Incomplete)
}

/// The error as it may be shown, with the command that was meant if a path stands in its place.
fn shown(error: clap::Error) -> clap::Error {
    let command = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) if error.kind() == ErrorKind::InvalidSubcommand => command_for(word),
        _ => None,
    };
    let mut error = without_secrets(error);
    if let Some(command) = command {
        let tip = format!("to scan it, run `{command}`");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// The command that scans what `word` names, if it names something that can be scanned.
fn command_for(word: &str) -> Option<String> {
    let path = Path::new(word);
    // What exists is shown as a name, unless that is masked.
    let is_shown = word == "-" || path.exists() && redact::redact(word.as_bytes()) == word;
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-_./\\,:@%+=".contains(&byte) || !byte.is_ascii();
    let quoted = || format!("'{}'", word.replace('\'', "'\\''"));
    let word = if word.bytes().all(is_plain) { word.to_owned() } else { quoted() };
    let command = if is_bare_repository(path) { "history" } else { "scan" };
    is_shown.then(|| format!("akid {command} {word}"))
}

/// Whether `path` looks like a repository without a worktree, of which there is only the history to scan.
fn is_bare_repository(path: &Path) -> bool {
    cfg!(feature = "git")
        && path.join("HEAD").is_file()
        && ["objects", "refs"].iter().all(|folder| path.join(folder).is_dir())
}

/// The same error with the user's words masked where they could be secret. akid's own words (options, possible values,
/// usage) stay: which is which depends on the kind of error.
fn without_secrets(mut error: clap::Error) -> clap::Error {
    let users: &[ContextKind] = match error.kind() {
        ErrorKind::UnknownArgument => &[ContextKind::InvalidArg, ContextKind::InvalidValue],
        ErrorKind::InvalidSubcommand => &[ContextKind::InvalidSubcommand, ContextKind::InvalidValue],
        _ => &[ContextKind::InvalidValue],
    };
    for &kind in users {
        let Some(ContextValue::String(word)) = error.get(kind) else { continue };
        let shown = redact::words(word.as_bytes());
        if shown != *word {
            error.insert(kind, ContextValue::String(shown));
            // Tips repeat the word, such as how to pass it as a value.
            error.remove(ContextKind::Suggested);
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::command::Cli;
    use super::*;

    fn refused(arguments: &[&str]) -> String {
        let error = Cli::try_parse_from([&["akid"], arguments].concat()).unwrap_err();
        shown(error).render().to_string()
    }

    #[test]
    fn a_secret_pasted_as_an_argument_is_not_repeated() {
        let key = akid::aws::fake::pair(4);
        let secret = key.secret_text();
        for piece in [secret, &secret[..20], &secret[20..], &secret[3..17]] {
            for argument in [
                format!("--{piece}"),
                piece.to_owned(),
                format!("--fail-on={piece}"),
                format!("--since={piece}"),
                format!("-x{piece}"),
                format!("--{piece}=high"),
            ] {
                for command in ["rules", "history", "scan"] {
                    let shown = refused(&[command, &argument, "--no-such-option"]);
                    let leaks = secret
                        .as_bytes()
                        .windows(8)
                        .any(|part| shown.as_bytes().windows(8).any(|window| window == part));
                    assert!(!leaks, "{argument}: {shown}");
                }
            }
        }
    }

    #[test]
    fn words_of_akid_and_words_that_are_mistyped_are_shown() {
        let shown = refused(&["scan", "--write-baselin=x"]);
        assert!(shown.contains("'--write-baselin'") && shown.contains("'--write-baseline'"), "{shown}");
        let shown = refused(&["scan", "--fail-on=hihg"]);
        assert!(shown.contains("'hihg'") && shown.contains("[possible values: "), "{shown}");
        assert!(refused(&["histroy"]).contains("'histroy'"));
        for shown in
            [refused(&["scan", "--fail-on=x"]), refused(&["resolve"]), refused(&["scan", "--nothing"])]
        {
            assert!(!shown.contains("****"), "{shown}");
        }
    }

    #[cfg(feature = "git")]
    #[test]
    fn a_wrong_date_is_shown_with_a_right_one() {
        for wrong in ["2026-13-01", "3m"] {
            let shown = refused(&["history", &format!("--since={wrong}")]);
            assert!(shown.contains(&format!("'{wrong}'")) && !shown.contains("****"), "{shown}");
            assert!(shown.contains("such as 2026-01-31, \"2026-01-31 12:00\", yesterday"), "{shown}");
        }
    }
}
