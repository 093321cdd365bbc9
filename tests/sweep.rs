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
        let mut command = Command::new(AKID);
        for name in of_this_machine() {
            command.env_remove(name);
        }
        for name in [
            "XDG_DATA_HOME",
            "XDG_STATE_HOME",
            "XDG_CACHE_HOME",
            "AWS_SHARED_CREDENTIALS_FILE",
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
        command.current_dir(self.0.path()).output().unwrap()
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
        "places that --place leaves out: notebooks, api-clients, ci-runners, logs, system\n",
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
