//! Secrets in the environment of akid itself, which a command that it runs may print.
//!
//! The name of a variable says whether it belongs to AWS and what its value is for. The value has the last word: what has
//! the form of AWS's secrets is one under any such name, and what is evidently something else is none.

use akid::aws::{AccessKeyId, Likeness, SecretAccessKey};
use akid::mask::Masker;
use akid::rule::RuleId;

/// Parts of names that belong to AWS, wherever they are in a name.
const OF_AWS: [&str; 4] = ["AWS", "AMAZON", "BEDROCK", "SECRET_ACCESS_KEY"];
/// Services with secrets of their own, as words of a name.
const SERVICES: [&str; 9] = ["S3", "EC2", "ECR", "SES", "IAM", "STS", "SQS", "DYNAMODB", "CODECOMMIT"];
/// What names a secret.
const SECRETS: [&str; 7] = ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "API_KEY", "APIKEY"];
/// The last words of names of something about a secret.
const ABOUT: [&str; 36] = [
    "ACCOUNT",
    "ARN",
    "AT",
    "COUNT",
    "DATE",
    "DIR",
    "DIRECTORY",
    "DURATION",
    "ENABLED",
    "ENDPOINT",
    "EXPIRATION",
    "EXPIRES",
    "EXPIRY",
    "FILE",
    "FOLDER",
    "HOST",
    "ID",
    "LENGTH",
    "LIFETIME",
    "MANAGER",
    "MODE",
    "NAME",
    "PATH",
    "PORT",
    "PREFIX",
    "PROFILE",
    "PROVIDER",
    "REGION",
    "SOURCE",
    "TIME",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "USER",
    "VERSION",
];
/// Shorter values are no secrets.
const SHORTEST: usize = 8;

/// Masks the values of secret variables from here on.
pub(super) fn hide(masker: &mut Masker) {
    for (name, value) in std::env::vars_os() {
        let name = name.to_string_lossy().to_ascii_uppercase();
        let value = value.as_encoded_bytes();
        if is_secret(&name, value)
            && let Some(rule) = rule(&name)
        {
            masker.hide(value, rule);
        }
    }
}

/// Whether the variable `name`, in capitals, holds a secret of AWS, which is `value`.
fn is_secret(name: &str, value: &[u8]) -> bool {
    let words: Vec<&str> = name.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let is_password = words.contains(&"PASS") || name.contains("PASSWORD") || name.contains("PASSWD");
    let names_secret = is_password || SECRETS.iter().any(|word| name.contains(word));
    let is_of_aws = OF_AWS.iter().any(|word| name.contains(word))
        || words.iter().any(|word| SERVICES.contains(word))
        // Anybody may call a key so.
        || name.contains("SECRET") && has_form(value);
    if !names_secret || !is_of_aws || value.len() < SHORTEST || AccessKeyId::parse(value).is_some() {
        return false;
    }
    let is_about = words.last().is_some_and(|word| ABOUT.contains(word));
    // People choose passwords: a word or a number may be one.
    has_form(value) || !is_about && if is_password { !is_place(value) } else { !is_plain(value) }
}

/// Whether `value` looks like a secret access key that AWS made.
fn has_form(value: &[u8]) -> bool {
    SecretAccessKey::parse(value).is_some_and(|secret| secret.likeness() == Likeness::RandomKey)
}

/// Whether `value` is evidently no generated secret: a word, a number, a date, or a place.
fn is_plain(value: &[u8]) -> bool {
    let separators = [b'-', b'_', b'.', b':', b' '];
    let is_word = |part: &[u8]| {
        part.iter().all(u8::is_ascii_lowercase)
            || part.iter().all(u8::is_ascii_uppercase)
            || part.iter().all(u8::is_ascii_digit)
            || part[1..].iter().all(u8::is_ascii_lowercase)
    };
    let words = || value.split(|byte| separators.contains(byte)).filter(|part| !part.is_empty());
    let is_date = value[0].is_ascii_digit()
        && value.iter().all(|byte| byte.is_ascii_digit() || b"-:.+ TZ".contains(byte));
    // Letters in one run: longer ones are no words.
    is_place(value) || is_date || words().all(|part| is_word(part) && part.len() <= 20)
}

/// Whether `value` says where something is: a URL without a password, an ARN, or a path.
fn is_place(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    if let Some((scheme, rest)) = text.split_once("://") {
        let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        return is_scheme && !rest.contains(['@', '?', '#']);
    }
    let is_absolute = ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start));
    let is_on_drive = text.as_bytes().get(1..3).is_some_and(|colon| colon == b":\\");
    let is_path =
        || !text.bytes().any(|byte| byte.is_ascii_uppercase()) || std::path::Path::new(text).exists();
    text.starts_with("arn:aws") || is_on_drive || is_absolute && is_path()
}

/// What is reported of it.
fn rule(name: &str) -> Option<RuleId> {
    let words = [
        ("BEDROCK", "aws-api-key"),
        ("API_KEY", "aws-api-key"),
        ("APIKEY", "aws-api-key"),
        ("ECR", "aws-ecr-token"),
        ("SES_", "aws-ses-smtp-password"),
        ("TOKEN", "aws-session-token"),
    ];
    // `SECRET` has the letters of a service in it.
    let plain = name.replace("SECRET", "");
    let named = words.iter().find(|(word, _)| plain.contains(word)).map(|(_, rule)| *rule);
    RuleId::parse(named.unwrap_or("aws-secret-access-key"))
}

#[cfg(test)]
mod tests {
    use akid::aws::fake;

    use super::*;

    #[test]
    fn names_say_what_is_a_secret() {
        let value = b"xK9-plQ2.tR7_vB4=";
        for name in [
            "AMAZON_SECRET_ACCESS_KEY",
            "ANTHROPIC_AWS_API_KEY",
            "AWS_API_KEY",
            "AWS_BEARER_TOKEN_BEDROCK",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SECRET_ACCESS_KEY_PROD",
            "AWS_SES_PASS",
            "AWS_SESSION_TOKEN",
            "AWSSECRETACCESSKEY",
            "EC2_SECRET_KEY",
            "ECR_PASSWORD",
            "RCLONE_CONFIG_X_SECRET_ACCESS_KEY",
            "S3_SECRET_ACCESS_KEY",
            "SECRET_ACCESS_KEY",
            "SES_SMTP_PASSWORD",
            "TF_VAR_AWS_SECRET",
        ] {
            assert!(is_secret(name, value) && rule(name).is_some(), "{name}");
        }
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_CREDENTIAL_EXPIRATION",
            "AWS_PROFILE",
            "AWS_SECRET_ARN",
            "AWS_SECRETS_MANAGER_ENDPOINT",
            "AWS_TOKEN_PROFILE",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "GITHUB_TOKEN",
            "PROCESS_TOKEN",
            "SECRET_KEY",
        ] {
            assert!(!is_secret(name, value), "{name}");
        }
    }

    #[test]
    fn values_that_are_evidently_something_else_are_no_secrets() {
        for value in [
            "production",
            "eu-central-1",
            "2026-11-28T03:00:00+00:00",
            "1790000000",
            "https://secretsmanager.eu-central-1.amazonaws.com/path",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:name-AbC123",
            "AKIAIOSFODNN7EXAMPLE",
            "/usr/bin/env",
            "/run/none/aws-token",
            "short7",
        ] {
            assert!(!is_secret("AWS_SESSION_TOKEN", value.as_bytes()), "{value}");
        }
        for value in ["production", "1790000000", "https://user:word@host/", "/xK9/plQ2tR7/vB4"] {
            assert!(is_secret("SES_SMTP_PASSWORD", value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn a_value_in_the_form_of_a_secret_is_one_under_any_name_of_one() {
        for seed in 0..200 {
            let pair = fake::pair(seed);
            let secret = pair.secret_text().as_bytes();
            for name in ["AWS_SECRET_ACCESS_KEY", "AWS_SECRET_NAME", "SECRET_KEY", "AWS_CREDENTIAL_PATH"] {
                let is_likely = has_form(secret) || name == "AWS_SECRET_ACCESS_KEY";
                assert_eq!(is_secret(name, secret), is_likely, "{name} {seed}");
            }
            assert!(!is_secret("MY_OWN_NAME", secret));
        }
    }
}
