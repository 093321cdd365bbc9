use std::fs::File;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Command;

use super::unix::Lookup;
use super::*;

#[cfg(any(target_os = "linux", target_os = "android"))]
const LOOKUPS: &[Lookup] = &[Lookup::Kernel, Lookup::Parts];
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const LOOKUPS: &[Lookup] = &[Lookup::Parts];

/// A folder `top` with a file in `a/b`, and `outside` beside it.
struct Tree {
    _temp: tempfile::TempDir,
    top: PathBuf,
}

impl Tree {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let top = temp.path().canonicalize().unwrap().join("top");
        std::fs::create_dir_all(top.join("a/b")).unwrap();
        std::fs::create_dir(top.with_file_name("outside")).unwrap();
        std::fs::write(top.join("a/b/file"), "inside").unwrap();
        std::fs::write(top.with_file_name("outside").join("file"), "outside").unwrap();
        Self { _temp: temp, top }
    }

    /// Runs `test` with each way to look up a path.
    fn each(&self, test: impl Fn(&Folder)) {
        for &lookup in LOOKUPS {
            test(&Folder(unix::Folder::open_by(&self.top, lookup).unwrap()));
        }
    }
}

fn read(folder: &Folder, path: &str) -> Result<Vec<u8>, OpenError> {
    folder.read(Path::new(path), 100, &|| false)
}

#[test]
fn a_regular_file_beneath_is_read() {
    Tree::new().each(|top| {
        for path in ["a/b/file", "./a/./b/file", "a//b/file"] {
            assert_eq!(read(top, path).unwrap(), b"inside", "{path}");
        }
        let inner = top.folder(Path::new("a")).unwrap().folder(Path::new("b")).unwrap();
        assert_eq!(read(&inner, "file").unwrap(), b"inside");
        assert_eq!(inner.listed_file(Path::new("file")).unwrap().len, 6);
    });
}

#[test]
fn a_path_that_leads_up_or_is_absolute_is_outside() {
    let tree = Tree::new();
    let absolute = tree.top.join("a/b/file");
    tree.each(|top| {
        for path in ["../outside/file", "a/../../outside/file", "a/../a/b/file", absolute.to_str().unwrap()] {
            assert!(matches!(read(top, path), Err(OpenError::Outside)), "{path}");
        }
        assert!(matches!(top.folder(Path::new("..")), Err(OpenError::Outside)));
    });
}

#[test]
fn no_link_is_followed_wherever_it_is_in_the_path() {
    let tree = Tree::new();
    symlink("b/file", tree.top.join("a/link")).unwrap();
    symlink("../outside", tree.top.join("away")).unwrap();
    symlink("nowhere", tree.top.join("broken")).unwrap();
    symlink(".", tree.top.join("loop")).unwrap();
    tree.each(|top| {
        for path in ["a/link", "away", "away/file", "broken", "loop/loop/a/b/file"] {
            assert!(matches!(read(top, path), Err(OpenError::Link)), "{path}");
            assert!(matches!(top.listed_file(Path::new(path)), Err(OpenError::Link)), "{path}");
        }
        for path in ["away", "loop", "loop/a"] {
            assert!(matches!(top.folder(Path::new(path)), Err(OpenError::Link)), "{path}");
        }
        assert_eq!(top.stat(Path::new("away")).unwrap().kind, Kind::Link);
        assert!(matches!(top.stat(Path::new("away/file")), Err(OpenError::Link)));
    });
}

#[test]
fn a_folder_that_is_swapped_for_a_link_stays_what_was_opened() {
    for &lookup in LOOKUPS {
        let tree = Tree::new();
        let top = unix::Folder::open_by(&tree.top, lookup).map(Folder).unwrap();
        let open = top.folder(Path::new("a/b")).unwrap();
        std::fs::rename(tree.top.join("a/b"), tree.top.join("a/moved")).unwrap();
        symlink("../../outside", tree.top.join("a/b")).unwrap();
        assert_eq!(read(&open, "file").unwrap(), b"inside");
        assert!(matches!(read(&top, "a/b/file"), Err(OpenError::Link)));
    }
}

#[test]
fn only_regular_files_are_opened_and_nothing_waits() {
    let tree = Tree::new();
    assert!(Command::new("mkfifo").arg(tree.top.join("pipe")).status().unwrap().success());
    let _socket = UnixListener::bind(tree.top.join("socket")).unwrap();
    tree.each(|top| {
        for path in ["pipe", "socket", "a"] {
            assert!(matches!(read(top, path), Err(OpenError::NotAFile)), "{path}");
        }
        assert!(matches!(top.listed_file(Path::new("pipe")), Err(OpenError::NotAFile)));
        assert!(matches!(top.listed_file(Path::new("a")), Err(OpenError::NotAFile)));
        assert!(top.folder(Path::new("a/b/file")).is_err());
    });
    let devices = Folder::open(Path::new("/dev")).unwrap();
    assert!(matches!(read(&devices, "zero"), Err(OpenError::NotAFile)));
}

#[test]
fn what_is_not_there_is_missing() {
    Tree::new().each(|top| {
        for path in ["no", "no/such", "a/b/file/below"] {
            assert!(read(top, path).is_err_and(|error| error.is_missing()), "{path}");
            assert!(top.folder(Path::new(path)).is_err_and(|error| error.is_missing()), "{path}");
        }
    });
}

#[test]
fn a_path_of_thousands_of_folders_is_too_long_for_each_lookup() {
    Tree::new().each(|top| {
        let path = "a/".repeat(3000);
        let error = top.folder(Path::new(&path)).unwrap_err();
        assert!(matches!(error, OpenError::Io(error) if error.kind() == io::ErrorKind::InvalidFilename));
    });
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let tree = Tree::new();
    File::create(tree.top.join("sparse")).unwrap().set_len(40 << 30).unwrap();
    std::fs::write(tree.top.join("full"), [b'x'; 100]).unwrap();
    std::fs::write(tree.top.join("over"), [b'x'; 101]).unwrap();
    tree.each(|top| {
        assert!(matches!(read(top, "sparse"), Err(OpenError::TooLarge(100))));
        assert!(matches!(read(top, "over"), Err(OpenError::TooLarge(100))));
        assert_eq!(read(top, "full").unwrap().len(), 100);
    });
}

#[test]
fn reading_ends_when_the_scan_is_stopped() {
    let tree = Tree::new();
    File::create(tree.top.join("sparse")).unwrap().set_len(40 << 30).unwrap();
    tree.each(|top| {
        let asked = std::cell::Cell::new(0);
        let is_stopped = || asked.replace(asked.get() + 1) == 3;
        let read = top.read(Path::new("sparse"), u64::MAX, &is_stopped);
        assert!(matches!(read, Err(OpenError::Stopped)));
        assert_eq!(asked.get(), 4);
    });
}

#[test]
fn a_listing_says_what_everything_is() {
    let tree = Tree::new();
    std::fs::write(tree.top.join("file"), "").unwrap();
    symlink("a", tree.top.join("link")).unwrap();
    let _socket = UnixListener::bind(tree.top.join("socket")).unwrap();
    tree.each(|top| {
        // Several times: a listing starts at the beginning, whoever listed the folder before.
        for _ in 0..2 {
            let mut entries = Vec::new();
            let mut take = |entry: Entry| entries.push((entry.name.into_string().unwrap(), entry.kind));
            let (folder, listed) = top.listed(Path::new(""), &mut take).unwrap();
            listed.unwrap();
            assert_eq!(folder.stat(Path::new("file")).unwrap().kind, Kind::File);
            let mut again = 0;
            folder.listed(Path::new(""), &mut |_| again += 1).unwrap().1.unwrap();
            assert_eq!(again, 4);
            entries.sort();
            let expected =
                [("a", Kind::Folder), ("file", Kind::File), ("link", Kind::Link), ("socket", Kind::Special)];
            assert_eq!(entries, expected.map(|(name, kind)| (name.to_owned(), kind)));
        }
        assert_eq!(top.stat(Path::new("a/b/file")).unwrap(), Stat { kind: Kind::File, len: 6 });
        assert_eq!(top.stat(Path::new("")).unwrap().kind, Kind::Folder);
        assert_eq!(top.stat(Path::new(".")).unwrap().kind, Kind::Folder);
    });
}

#[test]
fn a_path_that_was_resolved_is_read_without_links_on_the_way() {
    let tree = Tree::new();
    assert_eq!(read_unlinked(&tree.top.join("a/b/file"), 100).unwrap(), b"inside");
    std::fs::rename(tree.top.join("a"), tree.top.join("moved")).unwrap();
    symlink(tree.top.join("moved"), tree.top.join("a")).unwrap();
    assert!(read_unlinked(&tree.top.join("a/b/file"), 100).is_err());
    symlink("file", tree.top.join("moved/b/link")).unwrap();
    assert!(matches!(read_unlinked(&tree.top.join("moved/b/link"), 100), Err(OpenError::Link)));
    assert!(Command::new("mkfifo").arg(tree.top.join("pipe")).status().unwrap().success());
    assert!(matches!(read_unlinked(&tree.top.join("pipe"), 100), Err(OpenError::NotAFile)));
    assert!(matches!(read_unlinked(&tree.top.join("moved/b/file"), 3), Err(OpenError::TooLarge(3))));
}
