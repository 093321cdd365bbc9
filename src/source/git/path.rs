//! Paths that git writes into files.

use std::ffi::OsString;
use std::path::PathBuf;

/// A path that git wrote into a file.
pub(super) fn from_bytes(path: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        PathBuf::from(OsString::from_vec(path.to_vec()))
    }
    #[cfg(not(unix))]
    PathBuf::from(OsString::from(String::from_utf8_lossy(path).into_owned()))
}
