//! What a rewritten file keeps of the old one beside its content: owner, mode, times, and extended attributes, in which
//! Linux stores access control lists.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Gives the new file the owner, the extended attributes, the mode and the times of the old one at `path`.
///
/// # Errors
///
/// If the new file cannot have one of them: others might be able to read it, or programs might take it for another file.
pub(super) fn keep(file: &File, path: &Path, old: &fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            fchown(file, Some(old.uid()), Some(old.gid()))?;
        }
    }
    attributes::keep(file, path)?;
    file.set_permissions(old.permissions())?;
    let mut times = fs::FileTimes::new().set_modified(old.modified()?);
    if let Ok(accessed) = old.accessed() {
        times = times.set_accessed(accessed);
    }
    file.set_times(times)
}

/// How many names the file has.
#[cfg(unix)]
pub(super) fn names(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
pub(super) fn names(_: &fs::Metadata) -> u64 {
    1
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod attributes {
    use std::ffi::CString;
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use akid::redact::redact;
    use rustix::fs::{
        XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr, lgetxattr, lgetxattr_query, llistxattr,
        llistxattr_query,
    };
    use rustix::io::Errno;

    /// Names and values of attributes may have as many bytes, as Linux has it.
    const MAX_LEN: usize = 64 << 10;

    /// Gives `file` the extended attributes of what is at `path`, and no others: a folder may hand down a list of its own.
    pub(super) fn keep(file: &File, path: &Path) -> io::Result<()> {
        let (old, inherited) = (names(&list(path)?), names(&list_of(file)?));
        for name in inherited.iter().filter(|name| !old.contains(name)) {
            // A security module may give each file a label, which stays.
            match fremovexattr(file, name.as_c_str()) {
                Err(error) if is_access(name) => return Err(fault(name, error)),
                _ => {}
            }
        }
        for name in &old {
            let value = match value(path, name) {
                Err(Errno::NODATA) => continue,
                value => value.map_err(|error| fault(name, error))?,
            };
            if !has(file, name, &value) {
                fsetxattr(file, name.as_c_str(), &value, XattrFlags::empty())
                    .map_err(|error| fault(name, error))?;
            }
        }
        Ok(())
    }

    fn is_access(name: &CString) -> bool {
        name.as_bytes().starts_with(b"system.")
    }

    fn fault(name: &CString, error: Errno) -> io::Error {
        let name = redact(name.as_bytes());
        let error = io::Error::from(error);
        io::Error::new(
            error.kind(),
            format!("not rewritten: its extended attribute {name} cannot be kept: {error}"),
        )
    }

    fn names(list: &[u8]) -> Vec<CString> {
        list.split(|&byte| byte == 0)
            .filter(|name| !name.is_empty())
            .filter_map(|name| CString::new(name).ok())
            .collect()
    }

    /// The names of the attributes of what is at `path`, each with a zero behind it; none where there can be none.
    fn list(path: &Path) -> io::Result<Vec<u8>> {
        let mut names = vec![0; or_none(llistxattr_query(path))?];
        if !names.is_empty() {
            let len = llistxattr(path, names.as_mut_slice())?;
            names.truncate(len);
        }
        Ok(names)
    }

    fn list_of(file: &File) -> io::Result<Vec<u8>> {
        let mut names = vec![0; MAX_LEN];
        let len = or_none(flistxattr(file, names.as_mut_slice()))?;
        names.truncate(len);
        Ok(names)
    }

    fn or_none(len: rustix::io::Result<usize>) -> io::Result<usize> {
        match len {
            Err(Errno::NOTSUP | Errno::NOSYS) => Ok(0),
            len => Ok(len?),
        }
    }

    fn value(path: &Path, name: &CString) -> rustix::io::Result<Vec<u8>> {
        let mut value = vec![0; lgetxattr_query(path, name.as_c_str())?];
        if !value.is_empty() {
            let len = lgetxattr(path, name.as_c_str(), value.as_mut_slice())?;
            value.truncate(len);
        }
        Ok(value)
    }

    /// Whether `file` has the attribute already: some of them only the system may set.
    fn has(file: &File, name: &CString, value: &[u8]) -> bool {
        let mut there = vec![0; value.len() + 1];
        let len = fgetxattr(file, name.as_c_str(), there.as_mut_slice());
        len.is_ok_and(|len| there[..len] == *value)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod attributes {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(super) fn keep(_: &File, _: &Path) -> io::Result<()> {
        Ok(())
    }
}
