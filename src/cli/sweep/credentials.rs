//! Files where credentials belong: listed, not reported as findings.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use akid::aws::{AccessKeyId, CredentialParts, SecretAccessKey, SecretFingerprint, SessionToken};
use akid::finding::Finding;
use akid::redact;
use akid::source::read_unlinked;
use jiff::Timestamp;
use serde::Serialize;

use super::places::Folders;
use crate::cli::environment::variable;

/// How long such a file may be, in MiB.
const MAX_LEN: u64 = 16;

/// A file that holds credentials by design.
#[derive(Debug, Serialize)]
pub(super) struct Expected {
    pub(super) path: String,
    /// Days since it was changed.
    pub(super) age_days: Option<i64>,
    /// Permissions, if others than the owner have any.
    pub(super) open_to_others: Option<String>,
    pub(super) profiles: Vec<Profile>,
    /// Why it could not be read.
    pub(super) problem: Option<String>,
    /// The same, unless the scan finds out as well.
    #[serde(skip)]
    pub(super) fault: Option<io::Error>,
    /// The file, without links.
    #[serde(skip)]
    pub(super) file: PathBuf,
}

impl Expected {
    /// Whether `finding`, which is in this file, is one of the profiles: what the tools of AWS do not read there (comments,
    /// keys that a later line replaces, lines above the first profile) is not.
    pub(super) fn lists(&self, finding: &Finding) -> bool {
        let has_id = |id: &AccessKeyId| {
            let id = id.to_string();
            self.profiles.iter().any(|profile| profile.key_id.as_ref() == Some(&id))
        };
        let has_secret = |secret: &SecretFingerprint| {
            let secret = secret.to_string();
            self.profiles.iter().any(|profile| profile.secret.as_ref() == Some(&secret))
        };
        match &finding.credential {
            CredentialParts::KeyId { id, .. } => has_id(id),
            CredentialParts::Secret(secret) => has_secret(secret),
            CredentialParts::Token(token) => self.profiles.iter().any(|it| it.token.as_ref() == Some(token)),
            CredentialParts::Pair { id, secret, .. } => has_id(id) && has_secret(secret),
            CredentialParts::Service { .. } => false,
        }
    }
}

/// One section of it.
#[derive(Debug, Serialize)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) key_id: Option<String>,
    pub(super) secret: Option<String>,
    pub(super) has_token: bool,
    #[serde(skip)]
    token: Option<SecretFingerprint>,
    /// What uses it, as far as the configuration and the environment say.
    pub(super) used_by: Vec<String>,
    /// What the key's account knows of it, as `akid status` has it, if it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<serde_json::Value>,
    /// The same in a line.
    #[serde(skip)]
    pub(super) said: Option<String>,
}

#[cfg(feature = "respond")]
impl Profile {
    /// The ID of its key.
    pub(super) fn id(&self) -> Option<AccessKeyId> {
        AccessKeyId::parse(self.key_id.as_ref()?.as_bytes())
    }
}

/// Where the AWS CLI and SDKs look for credentials.
pub(super) fn path(folders: &Folders) -> PathBuf {
    let named = variable("AWS_SHARED_CREDENTIALS_FILE").map(|path| folders.named(Path::new(&path)));
    named.unwrap_or_else(|| folders.home.join(".aws/credentials"))
}

/// The file of credentials, if there is one.
pub(super) fn expected(folders: &Folders, now: Timestamp) -> Option<Expected> {
    let path = path(folders);
    let metadata = path.metadata().ok()?;
    let text = text(&path);
    let uses = Uses::new(folders);
    let profiles = text.as_ref().map(|text| profiles(text, &uses)).unwrap_or_default();
    Some(Expected {
        path: redact::redact(path.as_os_str().as_encoded_bytes()),
        age_days: metadata.modified().ok().and_then(|time| age(time, now)),
        open_to_others: open_to_others(&metadata),
        profiles,
        problem: text.as_ref().err().map(|error| format!("cannot be read: {error}")),
        // A file that may not be read is met by the scan, too.
        fault: text.err().filter(|error| error.kind() != io::ErrorKind::PermissionDenied),
        file: path.canonicalize().unwrap_or(path),
    })
}

/// The text of the regular file at `path`. Anything else is not even opened.
fn text(path: &Path) -> io::Result<String> {
    let bytes = read_unlinked(&path.canonicalize()?, MAX_LEN << 20)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn age(time: SystemTime, now: Timestamp) -> Option<i64> {
    let seconds = i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    Some((now.as_second() - seconds).max(0) / (24 * 60 * 60))
}

#[cfg(unix)]
fn open_to_others(metadata: &Metadata) -> Option<String> {
    let mode = std::os::unix::fs::MetadataExt::mode(metadata) & 0o777;
    (mode & 0o077 != 0).then(|| format!("{mode:03o}"))
}

#[cfg(not(unix))]
fn open_to_others(_: &Metadata) -> Option<String> {
    None
}

/// The sections of `text`, each with its keys and values.
fn sections(text: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut sections: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
            sections.push((name.trim().to_owned(), BTreeMap::new()));
        } else if let (Some((key, value)), Some((_, values))) = (line.split_once('='), sections.last_mut())
            && !line.starts_with(['#', ';'])
        {
            values.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    sections
}

fn profiles(text: &str, uses: &Uses) -> Vec<Profile> {
    let profile = |(name, values): (String, BTreeMap<String, String>)| {
        let value = |key: &str| values.get(key).map(String::as_bytes);
        let secret = value("aws_secret_access_key").and_then(SecretAccessKey::parse);
        Profile {
            key_id: value("aws_access_key_id").and_then(AccessKeyId::parse).map(|id| id.to_string()),
            secret: secret
                .as_ref()
                .map(SecretAccessKey::fingerprint)
                .as_ref()
                .map(SecretFingerprint::to_string),
            has_token: value("aws_session_token").is_some(),
            token: value("aws_session_token").and_then(SessionToken::parse).map(|token| token.fingerprint()),
            used_by: uses.of(&name),
            status: None,
            said: None,
            name: redact::redact(name.as_bytes()),
        }
    };
    sections(text).into_iter().map(profile).collect()
}

/// What names profiles.
struct Uses {
    config: Vec<(String, BTreeMap<String, String>)>,
    environment: Vec<(&'static str, String)>,
}

impl Uses {
    fn new(folders: &Folders) -> Self {
        let path = variable("AWS_CONFIG_FILE").map(|path| folders.named(Path::new(&path)));
        let path = path.unwrap_or_else(|| folders.home.join(".aws/config"));
        let named = |name| Some((name, variable(name)?.into_string().ok()?));
        Self {
            config: text(&path).map(|text| sections(&text)).unwrap_or_default(),
            environment: ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"].into_iter().filter_map(named).collect(),
        }
    }

    fn of(&self, profile: &str) -> Vec<String> {
        let mut uses = Vec::new();
        if profile == "default" {
            uses.push("default profile".to_owned());
        }
        uses.extend(
            self.environment.iter().filter(|(_, value)| value == profile).map(|(name, _)| (*name).to_owned()),
        );
        for (section, values) in &self.config {
            let name = section.strip_prefix("profile ").unwrap_or(section).trim();
            if name == profile && profile != "default" {
                uses.push("profile in the configuration".to_owned());
            }
            if values.get("source_profile").is_some_and(|source| source == profile) {
                uses.push(format!("source of profile {}", redact::redact(name.as_bytes())));
            }
        }
        uses
    }
}
