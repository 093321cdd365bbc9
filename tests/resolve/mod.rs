//! Asking AWS whose keys are, as whole runs of the command beside a made-up AWS.

#![expect(clippy::print_stderr, clippy::unwrap_used, reason = "a test")]

mod aws;
mod callers;
mod keys;
mod network;
mod roles;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use akid::aws::fake::{self, Fake};

use aws::{Aws, Reply, Request, account, identity};

/// Who asks, unless a test says otherwise.
const CALLER: &str = "arn:aws:iam::222222222222:user/ada";

/// The key that asks.
fn caller() -> Fake {
    fake::pair(700)
}

/// What AWS says of a key by its ID, decoded as AWS does; keys of the old generation are the caller's.
fn truth(request: &Request) -> Reply {
    match (request.action(), request.parameter("AccessKeyId")) {
        ("GetCallerIdentity", _) => identity(CALLER),
        ("GetAccessKeyInfo", Some(id)) => {
            let id = akid::aws::AccessKeyId::parse(id.as_bytes()).unwrap();
            account(&id.account().map_or("222222222222".to_owned(), |account| account.to_string()))
        }
        (action, _) => panic!("{action} was not to be asked"),
    }
}

/// A folder to run in, with a home of its own: nothing of this machine's user plays a part.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("home/.aws")).unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        Self { folder }
    }

    /// A file that may be scanned.
    fn with(self, name: &str, text: &str) -> Self {
        fs::write(self.path("work").join(name), text).unwrap();
        self
    }

    /// `~/.aws/config`.
    fn with_profiles(self, text: &str) -> Self {
        fs::write(self.path("home/.aws/config"), text).unwrap();
        self
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// The command, with no credentials and no region.
    fn bare(&self, args: &[&str]) -> Command {
        self.command(Path::new(env!("CARGO_BIN_EXE_akid")), args)
    }

    fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.path("work")).env_clear();
        command.env("HOME", self.path("home")).env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.env("SOURCE_DATE_EPOCH", "1767225600").env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// The command beside `aws`, in a region, with the caller's key in the environment.
    fn akid(&self, aws: &Aws, args: &[&str]) -> Command {
        let mut command = self.anonymous(aws, args);
        command.env("AWS_ACCESS_KEY_ID", caller().id_text());
        command.env("AWS_SECRET_ACCESS_KEY", caller().secret_text());
        command
    }

    /// The command beside `aws`, in a region, with no credentials but those of profiles.
    fn anonymous(&self, aws: &Aws, args: &[&str]) -> Command {
        let mut command = self.bare(args);
        command.env("AWS_ENDPOINT_URL", aws.url()).env("AWS_REGION", "us-east-1");
        command
    }
}

/// A settings file with a pair in it.
fn settings(key: &Fake) -> String {
    format!("AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\n", key.id_text(), key.secret_text())
}

/// A key ID of the old generation, which does not carry its account; made, so that none stands here.
fn old_id() -> String {
    format!("AKIAJ{}", &fake::pair(77).id_text()[5..])
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
