//! Runs the command and takes all that it puts out.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

/// What the command put out at one place.
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) may_be_empty: bool,
}

impl Output {
    /// Writes `spelled` back as what it stands for.
    pub(crate) fn undo(&mut self, spelled: &str, meant: &str) {
        self.bytes = String::from_utf8_lossy(&self.bytes).replace(spelled, meant).into_bytes();
    }
}

/// A run to be.
pub(crate) struct Command(std::process::Command, Vec<u8>);

/// The command that is tested.
pub(crate) fn akid() -> Command {
    Command::new(Path::new(env!("CARGO_BIN_EXE_akid")))
}

impl Command {
    pub(crate) fn new(program: &Path) -> Self {
        let mut command = std::process::Command::new(program);
        command.env_remove("SOURCE_DATE_EPOCH").env("RUST_BACKTRACE", "full");
        Self(command, Vec::new())
    }

    pub(crate) fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, args: I) -> Self {
        self.0.args(args);
        self
    }

    pub(crate) fn arg(self, arg: impl AsRef<OsStr>) -> Self {
        self.args([arg])
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn current_dir(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    pub(crate) fn stdin(mut self, bytes: &[u8]) -> Self {
        self.1 = bytes.to_vec();
        self
    }

    /// Standard output, standard error and the exit code.
    pub(crate) fn run(mut self) -> Vec<Output> {
        let streams = self.0.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = streams.spawn().unwrap();
        // It may end before it has read all.
        drop(child.stdin.take().unwrap().write_all(&self.1));
        let done = child.wait_with_output().unwrap();
        let stream = |name: &str, bytes| Output { name: name.to_owned(), bytes, may_be_empty: true };
        vec![
            stream("standard output", done.stdout),
            stream("standard error", done.stderr),
            stream("exit", done.status.code().unwrap_or(-1).to_string().into_bytes()),
        ]
    }
}

/// Everything that a scan of `folder` can tell.
pub(crate) fn every_format(folder: &Path) -> Vec<Output> {
    let reports = tempfile::tempdir().unwrap();
    let formats = akid::report::Format::ALL.map(akid::report::Format::as_str);
    let targets = formats.map(|format| format!("{format}:{}", reports.path().join(format).display()));
    let mut command = akid().args(["scan", "-v", "--sarif-suppressed", "-o", "text:-", "--color", "always"]);
    for target in &targets {
        command = command.args(["-o", target]);
    }
    let mut outputs = command.arg(folder).run();
    outputs.extend(formats.map(|format| Output {
        name: format.to_owned(),
        bytes: std::fs::read(reports.path().join(format)).unwrap(),
        // Where all is suppressed there is nothing to show.
        may_be_empty: format == "text",
    }));
    outputs
}
