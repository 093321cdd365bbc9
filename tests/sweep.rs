//! `akid sweep` of a home folder that is made for the test.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use akid::aws::fake;

use crate::history::repo::of_this_machine;
use crate::work::{AKID, keeps_secret, leak};

/// Files in a home folder, each in a place of its own.
const FILES: [(&str, &str); 14] = [
    ("aws", ".aws/cli/cache/0a1b.json"),
    ("s3-tools", ".s3cfg"),
    ("shell-history", ".bash_history"),
    ("shell-startup", ".profile"),
    ("netrc", ".netrc"),
    ("git", ".git-credentials"),
    ("docker", ".docker/config.json"),
    ("kubernetes", ".kube/config"),
    ("infrastructure", "projects/terraform.tfstate"),
    ("packages", ".npmrc"),
    ("editors", "settings/Code/User/History/1/entry.txt"),
    ("assistants", ".claude/projects/talk.jsonl"),
    ("downloads", "Downloads/accessKeys.csv"),
    ("services", "settings/systemd/user/job.service"),
];

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        for (seed, (_, path)) in (100..).zip(FILES) {
            home.write(path, &leak(seed));
        }
        let credentials = leak(50)
            .replace("AWS_ACCESS_KEY_ID", "aws_access_key_id")
            .replace("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key");
        home.write(".aws/credentials", &format!("[default]\n{credentials}\n[old]\n{credentials}"));
        home.write(".aws/config", "[profile deploy]\nsource_profile = default\n");
        fs::set_permissions(home.0.path().join(".aws/credentials"), fs::Permissions::from_mode(0o644))
            .unwrap();
        home
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Sweeps the places of the table that lie in the home folder.
    fn sweep(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(AKID);
        for name in of_this_machine() {
            command.env_remove(name);
        }
        for name in [
            "XDG_DATA_HOME",
            "XDG_STATE_HOME",
            "XDG_CACHE_HOME",
            "AWS_CONFIG_FILE",
            "AWS_SHARED_CREDENTIALS_FILE",
            "HISTFILE",
            "AWS_PROFILE",
        ] {
            command.env_remove(name);
        }
        command.arg("sweep").args(arguments);
        FILES.iter().for_each(|(place, _)| {
            command.args(["--place", place]);
        });
        // Where AWS is asked, nobody answers.
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env("AWS_MAX_ATTEMPTS", "1");
        command.env("HOME", self.0.path()).env("XDG_CONFIG_HOME", self.0.path().join("settings"));
        command.current_dir(self.0.path());
        command
    }
}

#[test]
fn each_place_is_scanned_and_credentials_where_they_belong_are_no_findings() {
    let home = Home::new();
    let output = home.sweep(&["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let sweep: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found: Vec<&str> = sweep["report"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["key_id"].as_str().unwrap())
        .collect();
    for (seed, (place, _)) in (100..).zip(FILES) {
        let id = fake::pair(seed).id_text().to_owned();
        assert!(found.contains(&id.as_str()), "{place}");
    }
    assert_eq!(found.len(), FILES.len());
    let expected = &sweep["expected"];
    assert_eq!((&expected["open_to_others"], &expected["age_days"]), (&"644".into(), &0.into()));
    let profiles = expected["profiles"].as_array().unwrap();
    assert_eq!(profiles[0]["key_id"], fake::pair(50).id_text());
    assert_eq!(profiles[0]["used_by"], serde_json::json!(["default profile", "source of profile deploy"]));
    assert_eq!((&profiles[1]["name"], &profiles[1]["used_by"]), (&"old".into(), &serde_json::json!([])));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!((100..100 + FILES.len() as u64).chain([50]).all(|seed| keeps_secret(&text, seed)));
}

#[test]
fn a_sweep_says_what_it_does_not_look_at_and_changes_nothing() {
    let home = Home::new();
    let list = |folder: &std::path::Path| {
        Command::new("ls").args(["-lRA", "--time-style=full-iso"]).arg(folder).output().unwrap().stdout
    };
    let before = list(home.0.path());
    let output = home.sweep(&[]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "warning: its mode is 644, so that others can read it\n    help: chmod 600 ",
        "[old] ",
        "used by: nothing that akid knows",
        "not looked at:\n    projects, and git history",
        "--environ reads those of your own",
        "places that --place leaves out: notebooks, api-clients, trash, ci-runners, logs, system\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(list(home.0.path()) == before);
    let listed = String::from_utf8(home.sweep(&["--list"]).stdout).unwrap();
    assert!(
        FILES.iter().all(|(place, _)| listed.contains(&format!("{place}: "))) && !listed.contains("critical")
    );
}

#[test]
#[cfg(feature = "respond")]
fn the_status_of_listed_keys_is_unknown_where_aws_cannot_be_asked() {
    let home = Home::new();
    let output = home.sweep(&["--status", "--json", "--region", "us-east-1"]);
    assert_eq!(output.status.code(), Some(2));
    let sweep: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let status = &sweep["expected"]["profiles"][0]["status"];
    assert_eq!(
        (&status["status"]["state"], &status["status"]["evidence"]),
        (&"unknown".into(), &"AWS was not asked".into())
    );
    let findings = sweep["report"]["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["status"]["state"] == "unknown"));
    assert!(String::from_utf8(output.stderr).unwrap().contains("AWS cannot be reached"));
    let plain: serde_json::Value = serde_json::from_slice(&home.sweep(&["--json"]).stdout).unwrap();
    assert_eq!(plain["expected"]["profiles"][0].get("status"), None);
}

#[test]
fn a_place_that_is_not_in_the_table_is_an_error() {
    let output = Home::new().sweep(&["--place", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("`nowhere` is not a place"));
}

/// The IDs of the keys in the report, each once and in order.
fn found(sweep: &serde_json::Value) -> Vec<String> {
    let findings = sweep["report"]["findings"].as_array().unwrap().iter();
    let mut ids: Vec<_> = findings.filter_map(|it| Some(it["key_id"].as_str()?.to_owned())).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A home folder with nothing in it.
fn empty() -> Home {
    Home(tempfile::tempdir().unwrap())
}

#[test]
fn pipes_are_not_opened_and_are_listed() {
    let home = empty();
    fs::create_dir(home.0.path().join(".aws")).unwrap();
    let pipes = [".env", ".aws/config", ".netrc"].map(|name| home.0.path().join(name));
    assert!(Command::new("mkfifo").args(&pipes).status().unwrap().success());
    let output = home.sweep(&["--json"]);
    let sweep = json(&output);
    assert_eq!((output.status.code(), found(&sweep)), (Some(0), vec![]));
    let left_out = sweep["not_looked_at"].to_string();
    for pipe in &pipes {
        assert!(
            left_out.contains(&format!("{}: a pipe, a socket or a device", pipe.display())),
            "{left_out}"
        );
    }
    let credentials = home.0.path().join(".aws/credentials");
    assert!(Command::new("mkfifo").arg(&credentials).status().unwrap().success());
    let output = home.sweep(&["--json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(json(&output)["expected"]["problem"], "cannot be read: not a regular file");
}

#[test]
fn what_may_not_be_read_makes_the_sweep_incomplete() {
    let home = empty();
    home.write(".docker/config.json", &leak(70));
    home.write("projects/main.tf", "");
    // A loop is what nobody can read, also the root that tests may run as.
    std::os::unix::fs::symlink(".netrc", home.0.path().join(".netrc")).unwrap();
    let output = home.sweep(&["--json"]);
    let sweep = json(&output);
    assert_eq!((output.status.code(), found(&sweep).len()), (Some(2), 1));
    assert!(sweep["report"].to_string().contains("/.netrc"), "{sweep}");
    let said = String::from_utf8(home.sweep(&[]).stderr).unwrap();
    assert!(said.contains(&format!("\n  {}: ", home.0.path().join(".netrc").display())), "{said}");
    assert_eq!(home.sweep(&["--list"]).status.code(), Some(2));
    fs::remove_file(home.0.path().join(".netrc")).unwrap();
    assert_eq!(home.sweep(&["--list"]).status.code(), Some(0));
    for name in [".docker", "projects", ""] {
        let folder = home.0.path().join(name);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).unwrap();
        if folder.read_dir().is_err() {
            let output = home.sweep(&["--json"]);
            assert_eq!(output.status.code(), Some(2), "{name}");
            assert!(json(&output)["report"]["skipped"].to_string().contains(name), "{name}");
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn a_home_folder_that_is_not_there_is_an_error() {
    let home = empty();
    for name in ["none", "file"] {
        home.write("file", "");
        let output = Command::new(AKID).arg("sweep").env("HOME", home.0.path().join(name)).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8(output.stderr).unwrap().contains("HOME: "), "{name}");
    }
}

#[test]
fn keys_beside_the_profiles_of_the_credentials_file_are_findings() {
    let home = empty();
    let named = |seed| {
        leak(seed)
            .replace("AWS_ACCESS_KEY_ID", "aws_access_key_id")
            .replace("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key")
    };
    let comment: String = named(81).lines().map(|line| format!("# {line}\n")).collect();
    let content = format!(
        "\u{feff}{}\n[default]\n{}\n{comment}\n[twice]\n{}\n\n{}\n[process]\ncredential_process = env {} tool\n",
        named(80),
        named(82),
        named(83),
        named(84),
        leak(85).trim_end().replace('\n', " "),
    );
    home.write(".aws/credentials", &content);
    let output = home.sweep(&["--json"]);
    let sweep = json(&output);
    let ids = |seeds: &[u64]| {
        let mut ids: Vec<_> = seeds.iter().map(|&seed| fake::pair(seed).id_text().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(found(&sweep), ids(&[80, 81, 83, 85]));
    let mut listed: Vec<_> = sweep["expected"]["profiles"].as_array().unwrap().iter().collect();
    listed.retain(|profile| !profile["key_id"].is_null());
    assert_eq!((listed[0]["key_id"].as_str(), listed.len()), (Some(fake::pair(82).id_text()), 2));
    assert_eq!(output.status.code(), Some(1));
    // With a byte order mark, the first profile is one all the same.
    home.write(".aws/credentials", &format!("\u{feff}[default]\n{}", named(86)));
    let sweep = json(&home.sweep(&["--json"]));
    assert_eq!(sweep["expected"]["profiles"][0]["key_id"], fake::pair(86).id_text());
    assert!(found(&sweep).is_empty());
}

#[test]
fn a_credentials_file_that_cannot_be_listed_makes_the_sweep_incomplete() {
    for is_folder in [true, false] {
        let home = empty();
        if is_folder {
            home.write(".aws/credentials/file", &leak(90));
        } else {
            home.write(".aws/credentials", &format!("{}{}", leak(90), "#\n".repeat(9 << 20)));
        }
        let output = home.sweep(&["--json"]);
        let sweep = json(&output);
        assert!(sweep["expected"]["problem"].is_string());
        assert_eq!((output.status.code(), found(&sweep).len()), (Some(2), 1));
    }
}

#[test]
fn state_and_notes_are_found_where_people_leave_them() {
    let paths = [
        ".emacs",
        ".vimrc",
        "Desktop/notes.md",
        "Documents/credentials",
        "Downloads/deep/key.pem",
        "a/.terraform/terraform.tfstate",
        "a/b/c/prod.tfstate",
        "a/b/c/prod.tfvars",
        "screenlog.0",
        "settings/nvim/init.lua",
        ".cache/JetBrains/Idea2026.1/LocalHistory/changes.storageData",
        ".local/share/code-server/User/settings.json",
        ".tmux/resurrect/last",
        "typescript",
    ];
    let home = empty();
    (200..).zip(paths).for_each(|(seed, path)| home.write(path, &leak(seed)));
    let found = found(&json(&home.sweep(&["--json"])));
    for (seed, path) in (200..).zip(paths) {
        assert!(found.contains(&fake::pair(seed).id_text().to_owned()), "{path}");
    }
    home.write(".local/share/Trash/files/old.env", &leak(300));
    let listed = json(&home.sweep(&["--list", "--json", "--place", "trash"]));
    assert!(listed["places"].to_string().contains("Trash") && listed.get("report").is_none());
}

#[test]
fn variables_name_files_as_the_aws_cli_reads_them() {
    let home = empty();
    home.write("elsewhere/config", "[profile other]\nsource_profile = default\n");
    home.write("elsewhere/history", &leak(310));
    home.write("elsewhere/credentials", &leak(311));
    for start in ["", "~/"] {
        let mut command = home.command(&["--json"]);
        command
            .env("AWS_CONFIG_FILE", format!("{start}elsewhere/config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", format!("{start}elsewhere/credentials"))
            .env("HISTFILE", format!("{start}elsewhere/history"));
        let sweep = json(&command.output().unwrap());
        assert_eq!(found(&sweep).len(), 2, "{start}");
        assert!(sweep["places"].to_string().contains("elsewhere/config"));
        assert!(sweep["expected"]["path"].as_str().unwrap().ends_with("elsewhere/credentials"));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn environments_are_read_on_request_only() {
    let home = Home::new();
    let key = fake::pair(77);
    let mut child =
        Command::new("sleep").arg("60").env("AWS_SECRET_ACCESS_KEY", key.secret_text()).spawn().unwrap();
    let fingerprint = key.secret().fingerprint().to_string();
    let with = home.sweep(&["--environ"]);
    let without = home.sweep(&[]);
    child.kill().unwrap();
    child.wait().unwrap();
    let shows = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap().contains(&fingerprint);
    assert!(shows(&with) && !shows(&without));
}
