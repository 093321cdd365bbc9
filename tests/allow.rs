//! `akid allow`: the entry that it writes allows what was named, and nothing else in the file changes.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use akid::aws::fake;

use crate::work::{AKID, Folder, Work, id, keeps_secret, leak};

const CONFIG: &str = ".akid.toml";

fn allow(repo: &Work, arguments: &[&str]) -> crate::work::Said {
    repo.akid(&[&["allow", "--reason", "made up"], arguments].concat())
}

/// The value of `key` in the one finding at `path`.
fn value(repo: &Work, path: &str, key: &str) -> String {
    let report: serde_json::Value = serde_json::from_str(&repo.akid(&["scan", "-qf", "json"]).text).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["path"] == path).unwrap();
    finding[key].as_str().unwrap().to_owned()
}

#[test]
fn what_is_named_is_allowed_and_nothing_else() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a.env", leak(1));
    repo.commit("b.env", leak(1));
    repo.commit("lone.env", format!("id = {}\n", id(1)));
    repo.commit("c.env", leak(2));
    let secret = fake::pair(1).secret().fingerprint().to_string();
    let credential = value(&repo, "a.env", "credential_id");
    let lone = value(&repo, "lone.env", "credential_id");
    let finding = value(&repo, "b.env", "fingerprint");
    let key_id = id(1);
    let cases: [(&str, &[&str]); 6] = [
        (&key_id, &["a.env", "b.env", "lone.env"]),
        (&secret, &["a.env", "b.env"]),
        (&credential, &["a.env", "b.env"]),
        (&lone, &["lone.env"]),
        (&finding, &["b.env"]),
        (&key_id, &["a.env"]),
    ];
    for (nth, (name, allowed)) in cases.into_iter().enumerate() {
        let path: &[&str] = if nth == 5 { &["--path", "/a.*"] } else { &[] };
        let told = allow(&repo, &[&[name], path].concat()).ok();
        let entry = told.strip_prefix("created .akid.toml:\n").unwrap();
        assert_eq!(repo.read(CONFIG), entry);
        let told = repo.akid(&["scan"]).stopped();
        for path in ["a.env", "b.env", "lone.env", "c.env"] {
            let is_reported = told.lines().any(|line| line.trim().starts_with(&format!("{path}:")));
            assert_eq!(is_reported, !allowed.contains(&path), "{name}, {path}: {told}");
        }
        fs::remove_file(repo.top.join(CONFIG)).unwrap();
    }
}

#[test]
fn the_entry_goes_to_the_configuration_in_force_and_keeps_the_rest() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("sub/a.env", leak(1));
    repo.write("sub/deep/b.env", leak(2));
    let old = "# ours\r\nstrict = true  # why\r\n\r\n[accounts] # \u{e9}\r\n'222222222222'='x'";
    repo.write("sub/.akid.toml", old);
    fs::set_permissions(repo.top.join("sub/.akid.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    let told = allow(&repo.at("sub/deep"), &[&id(1), "--expires", "2999-01-31"]).ok();
    assert!(told.starts_with("added to ") && told.contains("sub/.akid.toml:\n"), "{told}");
    let entry = format!(
        "\r\n\r\n[[allow]]\r\nkey-id = \"{}\"\r\nreason = \"made up\"\r\nexpires = 2999-01-31\r\n",
        id(1)
    );
    assert_eq!(repo.read("sub/.akid.toml"), format!("{old}{entry}"));
    let mode = repo.top.join("sub/.akid.toml").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // A new one at the top, from any folder.
    fs::remove_file(repo.top.join("sub/.akid.toml")).unwrap();
    allow(&repo.at("sub/deep"), &[&id(1)]).ok();
    assert!(repo.has(CONFIG));
    // Elsewhere, where it is named.
    allow(&repo, &[&id(2), "--config", "other.toml"]).ok();
    assert!(repo.read("other.toml").contains(&id(2)) && !repo.read(CONFIG).contains(&id(2)));
    repo.akid(&["scan", "sub/a.env"]).ok();
    repo.akid(&["scan", "--config", "other.toml", "sub/deep"]).ok();
}

#[test]
fn an_entry_is_not_written_twice() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let old = format!("strict = true\nallow = [ # one\n  {{ key-id = '{}', reason = 'x' }},\n]\n", id(1));
    repo.write(CONFIG, &old);
    let told = allow(&repo, &[&id(1), "--path", "a", "--expires", "2999-01-31"]).ok();
    assert!(told.starts_with(".akid.toml:3: an entry allows this already"), "{told}");
    assert_eq!(repo.read(CONFIG), old);
    // In a list it becomes part of the list.
    allow(&repo, &[&id(2), "--expires", "2999-01-31"]).ok();
    assert_eq!(repo.read(CONFIG).lines().count(), 4);
    allow(&repo, &[&id(2), "--expires", "2998-01-31"]).ok();
    assert_eq!(repo.read(CONFIG).lines().count(), 4);
    // For longer, or at more paths, it is another entry.
    let before = repo.read(CONFIG);
    allow(&repo, &[&id(2)]).ok();
    allow(&repo, &[&id(3), "--path", "a"]).ok();
    allow(&repo, &[&id(3), "--path", "b"]).ok();
    let entries = |text: &str| text.matches("made up").count();
    assert_eq!(entries(&repo.read(CONFIG)), entries(&before) + 3);
}

#[test]
fn what_is_wrong_leaves_the_file_as_it_was() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("a.env", leak(1));
    repo.write(CONFIG, "strict = true\n");
    let key_id = id(1);
    let unknown = "0123456789abcdef".repeat(2);
    for (arguments, why) in [
        (&["--expires", "2020-01-31", &*key_id][..], "`--expires 2020-01-31` is over: today is "),
        (&["--expires", "soon", &*key_id], "not a day, such as 2027-06-30"),
        (&["--path", "!a", &*key_id], "does not take back, as it would in .gitignore"),
        (&["--path", "a[", &*key_id], "`path`: `a[`: "),
        (&[&*unknown], "no finding in the files or their history matches"),
        (&[fake::pair(1).secret_text()], "not a key ID"),
    ] {
        let said = allow(&repo, arguments);
        assert_eq!(said.code, Some(2), "{}", said.text);
        assert!(said.text.contains(why) && keeps_secret(&said.text, 1), "{}", said.text);
    }
    for reason in ["", "  "] {
        let said = repo.akid(&["allow", &key_id, "--reason", reason]);
        assert!(said.code == Some(2) && said.text.contains("the reason is empty\nhelp: "), "{}", said.text);
    }
    assert_eq!(repo.read(CONFIG), "strict = true\n");
    repo.write(CONFIG, "strict = tru\n");
    assert!(allow(&repo, &[&key_id]).stopped().contains(".akid.toml:1:"));
    assert_eq!(repo.read(CONFIG), "strict = tru\n");
    // A link is neither followed nor replaced.
    fs::rename(repo.top.join(CONFIG), repo.top.join("real.toml")).unwrap();
    repo.write("real.toml", "");
    symlink("real.toml", repo.top.join(CONFIG)).unwrap();
    assert!(allow(&repo, &[&key_id]).stopped().contains("a symbolic link, which akid does not follow"));
    assert!(repo.read("real.toml").is_empty());
    // One that the user names is.
    allow(&repo, &[&key_id, "--config", CONFIG]).ok();
    assert!(repo.read("real.toml").contains(&key_id) && repo.top.join(CONFIG).is_symlink());
}

#[test]
fn a_secret_in_the_reason_is_not_written() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let reason = format!("was {}", fake::pair(1).secret_text());
    repo.akid(&["allow", &id(1), "--reason", &reason]).ok();
    assert!(keeps_secret(&repo.read(CONFIG), 1) && repo.read(CONFIG).contains("reason = \"was ****"));
}

#[test]
fn what_two_write_at_once_is_all_kept() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let ids: Vec<String> = (0..8).map(id).collect();
    repo.sh(&format!("for id in {}; do '{AKID}' allow $id --reason x & done; wait", ids.join(" "))).ok();
    let text = repo.read(CONFIG);
    assert!(ids.iter().all(|id| text.contains(id)), "{text}");
}
