//! The vectors of the documentation. Its secret and its key ID are public.

use super::*;
use crate::aws::fake;

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn secret(text: &str) -> SecretAccessKey {
    SecretAccessKey::parse(text.as_bytes()).unwrap()
}

fn is_of(artefact: &Artefact, secret: &SecretAccessKey) -> bool {
    artefact.is_of(secret, &mut SigningKeys::new(1000)).unwrap()
}

/// Fails unless the documented secret made the artefact, and no other.
#[track_caller]
fn assert_documented(artefact: Option<Artefact>) {
    let artefact = artefact.unwrap();
    assert!(is_of(&artefact, &secret(SECRET)));
    assert!(!is_of(&artefact, fake::pair(1).secret()));
    assert_eq!(artefact.key_id, AccessKeyId::parse(ID.as_bytes()));
}

fn s3_url(path: &str, signature: &str) -> String {
    format!(
        "https://examplebucket.s3.amazonaws.com/{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ID}%2F20130524%2F\
         us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&\
         X-Amz-Signature={signature}"
    )
}

#[test]
fn the_presigned_url_of_the_documentation() {
    let signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    assert_documented(presigned(&s3_url("test.txt", signature), &[]));
    let changed = presigned(&s3_url("test.tx", signature), &[]).unwrap();
    assert!(changed.is_complete && !is_of(&changed, &secret(SECRET)));
    let other =
        presigned(&s3_url("test.txt", signature).replace("0524T000000Z", "0524T000001Z"), &[]).unwrap();
    assert!(!is_of(&other, &secret(SECRET)));
}

#[test]
fn the_policy_of_the_documentation() {
    let text = [
        "{ \"expiration\": \"2015-12-30T12:00:00.000Z\",",
        "  \"conditions\": [",
        "    {\"bucket\": \"sigv4examplebucket\"},",
        "    [\"starts-with\", \"$key\", \"user/user1/\"],",
        "    {\"acl\": \"public-read\"},",
        "    {\"success_action_redirect\": \"http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html\"},",
        "    [\"starts-with\", \"$Content-Type\", \"image/\"],",
        "    {\"x-amz-meta-uuid\": \"14365123651274\"},",
        "    {\"x-amz-server-side-encryption\": \"AES256\"},",
        "    [\"starts-with\", \"$x-amz-meta-tag\", \"\"],",
        "",
        "    {\"x-amz-credential\": \"AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request\"},",
        "    {\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"},",
        "    {\"x-amz-date\": \"20151229T000000Z\" }",
        "  ]",
        "}",
    ];
    let encoded = data_encoding::BASE64.encode(text.join("\r\n").as_bytes());
    let signature = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e";
    let scope = Scope::parse("20151229/us-east-1/s3/aws4_request");
    let id = AccessKeyId::parse(ID.as_bytes()).unwrap();
    assert_documented(policy(id, scope, encoded.as_bytes(), signature));
}

#[test]
fn the_requests_of_version_2_of_the_documentation() {
    assert_documented(v2_presigned(&format!(
        "https://johnsmith.s3.amazonaws.com/photos/puppy.jpg?AWSAccessKeyId={ID}&Expires=1175139620&\
         Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D"
    )));
    let headers = [
        ("host".to_owned(), "johnsmith.s3.amazonaws.com".to_owned()),
        ("date".to_owned(), "Tue, 27 Mar 2007 19:36:42 +0000".to_owned()),
    ];
    let id = AccessKeyId::parse(ID.as_bytes()).unwrap();
    let signature = "bWq2s1WEIj+Ydj0vQ697zp+IXMU=";
    assert_documented(v2_header(id, signature, "GET", "/photos/puppy.jpg", &headers));
    let other = v2_header(id, signature, "GET", "/photos/kitten.jpg", &headers).unwrap();
    assert!(!is_of(&other, &secret(SECRET)));
}

/// The secret of the vectors is shorter than any that AWS issues, so that the digests are checked by themselves.
#[test]
fn the_smtp_passwords_of_the_documentation() {
    let derived = |region: &str| {
        let steps = ["11111111", region, "ses", "aws4_request", "SendRawEmail"];
        let start = b"AWS4some+secret+key".to_vec();
        let digest = steps.iter().fold(start, |key, step| hmac_sha256(&key, step.as_bytes()).to_vec());
        data_encoding::BASE64.encode(&[&[4], &digest[..]].concat())
    };
    assert_eq!(derived("eu-central-1"), "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2");
    assert_eq!(derived("us-west-1"), "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj");
    let old = hmac_sha256(b"some+secret+key", b"SendRawEmail");
    let old = data_encoding::BASE64.encode(&[&[2], &old[..]].concat());
    assert_eq!(old, "AnkqhOiWEcszZZzTMCQbOY1sPGoLFgMH9zhp4eNgSjo4");
}

#[test]
fn an_smtp_password_of_any_region_is_proven() {
    let key = fake::pair(5);
    for region in REGIONS {
        let digest = derive(key.secret(), ["11111111", region, "ses", "aws4_request", "SendRawEmail"]);
        let password = data_encoding::BASE64.encode(&[&[4], &digest[..]].concat());
        let artefact = smtp_password(Some(key.id()), password.as_bytes()).unwrap();
        assert!(is_of(&artefact, key.secret()), "{region}");
        assert!(!is_of(&artefact, fake::pair(6).secret()), "{region}");
    }
}

/// `get-vanilla` of the test suite of version 4, whose key ID is `AKIDEXAMPLE`.
#[test]
fn the_vanilla_request_of_the_test_suite() {
    let canonical = "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n\
                     e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let string = StringToSign::of_request("20150830T123600Z", canonical);
    let scope = Scope::parse("20150830/us-east-1/service/aws4_request").unwrap();
    let signature = data_encoding::HEXLOWER
        .decode(b"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
        .unwrap();
    let id = AccessKeyId::parse(ID.as_bytes()).unwrap();
    let artefact = Artefact::v4(id, scope, vec![string], signature.try_into().unwrap(), true);
    assert!(is_of(&artefact, &secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")));
    assert!(!is_of(&artefact, &secret(SECRET)));
}

#[test]
fn trials_are_bounded_and_derived_keys_are_kept() {
    let key = fake::pair(1);
    let url = s3_url("a", &"0".repeat(64));
    let artefact = presigned(&url, &[]).unwrap();
    let mut keys = SigningKeys::new(3);
    assert_eq!(artefact.is_of(key.secret(), &mut keys), Some(false));
    // The key is there already.
    assert_eq!(artefact.is_of(key.secret(), &mut keys), Some(false));
    assert_eq!(artefact.is_of(fake::pair(2).secret(), &mut keys), None);
    assert!(keys.is_spent());
}
