//! What the caller's configuration files say that the SDK does not act on, or does not tell.
//!
//! The SDK assumes the role of a profile without a word where `mfa_serial` asks for MFA, and drops `duration_seconds`:
//! such roles are assumed by akid itself. And it tells neither which sign-in has ended nor how to renew it.

use aws_config::profile::{Profile, ProfileSet};
use aws_sdk_sts::config::Credentials;

use super::error::{ResolveError, causes};
use super::roles::Role;
use crate::redact::redact;

/// The caller's configuration files.
#[derive(Debug)]
pub(super) struct Profiles(ProfileSet);

/// The roles of a profile that have to be assumed by hand.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) start: Start,
    /// In the order in which they are assumed; never empty.
    pub(super) roles: Vec<Role>,
}

/// Whose credentials assume the first role.
#[derive(Debug)]
pub(super) enum Start {
    /// Those that the SDK finds for this profile.
    Profile(String),
    /// The key that stands in the profile itself, beside its role.
    Key(Credentials),
}

impl Profiles {
    /// Reads `~/.aws/config` and `~/.aws/credentials`, or what the environment names in their place.
    pub(super) async fn load(name: Option<&str>) -> Result<Self, ResolveError> {
        let name = name.map(|name| name.to_owned().into());
        let files = &Default::default();
        let loaded = aws_config::profile::load(&Default::default(), &Default::default(), files, name).await;
        loaded.map(Self).map_err(|error| ResolveError::Configuration(causes(&error)))
    }

    /// The name of the profile that is asked for, by option or environment, else `default`.
    pub(super) fn selected(&self) -> &str {
        self.0.selected_profile()
    }

    /// The profile of that name.
    pub(super) fn get(&self, name: &str) -> Result<&Profile, ResolveError> {
        self.0.get_profile(name).ok_or_else(|| ResolveError::NoProfile(redact(name.as_bytes())))
    }

    /// The roles of a profile, if the SDK would not assume them as they say.
    pub(super) fn chain(&self, name: &str) -> Result<Option<Chain>, ResolveError> {
        let path = self.path(name)?;
        let roles: Vec<&Profile> =
            path.iter().copied().filter(|profile| profile.get("role_arn").is_some()).collect();
        let is_ignored = |profile: &&Profile| {
            ["mfa_serial", "duration_seconds"].iter().any(|key| profile.get(key).is_some())
        };
        let (true, Some(last)) = (roles.iter().any(is_ignored), path.last()) else { return Ok(None) };
        let start = match key_in(last) {
            Some(key) if last.get("role_arn").is_some() => Start::Key(key),
            _ if last.get("role_arn").is_some() => {
                let name = redact(last.name().as_bytes());
                let what = "with mfa_serial or duration_seconds needs a source_profile that has a key";
                return Err(ResolveError::Configuration(format!("profile `{name}` {what}")));
            }
            _ => Start::Profile(last.name().to_owned()),
        };
        let roles = roles.into_iter().rev().map(role).collect::<Result<_, _>>()?;
        Ok(Some(Chain { start, roles }))
    }

    /// The profile on the way from `name` to its credentials that signs in by IAM Identity Center, and its session.
    pub(super) fn signs_in(&self, name: &str) -> Option<(String, Option<String>)> {
        let path = self.path(name).ok()?;
        let is_signed_in =
            |profile: &&&Profile| profile.get("sso_session").or(profile.get("sso_start_url")).is_some();
        let profile = path.iter().find(is_signed_in)?;
        let session = profile.get("sso_session").map(|session| redact(session.as_bytes()));
        Some((redact(profile.name().as_bytes()), session))
    }

    /// The profile on that way that signs in by `aws login`.
    pub(super) fn logs_in(&self, name: &str) -> Option<String> {
        let path = self.path(name).ok()?;
        let profile = path.iter().find(|profile| profile.get("login_session").is_some())?;
        Some(redact(profile.name().as_bytes()))
    }

    /// A profile, the one that its role is assumed with, and so on.
    fn path(&self, name: &str) -> Result<Vec<&Profile>, ResolveError> {
        let mut path = vec![self.get(name)?];
        while let Some(source) =
            path.last().and_then(|last| last.get("role_arn").and(last.get("source_profile")))
        {
            let source = self.get(source)?;
            match path.iter().position(|earlier| earlier.name() == source.name()) {
                None => path.push(source),
                // A profile may be its own source: its role is assumed with its own key.
                Some(at) if at + 1 == path.len() => break,
                Some(_) => {
                    let name = redact(name.as_bytes());
                    return Err(ResolveError::Configuration(format!(
                        "the source_profile of `{name}` leads in a circle"
                    )));
                }
            }
        }
        Ok(path)
    }
}

/// The long-term key that stands in a profile.
fn key_in(profile: &Profile) -> Option<Credentials> {
    let id = profile.get("aws_access_key_id")?;
    let secret = profile.get("aws_secret_access_key")?;
    let token = profile.get("aws_session_token").map(str::to_owned);
    Some(Credentials::new(id, secret, token, None, "profile"))
}

/// The role of a profile.
fn role(profile: &Profile) -> Result<Role, ResolveError> {
    let text = |key: &str| profile.get(key).map(str::to_owned);
    let broken = |fault: &str| {
        ResolveError::Configuration(format!("profile `{}`: {fault}", redact(profile.name().as_bytes())))
    };
    Ok(Role {
        arn: text("role_arn").unwrap_or_default(),
        mfa: text("mfa_serial").map(|serial| serial.parse()).transpose().map_err(broken)?,
        duration: text("duration_seconds").map(|seconds| seconds.parse()).transpose().map_err(broken)?,
        external_id: text("external_id"),
        session_name: text("role_session_name"),
    })
}
