//! What becomes of each answer of AWS, replayed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_sts::Client;
use aws_sdk_sts::config::http::{HttpRequest, HttpResponse};
use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_http_client::test_util::{NeverClient, ReplayEvent, StaticReplayClient};

use super::connection::Endpoint;
use super::error::ResolveError;
use super::identity::identify;
use super::lookup::{Deadline, Reply, ask_all};
use super::roles::{Role, assume};
use super::session::Session;
use crate::aws::{AccountId, fake};
use crate::resolve::{Answer, Cache, Caller};
use crate::stop::Stop;

const CALLER: &str = "arn:aws:iam::222222222222:user/me";

/// What AWS says of the caller.
const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
    <GetCallerIdentityResult><Arn>arn:aws:iam::222222222222:user/me</Arn><UserId>X</UserId>\
    <Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

/// An answer of AWS: status and body.
type Canned<'a> = (u16, &'a str);

fn error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>body-1</RequestId></ErrorResponse>"
    )
}

fn account(digits: &str) -> String {
    format!(
        "<GetAccessKeyInfoResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetAccessKeyInfoResult>\
         <Account>{digits}</Account></GetAccessKeyInfoResult></GetAccessKeyInfoResponse>"
    )
}

fn replay(answers: &[Canned<'_>]) -> StaticReplayClient {
    let event = |(status, body): &Canned<'_>| {
        // The requests are looked at afterwards, not here.
        let request = HttpRequest::new("".into());
        let mut answer = HttpResponse::new((*status).try_into().unwrap(), (*body).into());
        answer.headers_mut().insert("x-amzn-requestid", "r-1");
        ReplayEvent::new(request, answer)
    };
    StaticReplayClient::new(answers.iter().map(event).collect())
}

fn config() -> aws_sdk_sts::config::Builder {
    let key = fake::pair(900);
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(key.id_text(), key.secret_text(), None, None, "test"))
}

fn client(http: &StaticReplayClient) -> Client {
    Client::from_conf(config().http_client(http.clone()).retry_config(RetryConfig::disabled()).build())
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn soon(seconds: u64) -> Deadline {
    let after = Duration::from_secs(seconds);
    Deadline { at: Instant::now() + after, after }
}

/// What comes of asking about one key when AWS answers so.
fn reply(answer: Canned<'_>) -> Reply {
    let ids = BTreeSet::from([fake::pair(1).id()]);
    let client = client(&replay(&[answer]));
    run(ask_all(&client, CALLER, &ids, soon(5), &Stop::default())).remove(&fake::pair(1).id()).unwrap()
}

#[test]
fn an_account_is_an_account() {
    let told = reply((200, &account("609629065308")));
    assert_eq!(told, Ok(Answer::Account(AccountId::parse("609629065308").unwrap())));
}

#[test]
fn what_aws_says_against_a_key_is_data_with_code_message_and_request() {
    for (status, code) in
        [(400, "ValidationError"), (404, "NoSuchEntity"), (403, "InvalidClientTokenId"), (400, "Xy")]
    {
        let told = reply((status, &error(code, "not so")));
        let Ok(Answer::Unknown(refusal)) = told else { panic!("{code}: {told:?}") };
        assert_eq!(refusal.to_string(), format!("{code}: not so (request r-1)"));
    }
}

#[test]
fn what_aws_says_against_the_caller_or_the_moment_is_a_trouble() {
    let trouble = |status, code: &str| reply((status, &error(code, "no"))).unwrap_err();
    assert!(matches!(trouble(403, "AccessDenied"), ResolveError::AccessDenied { .. }));
    assert!(matches!(trouble(403, "ExpiredToken"), ResolveError::Expired(_)));
    assert!(matches!(trouble(403, "SignatureDoesNotMatch"), ResolveError::Signature(_)));
    // Throttling comes with HTTP status 400: the status alone says nothing.
    for (status, code) in
        [(400, "Throttling"), (429, "TooManyRequestsException"), (500, "InternalFailure"), (503, "X")]
    {
        assert!(matches!(trouble(status, code), ResolveError::Busy(_)), "{code}");
    }
}

#[test]
fn what_is_no_answer_of_aws_is_not_taken_for_one() {
    for (status, body) in
        [(200, "<html>sign in</html>"), (200, ""), (200, "{}"), (404, "<html>not here</html>")]
    {
        assert!(
            matches!(reply((status, body)), Err(ResolveError::NotAws(found)) if found == status),
            "{status} {body}"
        );
    }
    let thirteen = account("1234567890123");
    assert_eq!(reply((200, &thirteen)), Err(ResolveError::NotAws(200)));
}

#[test]
fn throttling_is_tried_again_and_then_answered() {
    let body = error("Throttling", "Rate exceeded");
    let http = replay(&[(400, &body), (503, ""), (200, &account("609629065308"))]);
    let patient = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let client = Client::from_conf(config().http_client(http.clone()).retry_config(patient).build());
    let ids = BTreeSet::from([fake::pair(1).id()]);
    let replies = run(ask_all(&client, CALLER, &ids, soon(10), &Stop::default()));
    assert!(matches!(replies[&fake::pair(1).id()], Ok(Answer::Account(_))), "{replies:?}");
    assert_eq!(http.actual_requests().count(), 3);
}

#[test]
fn who_may_not_ask_asks_once_and_each_key_is_told_so() {
    let body = error("AccessDenied", "not authorized to perform: sts:GetAccessKeyInfo");
    let http = replay(&vec![(403, body.as_str()); 40]);
    let ids: BTreeSet<_> = (0..40).map(|seed| fake::pair(seed).id()).collect();
    let replies = run(ask_all(&client(&http), CALLER, &ids, soon(5), &Stop::default()));
    assert!(ids.iter().all(|id| matches!(replies[id], Err(ResolveError::AccessDenied { .. }))));
    assert!(http.actual_requests().count() <= 8, "{}", http.actual_requests().count());
}

#[test]
fn each_key_is_asked_about_once_and_only_it_is_sent() {
    let answer = account("609629065308");
    let http = replay(&vec![(200, answer.as_str()); 20]);
    let ids: BTreeSet<_> = (0..20).map(|seed| fake::pair(seed).id()).collect();
    let replies = run(ask_all(&client(&http), CALLER, &ids, soon(5), &Stop::default()));
    assert!(replies.values().all(Result::is_ok));
    let mut sent: Vec<String> = http
        .actual_requests()
        .map(|request| String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap())
        .collect();
    sent.sort();
    let wanted: Vec<_> =
        ids.iter().map(|id| format!("Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId={id}")).collect();
    assert_eq!(sent, wanted);
}

#[test]
fn a_silent_aws_and_an_impatient_user_end_the_wait() {
    let client = Client::from_conf(config().http_client(NeverClient::new()).build());
    let ids = BTreeSet::from([fake::pair(1).id(), fake::pair(2).id()]);
    let replies = run(ask_all(&client, CALLER, &ids, soon(1), &Stop::default()));
    assert!(replies.values().all(|reply| *reply == Err(ResolveError::TimedOut(Duration::from_secs(1)))));
    let stop = Stop::default();
    stop.stop();
    let started = Instant::now();
    let replies = run(ask_all(&client, CALLER, &ids, soon(60), &stop));
    assert!(replies.values().all(|reply| *reply == Err(ResolveError::Stopped)) && replies.len() == 2);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn who_asks_is_told_by_aws() {
    let identity = run(identify(&client(&replay(&[(200, IDENTITY)])), "aws")).unwrap();
    assert_eq!((identity.account.to_string().as_str(), identity.arn.as_str()), ("222222222222", CALLER));
}

#[test]
fn what_aws_itself_said_is_asked_once_and_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path());
    let ids: BTreeSet<_> = (0..3).map(|seed| fake::pair(seed).id()).collect();
    let told = account("609629065308");
    let unknown = error("ValidationError", "no");
    let answers = [(200, IDENTITY), (200, told.as_str()), (200, told.as_str()), (400, unknown.as_str())];
    let ask = |answers: &[Canned<'_>], config: aws_sdk_sts::config::Builder| {
        let (http, endpoint) = (replay(answers), Endpoint::default());
        let config = config.http_client(http.clone()).interceptor(endpoint.clone());
        let client = Client::from_conf(config.retry_config(RetryConfig::disabled()).build());
        let caller = Caller {
            account: AccountId::new(222_222_222_222).unwrap(),
            arn: CALLER.to_owned(),
            key_ids: vec![],
        };
        let asked = Session::replayed(client, endpoint, caller).ask(&ids, Some(&cache), &Stop::default());
        assert!(ids.iter().all(|id| asked.answers.contains_key(id)));
        http.actual_requests().count() - 1
    };
    // Another endpoint's word is worth nothing: neither kept nor looked up.
    assert_eq!(ask(&answers, config().endpoint_url("http://127.0.0.1:1")), 3);
    assert_eq!(cache.load().len(), 0);
    assert_eq!(ask(&answers, config()), 3);
    assert_eq!(cache.load().len(), 2);
    // Only the one that AWS did not know is asked about again.
    assert_eq!(ask(&[(200, IDENTITY), (400, &unknown)], config()), 1);
    assert_eq!(ask(&answers, config().endpoint_url("http://127.0.0.1:1")), 3);
}

#[test]
fn each_fault_of_the_caller_has_its_own_name() {
    let trouble = |status, code: &str| {
        run(identify(&client(&replay(&[(status, &error(code, "no"))])), "aws-cn")).unwrap_err()
    };
    assert!(matches!(trouble(403, "ExpiredToken"), ResolveError::Expired(_)));
    assert!(matches!(
        trouble(403, "InvalidClientTokenId"),
        ResolveError::UnknownCaller { partition: "aws-cn", .. }
    ));
    assert!(matches!(trouble(403, "SignatureDoesNotMatch"), ResolveError::Signature(_)));
    assert!(matches!(trouble(400, "Throttling"), ResolveError::Busy(_)));
    assert!(matches!(trouble(400, "Strange"), ResolveError::Refused(_)));
    let page = run(identify(&client(&replay(&[(200, "<html></html>")])), "aws")).unwrap_err();
    assert_eq!(page, ResolveError::NotAws(200));
}

#[test]
fn a_role_is_assumed_with_its_device_and_its_code() {
    let granted = fake::temporary(901);
    let body = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>\
         <Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        granted.id_text(),
        granted.secret_text(),
        granted.token_text()
    );
    let http = replay(&[(200, &body)]);
    let role = Role {
        arn: "arn:aws:iam::222222222222:role/auditor".to_owned(),
        mfa: Some("GAHT12345678".parse().unwrap()),
        duration: Some("900".parse().unwrap()),
        ..Role::default()
    };
    let code = "123456".parse().unwrap();
    let credentials = run(assume(&client(&http), &role, Some(&code), "aws")).unwrap();
    assert_eq!(credentials.access_key_id(), granted.id_text());
    let sent =
        String::from_utf8(http.actual_requests().next().unwrap().body().bytes().unwrap().to_vec()).unwrap();
    for part in ["Action=AssumeRole", "SerialNumber=GAHT12345678", "TokenCode=123456", "DurationSeconds=900"]
    {
        assert!(sent.contains(part), "{part} in {sent}");
    }
    let denied =
        run(assume(&client(&replay(&[(403, &error("AccessDenied", "no"))])), &role, Some(&code), "aws"));
    assert!(matches!(denied, Err(ResolveError::Role { .. })), "{denied:?}");
}

#[test]
fn an_error_shows_nothing_that_was_signed_with() {
    let body = error("Strange", &format!("the key {} is odd", fake::pair(7).secret_text()));
    let trouble = run(identify(&client(&replay(&[(400, &body)])), "aws")).unwrap_err().to_string();
    assert!(!trouble.contains(&fake::pair(7).secret_text()[..8]), "{trouble}");
}
