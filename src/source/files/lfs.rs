//! Pointers of git LFS: what git has in the place of a large file, whose content is stored elsewhere.

use std::path::Path;

/// What a pointer starts with: the specification and its two older names.
const STARTS: [&[u8]; 3] = [
    b"version https://git-lfs.github.com/spec/v1\n",
    b"version http://git-media.io/v/2\n",
    b"version https://hawser.github.com/spec/v1\n",
];

/// No pointer is longer, by the specification.
const MAX_LEN: usize = 1024;

/// The ID of the object that `content` points to, if it is a pointer: 64 hex digits.
pub(super) fn object(content: &[u8]) -> Option<&str> {
    let rest = STARTS.iter().find_map(|start| content.strip_prefix(*start))?;
    let mut lines = rest.split(|&byte| byte == b'\n').filter(|_| content.len() < MAX_LEN);
    let id = lines.find_map(|line| line.strip_prefix(b"oid sha256:"))?;
    let size = lines.find_map(|line| line.strip_prefix(b"size "))?;
    let is_size = !size.is_empty() && size.iter().all(u8::is_ascii_digit);
    let is_id = id.len() == 64 && id.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    std::str::from_utf8(id).ok().filter(|_| is_id && is_size)
}

/// Whether the repository that the file at `path` lies in has the object `id`.
#[cfg(feature = "git")]
pub(super) fn has_object(path: &Path, id: &str) -> bool {
    let below = Path::new("lfs/objects").join(&id[..2]).join(&id[2..4]).join(id);
    crate::source::git::has_file(path, &below)
}

/// Where akid is built without git, no repository is known.
#[cfg(not(feature = "git"))]
pub(super) fn has_object(_: &Path, _: &str) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_told_from_what_resembles_one() {
        let id = "0123456789abcdef".repeat(4);
        let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 12345\n");
        assert_eq!(object(pointer.as_bytes()), Some(id.as_str()));
        let extended = pointer.replace("oid", "ext-0-foo sha256:00\noid");
        assert_eq!(object(extended.as_bytes()), Some(id.as_str()));
        for other in [
            pointer.replace("version", "Version"),
            pointer.replace("sha256:0", "sha256:g"),
            pointer.replace("size 12345", "size x"),
            pointer.replace("size 12345\n", ""),
            format!("{pointer}{}", "\n".repeat(MAX_LEN)),
            format!("see {pointer}"),
        ] {
            assert_eq!(object(other.as_bytes()), None, "{other}");
        }
    }
}
