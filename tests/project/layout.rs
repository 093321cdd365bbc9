//! The layout of the repository: what stands at its top, and how scripts are named.

use std::collections::BTreeSet;

use crate::project::tracked;

/// The top level. What ships akid to somebody belongs in `packaging`; a script that makes a data file, beside that file.
const TOP: [&str; 23] = [
    ".ci",
    ".clippy.toml",
    ".github",
    ".gitignore",
    ".pre-commit-hooks.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "action.yml",
    "benches",
    "deny.toml",
    "docs",
    "fuzz",
    "packaging",
    "rules",
    "rustfmt.toml",
    "src",
    "tests",
];

#[test]
fn the_top_level_holds_what_is_listed_and_nothing_else() {
    let tracked = tracked();
    let found: BTreeSet<_> =
        tracked.iter().filter_map(|path| path.components().next()?.as_os_str().to_str()).collect();
    assert!(found.is_empty() || found == BTreeSet::from(TOP), "{found:#?}");
}

#[test]
fn scripts_of_benches_end_in_py() {
    for path in tracked().iter().filter(|path| path.starts_with("benches")) {
        assert!(path.extension().is_some_and(|end| end == "py" || end == "rs"), "{}", path.display());
    }
}
