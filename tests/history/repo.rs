//! Repositories made with git itself, and what git says is in them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use akid::origin::{Object, ObjectFormat, ObjectId, ObjectKind, Origin};
use akid::source::git::Repository;
use akid::source::{Content, Event, Sink, Source};
use tempfile::TempDir;

/// The variables of git's that are set here and must not count in a test. Those of the formats of new repositories do:
/// with `GIT_DEFAULT_HASH=sha256 GIT_DEFAULT_REF_FORMAT=reftable`, the tests are about repositories of these formats.
pub(crate) fn of_this_machine() -> impl Iterator<Item = OsString> {
    let is_gits = |name: &OsString| {
        let name = name.to_string_lossy();
        name.starts_with("GIT_") && !["GIT_DEFAULT_HASH", "GIT_DEFAULT_REF_FORMAT"].contains(&&*name)
    };
    std::env::vars_os().map(|(name, _)| name).filter(is_gits)
}

/// A folder with repositories in it, gone when dropped.
pub(crate) struct Folder {
    _folder: TempDir,
    pub(crate) top: PathBuf,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        Self { _folder: folder, top }
    }

    /// An empty repository in the folder.
    pub(crate) fn repo(&self, name: &str) -> Repo {
        self.init(name, &[])
    }

    /// The same with objects and refs in these formats.
    pub(crate) fn repo_of(&self, name: &str, objects: &str, refs: &str) -> Repo {
        self.init(name, &[("GIT_DEFAULT_HASH", objects), ("GIT_DEFAULT_REF_FORMAT", refs)])
    }

    /// The same with refs in files of their own, whatever the tests are run with: for what is written there by hand.
    pub(crate) fn repo_with_files(&self, name: &str) -> Repo {
        self.init(name, &[("GIT_DEFAULT_REF_FORMAT", "files")])
    }

    /// By the environment, since older ones of git do not know the options.
    fn init(&self, name: &str, formats: &[(&str, &str)]) -> Repo {
        let repo = Repo { top: self.top.join(name) };
        fs::create_dir_all(&repo.top).unwrap();
        let mut command = repo.command(&["init", "-q", "-b", "main"]);
        assert!(command.envs(formats.iter().copied()).status().unwrap().success());
        repo
    }
}

/// A worktree, or a bare repository.
pub(crate) struct Repo {
    pub(crate) top: PathBuf,
}

impl Repo {
    pub(crate) fn git(&self, arguments: &[&str]) -> Vec<u8> {
        self.git_with(arguments, b"")
    }

    /// Nothing of this machine's configuration counts.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        for name in of_this_machine() {
            command.env_remove(name);
        }
        command
            .args(["-c", "gc.auto=0", "-c", "core.fsync=none", "-c", "pack.threads=1"])
            .args(arguments)
            .current_dir(&self.top)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "A")
            .env("GIT_AUTHOR_EMAIL", "a@example.com")
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_NAME", "A")
            .env("GIT_COMMITTER_EMAIL", "a@example.com")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z");
        command
    }

    /// What git prints, given `input`.
    pub(crate) fn git_with(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        drop(writer.join());
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    pub(crate) fn commit(&self, path: &str, content: impl AsRef<[u8]>) {
        fs::write(self.top.join(path), content).unwrap();
        self.git(&["add", path]);
        self.git(&["commit", "-q", "-m", &format!("change {path}")]);
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.top.join(path)
    }

    /// The object that a revision names, by git's word.
    pub(crate) fn id(&self, revision: &str) -> ObjectId {
        ObjectId::parse(self.git(&["rev-parse", revision]).trim_ascii()).unwrap()
    }

    /// An ID of the repository's hash that has the same byte all over.
    pub(crate) fn id_of(&self, byte: u8) -> ObjectId {
        let name = String::from_utf8(self.git(&["rev-parse", "--show-object-format"])).unwrap();
        ObjectId::from_slice(&vec![byte; ObjectFormat::of_name(name.trim()).unwrap().id_len()]).unwrap()
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::open(&self.top).unwrap()
    }

    /// The files of that extension among its packs, in order.
    pub(crate) fn packs(&self, extension: &str) -> Vec<PathBuf> {
        let folder = [".git/objects/pack", "objects/pack"].map(|folder| self.top.join(folder));
        let entries = folder.iter().find(|folder| folder.is_dir()).unwrap().read_dir().unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|found| found == extension));
        files.sort();
        files
    }

    /// Every commit that there is, reachable or not, with its parents; by their dates, the oldest first.
    pub(crate) fn commits(&self) -> Vec<(String, Vec<String>)> {
        let listed =
            self.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"]);
        let listed = String::from_utf8(listed).unwrap();
        let commits: Vec<&str> = listed.lines().filter_map(|line| line.strip_prefix("commit ")).collect();
        let arguments = ["log", "--no-walk=unsorted", "--format=%ct %H %P", "--stdin"];
        let log = String::from_utf8(self.git_with(&arguments, commits.join("\n").as_bytes())).unwrap();
        let mut order: Vec<Vec<String>> =
            log.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
        order.sort();
        order.into_iter().map(|line| (line[1].clone(), line[2..].to_vec())).collect()
    }

    /// Everything that git says there is, but trees.
    pub(crate) fn objects(&self) -> Vec<(Origin, Vec<u8>)> {
        let all = self.git(&["cat-file", "--batch-all-objects", "--batch", "--unordered"]);
        let mut objects = Vec::new();
        let mut rest = &all[..];
        while !rest.is_empty() {
            let line = rest.iter().position(|&byte| byte == b'\n').unwrap();
            let head = std::str::from_utf8(&rest[..line]).unwrap();
            let [id, kind, size] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head}") };
            let size: usize = size.parse().unwrap();
            let content = &rest[line + 1..line + 1 + size];
            objects.extend(kind_of(kind).map(|kind| (origin(kind, id), content.to_vec())));
            rest = &rest[line + size + 2..];
        }
        objects.sort();
        objects
    }
}

fn kind_of(word: &str) -> Option<ObjectKind> {
    [ObjectKind::Blob, ObjectKind::Commit, ObjectKind::Tag].into_iter().find(|kind| kind.as_str() == word)
}

pub(crate) fn origin(kind: ObjectKind, id: &str) -> Origin {
    Origin::Object(Object::new(kind, ObjectId::parse(id.as_bytes()).unwrap()))
}

/// The slow way: every object whole, as git gives it.
pub(crate) struct SlowSource(pub(crate) Vec<(Origin, Vec<u8>)>);

impl Source for SlowSource {
    fn run(&self, sink: &dyn Sink) {
        for (origin, content) in &self.0 {
            sink.take(Event::Input(&|| origin.clone(), Content::Whole(content)));
        }
    }
}

/// The objects of a source, and not where they are.
pub(crate) struct Unattributed<'a>(pub(crate) &'a dyn Source);

impl Source for Unattributed<'_> {
    fn run(&self, sink: &dyn Sink) {
        self.0.run(sink);
    }
}

/// Keeps what it is given.
#[derive(Default)]
pub(crate) struct Keep {
    pub(crate) inputs: std::sync::Mutex<Vec<(Origin, Vec<u8>)>>,
    pub(crate) skipped: std::sync::Mutex<Vec<akid::source::Skipped>>,
    pub(crate) gaps: std::sync::Mutex<std::collections::BTreeSet<akid::source::Gap>>,
}

impl Keep {
    /// What `source` has, in order, and what it could not read, in order of being told.
    pub(crate) fn all_of(source: &dyn Source) -> (Vec<(Origin, Vec<u8>)>, Vec<String>) {
        let keep = Self::default();
        source.run(&keep);
        let mut inputs = keep.inputs.into_inner().unwrap();
        inputs.sort();
        let skipped = keep.skipped.into_inner().unwrap();
        (inputs, skipped.iter().map(|skipped| format!("{:?}", skipped.reason)).collect())
    }
}

impl Sink for Keep {
    fn take(&self, event: Event<'_, '_>) -> bool {
        match event {
            Event::Input(origin, content) | Event::Member(origin, content, _) => {
                let bytes = match content {
                    Content::Whole(bytes) | Content::Anchored(bytes, _) => bytes.to_vec(),
                    Content::Stream(reader) => {
                        let mut bytes = Vec::new();
                        if reader.read_to_end(&mut bytes).is_err() {
                            bytes = b"unreadable".to_vec();
                        }
                        bytes
                    }
                };
                self.inputs.lock().unwrap().push((origin(), bytes));
            }
            Event::Skip(skipped) => self.skipped.lock().unwrap().push(skipped),
            Event::Gap(gap) => _ = self.gaps.lock().unwrap().insert(gap),
            _ => {}
        }
        false
    }

    fn is_stopped(&self) -> bool {
        false
    }
}

/// The commands of `git fast-import` for versions of files, each a commit.
#[derive(Default)]
pub(crate) struct Import {
    stream: Vec<u8>,
    commits: usize,
}

impl Import {
    pub(crate) fn commit(&mut self, files: &BTreeMap<String, Vec<u8>>) {
        self.commits += 1;
        let message = format!("version {}\n", self.commits);
        let head = format!(
            "commit refs/heads/main\ncommitter A <a@example.com> {} +0000\ndata {}\n{message}",
            1_767_225_600 + self.commits,
            message.len()
        );
        self.stream.extend_from_slice(head.as_bytes());
        for (path, content) in files {
            self.stream
                .extend_from_slice(format!("M 644 inline {path}\ndata {}\n", content.len()).as_bytes());
            self.stream.extend_from_slice(content);
            self.stream.push(b'\n');
        }
    }

    pub(crate) fn into_repo(self, repo: &Repo) {
        repo.git_with(&["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force"], &self.stream);
    }
}

/// Copies a folder with all below it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
