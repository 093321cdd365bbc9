//! The starts of git's bundles and packs.

/// What a bundle starts with.
const STARTS: [&[u8]; 2] = [b"# v2 git bundle\n", b"# v3 git bundle\n"];

/// Whether this is the start of a bundle.
pub(in crate::source) fn is_bundle(head: &[u8]) -> bool {
    STARTS.iter().any(|start| head.starts_with(start))
}

/// Whether this is the start of a pack.
pub(in crate::source) fn is_pack(head: &[u8]) -> bool {
    matches!(head, [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, ..])
}
