//! Secrets that only one service takes, and what they and the text around them say of them.

use std::ops::Range;

use jiff::Timestamp;

use super::{sign_in, signed};
use crate::aws::{AccessKeyId, AccountId, ServiceSecret, ServiceSecretKind, service_user};
use crate::finding::Claims;

/// The secret of a service, where it was sighted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServicePart {
    pub(super) secret: ServiceSecret,
    pub(super) claims: Claims,
    /// The key ID that it says it was made with.
    pub(super) key_id: Option<AccessKeyId>,
    /// Whether another secret stands for the object that it is in: this one is masked, and no finding of its own.
    pub(super) is_beside_another: bool,
}

/// How far before a secret what says whose it is may start, in bytes.
const BEFORE: usize = 512;

/// Reads the secret whose first bytes are at `value` of `text`; returns also where all of it stands.
pub(super) fn read(
    text: &[u8],
    value: &Range<usize>,
    kind: ServiceSecretKind,
) -> Option<(ServicePart, Range<usize>)> {
    let range =
        if kind == ServiceSecretKind::SsoToken { value.clone() } else { base64_run(text, value.start) };
    let is_cut = text[..range.start].last().is_some_and(|&byte| byte != b'-' && is_digit(byte));
    let secret = ServiceSecret::parse(kind, &text[range.clone()]).filter(|_| !is_cut)?;
    let before = &text[range.start.saturating_sub(BEFORE)..range.start];
    let alone =
        |claims, key_id| ServicePart { secret: secret.clone(), claims, key_id, is_beside_another: false };
    let part = match kind {
        ServiceSecretKind::SesSmtpPassword => {
            let around =
                &text[range.start.saturating_sub(2 * BEFORE)..text.len().min(range.end + 2 * BEFORE)];
            let region = after(around, b"email-smtp.").map(|rest| word(rest, is_region));
            alone(Claims { region, ..Claims::default() }, None)
        }
        ServiceSecretKind::ApiKey => match secret.presigned() {
            Some(url) => {
                let (claims, key_id) = short_term(&url)?;
                alone(claims, Some(key_id))
            }
            None => {
                let (user, account) = secret.user()?;
                alone(Claims { user: Some(user), account: Some(account), ..Claims::default() }, None)
            }
        },
        ServiceSecretKind::ServicePassword => {
            let (user, account) = user_before(before)?;
            alone(Claims { user: Some(user), account: Some(account), ..Claims::default() }, None)
        }
        ServiceSecretKind::SsoToken => {
            let cached = sign_in::read(text, &range)?;
            let is_beside_another = cached.is_beside_another;
            ServicePart { is_beside_another, ..alone(cached.claims, cached.key_id) }
        }
        ServiceSecretKind::EcrToken => alone(ecr(before, &secret), None),
    };
    Some((part, range))
}

/// Where the run of base64 that starts at `start` ends, padding included.
fn base64_run(text: &[u8], start: usize) -> Range<usize> {
    let letters =
        text[start..].iter().take(ServiceSecret::MAX_LEN).take_while(|byte| is_digit(**byte)).count();
    let padding = text[start + letters..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    start..start + letters + padding
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn is_region(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

/// The text behind the last `mark`.
fn after<'t>(text: &'t [u8], mark: &[u8]) -> Option<&'t [u8]> {
    memchr::memmem::rfind(text, mark).map(|at| &text[at + mark.len()..])
}

fn word(text: &[u8], is_letter: fn(u8) -> bool) -> String {
    let letters = text.iter().take(64).take_while(|byte| is_letter(**byte)).copied().collect::<Vec<u8>>();
    String::from_utf8_lossy(&letters).into_owned()
}

/// The user name of a service-specific credential that stands last in `before`.
fn user_before(before: &[u8]) -> Option<(String, AccountId)> {
    let end = memchr::memmem::rfind(before, b"-at-")? + b"-at-".len() + 12;
    let before = before.get(..end)?;
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_+,.@-".contains(byte);
    let name = before.iter().rev().take_while(is_name).count();
    service_user(&before[end - name..])
}

/// What the presigned URL of a short-term API key says.
fn short_term(url: &[u8]) -> Option<(Claims, AccessKeyId)> {
    let id = after(url, b"X-Amz-Credential=")
        .and_then(|rest| AccessKeyId::parse(rest.get(..AccessKeyId::LEN)?))?;
    let unescaped = String::from_utf8_lossy(url).replace("%2F", "/").into_bytes();
    let id_end = memchr::memmem::find(&unescaped, id.as_str().as_bytes())? + AccessKeyId::LEN;
    let signed = signed::read(&unescaped, id_end);
    let claims = Claims {
        region: signed.region,
        issued_at: signed.signed_at,
        expires_at: signed.expires_at,
        ..Claims::default()
    };
    Some((claims, id))
}

/// What an ECR login and the host above it say.
fn ecr(before: &[u8], secret: &ServiceSecret) -> Claims {
    const HOST: &[u8] = b".dkr.ecr";
    let host = memchr::memmem::rfind(before, HOST);
    let account = host.and_then(|at| std::str::from_utf8(before.get(at.checked_sub(12)?..at)?).ok());
    let region = host.and_then(|at| {
        before[at + HOST.len()..].iter().position(|&byte| byte == b'.').map(|dot| at + HOST.len() + dot + 1)
    });
    let json = secret.ecr_claims().unwrap_or_default();
    let expires_at = after(&json, b"\"expiration\":").map(|rest| word(rest, |byte| byte.is_ascii_digit()));
    Claims {
        account: account.and_then(AccountId::parse),
        region: region.map(|at| word(&before[at..], is_region)).filter(|region| !region.is_empty()),
        expires_at: expires_at.and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok()),
        ..Claims::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Credential;
    use crate::aws::fake::{self, service};
    use crate::detect::{Detector, Found};
    use crate::rule::RuleSet;

    fn found(text: &str) -> Vec<Found> {
        Detector::new(&RuleSet::built_in()).detect(text.as_bytes()).found
    }

    /// The one secret of a service in `text`, with what it says of itself.
    fn only(text: &str) -> (Option<AccessKeyId>, Claims) {
        let found = found(text);
        let [found] = &found[..] else { panic!("{found:?} in {text}") };
        let Credential::Service { id, .. } = &found.credential else { panic!("{found:?} in {text}") };
        (*id, found.claims.clone().unwrap())
    }

    #[test]
    fn a_short_term_api_key_tells_its_key_id_region_and_times() {
        let key = service::short_term_api_key(9);
        let (id, claims) = only(&format!("AWS_BEARER_TOKEN_BEDROCK={key}\n"));
        assert_eq!(id, Some(fake::temporary(9).id()));
        assert_eq!(claims.region.as_deref(), Some("us-east-1"));
        assert_eq!(claims.issued_at, "2026-01-01T00:00:00Z".parse().ok());
        assert_eq!(claims.expires_at, "2026-01-01T12:00:00Z".parse().ok());
    }

    #[test]
    fn an_smtp_password_takes_its_user_name_along() {
        let key = fake::pair(3);
        let password = service::smtp_password(3);
        for text in [
            format!("SMTP_USER={}\nSMTP_PASS={password}\n", key.id_text()),
            format!("server.login('{}', '{password}')", key.id_text()),
            format!(
                "host: email-smtp.eu-west-1.amazonaws.com\nuser: {}\npassword: {password}\n",
                key.id_text()
            ),
        ] {
            assert_eq!(only(&text).0, Some(key.id()), "{text}");
        }
        let (id, claims) = only(&format!("HOST=email-smtp.eu-west-1.amazonaws.com\nPASSWORD={password}\n"));
        assert_eq!((id, claims.region.as_deref()), (None, Some("eu-west-1")));
    }

    #[test]
    fn a_key_id_that_has_a_secret_is_a_finding_beside_its_smtp_password() {
        let key = fake::pair(4);
        let text = format!(
            "id = {}\nsecret_key = {}\nsmtp_password = {}\n",
            key.id_text(),
            key.secret_text(),
            service::smtp_password(4)
        );
        let rules: Vec<String> = found(&text).iter().map(|found| found.rule.to_string()).collect();
        assert_eq!(rules, ["aws-access-key", "aws-ses-smtp-password"]);
    }

    #[test]
    fn a_refresh_token_keeps_a_sign_in_from_expiring() {
        let cache = |more: &str| {
            let token = service::sso_token(1);
            format!(
                "{{\"startUrl\": \"https://d-1.awsapps.com/start\", \"region\": \"eu-west-1\", \
                 \"accessToken\": \"{token}\", \"expiresAt\": \"2026-01-01T00:00:00UTC\", \
                 \"clientId\": \"x\", \"clientSecret\": \"{}\"{more}}}",
                service::sso_token(2)
            )
        };
        let (_, claims) = only(&cache(""));
        assert_eq!(claims.start_url.as_deref(), Some("https://d-1.awsapps.com/start"));
        assert_eq!(claims.region.as_deref(), Some("eu-west-1"));
        assert_eq!(claims.expires_at, "2026-01-01T00:00:00Z".parse().ok());
        let (_, claims) = only(&cache(&format!(", \"refreshToken\": \"{}\"", service::sso_token(3))));
        assert_eq!(claims.expires_at, None);
    }

    #[test]
    fn the_cache_of_a_login_has_a_token_and_temporary_credentials_of_one_key_id() {
        let key = fake::temporary(5);
        let text = format!(
            "{{\"accessToken\": {{\"accessKeyId\": \"{}\", \"secretAccessKey\": \"{}\", \"sessionToken\": \"{}\", \
             \"accountId\": \"123456789012\", \"expiresAt\": \"2026-01-01T00:00:00Z\"}}, \"tokenType\": \"x\", \
             \"refreshToken\": \"{}\", \"dpopKey\": \"-----BEGIN EC PRIVATE KEY-----\\nMHcCAQEE\\n-----END EC PRIVATE KEY-----\\n\"}}",
            key.id_text(),
            key.secret_text(),
            key.token_text(),
            service::sso_token(5)
        );
        let found = found(&text);
        let rules: Vec<&str> = found.iter().map(|found| found.rule.as_str()).collect();
        assert_eq!(rules, ["aws-temporary-credentials", "aws-sso-token"]);
        assert!(found.iter().all(|found| found.credential.id() == Some(key.id())));
    }

    #[test]
    fn an_ecr_login_tells_its_account_region_and_end() {
        let (_, claims) = only(&format!(
            "{{\"auths\": {{\"210987654321.dkr.ecr.eu-west-1.amazonaws.com\": {{\"auth\": \"{}\"}}}}}}",
            service::ecr_login(2)
        ));
        assert_eq!(claims.account, AccountId::parse("210987654321"));
        assert_eq!(claims.region.as_deref(), Some("eu-west-1"));
        assert_eq!(claims.expires_at, "2026-01-02T00:00:00Z".parse().ok());
    }

    #[test]
    fn a_service_password_tells_its_user_and_account() {
        let user = service::user(8);
        let (name, account) = service_user(user.as_bytes()).unwrap();
        let password = service::password(8).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let encoded = user.replace('+', "%2B");
        let url =
            format!("url = https://{encoded}:{password}@git-codecommit.us-east-1.amazonaws.com/v1/repos/x\n");
        let (_, claims) = only(&url);
        assert_eq!((claims.user, claims.account), (Some(name), Some(account)));
    }
}
