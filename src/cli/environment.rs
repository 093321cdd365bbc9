//! The environment and the clock: the one place where they are read.

use anyhow::bail;
use jiff::Timestamp;

/// A variable of the environment.
pub(super) fn variable(name: &str) -> Option<std::ffi::OsString> {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// What the names of variables have behind `prefix`.
#[cfg(feature = "git")]
pub(super) fn names_after(prefix: &str) -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter_map(|name| name.strip_prefix(prefix).map(str::to_owned)).collect()
}

/// The one look at the clock, or what stands for it where builds are to be reproducible.
pub(super) fn now() -> anyhow::Result<Timestamp> {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    let Some(epoch) = std::env::var_os("SOURCE_DATE_EPOCH") else { return Ok(Timestamp::now()) };
    let seconds = epoch.to_str().and_then(|text| text.parse().ok());
    match seconds.map(Timestamp::from_second) {
        Some(Ok(now)) => Ok(now),
        _ => bail!(
            "SOURCE_DATE_EPOCH is not a valid timestamp\nhelp: set it to seconds since 1970, or unset it"
        ),
    }
}
