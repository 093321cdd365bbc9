//! Roles and MFA.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;

use akid::aws::fake::{self, Fake};

use crate::resolve::aws::{Aws, Reply, Request, credentials, error, identity};
use crate::resolve::{Place, caller, old_id, settings, stderr, stdout, truth};

const ROLE: &str = "arn:aws:iam::222222222222:role/auditor";
const DEVICE: &str = "arn:aws:iam::222222222222:mfa/ada";

fn granted() -> Fake {
    fake::temporary(710)
}

fn with_role(request: &Request) -> Reply {
    match request.action() {
        "AssumeRole" => credentials(&granted()),
        "GetCallerIdentity" => identity("arn:aws:sts::222222222222:assumed-role/auditor/akid"),
        _ => truth(request),
    }
}

/// The actions, who signed them, and the parameters of the role.
fn assert_assumed(aws: &Aws, base: &Fake, wanted: &[(&str, &str)]) {
    let asked = aws.asked();
    assert_eq!(aws.actions(), ["AssumeRole", "GetCallerIdentity", "GetAccessKeyInfo"]);
    assert_eq!(asked[0].signer(), Some(base.id_text()));
    assert!(asked[1..].iter().all(|request| request.signer() == Some(granted().id_text())));
    for (name, value) in wanted {
        let sent = asked[0].parameter(name).unwrap_or_default().replace("%3A", ":").replace("%2F", "/");
        assert_eq!(sent, *value, "{name}");
    }
}

#[test]
fn a_role_is_assumed_with_mfa_as_the_options_say() {
    let aws = Aws::new(with_role);
    let args = [
        "resolve",
        "--role-arn",
        ROLE,
        "--mfa-serial",
        DEVICE,
        "--mfa-code",
        "123456",
        "--duration-seconds",
        "900",
        &old_id(),
    ];
    let output = Place::new().akid(&aws, &args).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let wanted =
        [("RoleArn", ROLE), ("SerialNumber", DEVICE), ("TokenCode", "123456"), ("DurationSeconds", "900")];
    assert_assumed(&aws, &caller(), &wanted);
}

#[test]
fn a_scan_signs_in_before_it_scans_while_the_code_is_good() {
    let aws = Aws::new(with_role);
    let place = Place::new().with("a.env", &settings(&fake::pair(1)));
    let args = ["scan", "--resolve", "--role-arn", ROLE, "--mfa-serial", DEVICE, "--mfa-code", "123456"];
    let output = place.akid(&aws, &args).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_assumed(&aws, &caller(), &[("TokenCode", "123456")]);
}

#[test]
fn a_scan_takes_no_time_from_asking() {
    let aws = Aws::new(with_role);
    let mut command = Place::new().akid(&aws, &[]);
    let place = Place::new();
    command.current_dir(place.path("work")).args(["scan", "-", "--resolve", "--resolve-timeout", "2"]);
    command.args(["--role-arn", ROLE, "--mfa-serial", DEVICE, "--mfa-code", "123456"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    child.stdin.take().unwrap().write_all(settings(&fake::pair(1)).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_assumed(&aws, &caller(), &[]);
}

fn profiles(key: &Fake) -> String {
    format!(
        "[profile dev]\nrole_arn = {ROLE}\nmfa_serial = {DEVICE}\nduration_seconds = 1800\nexternal_id = x-1\n\
         role_session_name = ada\nsource_profile = base\nregion = us-east-1\n[profile base]\n\
         aws_access_key_id = {}\naws_secret_access_key = {}\n",
        key.id_text(),
        key.secret_text()
    )
}

#[test]
fn a_profile_that_asks_for_mfa_gets_it_and_all_else_that_it_says() {
    let aws = Aws::new(with_role);
    let base = fake::pair(711);
    let place = Place::new().with_profiles(&profiles(&base));
    let args = ["resolve", "--profile", "dev", "--mfa-code", "654321", &old_id()];
    let output = place.akid(&aws, &args).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let wanted = [
        ("RoleArn", ROLE),
        ("SerialNumber", DEVICE),
        ("TokenCode", "654321"),
        ("DurationSeconds", "1800"),
        ("ExternalId", "x-1"),
        ("RoleSessionName", "ada"),
    ];
    assert_assumed(&aws, &base, &wanted);
}

#[test]
fn a_profile_may_be_its_own_source() {
    let aws = Aws::new(with_role);
    let base = fake::pair(712);
    let own = profiles(&base)
        .replace("source_profile = base", "source_profile = dev")
        .replace("[profile base]\n", "");
    let place = Place::new().with_profiles(&own);
    let args = ["resolve", "--mfa-code", "654321", &old_id()];
    let output = place.anonymous(&aws, &args).env("AWS_PROFILE", "dev").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_assumed(&aws, &base, &[("SerialNumber", DEVICE)]);
}

#[test]
fn a_profile_with_a_plain_role_is_left_to_the_sdk() {
    let aws = Aws::new(with_role);
    let base = fake::pair(713);
    let plain: String = profiles(&base)
        .lines()
        .filter(|line| !line.starts_with("mfa") && !line.starts_with("dur"))
        .map(|line| format!("{line}\n"))
        .collect();
    let place = Place::new().with_profiles(&plain);
    let output = place.akid(&aws, &["resolve", "--profile", "dev", &old_id()]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_assumed(&aws, &base, &[("RoleArn", ROLE), ("ExternalId", "x-1")]);
}

#[test]
fn nobody_is_asked_for_a_code_where_nobody_is() {
    let aws = Aws::new(with_role);
    let place =
        Place::new().with("a.env", &settings(&fake::pair(1))).with_profiles(&profiles(&fake::pair(711)));
    let output = place.akid(&aws, &["scan", "--resolve", "--profile", "dev"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(
        told.contains(&format!("a code of the MFA device {DEVICE} is required, but no terminal is attached")),
        "{told}"
    );
    assert!(told.contains("help: give --mfa-code, or run akid in a terminal"), "{told}");
    assert!(stdout(&output).contains("\n          a.env:1:19\n") && aws.actions().is_empty());
}

#[test]
fn a_role_that_is_not_granted_is_told_with_what_to_check() {
    let aws = Aws::new(|_| error(403, "AccessDenied"));
    let args = ["resolve", "--role-arn", ROLE, "--mfa-serial", DEVICE, "--mfa-code", "123456", &old_id()];
    let output = Place::new().akid(&aws, &args).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(told.contains(&format!("error: the role {ROLE} cannot be assumed: AccessDenied: ")), "{told}");
    assert!(
        told.contains("help: check that the role exists and that the caller is allowed sts:AssumeRole on it"),
        "{told}"
    );
    assert!(!told.contains("123456"), "{told}");
}

#[test]
fn what_aws_would_not_take_is_refused_before_anything_is_sent() {
    let aws = Aws::new(with_role);
    for args in [
        vec!["resolve", "--role-arn", "auditor"],
        vec!["resolve", "--role-arn", ROLE, "--mfa-serial", "x"],
        vec!["resolve", "--role-arn", ROLE, "--mfa-code", "12345"],
        vec!["resolve", "--role-arn", ROLE, "--duration-seconds", "60"],
        vec!["resolve", "--mfa-serial", DEVICE],
        vec!["resolve", "--duration-seconds", "900"],
        vec!["resolve", "--region", "us-east-1.example.net/"],
    ] {
        let output = Place::new().akid(&aws, &[&args[..], &[&old_id()]].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stdout(&output));
    }
    assert_eq!(aws.actions().len(), 0);
}

/// Runs akid in a terminal of its own, by util-linux's `script`, and types the next of `typed` at each prompt; what is
/// shown there.
fn at_a_terminal(place: &Place, aws: &Aws, args: &[&str], typed: &[&str]) -> Option<(Option<i32>, String)> {
    let script = Path::new("/usr/bin/script");
    if !script.exists() {
        eprintln!("NOT TESTED: there is no `script`, and so no terminal to prompt at");
        return None;
    }
    let line = format!("exec {} {}", env!("CARGO_BIN_EXE_akid"), args.join(" "));
    let mut command =
        place.command(Path::new("timeout"), &["60", "script", "-q", "-e", "-c", &line, "/dev/null"]);
    command.env("AWS_ENDPOINT_URL", aws.url()).env("AWS_REGION", "us-east-1").env("SHELL", "/bin/sh");
    command.env("AWS_ACCESS_KEY_ID", caller().id_text()).env("AWS_SECRET_ACCESS_KEY", caller().secret_text());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut input, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = Vec::new();
    let mut buffer = [0; 1024];
    let mut typed = typed.iter();
    let mut seen = 0;
    while let Ok(len @ 1..) = screen.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..len]);
        if shown[seen..].ends_with(b": ") {
            seen = shown.len();
            input.write_all(typed.next().unwrap_or(&"").as_bytes()).unwrap();
        }
    }
    Some((child.wait().unwrap().code(), String::from_utf8_lossy(&shown).into_owned()))
}

#[test]
fn a_person_at_a_terminal_is_asked_and_what_they_type_is_not_shown() {
    let aws = Aws::new(with_role);
    let args = ["resolve", "--role-arn", ROLE, "--mfa-serial", DEVICE, &old_id()];
    let Some((code, screen)) = at_a_terminal(&Place::new(), &aws, &args, &["123456\n"]) else { return };
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains(&format!("MFA code of {DEVICE}: \r\n")), "{screen}");
    assert!(!screen.contains("123456") && screen.contains("222222222222"), "{screen}");
    assert_assumed(&aws, &caller(), &[("TokenCode", "123456")]);
}

#[test]
fn a_slip_is_asked_about_again_and_an_empty_answer_ends_it() {
    let aws = Aws::new(with_role);
    let args = ["resolve", "--role-arn", ROLE, "--mfa-serial", DEVICE, &old_id()];
    let Some((code, screen)) = at_a_terminal(&Place::new(), &aws, &args, &["12a456\n", "123456\n"]) else {
        return;
    };
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("not an MFA code: it is six digits: ") && !screen.contains("12a456"), "{screen}");
    let Some((code, screen)) = at_a_terminal(&Place::new(), &aws, &args, &["\n", "\n", "\n"]) else { return };
    assert_eq!(code, Some(2), "{screen}");
    assert!(screen.contains("no MFA code was given"), "{screen}");
}

#[test]
fn an_interrupt_at_the_prompt_ends_it() {
    let aws = Aws::new(with_role);
    let args = ["resolve", "--role-arn", ROLE, "--mfa-serial", DEVICE, &old_id()];
    let Some((code, screen)) = at_a_terminal(&Place::new(), &aws, &args, &["\x03"]) else { return };
    assert_eq!(code, Some(130), "{screen}");
    assert!(screen.contains("stopped before AWS answered") && aws.actions().is_empty(), "{screen}");
}
