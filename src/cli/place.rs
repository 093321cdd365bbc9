//! Where a path leads that the user names for something to be written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// What the process was handed open, by its number: `/dev/stdout`, `/dev/stderr`, `/dev/fd/N`.
    Open(u32),
    /// A device or a pipe.
    Special(PathBuf),
    /// A file, there or not, without links on the way to it.
    File(PathBuf),
}

/// More links than this lead in circles.
const MAX_LINKS: usize = 40;

impl Place {
    /// Follows `path`, through links that lead to nothing yet, too.
    ///
    /// # Errors
    ///
    /// If links lead in circles, or the folder is not there.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let mut path = std::path::absolute(path)?;
        for _ in 0..MAX_LINKS {
            if let Some(number) = number(&path) {
                return Ok(Self::Open(number));
            }
            let Ok(next) = fs::read_link(&path) else {
                return Self::without_links(path);
            };
            path = path.parent().unwrap_or(Path::new("/")).join(next);
        }
        Err(io::Error::other("links lead in circles"))
    }

    /// The file, if it is one.
    pub(super) fn into_file(self) -> Option<PathBuf> {
        if let Self::File(file) = self { Some(file) } else { None }
    }

    fn without_links(path: PathBuf) -> io::Result<Self> {
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Ok(Self::Special(path));
        }
        match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => Ok(Self::File(folder.canonicalize()?.join(name))),
            _ => Ok(Self::Special(path)),
        }
    }
}

/// The folder that the file at `path` is in: the current one for a name alone.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The number of the open file that `path` is a name of.
fn number(path: &Path) -> Option<u32> {
    match path.to_str()? {
        "/dev/stdout" => Some(1),
        "/dev/stderr" => Some(2),
        path => path.strip_prefix("/dev/fd/").or_else(|| path.strip_prefix("/proc/self/fd/"))?.parse().ok(),
    }
}

/// What the process was handed open as `number`, to be written where others write to it, too: a file that is opened
/// anew by its name is written from its start. Past standard error there is no safe way to it but at the file's end.
#[cfg(unix)]
pub(super) fn handed(number: u32) -> io::Result<fs::File> {
    use std::os::fd::AsFd;
    let handed = match number {
        1 => io::stdout().as_fd().try_clone_to_owned()?,
        2 => io::stderr().as_fd().try_clone_to_owned()?,
        _ => return fs::File::options().append(true).open(format!("/dev/fd/{number}")),
    };
    Ok(fs::File::from(handed))
}

#[cfg(not(unix))]
pub(super) fn handed(_: u32) -> io::Result<fs::File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_to_files_that_are_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        fs::create_dir(top.join("below")).unwrap();
        symlink("below", top.join("way")).unwrap();
        symlink("way/new", top.join("link")).unwrap();
        symlink("circle", top.join("circle")).unwrap();
        symlink("/dev/stdout", top.join("log")).unwrap();
        let place = |name: &str| Place::of(&top.join(name));
        assert_eq!(place("link").unwrap(), Place::File(top.join("below/new")));
        assert_eq!(place("below/../way/new").unwrap(), Place::File(top.join("below/new")));
        assert_eq!(place("log").unwrap(), Place::Open(1));
        assert!(place("circle").is_err() && place("nowhere/new").is_err());
        assert_eq!(Place::of(Path::new("/proc/self/fd/17")).unwrap(), Place::Open(17));
        assert_eq!(Place::of(Path::new("/dev/null")).unwrap(), Place::Special("/dev/null".into()));
    }
}
