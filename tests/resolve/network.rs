//! No network unless it is asked for.

use std::path::Path;
use std::process::Command;

use akid::aws::fake;

use crate::resolve::aws::Aws;
use crate::resolve::{Place, settings, stdout, truth};

/// Commands that have no business on a network, in a repository with a key in it.
const COMMANDS: [&[&str]; 6] = [
    &["scan"],
    &["scan", "--own-account", "222222222222", "-f", "sarif"],
    &["history"],
    &["staged"],
    &["rules"],
    &["explain", "aws-access-key"],
];

fn repository() -> Place {
    let place = Place::new().with("a.env", &settings(&fake::pair(1)));
    for args in [
        &["init", "--quiet"][..],
        &["add", "--all"],
        &["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "Add"],
    ] {
        assert!(place.command(Path::new("git"), args).status().unwrap().success());
    }
    place
}

#[test]
fn nobody_is_asked_unless_it_is_said() {
    let aws = Aws::new(truth);
    let place = repository();
    for args in COMMANDS {
        place.akid(&aws, args).output().unwrap();
    }
    assert_eq!(aws.actions().len(), 0);
    place.akid(&aws, &["scan", "--resolve"]).output().unwrap();
    assert_eq!(aws.actions().len(), 2);
}

/// By a trace of its system calls, or else in a network namespace that has no interface.
#[test]
fn no_socket_is_opened_unless_it_is_said() {
    let aws = Aws::new(truth);
    let place = repository();
    let works = |program: &str, args: &[&str]| {
        Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
    };
    let akid = env!("CARGO_BIN_EXE_akid");
    if works("strace", &["-f", "-o", "/dev/null", "-e", "trace=network", "true"]) {
        let sockets = |args: &[&str]| {
            let trace = place.path("trace");
            let traced = [&["-f", "-o", trace.to_str().unwrap(), "-e", "trace=network", akid], args].concat();
            let mut command = place.command(Path::new("strace"), &traced);
            command.env("AWS_ENDPOINT_URL", aws.url()).env("AWS_REGION", "us-east-1");
            command.env("AWS_ACCESS_KEY_ID", "x").env("AWS_SECRET_ACCESS_KEY", "x").output().unwrap();
            std::fs::read_to_string(trace).unwrap().lines().filter(|line| line.contains("socket(")).count()
        };
        for args in COMMANDS {
            assert_eq!(sockets(args), 0, "{args:?}");
        }
        assert!(sockets(&["scan", "--resolve"]) > 0, "the trace shows sockets where there are some");
    } else if works("unshare", &["-rn", "true"]) {
        for args in COMMANDS {
            let beside = place.akid(&aws, args).output().unwrap();
            let alone = [&["-rn", akid], args].concat();
            let alone = place.command(Path::new("unshare"), &alone).output().unwrap();
            assert_eq!(
                (alone.status.code(), stdout(&alone)),
                (beside.status.code(), stdout(&beside)),
                "{args:?}"
            );
        }
    } else {
        eprintln!("NOT TESTED: neither `strace` nor `unshare -rn` works here");
    }
}
