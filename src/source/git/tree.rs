//! The entries of a tree, as git stores them.

use crate::origin::{ObjectFormat, ObjectId};

/// The mode of a folder.
pub(super) const TREE: &[u8] = b"40000";

/// Mode, name and target of an entry of a tree.
pub(super) type TreeEntry<'a> = (&'a [u8], &'a [u8], ObjectId);

/// Each entry of a tree with IDs of `format`, as far as it is one.
pub(super) fn entries(content: &[u8], format: ObjectFormat) -> impl Iterator<Item = TreeEntry<'_>> {
    let mut rest = content;
    std::iter::from_fn(move || {
        let (entry, len) = entry_at(rest, format)?;
        rest = &rest[len..];
        Some(entry)
    })
}

/// The entry that `content` starts with, and how many bytes it takes; `None` if that is no entry.
#[inline]
pub(super) fn entry_at(content: &[u8], format: ObjectFormat) -> Option<(TreeEntry<'_>, usize)> {
    let name_end = memchr::memchr(0, content)?;
    let mode_end = content[..name_end].iter().position(|&byte| byte == b' ')?;
    let (mode, name) = (&content[..mode_end], &content[mode_end + 1..name_end]);
    let (target, rest) = format.split_id(&content[name_end + 1..])?;
    // Git wrote modes with a zero before, once.
    Some(((mode.strip_prefix(b"0").unwrap_or(mode), name, target), content.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_tree_has_no_entries_and_makes_no_panic() {
        for content in [&b""[..], b"100644", b"100644 x\0short", b"\0\0\0", b" \0"] {
            for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
                assert_eq!(entries(content, format).filter(|(_, name, _)| !name.is_empty()).count(), 0);
            }
        }
    }
}
