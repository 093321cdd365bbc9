//! Arguments that are refused, without repeating what could be a secret.

use super::{Exit, output};

/// Shows help or version as asked for; refuses anything else without repeating what could be a secret.
pub(super) fn refuse(error: &clap::Error) -> anyhow::Result<Exit> {
    if !error.use_stderr() {
        output::print(error.render().to_string().as_bytes())?;
        return Ok(Exit::Clean);
    }
    #[cfg(feature = "git")]
    super::hook::tell_of_wrong_arguments();
    output::complain(&without_long_words(&error.render().to_string()));
    Ok(Exit::Incomplete)
}

/// An argument this long that is no plain word may be a secret that was pasted in the wrong place.
const LONG_WORD: usize = 20;

fn without_long_words(message: &str) -> String {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '`' | '=');
    let mut shown = String::with_capacity(message.len());
    for part in message.split_inclusive(is_edge) {
        let word = part.trim_end_matches(is_edge);
        let is_plain =
            word.chars().all(|c| c.is_ascii_lowercase() || !c.is_ascii_alphanumeric() && c.is_ascii());
        if word.len() >= LONG_WORD && !is_plain {
            shown.push_str("****");
            shown.push_str(&part[word.len()..]);
        } else {
            shown.extend(part.chars().filter(|c| *c == '\n' || !c.is_control()));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::args::Cli;
    use super::*;

    #[test]
    fn a_secret_pasted_as_an_argument_is_not_repeated() {
        let key = akid::aws::fake::pair(4);
        let secret = key.secret_text();
        for argument in
            [format!("--{secret}"), secret.to_owned(), format!("--fail-on={secret}"), format!("-x{secret}")]
        {
            let error = Cli::try_parse_from(["akid", "rules", &argument]).unwrap_err();
            let shown = without_long_words(&error.render().to_string());
            assert!(!shown.contains(&secret[..8]) && !shown.contains(&secret[32..]), "{shown}");
        }
    }
}
