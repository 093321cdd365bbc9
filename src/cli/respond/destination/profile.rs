//! A profile of the shared credentials file.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use akid::aws::AccessKeyId;
use akid::redact::redact;
use akid::resolve::respond::CreatedKey;
use akid::resolve::respond::rotate::{Destination, DestinationError};
use anyhow::{Context, anyhow, bail};

use super::super::journal::{make_folder, restrict};
use super::Wiped;
use super::ini::{section, value, with};
use crate::cli::aside::Aside;
use crate::cli::place::Place;
use crate::cli::{bounded, environment, lock};

/// The largest credentials file, in MiB.
const MAX_LEN: u64 = 16;
const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";

/// A profile that has the old key, or none.
#[derive(Debug)]
pub(in crate::cli::respond) struct Profile {
    name: String,
    file: PathBuf,
    old: AccessKeyId,
}

impl Profile {
    /// The profile of that name in the file that the environment names, else in the user's own.
    pub(in crate::cli::respond) fn new(name: &str, old: AccessKeyId) -> anyhow::Result<Self> {
        if name.is_empty() || name.contains(['[', ']', '\n', '\r', '"']) || name.trim() != name {
            bail!("--to-profile: not the name of a profile");
        }
        let named = environment::variable("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from);
        let home = || {
            Some(PathBuf::from(environment::variable(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?))
        };
        let file = named.or_else(|| Some(home()?.join(".aws/credentials")));
        let file = file.ok_or_else(|| {
            anyhow!("there is no credentials file\nhelp: set AWS_SHARED_CREDENTIALS_FILE, or HOME")
        })?;
        Ok(Self { name: name.to_owned(), file, old })
    }

    /// The file itself, behind links. Its folder is created, if it is not there.
    fn place(&self) -> anyhow::Result<PathBuf> {
        let shown = self.shown();
        if let Some(folder) = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            make_folder(folder).with_context(|| format!("{shown}: its folder cannot be created"))?;
        }
        let place = Place::of(&self.file).with_context(|| format!("{shown}: cannot be found"))?;
        place.into_file().ok_or_else(|| anyhow!("{shown}: not a file"))
    }

    fn shown(&self) -> String {
        redact(self.file.as_os_str().as_encoded_bytes())
    }

    /// The file's text, and what keeps the profile from being replaced.
    fn read(&self, place: &std::path::Path) -> anyhow::Result<Wiped> {
        let shown = self.shown();
        let text = match bounded::read(place, MAX_LEN) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            text => text.with_context(|| format!("{shown}: cannot be read"))?,
        };
        let wiped = Wiped(text);
        let text = std::str::from_utf8(&wiped.0).with_context(|| format!("{shown}: not UTF-8"))?;
        if let Some(found) = section(text, &self.name) {
            let name = redact(self.name.as_bytes());
            let id = value(text, &found, ID);
            if id.is_some_and(|id| id != self.old.as_str()) {
                bail!("{shown}: profile `{name}` has another key\nhelp: name another profile");
            }
            if value(text, &found, "aws_session_token").is_some() {
                bail!("{shown}: profile `{name}` has a session token\nhelp: name another profile");
            }
            if id.is_none() && value(text, &found, SECRET).is_some() {
                bail!("{shown}: profile `{name}` has a secret without a key ID\nhelp: name another profile");
            }
        }
        Ok(wiped)
    }

    fn try_check(&self) -> anyhow::Result<()> {
        let place = self.place()?;
        self.read(&place)?;
        let aside = Aside::beside(place).with_context(|| format!("{}: cannot be written", self.shown()))?;
        restrict(&aside.file).with_context(|| format!("{}: cannot be made private", self.shown()))
    }

    fn try_hand_over(&self, key: &CreatedKey) -> anyhow::Result<()> {
        let place = self.place()?;
        let _lock = lock::lock(&place)?;
        let old = self.read(&place)?;
        let text = std::str::from_utf8(&old.0)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the one file that the user names for it gets the secret"
        )]
        let secret = std::str::from_utf8(key.secret.expose())?;
        let new = Wiped(with(text, &self.name, &[(ID, key.id.as_str()), (SECRET, secret)]).into_bytes());
        let written = Aside::beside(place).and_then(|mut aside| {
            restrict(&aside.file)?;
            aside.file.write_all(&new.0)?;
            aside.put()
        });
        written.with_context(|| format!("{}: cannot be written", self.shown()))
    }
}

impl Destination for Profile {
    fn name(&self) -> String {
        format!("profile `{}` of {}", redact(self.name.as_bytes()), self.shown())
    }

    fn check(&self) -> Result<(), DestinationError> {
        self.try_check().map_err(|error| DestinationError(format!("{error:#}")))
    }

    fn hand_over(&self, _: &str, key: &CreatedKey) -> Result<(), DestinationError> {
        self.try_hand_over(key).map_err(|error| DestinationError(format!("{error:#}")))
    }

    fn has(&self, id: AccessKeyId) -> Option<bool> {
        let text = match fs::read(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Some(false),
            text => Wiped(text.ok()?),
        };
        let text = std::str::from_utf8(&text.0).ok()?;
        Some(section(text, &self.name).is_some_and(|found| value(text, &found, ID) == Some(id.as_str())))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    use akid::aws::fake;

    use super::*;

    fn profile(file: &Path) -> Profile {
        Profile { name: "dev".to_owned(), file: file.to_owned(), old: fake::pair(1).id() }
    }

    fn key() -> CreatedKey {
        CreatedKey { id: fake::pair(2).id(), secret: fake::pair(2).secret().clone() }
    }

    #[test]
    fn a_profile_gets_the_key_through_links_and_for_the_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        let old =
            format!("# mine\n[dev]\n{ID} = {}\n{SECRET} = x\n[other]\nregion = y\n", fake::pair(1).id_text());
        fs::write(&real, &old).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o644)).unwrap();
        symlink("real", &link).unwrap();
        let profile = profile(&link);
        profile.check().unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), old);
        assert_eq!(profile.has(fake::pair(2).id()), Some(false));
        profile.hand_over("ada", &key()).unwrap();
        let text = fs::read_to_string(&real).unwrap();
        assert!(text.starts_with("# mine\n[dev]\n") && text.ends_with("[other]\nregion = y\n"));
        assert!(text.contains(fake::pair(2).secret_text()) && !text.contains(fake::pair(1).id_text()));
        assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(profile.has(fake::pair(2).id()), Some(true));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_profile_with_another_key_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("credentials");
        for (text, why) in [
            (format!("[dev]\n{ID} = {}\n", fake::pair(3).id_text()), "has another key"),
            (format!("[dev]\n{ID} = {}\naws_session_token = x\n", fake::pair(1).id_text()), "session token"),
            (format!("[dev]\n{SECRET} = x\n"), "without a key ID"),
        ] {
            fs::write(&file, &text).unwrap();
            let fault = profile(&file).check().unwrap_err();
            assert!(fault.0.contains(why), "{fault}");
            assert!(profile(&file).hand_over("ada", &key()).is_err());
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_created_with_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("home/.aws/credentials");
        let profile = profile(&file);
        profile.check().unwrap();
        assert!(!file.exists());
        profile.hand_over("ada", &key()).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::read_to_string(&file).unwrap().starts_with("[dev]\n"));
    }
}
