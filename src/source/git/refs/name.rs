//! Names of refs: what they are the names of, how they are shortened, and what a short one may stand for.

use crate::finding::TipKind;

/// The folders of refs whose names people shorten.
const KINDS: [(&[u8], TipKind); 3] =
    [(b"refs/heads/", TipKind::Branch), (b"refs/remotes/", TipKind::Remote), (b"refs/tags/", TipKind::Tag)];

/// What the ref of this full name is.
pub(in crate::source::git) fn kind_of(name: &[u8]) -> TipKind {
    KINDS.iter().find(|(folder, _)| name.starts_with(folder)).map_or(TipKind::Other, |(_, kind)| *kind)
}

/// The name without the folders that go without saying.
pub(in crate::source::git) fn short(name: &[u8]) -> String {
    let folders = KINDS.iter().map(|(folder, _)| *folder).chain([&b"refs/"[..]]);
    let short = folders.into_iter().find_map(|folder| name.strip_prefix(folder)).unwrap_or(name);
    String::from_utf8_lossy(short).into_owned()
}

/// The full names that a name may stand for; git takes the first that there is.
pub(in crate::source::git) fn candidates(name: &str) -> impl Iterator<Item = String> {
    let rules = [("", ""), ("refs/", ""), ("refs/tags/", ""), ("refs/heads/", ""), ("refs/remotes/", "")];
    let rules = rules.into_iter().chain([("refs/remotes/", "/HEAD")]);
    rules.map(move |(before, after)| format!("{before}{name}{after}"))
}

/// Whether each worktree has its own ref of this name.
pub(super) fn is_of_worktree(name: &[u8]) -> bool {
    let folders = [&b"refs/bisect/"[..], b"refs/worktree/", b"refs/rewritten/"];
    !name.starts_with(b"refs/") || folders.iter().any(|folder| name.starts_with(folder))
}

/// Whether a name leads to a file below a repository's folder and nowhere else.
pub(super) fn is_sound(name: &[u8]) -> bool {
    let is_part = |part: &[u8]| !part.is_empty() && part != b"." && part != b".." && !part.contains(&b'\\');
    !name.contains(&0) && name.split(|&byte| byte == b'/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_by_their_kind() {
        for (name, kind, expected) in [
            ("refs/heads/a/b", TipKind::Branch, "a/b"),
            ("refs/remotes/origin/a", TipKind::Remote, "origin/a"),
            ("refs/tags/v1", TipKind::Tag, "v1"),
            ("refs/notes/commits", TipKind::Other, "notes/commits"),
            ("HEAD", TipKind::Other, "HEAD"),
        ] {
            assert_eq!((kind_of(name.as_bytes()), short(name.as_bytes()).as_str()), (kind, expected));
        }
    }

    #[test]
    fn a_name_that_leads_out_of_the_repository_is_not_sound() {
        for name in ["../x", "refs/../../x", "/etc/passwd", "refs//x", "", "refs/heads/..", "a\\..\\b"] {
            assert!(!is_sound(name.as_bytes()), "{name}");
        }
        assert!(is_sound(b"refs/heads/a..b") && is_sound(b"HEAD"));
    }
}
