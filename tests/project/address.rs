//! The project's address: one owner, in the files that the release script knows.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

use crate::project::{read, root, texts};

/// What stands for the owner until the project has an address.
const TOKEN: &str = concat!("AKID", "_OWNER");
const SCRIPT: &str = "packaging/release/set-owner.py";
const LIST: &str = "packaging/release/owner-files.txt";

/// An owner in front of the project's name: in an address, an action or an option.
const ADDRESS: &str = r#"(?x)
    (?: (?:github|gitlab|bitbucket|githubusercontent)\.(?:com|org) [/:]
      | (?:ghcr|quay|docker|codeberg)\.(?:io|org) /
      | \b uses: \s* | --repo [\ =] | --git [\ =] )
    ([\w.-]+) /akid (?: [^\w] | -pre-commit | $ )"#;

/// A host that has the project's name, such as one that somebody made up for its home page.
const HOST: &str = r"(?:https?://|@)(?:[\w-]+\.)*akid(?:-\w+)?\.\w+";

fn owner(manifest: &str) -> String {
    let repository = Regex::new(r#"(?m)^repository = "https://github\.com/([\w-]+)/akid"$"#).unwrap();
    repository.captures(manifest).expect("Cargo.toml names the repository")[1].to_owned()
}

/// Whether a text names the owner in front of the project, as an address in lower case may, too.
fn names(text: &str, owner: &str) -> bool {
    text.contains(TOKEN) || text.to_lowercase().contains(&format!("{}/akid", owner.to_lowercase()))
}

#[test]
fn the_release_script_lists_each_file_with_an_address() {
    let owner = owner(&read("Cargo.toml"));
    let texts = texts();
    let naming: BTreeSet<_> =
        texts.iter().filter(|(_, text)| names(text, &owner)).map(|(path, _)| path.clone()).collect();
    let listed: BTreeSet<_> = read(LIST).lines().map(PathBuf::from).collect();
    assert!(texts.is_empty() || naming == listed, "{LIST} lists {listed:#?}, but {naming:#?} name the owner");
}

#[test]
fn no_address_has_another_owner() {
    let owner = owner(&read("Cargo.toml"));
    let (address, host) = (Regex::new(ADDRESS).unwrap(), Regex::new(HOST).unwrap());
    for (path, text) in texts() {
        for found in address.captures_iter(&text) {
            assert!(
                found[1].eq_ignore_ascii_case(&owner),
                "{}: {} is not {owner}'s",
                path.display(),
                &found[0]
            );
        }
        if let Some(found) = host.find(&text) {
            panic!("{}: {} is an invented address", path.display(), found.as_str());
        }
    }
}

#[test]
fn invented_addresses_are_recognised() {
    let (address, host) = (Regex::new(ADDRESS).unwrap(), Regex::new(HOST).unwrap());
    for before in ["https://github.com/", "git@github.com:", "ghcr.io/", "uses: ", "--repo ", "--git="] {
        let text = format!("{before}somebody/{}", "akid@v1");
        assert_eq!(&address.captures(&text).unwrap()[1], "somebody", "{text}");
    }
    for name in ["https://akid", "https://docs.akid", "security@akid"] {
        assert!(host.is_match(&format!("{name}.dev")), "{name}");
    }
    assert!(!host.is_match("https://example.com/akid.html"));
}

#[cfg(unix)]
#[test]
fn the_release_script_replaces_each_owner() {
    let copy = tempfile::tempdir().unwrap();
    let listed = read(LIST);
    for path in listed.lines().chain([SCRIPT, LIST]) {
        let to = copy.path().join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join(path), to).unwrap();
    }
    // Twice: an owner may change its name.
    for new in ["First-Owner", "second"] {
        let before = owner(&fs::read_to_string(copy.path().join("Cargo.toml")).unwrap());
        let done = Command::new(copy.path().join(SCRIPT)).arg(new).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        for path in listed.lines().map(Path::new) {
            let text = fs::read_to_string(copy.path().join(path)).unwrap();
            assert!(names(&text, new) && !names(&text, &before), "{}", path.display());
            assert!(!text.contains(&format!("ghcr.io/{}", "First")), "{}", path.display());
        }
    }
    for wrong in ["", "a/b", "-a", "a b", "a&b"] {
        let done = Command::new(copy.path().join(SCRIPT)).arg(wrong).output().unwrap();
        assert!(!done.status.success(), "`{wrong}` is not an owner");
    }
}
