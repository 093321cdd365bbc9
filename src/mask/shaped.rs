//! Secrets that their first letters or their names say to be of AWS, whatever stands around them.
//!
//! Detection wants to see what such a value belongs to: the other fields of a sign-in cache, the host of a mail server.
//! A log shows one field in a line, so that here a field is enough.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::forty::next_run;
use super::named::{is_mixed, regex};
use crate::aws::{ServiceSecret, ServiceSecretKind, SessionToken};

/// Why a value is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// It begins as session tokens do.
    SessionToken,
    /// It is a token for Amazon EKS, which is a presigned URL.
    ClusterToken,
    /// It is the password of a mail server, by its name and by its own form.
    SmtpPassword,
    /// A field of a sign-in cache has its name.
    SignIn,
}

impl Shape {
    /// The rule that such a value is counted under.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::SessionToken => "aws-session-token",
            Self::ClusterToken => "aws-presigned-url",
            Self::SmtpPassword => "aws-ses-smtp-password",
            Self::SignIn => "aws-sso-token",
        }
    }
}

/// How far before a value its name may start, in bytes.
const NAME: usize = 64;
/// The longest value of a sign-in cache.
const LONGEST: usize = 8192;

static SIGN_IN_NAME: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"(?-u)(?:accessToken|refreshToken|clientSecret|idToken)\\{0,3}["']\s{0,4}:\s{0,4}\\{0,3}["']$"#)
});

static PASSWORD_NAME: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?i-u)(?:pass(?:word|wd)?|pwd|smtp[\w.-]{0,20})["'\\]{0,2}\s{0,4}(?::|=>?|,)?\s{0,4}["'\\]{0,2}$"#,
    )
});

/// Finds such values in `text`.
pub(super) fn shaped(text: &[u8]) -> Vec<(Range<usize>, Shape)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(run) = next_run(text, at) {
        at = run.end + 1;
        // Nearly every run is a digest, a path or a word.
        if is_mixed(&text[run.clone()])
            && let Some((range, shape)) = shape(text, &run)
        {
            at = at.max(range.end);
            found.push((range, shape));
        }
    }
    found
}

fn shape(text: &[u8], run: &Range<usize>) -> Option<(Range<usize>, Shape)> {
    const CLUSTER: &[u8] = b"k8s-aws-v1.";
    let letters = &text[run.clone()];
    let before = &text[run.start.saturating_sub(NAME)..run.start];
    let is_token = |start: &str| letters.starts_with(start.as_bytes());
    if letters.len() >= SessionToken::MIN_LEN && SessionToken::PREFIXES.iter().any(|start| is_token(start)) {
        let padding = text[run.end..].iter().take(2).take_while(|byte| **byte == b'=').count();
        return Some((run.start..run.end + padding, Shape::SessionToken));
    }
    if before.ends_with(CLUSTER) {
        return Some((run.clone(), Shape::ClusterToken));
    }
    let is_password = ServiceSecret::parse(ServiceSecretKind::SesSmtpPassword, letters).is_some();
    if is_password && text.get(run.end) != Some(&b'=') && PASSWORD_NAME.is_match(before) {
        return Some((run.clone(), Shape::SmtpPassword));
    }
    if SIGN_IN_NAME.is_match(before) {
        let ends = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\' | b'\r' | b'\n');
        let rest = &text[run.end..text.len().min(run.end + LONGEST)];
        let len = rest.iter().position(ends).unwrap_or(rest.len());
        return Some((run.start..run.end + len, Shape::SignIn));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{self, service};

    #[test]
    fn a_field_is_enough_to_know_a_secret_by() {
        for seed in 0..50 {
            let token = fake::temporary(seed).token_text().to_owned();
            let password = service::smtp_password(seed);
            let sign_in = service::sso_token(seed);
            for (text, secret, shape) in [
                (format!("x {token} y"), &token, Shape::SessionToken),
                (format!("password: {password}\n"), &password, Shape::SmtpPassword),
                (format!("\"smtpPass\": \"{password}\""), &password, Shape::SmtpPassword),
                (format!("  \"accessToken\": \"{sign_in}\",\n"), &sign_in, Shape::SignIn),
                (format!("{{\\\"refreshToken\\\":\\\"{sign_in}\\\"}}"), &sign_in, Shape::SignIn),
                (format!("token: k8s-aws-v1.{}", &token[..99]), &token[..99].to_owned(), Shape::ClusterToken),
            ] {
                let found = shaped(text.as_bytes());
                let at = text.find(secret.as_str()).unwrap();
                assert_eq!(found, [(at..at + secret.len(), shape)], "{text}");
            }
        }
    }

    #[test]
    fn what_only_looks_like_one_stays() {
        let secret = fake::pair(3).secret_text().to_owned();
        for text in [
            format!("integrity: {}", service::smtp_password(1)),
            format!("password: {}", service::password(1)),
            format!("\"accessToken\": \"short\", \"x\": \"{secret}\""),
            "\"clientSecret\": \"${oidc.client.secret}\"".to_owned(),
        ] {
            assert!(shaped(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
