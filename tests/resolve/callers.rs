//! Who asks, and what they are told when they cannot.

use std::process::Output;

use akid::aws::fake;

use crate::resolve::aws::{Aws, Reply, account, error, identity};
use crate::resolve::{CALLER, Place, caller, old_id, settings, stderr, stdout, truth};

/// The SHA-1 sums by which the AWS CLI names the files of sign-ins: of `corp`, and of the start URL below.
const CORP: &str = "ee0bfd2552fbd840c02cc48b6e823320543c450f";
const START_URL: &str = "a51746d4aa793ae07b25e90c3a5db96fc7832bd7";

const SESSION: &str = "[profile dev]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = Auditor\n\
                       region = us-east-1\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n\
                       sso_region = us-east-1\n";
const LEGACY: &str = "[profile dev]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n\
                      sso_account_id = 222222222222\nsso_role_name = Auditor\nregion = us-east-1\n";

/// A key is found, AWS cannot be asked, the finding is told all the same, and then why: with the remedy.
fn assert_trouble(what: &str, output: &Output, trouble: &str, help: &str) {
    let told = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{what}: {told}");
    assert!(stdout(output).contains("\n          a.env:1:19\n"), "{what}: {}", stdout(output));
    assert!(told.contains(&format!("not resolved: {trouble}")), "{what}: {told}");
    assert!(told.contains(&format!("help: {help}")), "{what}: {told}");
    assert!(!told.contains(&caller().secret_text()[..8]), "{what}: {told}");
}

fn place() -> Place {
    Place::new().with("a.env", &settings(&fake::pair(1)))
}

const SCAN: [&str; 4] = ["scan", "--resolve", "--resolve-timeout", "20"];

#[test]
fn who_has_no_credentials_region_or_profile_is_told_how_to_give_them() {
    let aws = Aws::new(truth);
    let place = place();
    let output = place.anonymous(&aws, &SCAN).output().unwrap();
    assert_trouble(
        "none",
        &output,
        "no AWS credentials were found\n",
        "give --profile, or AWS_ACCESS_KEY_ID",
    );
    let output = place.akid(&aws, &SCAN).env_remove("AWS_REGION").output().unwrap();
    assert_trouble("region", &output, "no AWS region is set\n", "give --region, AWS_REGION");
    let output = place.akid(&aws, &["scan", "--resolve", "--profile", "gone"]).output().unwrap();
    assert_trouble("profile", &output, "there is no AWS profile `gone`\n", "`aws configure list-profiles`");
    let output = place.anonymous(&aws, &SCAN).env("AWS_PROFILE", "gone").output().unwrap();
    assert_trouble("variable", &output, "there is no AWS profile `gone`\n", "`aws configure list-profiles`");
    assert_eq!(aws.actions().len(), 0);
}

#[test]
fn what_aws_says_against_the_caller_is_told_with_the_remedy() {
    for (code, trouble, help) in [
        ("ExpiredToken", "the caller's AWS credentials have expired: ExpiredToken: ", "renew them"),
        (
            "InvalidClientTokenId",
            "AWS does not know the caller's own key in partition aws: Inv",
            "the key may be inactive",
        ),
        ("SignatureDoesNotMatch", "AWS rejected the caller's signature: Sig", "check the secret"),
        (
            "Strange",
            "AWS did not identify the caller: Strange: no Strange (request r-1)",
            "`aws sts get-caller-identity`",
        ),
    ] {
        let aws = Aws::new(move |_| error(403, code));
        assert_trouble(code, &place().akid(&aws, &SCAN).output().unwrap(), trouble, help);
        assert_eq!(aws.actions(), ["GetCallerIdentity"], "{code}");
    }
}

#[test]
fn where_aws_is_not_reached_the_way_is_told() {
    let page = Aws::new(|_| Reply::Answer(200, "<html>please sign in</html>".to_owned()));
    let output = place().akid(&page, &SCAN).output().unwrap();
    assert_trouble(
        "page",
        &output,
        "the endpoint is not AWS: HTTP status 200",
        "check AWS_ENDPOINT_URL, and look for a proxy",
    );
    let silent = Aws::new(|_| Reply::Silence);
    let output = place().akid(&silent, &["scan", "--resolve", "--resolve-timeout", "1"]).output().unwrap();
    assert_trouble("silence", &output, "AWS did not answer within 1 s\n", "try again, or allow more time");
    let busy = Aws::new(|_| error(503, "ServiceUnavailable"));
    let output = place().akid(&busy, &SCAN).env("AWS_MAX_ATTEMPTS", "2").output().unwrap();
    assert_trouble("busy", &output, "AWS is not available now: ServiceUnavailable", "try again later");
    assert_eq!(busy.actions().len(), 2);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = place().akid(&busy, &SCAN);
    let place = place();
    command.current_dir(place.path("work")).env("AWS_ENDPOINT_URL", format!("http://{nobody}"));
    let output = command.env("AWS_MAX_ATTEMPTS", "1").output().unwrap();
    assert_trouble("nobody", &output, "AWS cannot be reached: ", "check the network, HTTPS_PROXY");
    assert!(stderr(&output).contains("refused"), "{}", stderr(&output));
}

#[test]
fn who_may_not_ask_is_shown_the_one_statement_that_is_needed() {
    let aws = Aws::new(|request| match request.action() {
        "GetAccessKeyInfo" => error(403, "AccessDenied"),
        _ => truth(request),
    });
    let output = place().akid(&aws, &SCAN).output().unwrap();
    let trouble = format!("1 key ID: the caller {CALLER} is not allowed to look up keys: AccessDenied: ");
    let help = "the caller needs this policy statement\n  {\"Effect\": \"Allow\", \"Action\": \
                \"sts:GetAccessKeyInfo\", \"Resource\": \"*\"}";
    assert_trouble("denied", &output, &trouble, help);
}

#[test]
fn sessions_that_aws_does_not_let_ask_are_told_so_and_do_not_ask() {
    for (arn, operation) in [
        (CALLER, "GetSessionToken"),
        ("arn:aws:iam::222222222222:root", "GetSessionToken"),
        ("arn:aws:sts::222222222222:federated-user/ada", "GetFederationToken"),
    ] {
        let aws = Aws::new(move |_| identity(arn));
        let session = fake::temporary(701);
        let place = place();
        let mut command = place.anonymous(&aws, &SCAN);
        command
            .env("AWS_ACCESS_KEY_ID", session.id_text())
            .env("AWS_SECRET_ACCESS_KEY", session.secret_text());
        let output = command.env("AWS_SESSION_TOKEN", session.token_text()).output().unwrap();
        let trouble = format!(
            "1 key ID: the caller {arn} uses a session of {operation}, and AWS does not let such sessions look up keys"
        );
        assert_trouble(arn, &output, &trouble, "use the long-term key itself, or a role: --role-arn");
        assert_eq!(aws.actions(), ["GetCallerIdentity"]);
        assert!(stdout(&output).contains("not yours"), "{}", stdout(&output));
    }
}

#[test]
fn a_sign_in_that_is_missing_or_over_is_told_with_the_command_that_renews_it() {
    let aws =
        Aws::new(|_| Reply::Answer(401, "{\"message\":\"Session token not found or invalid\"}".to_owned()));
    for (profiles, name, help) in [
        (SESSION, CORP, "run `aws sso login --sso-session corp`"),
        (LEGACY, START_URL, "run `aws sso login --profile dev`"),
    ] {
        let place = place().with_profiles(profiles);
        let run = || {
            let mut command = place.anonymous(&aws, &["scan", "--resolve", "--profile", "dev"]);
            command.env("AWS_MAX_ATTEMPTS", "1").output().unwrap()
        };
        let trouble = "profile `dev` is not signed in to IAM Identity Center, or its session has expired";
        assert_trouble("missing", &run(), trouble, help);
        for expires in ["2020-01-01T00:00:00Z", "2035-01-01T00:00:00Z"] {
            sign_in(&place, name, expires);
            assert_trouble(expires, &run(), trouble, help);
        }
    }
}

/// Writes what `aws sso login` leaves.
fn sign_in(place: &Place, name: &str, expires: &str) {
    let folder = place.path("home/.aws/sso/cache");
    std::fs::create_dir_all(&folder).unwrap();
    let token = format!(
        "{{\"accessToken\": \"made-up\", \"expiresAt\": \"{expires}\", \"region\": \"us-east-1\", \
         \"startUrl\": \"https://corp.awsapps.com/start\"}}"
    );
    std::fs::write(folder.join(format!("{name}.json")), token).unwrap();
}

#[test]
fn who_is_signed_in_by_identity_center_can_ask() {
    for (profiles, name) in [(SESSION, CORP), (LEGACY, START_URL)] {
        let granted = fake::temporary(702);
        let (id, secret, token) =
            (granted.id_text().to_owned(), granted.secret_text().to_owned(), granted.token_text().to_owned());
        let aws = Aws::new(move |request| match request.action() {
            path if path.starts_with("/federation/credentials?") => Reply::Answer(
                200,
                format!(
                    "{{\"roleCredentials\": {{\"accessKeyId\": \"{id}\", \"secretAccessKey\": \"{secret}\", \
                     \"sessionToken\": \"{token}\", \"expiration\": 2051222400000}}}}"
                ),
            ),
            "GetCallerIdentity" => identity("arn:aws:sts::222222222222:assumed-role/Auditor/ada"),
            _ => truth(request),
        });
        let place = Place::new().with_profiles(profiles);
        sign_in(&place, name, "2035-01-01T00:00:00Z");
        // The profile that is named wins over what the environment has.
        let mut command = place.akid(&aws, &["resolve", "--profile", "dev", &old_id()]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stdout(&output).contains("222222222222"), "{}", stdout(&output));
        let asked = aws.asked();
        assert_eq!(asked.len(), 3);
        assert!(asked[1..].iter().all(|request| request.signer() == Some(granted.id_text())));
    }
}

#[test]
fn profiles_that_cannot_work_say_why() {
    let aws = Aws::new(truth);
    for (profiles, trouble, help) in [
        (
            "[profile dev]\nlogin_session = arn:aws:iam::222222222222:user/ada\nregion = us-east-1\n",
            "profile `dev` uses `aws login`, whose credentials akid cannot read",
            "make another profile with `credential_process = aws configure export-credentials --profile dev`",
        ),
        (
            "[profile dev]\ncredential_process = /bin/false\nregion = us-east-1\n",
            "the AWS credentials could not be loaded: ",
            "`aws sts get-caller-identity`",
        ),
        (
            "[profile dev]\nrole_arn = arn:aws:iam::222222222222:role/a\nmfa_serial = GAHT12345678\n\
             source_profile = b\nregion = us-east-1\n[profile b]\nrole_arn = arn:aws:iam::222222222222:role/b\n\
             source_profile = dev\n",
            "the AWS configuration is invalid: the source_profile of `dev` leads in a circle",
            "check ~/.aws/config",
        ),
        (
            "[profile dev]\nrole_arn = arn:aws:iam::222222222222:role/a\nmfa_serial = GAHT12345678\n\
             credential_source = Environment\nregion = us-east-1\n",
            "the AWS configuration is invalid: profile `dev` with mfa_serial",
            "check ~/.aws/config",
        ),
        ("[profile dev]\nregion = us-east-1\n", "no AWS credentials were found", "give --profile"),
        ("[profile dev\n", "the AWS configuration is invalid: ", "check ~/.aws/config"),
    ] {
        let place = place().with_profiles(profiles);
        let output = place.anonymous(&aws, &["scan", "--resolve", "--profile", "dev"]).output().unwrap();
        assert_trouble(profiles, &output, trouble, help);
    }
    assert_eq!(aws.actions().len(), 0);
}

#[test]
fn a_process_can_give_the_credentials() {
    let aws = Aws::new(truth);
    let place = Place::new();
    let key = fake::pair(703);
    let given = format!(
        "{{\"Version\": 1, \"AccessKeyId\": \"{}\", \"SecretAccessKey\": \"{}\"}}",
        key.id_text(),
        key.secret_text()
    );
    std::fs::write(place.path("given.json"), given).unwrap();
    let process = format!("credential_process = cat {}", place.path("given.json").display());
    let place = place.with_profiles(&format!("[profile dev]\n{process}\nregion = us-east-1\n"));
    let output = place.anonymous(&aws, &["resolve", "--profile", "dev", &old_id()]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(aws.asked().iter().all(|request| request.signer() == Some(key.id_text())));
}

#[test]
fn a_caller_whose_own_key_is_found_is_told_loudly_and_served() {
    let aws = Aws::new(|request| match request.action() {
        "GetAccessKeyInfo" => account("222222222222"),
        _ => truth(request),
    });
    let place = Place::new().with("a.env", &settings(&caller()));
    let output = place.akid(&aws, &["scan", "--resolve", "-q"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let warning = format!(
        "WARNING: {}, the key that AWS was asked with, is itself among these keys",
        caller().id_text()
    );
    assert!(stderr(&output).contains(&warning), "{}", stderr(&output));
    assert!(stdout(&output).contains("yours"), "{}", stdout(&output));
}

#[test]
fn how_to_ask_without_asking_is_a_slip() {
    let output = Place::new().bare(&["scan", "--profile", "dev"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr(&output), "error: --profile has no effect without --resolve\nhelp: add --resolve\n");
}
