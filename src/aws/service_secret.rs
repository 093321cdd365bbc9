//! Secrets that only one service takes: passwords, API keys and tokens of AWS that are no secret access keys.

use std::fmt;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD};
use zeroize::Zeroize;

use super::published::is_published;
use super::{AccountId, SecretFingerprint};

/// A secret of AWS that is no secret access key. It cannot print itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceSecret {
    kind: ServiceSecretKind,
    value: Box<[u8]>, // no Display, no Serialize, on purpose
}

/// What a service's secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceSecretKind {
    /// A password for the SMTP interface of Amazon SES, derived from a secret access key.
    SesSmtpPassword,
    /// An API key of Amazon Bedrock or of Claude Platform on AWS.
    ApiKey,
    /// The password of a service-specific credential: CodeCommit over HTTPS, Amazon Keyspaces.
    ServicePassword,
    /// A token of IAM Identity Center or of `aws login`.
    SsoToken,
    /// A login of a registry of Amazon ECR, as docker keeps it.
    EcrToken,
}

/// How a short-term API key starts; what follows is base64 of a presigned URL without its scheme.
const SHORT_TERM: [&[u8]; 2] = [b"bedrock-api-key-", b"aws-external-anthropic-api-key-"];

/// How a private key in PEM starts.
const PEM: &[u8] = b"-----BEGIN ";

impl ServiceSecret {
    /// The longest secret of a service, in bytes.
    pub const MAX_LEN: usize = 16 * 1024;
    /// How a long-term API key starts; what follows is base64 of `USER-at-ACCOUNT:SECRET`.
    pub(crate) const LONG_TERM: [&[u8]; 2] = [b"ABSK", b"AEAA"];
    /// Digits of base64 that the longest user name, the account and the colon behind them take in an API key.
    const API_KEY_USER: usize = 108;

    /// Parses a secret of that kind: all that its form tells is checked.
    pub fn parse(kind: ServiceSecretKind, bytes: &[u8]) -> Option<Self> {
        let is_right = bytes.len() <= Self::MAX_LEN
            && match kind {
                ServiceSecretKind::SesSmtpPassword => is_smtp_password(bytes),
                ServiceSecretKind::ApiKey => api_key_content(bytes).is_some_and(|it| is_api_key(bytes, &it)),
                ServiceSecretKind::ServicePassword => is_service_password(bytes),
                ServiceSecretKind::SsoToken => is_sso_token(bytes),
                ServiceSecretKind::EcrToken => ecr_login(bytes).is_some(),
            };
        is_right.then(|| Self { kind, value: bytes.into() })
    }

    /// What it is for.
    pub fn kind(&self) -> ServiceSecretKind {
        self.kind
    }

    /// Whether `text` begins like a long-term API key: the base64 behind the prefix names a user and an account.
    pub(crate) fn begins_api_key(text: &[u8]) -> bool {
        let encoded = Self::LONG_TERM.iter().find_map(|start| text.strip_prefix(*start)).unwrap_or_default();
        let is_digit = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
        let digits = encoded.iter().take(Self::API_KEY_USER).take_while(is_digit).count() / 4 * 4;
        let decoded = BASE64_NOPAD.decode(&encoded[..digits]);
        let decoded = decoded.or_else(|_| BASE64URL_NOPAD.decode(&encoded[..digits])).unwrap_or_default();
        decoded.split(|&byte| byte == b':').next().is_some_and(|user| service_user(user).is_some())
    }

    /// The secret itself. Each caller must say why it needs it.
    pub fn expose(&self) -> &[u8] {
        &self.value
    }

    /// The secret's name in every output.
    pub fn fingerprint(&self) -> SecretFingerprint {
        SecretFingerprint::of(&self.value)
    }

    /// How many of its first bytes say no more than what it is.
    pub fn head_len(&self) -> usize {
        let starts = Self::LONG_TERM.iter().chain(&SHORT_TERM).chain(&[PEM]);
        starts.filter(|start| self.value.starts_with(start)).map(|start| start.len()).max().unwrap_or(0)
    }

    /// Whether this is an example of the documentation: those are published ones, or have the word `EXAMPLE` in them. A
    /// random one has it less than once in a billion.
    pub fn is_example(&self) -> bool {
        self.value.windows(7).any(|part| part == b"EXAMPLE") || is_published(&self.value)
    }

    /// The presigned URL that a short-term API key is made of.
    pub fn presigned(&self) -> Option<Vec<u8>> {
        let is_short_term = SHORT_TERM.iter().any(|start| self.value.starts_with(start));
        (self.kind == ServiceSecretKind::ApiKey && is_short_term)
            .then(|| api_key_content(&self.value))
            .flatten()
    }

    /// The user and the account that a long-term API key names.
    pub fn user(&self) -> Option<(String, AccountId)> {
        let is_long_term = Self::LONG_TERM.iter().any(|start| self.value.starts_with(start));
        if self.kind != ServiceSecretKind::ApiKey || !is_long_term {
            return None;
        }
        let content = api_key_content(&self.value)?;
        service_user(content.split(|&byte| byte == b':').next()?)
    }

    /// The JSON that the token of an ECR login is.
    pub fn ecr_claims(&self) -> Option<Vec<u8>> {
        (self.kind == ServiceSecretKind::EcrToken).then(|| ecr_login(&self.value)).flatten()
    }
}

impl Drop for ServiceSecret {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl fmt::Debug for ServiceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceSecret({:?}, ****)", self.kind)
    }
}

/// Splits the user name of a service-specific credential, `NAME-at-ACCOUNT`.
pub fn service_user(text: &[u8]) -> Option<(String, AccountId)> {
    const JOINT: &[u8] = b"-at-";
    const DIGITS: usize = 12;
    /// The longest name of an IAM user.
    const LONGEST: usize = 64;
    let (name, account) = text.split_at_checked(text.len().checked_sub(DIGITS)?)?;
    let name = name.strip_suffix(JOINT)?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(byte);
    let is_right = (1..=LONGEST).contains(&name.len()) && name.iter().all(is_name);
    let account = AccountId::parse(std::str::from_utf8(account).ok()?)?;
    is_right.then(|| (String::from_utf8_lossy(name).into_owned(), account))
}

/// 33 bytes in base64: the version 4 of today or 2 of earlier years, then a digest.
fn is_smtp_password(text: &[u8]) -> bool {
    text.len() == 44 && BASE64.decode(text).is_ok_and(|bytes| bytes.len() == 33 && matches!(bytes[0], 2 | 4))
}

/// 32 bytes in base64.
fn is_service_password(text: &[u8]) -> bool {
    text.len() == 44 && BASE64.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// A key in PEM, or a text without blanks that has letters of both cases and digits, as no name and no sentence has.
fn is_sso_token(text: &[u8]) -> bool {
    let is_pem = text.starts_with(PEM);
    let has = |kind: fn(&u8) -> bool| text.iter().any(kind);
    let is_random = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    text.len() >= 20
        && (is_pem || is_random)
        && text.iter().all(|byte| byte.is_ascii_graphic() || is_pem && byte.is_ascii_whitespace())
}

/// What follows the prefix of an API key, decoded.
fn api_key_content(key: &[u8]) -> Option<Vec<u8>> {
    let encoded =
        ServiceSecret::LONG_TERM.iter().chain(&SHORT_TERM).find_map(|start| key.strip_prefix(*start))?;
    let letters = encoded.len() - encoded.iter().rev().take_while(|&&byte| byte == b'=').count();
    let encoded = &encoded[..letters];
    BASE64_NOPAD.decode(encoded).or_else(|_| BASE64URL_NOPAD.decode(encoded)).ok()
}

fn is_api_key(key: &[u8], content: &[u8]) -> bool {
    if SHORT_TERM.iter().any(|start| key.starts_with(start)) {
        return content.windows(17).any(|part| part == b"X-Amz-Credential=");
    }
    let mut parts = content.splitn(2, |&byte| byte == b':');
    let user = parts.next().and_then(service_user);
    let secret = parts.next().unwrap_or_default();
    user.is_some() && secret.len() >= 20 && secret.iter().all(u8::is_ascii_graphic)
}

/// The JSON of a token: in base64, by itself or in base64 of `AWS:TOKEN`.
fn ecr_login(text: &[u8]) -> Option<Vec<u8>> {
    let decoded = BASE64.decode(text).ok()?;
    let json = match decoded.strip_prefix(b"AWS:") {
        Some(token) => BASE64.decode(token).ok()?,
        None => decoded,
    };
    let has = |word: &[u8]| json.windows(word.len()).any(|part| part == word);
    (json.starts_with(b"{") && has(b"\"payload\"") && has(b"\"datakey\"")).then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::service;

    fn parse(kind: ServiceSecretKind, text: &str) -> Option<ServiceSecret> {
        ServiceSecret::parse(kind, text.as_bytes())
    }

    #[test]
    fn a_long_term_api_key_names_its_user_and_account() {
        for seed in 0..50 {
            let key = parse(ServiceSecretKind::ApiKey, &service::api_key(seed)).unwrap();
            let (user, account) = key.user().unwrap();
            assert!(user.starts_with("BedrockAPIKey-") && account.to_string().len() == 12, "{user}");
            assert_eq!(key.presigned(), None);
        }
    }

    #[test]
    fn a_short_term_api_key_is_a_presigned_url() {
        let key = parse(ServiceSecretKind::ApiKey, &service::short_term_api_key(3)).unwrap();
        assert!(key.presigned().unwrap().starts_with(b"bedrock.amazonaws.com/?"));
        assert_eq!(key.user(), None);
    }

    #[test]
    fn the_form_of_each_kind_is_checked() {
        for seed in 0..50 {
            assert!(parse(ServiceSecretKind::SesSmtpPassword, &service::smtp_password(seed)).is_some());
            assert!(parse(ServiceSecretKind::ServicePassword, &service::password(seed)).is_some());
            assert!(parse(ServiceSecretKind::EcrToken, &service::ecr_login(seed)).is_some());
            // A digest in base64 has 32 bytes, and no version before them.
            assert!(parse(ServiceSecretKind::SesSmtpPassword, &service::password(seed)).is_none());
        }
        assert!(parse(ServiceSecretKind::ApiKey, "ABSKIPPED").is_none());
        assert!(parse(ServiceSecretKind::SsoToken, "a B 3 d e f g h i j k l m n").is_none());
        assert!(parse(ServiceSecretKind::SsoToken, "new_valid_refresh_token").is_none());
        assert!(parse(ServiceSecretKind::SsoToken, &service::sso_token(1)).is_some());
    }

    #[test]
    fn the_published_passwords_are_smtp_passwords() {
        for password in [
            "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2",
            "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj",
            "AnkqhOiWEcszZZzTMCQbOY1sPGoLFgMH9zhp4eNgSjo4",
        ] {
            assert!(parse(ServiceSecretKind::SesSmtpPassword, password).is_some());
        }
    }
}
