//! The expressions of rules, which are compiled where they are first needed: compiling those of akid's own rules takes
//! half the time of a small scan, and most scans need none.

use std::sync::{Arc, OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use super::error::Fault;
use super::shape;

/// A regular expression over bytes, its `{{…}}` resolved, with a capture group `value`.
#[derive(Clone, Debug)]
pub struct Expression {
    written: String,
    compiled: Arc<OnceLock<Regex>>,
}

/// How large an expression may grow once compiled, in bytes.
const MAX_SIZE: usize = 8 << 20;

impl Expression {
    /// An expression that is known to be sound, for instance by a test.
    pub(super) fn sound(written: String) -> Self {
        Self { written, compiled: Arc::default() }
    }

    /// An expression as a user writes it.
    pub(super) fn checked(written: String) -> Result<Self, Fault> {
        let compiled = OnceLock::from(compile(&written)?);
        Ok(Self { written, compiled: compiled.into() })
    }

    /// The expression, compiled.
    pub fn regex(&self) -> &Regex {
        self.compiled.get_or_init(|| {
            compile(&self.written)
                .unwrap_or_else(|_| unreachable!("a test compiles every expression that is built in"))
        })
    }
}

fn compile(written: &str) -> Result<Regex, Fault> {
    let mut resolved = String::from("(?-u)");
    let mut rest = written;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or(Fault::Shape)?;
        resolved.push_str(before);
        resolved.push_str(&shape::expression(name).ok_or(Fault::Shape)?);
        rest = after;
    }
    resolved.push_str(rest);
    let regex = RegexBuilder::new(&resolved)
        .size_limit(MAX_SIZE)
        .build()
        .map_err(|error| Fault::Regex(short_reason(&error)))?;
    if regex.capture_names().flatten().any(|name| name == "value") { Ok(regex) } else { Err(Fault::NoValue) }
}

/// The last line of a regex error says what is wrong; the lines before it repeat the pattern.
fn short_reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
