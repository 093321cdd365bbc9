//! `akid redact`, the command: streams, files in place, and commands whose output is masked.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, Instant, SystemTime};

use akid::aws::fake;

use crate::work::{AKID, Folder, Said, Work, id, keeps_secret, leak};

/// What a shell makes of `line`, in which `akid` is the command under test.
fn sh(work: &Work, line: &str) -> Said {
    work.sh(&format!("akid() {{ '{AKID}' \"$@\"; }}; {line}"))
}

#[test]
fn standard_input_and_files_are_copied_with_their_secrets_masked() {
    let folder = Folder::new();
    let work = folder.repo("work");
    work.write("a.log", format!("start\n{}", leak(1)));
    // The secret of the first file is known in the second one.
    work.write("b.log", format!("x{}y end", fake::pair(1).secret_text()));
    let masked = format!("start\nAWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY=****\n", id(1));
    assert_eq!(sh(&work, "akid redact -q <a.log").ok(), masked);
    assert_eq!(
        sh(&work, "cat a.log | akid redact -q a.log - b.log").ok(),
        masked.clone() + &masked + "x****y end"
    );
    let summary = sh(&work, "akid redact a.log b.log 2>&1 >out").ok();
    let fingerprint = fake::pair(1).secret().fingerprint();
    assert_eq!(
        summary,
        format!("masked 1 secret in 2 places\n  aws-secret-access-key  {fingerprint} 2 places\n")
    );
}

#[test]
fn check_writes_nothing_and_says_whether_there_is_something() {
    let folder = Folder::new();
    let work = folder.repo("work");
    work.write("d/a.log", leak(2));
    work.write("d/b.log", "nothing\n");
    work.sh("mkdir empty").ok();
    for (line, code) in [
        ("akid redact --check d/a.log", 1),
        ("akid redact --check d", 1),
        ("akid redact --check d/b.log", 0),
        ("akid redact --check <d/b.log", 0),
        ("akid redact --check --in-place d", 1),
        ("akid redact --check - d/b.log <d/a.log", 1),
        ("akid redact --check - empty <d/a.log", 1),
        ("akid redact --check - empty <d/b.log", 0),
        ("akid redact --in-place - <d/a.log", 2),
    ] {
        let said = sh(&work, &format!("{line} 2>err"));
        assert_eq!((said.code, said.text.as_str()), (Some(code), ""), "{line}");
    }
    assert_eq!(work.read("d/a.log"), leak(2));
    for line in ["akid redact --check d", "akid redact --check d/a.log", "akid redact --check <d/a.log"] {
        let said = sh(&work, &format!("{line} 2>&1")).text;
        assert!(said.contains("to mask: 1 secret in 1 place") && !said.contains("masked"), "{line}: {said}");
    }
}

#[test]
fn what_git_ignores_is_masked_and_what_is_left_out_is_listed() {
    let folder = Folder::new();
    let work = folder.repo("work");
    work.write(".gitignore", "*.log\nignored\n");
    work.write("build/logs/a.log", leak(20));
    work.write("build/ignored/deep/b.txt", leak(21));
    work.write("build/a.log.akid-99.tmp", leak(22));
    work.sh("git init -q build/inner && ln -s ../other build/link && mkfifo build/pipe").ok();
    assert_eq!(sh(&work, "akid redact --check build/logs").code, Some(1));
    let said = sh(&work, "akid redact --in-place build").ok();
    for (path, seed) in [("build/logs/a.log", 20), ("build/ignored/deep/b.txt", 21)] {
        assert!(keeps_secret(&work.read(path), seed), "{path}");
    }
    for line in [
        "not read: 1 (symbolic links, which are not followed)\n  ",
        "build/link\n",
        "not read: 1 (pipes, sockets or devices)\n  ",
        "build/pipe\n",
        "not read: 1 (git repositories, whose files are not rewritten",
        "build/inner/.git\n",
        "not read: 1 (temporary files of akid)\n  ",
        "build/a.log.akid-99.tmp\n",
        "rewritten: 2 files",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    // The folder that is named may be the repository itself.
    assert!(sh(&work, "akid redact --in-place .").ok().contains("not read: 2 (git repositories"));
    assert_eq!(sh(&work, "akid redact -q --in-place build").ok(), "");
}

#[test]
#[cfg(target_os = "linux")]
fn a_rewritten_file_keeps_its_attributes_and_gets_no_others() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    const ACCESS: &str = "system.posix_acl_access";
    /// A list of access rights, in the form of the kernel: each has a tag, the rights, and whose they are.
    fn list(rights: &[(u16, u16, u32)]) -> Vec<u8> {
        let mut list = 2_u32.to_le_bytes().to_vec();
        for (tag, right, of) in rights {
            list.extend([&tag.to_le_bytes()[..], &right.to_le_bytes(), &of.to_le_bytes()].concat());
        }
        list
    }
    let none = u32::MAX;
    let rights = list(&[(1, 6, none), (2, 0, 54_321), (4, 4, none), (16, 4, none), (32, 4, none)]);
    let folder = Folder::new();
    let work = folder.repo("work");
    let path = |name: &str| work.top.join(name);
    for (seed, name) in (30..).zip(["d/with.log", "d/without.log"]) {
        work.write(name, leak(seed));
        fs::set_permissions(path(name), fs::Permissions::from_mode(0o640)).unwrap();
    }
    let set = |name: &str, attribute: &str, value: &[u8]| {
        setxattr(path(name), attribute, value, XattrFlags::empty())
    };
    // Not every file system has them.
    if set("d/with.log", "user.label", b"of a test").is_err()
        || set("d/with.log", ACCESS, &rights).is_err()
        || set("d", "system.posix_acl_default", &rights).is_err()
    {
        return;
    }
    let mode = fs::metadata(path("d/with.log")).unwrap().mode();
    assert!(sh(&work, "akid redact --in-place d").ok().contains("rewritten: 2 files"));
    let get = |name: &str, attribute: &str| {
        let mut value = vec![0; 1000];
        let len = getxattr(path(name), attribute, value.as_mut_slice())?;
        Ok::<_, rustix::io::Errno>(value[..len].to_vec())
    };
    assert_eq!(get("d/with.log", "user.label").unwrap(), b"of a test");
    assert_eq!(get("d/with.log", ACCESS).unwrap(), rights);
    assert_eq!(fs::metadata(path("d/with.log")).unwrap().mode(), mode);
    assert!(get("d/without.log", ACCESS).is_err());
    assert_eq!(fs::metadata(path("d/without.log")).unwrap().mode() & 0o777, 0o640);
}

#[test]
fn a_file_that_outgrows_the_limit_of_the_system_is_left_as_it_was() {
    let folder = Folder::new();
    let work = folder.repo("work");
    let content = format!("{}{}", "a line of text\n".repeat(10_000), leak(40));
    work.write("d/a.log", &content);
    let said = sh(&work, "ulimit -f 64; akid redact --in-place d");
    assert!(said.code == Some(2) && said.text.contains("a.log: File too large"), "{}", said.text);
    assert!(work.read("d/a.log") == content && work.top.join("d").read_dir().unwrap().count() == 1);
}

#[test]
fn files_in_folders_are_rewritten_with_their_mode_and_times() {
    let folder = Folder::new();
    let work = folder.repo("work");
    work.write("d/sub/a.log", leak(3));
    work.write("d/large.log", format!("{}{}", "a line of text\n".repeat(200_000), leak(4)));
    work.write("d/clean.log", "nothing\n");
    let path = |name: &str| work.top.join(name);
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    for name in ["d/sub/a.log", "d/large.log", "d/clean.log"] {
        fs::set_permissions(path(name), fs::Permissions::from_mode(0o640)).unwrap();
        fs::File::options().write(true).open(path(name)).unwrap().set_modified(old).unwrap();
    }
    let clean = fs::metadata(path("d/clean.log")).unwrap().ino();
    let said = sh(&work, "akid redact --in-place d").ok();
    assert!(said.contains("rewritten: 2 files\nmasked 2 secrets in 2 places"), "{said}");
    for name in ["d/sub/a.log", "d/large.log"] {
        let metadata = fs::metadata(path(name)).unwrap();
        assert_eq!((metadata.mode() & 0o777, metadata.modified().unwrap()), (0o640, old), "{name}");
        assert!(work.read(name).ends_with("AWS_SECRET_ACCESS_KEY=****\n"), "{name}");
    }
    assert_eq!(fs::metadata(path("d/clean.log")).unwrap().ino(), clean);
    assert_eq!(path("d").read_dir().unwrap().count(), 3);
    assert!(sh(&work, "akid redact --in-place d").ok().contains("rewritten: 0 files"));
}

#[test]
fn links_and_archives_are_reported_and_stay() {
    let folder = Folder::new();
    let work = folder.repo("work");
    work.write("outside.log", leak(5));
    work.write("d/inner.log", leak(6));
    work.sh("cd d && tar czf a.tgz inner.log && ln -s ../outside.log link.log && ln inner.log ../other.log")
        .ok();
    let archive = fs::read(work.top.join("d/a.tgz")).unwrap();
    let said = sh(&work, "akid redact --in-place d");
    assert_eq!(said.code, Some(2));
    assert!(said.text.contains("a.tgz: an archive or compressed, and not masked"), "{}", said.text);
    assert!(said.text.contains("inner.log: has other names (hard links)"), "{}", said.text);
    assert_eq!(fs::read(work.top.join("d/a.tgz")).unwrap(), archive);
    assert!(keeps_secret(&work.read("d/inner.log"), 6));
    let named = sh(&work, "akid redact --in-place d/link.log");
    assert!(named.code == Some(2) && named.text.contains("a link"), "{}", named.text);
    assert_eq!(work.read("outside.log"), leak(5));
    for line in [
        "akid redact d/a.tgz",
        "akid redact <d/a.tgz",
        "akid redact --check d/a.tgz",
        "akid redact none",
        "akid redact d",
    ] {
        let said = sh(&work, &format!("{line} 2>err"));
        assert_eq!((said.code, said.text.as_str()), (Some(2), ""), "{line}");
    }
}

#[test]
fn a_command_keeps_its_streams_and_its_exit_code() {
    let folder = Folder::new();
    let work = folder.repo("work");
    work.write("out.txt", leak(7));
    work.write("err.txt", leak(8));
    let said = sh(&work, "akid redact -q -- sh -c 'cat; cat out.txt; cat err.txt >&2; exit 7' <.git/HEAD");
    assert_eq!(said.code, Some(7));
    let (out, err) = said.text.split_at(said.text.find(&id(8)).unwrap());
    assert!(
        out.starts_with("ref: refs/heads/main\n") && out.contains(&id(7)) && keeps_secret(out, 7),
        "{out}"
    );
    assert!(err.contains("AWS_SECRET_ACCESS_KEY=****\n") && keeps_secret(err, 8), "{err}");
    for (command, code) in [
        ("true", 0),
        ("false", 1),
        ("sh -c 'exit 300'", 44),
        ("sh -c 'kill -9 $$'", 137),
        ("./none", 127),
        ("./out.txt", 126),
    ] {
        assert_eq!(sh(&work, &format!("akid redact -q -- {command}")).code, Some(code), "{command}");
    }
    assert_eq!(sh(&work, "akid redact --rules none -- touch ran").code, Some(125));
    assert!(!work.has("ran"));
}

#[test]
fn a_command_shows_no_secret_of_its_environment() {
    let folder = Folder::new();
    let work = folder.repo("work");
    let secret = fake::pair(9).secret_text().to_owned();
    let line = "echo \"$AWS_SECRET_ACCESS_KEY\" | cut -c5-30; printf %s \"$AWS_SECRET_ACCESS_KEY\" | base64";
    let said = sh(&work, &format!("AWS_SECRET_ACCESS_KEY='{secret}' akid redact -q -- sh -c '{line}'")).ok();
    assert!(said.starts_with("****\n") && keeps_secret(&said, 9), "{said}");
    let encoded = data_encoding::BASE64.encode(secret.as_bytes());
    assert!(
        !encoded.as_bytes().windows(12).any(|part| said.contains(std::str::from_utf8(part).unwrap())),
        "{said}"
    );
}

#[test]
fn values_of_variables_that_are_no_secrets_stay() {
    let folder = Folder::new();
    let work = folder.repo("work");
    let secret = fake::pair(19).secret_text().to_owned();
    let line = "AWS_CREDENTIAL_EXPIRATION=2026-11-28T03:00:00Z AWS_SECRETS_MANAGER_ENDPOINT=https://example.com/path \
                AWS_TOKEN_PROFILE=production akid redact -q -- \
                echo 2026-11-28T04:00:00Z https://example.com/path/more production";
    assert_eq!(sh(&work, line).ok(), "2026-11-28T04:00:00Z https://example.com/path/more production\n");
    for name in ["RCLONE_CONFIG_X_SECRET_ACCESS_KEY", "ECR_PASSWORD", "AWS_SES_PASS"] {
        let said = sh(
            &work,
            &format!("{name}='{secret}' akid redact -q -- sh -c 'echo \"x ${name}\" | cut -c1-30'"),
        )
        .ok();
        assert_eq!(said, "x ****\n", "{name}");
    }
}

#[test]
fn a_process_that_holds_the_pipes_is_not_waited_for() {
    let folder = Folder::new();
    let work = folder.repo("work");
    let started = Instant::now();
    assert_eq!(sh(&work, "akid redact -q -- sh -c 'sleep 30 & echo done'").ok(), "done\n");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn signals_reach_the_command_and_a_closed_pipe_ends_it() {
    let folder = Folder::new();
    let work = folder.repo("work");
    let trap = "trap \"echo got it; exit 3\" TERM; echo ready; while :; do sleep 0.05; done";
    let line = format!(
        "akid redact -q -- sh -c '{trap}' >out & for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do grep -qs ready out && break; sleep 0.2; done; \
         kill -TERM $!; wait $!; echo $?"
    );
    // A function is no process of its own to send a signal to.
    assert_eq!(work.sh(&line.replacen("akid", AKID, 1)).ok(), "3\n");
    assert_eq!(work.read("out"), "ready\ngot it\n");
    // The command sends akid, in the foreground of a terminal, what a terminal sends.
    for signal in ["INT", "QUIT", "ALRM"] {
        work.write(
            "child",
            format!("n=0\ntrap 'n=$((n+1))' {signal}\nkill -{signal} $PPID\nsleep 1\nsleep 1\necho n=$n\n"),
        );
        let said = work.sh(&format!("script -qec '{AKID} redact -q -- sh child' /dev/null </dev/null")).ok();
        assert!(said.contains("n=1"), "{signal}: {said}");
    }
    let closed = sh(&work, "{ akid redact -q -- yes; echo $? >code; } | head -n 2").ok();
    assert_eq!((closed.as_str(), work.read("code").as_str()), ("y\ny\n", "141\n"));
}
