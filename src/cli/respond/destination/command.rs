//! A program that takes a new key as JSON on its standard input.

use std::io::Write;
use std::process::{self, Stdio};

use akid::aws::AccessKeyId;
use akid::redact::words;
use akid::resolve::respond::CreatedKey;
use akid::resolve::respond::rotate::{Destination, DestinationError};

use super::Wiped;

/// A command line for the system's shell.
#[derive(Debug)]
pub(in crate::cli::respond) struct Command(pub(in crate::cli::respond) String);

impl Destination for Command {
    fn name(&self) -> String {
        format!("command `{}`", words(self.0.as_bytes()))
    }

    fn check(&self) -> Result<(), DestinationError> {
        if self.0.trim().is_empty() { failed("--to-command names no command") } else { Ok(()) }
    }

    fn hand_over(&self, user: &str, key: &CreatedKey) -> Result<(), DestinationError> {
        let mut child = shell(&self.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| DestinationError(format!("the command cannot be started: {error}")))?;
        let text = json(user, key);
        let written = child.stdin.take().map(|mut input| input.write_all(&text.0));
        drop(text);
        let lost = |error| DestinationError(format!("the command cannot be waited for: {error}"));
        let status = child.wait().map_err(lost)?;
        match (status.success(), written) {
            (true, Some(Ok(()))) => Ok(()),
            (true, _) => failed("the command did not read the key"),
            (false, _) => failed(&format!("the command failed ({status}); its output is not shown")),
        }
    }

    fn has(&self, _: AccessKeyId) -> Option<bool> {
        None
    }
}

fn failed(why: &str) -> Result<(), DestinationError> {
    Err(DestinationError(why.to_owned()))
}

fn shell(line: &str) -> process::Command {
    let (program, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = process::Command::new(program);
    command.arg(option).arg(line);
    command
}

/// What the program gets. Nothing in it needs an escape: IAM's names of users have letters, digits and `+=,.@_-`.
fn json(user: &str, key: &CreatedKey) -> Wiped {
    let user: String = user.chars().filter(|c| !matches!(c, '"' | '\\') && !c.is_control()).collect();
    let id = key.id;
    let mut text = Vec::with_capacity(200 + user.len());
    text.extend_from_slice(
        format!("{{\"UserName\":\"{user}\",\"AccessKeyId\":\"{id}\",\"SecretAccessKey\":\"").as_bytes(),
    );
    #[expect(
        clippy::disallowed_methods,
        reason = "the one program that the user names for it gets the secret"
    )]
    text.extend_from_slice(key.secret.expose());
    text.extend_from_slice(b"\"}\n");
    Wiped(text)
}

#[cfg(all(test, unix))]
mod tests {
    use akid::aws::fake;

    use super::*;

    fn key() -> CreatedKey {
        CreatedKey { id: fake::pair(1).id(), secret: fake::pair(1).secret().clone() }
    }

    #[test]
    fn the_key_is_on_the_commands_standard_input_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.json");
        let line = format!(
            "cat > '{0}'; tr '\\0' '\\n' < /proc/$$/cmdline > '{0}.args'; env > '{0}.env'",
            file.display()
        );
        Command(line).hand_over("ada", &key()).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["SecretAccessKey"], fake::pair(1).secret_text());
        assert_eq!(
            (&read["UserName"], &read["AccessKeyId"]),
            (&"ada".into(), &fake::pair(1).id_text().into())
        );
        for beside in ["args", "env"] {
            let text = std::fs::read_to_string(format!("{}.{beside}", file.display())).unwrap();
            assert!(!text.contains(&fake::pair(1).secret_text()[..8]), "{beside}");
        }
    }

    #[test]
    fn a_command_that_fails_or_does_not_read_has_no_key() {
        assert!(Command("exit 3".to_owned()).hand_over("ada", &key()).unwrap_err().0.contains("failed"));
        assert!(Command("/no/such/program".to_owned()).hand_over("ada", &key()).is_err());
        assert!(Command(" ".to_owned()).check().is_err());
    }
}
