//! Well-formed secrets of single services from a seed. No service has issued them.

use data_encoding::BASE64;

use super::{Random, SECRET_ALPHABET, temporary};

/// A password for the SMTP interface of Amazon SES.
pub fn smtp_password(seed: u64) -> String {
    let digest = Random::new(seed ^ 0x5e5).bytes(32);
    BASE64.encode(&[&[4], &digest[..]].concat())
}

/// The user name of a service-specific credential.
pub fn user(seed: u64) -> String {
    let mut random = Random::new(seed ^ 0x05e7);
    let name = random.text("abcdefghijklmnopqrstuvwxyz", 6);
    let number = ["", "+1"][random.below(2)];
    format!("{name}{number}-at-{}", account(&mut random))
}

/// The password of a service-specific credential.
pub fn password(seed: u64) -> String {
    BASE64.encode(&Random::new(seed ^ 0x9a55).bytes(32))
}

/// A long-term API key of Amazon Bedrock.
pub fn api_key(seed: u64) -> String {
    let mut random = Random::new(seed ^ 0xab5c);
    let name = random.text("abcdefghijklmnopqrstuvwxyz0123456789", 4);
    let account = account(&mut random);
    let secret = BASE64.encode(&random.bytes(45));
    format!("ABSK{}", BASE64.encode(format!("BedrockAPIKey-{name}-at-{account}:{secret}").as_bytes()))
}

/// A long-term API key of Claude Platform on AWS. The name of its user is as long as it is by chance.
pub fn platform_api_key(seed: u64) -> String {
    let mut random = Random::new(seed ^ 0xaeaa);
    let len = 1 + random.below(64);
    let name = random.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-", len);
    let account = account(&mut random);
    let secret = BASE64.encode(&random.bytes(45));
    format!("AEAA{}", BASE64.encode(format!("{name}-at-{account}:{secret}").as_bytes()))
}

/// A short-term API key of Amazon Bedrock, signed on the first day of 2026 for twelve hours. Its signature is none.
pub fn short_term_api_key(seed: u64) -> String {
    let key = temporary(seed);
    let percent = |text: &str| text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let url = format!(
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential={}%2F20260101%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Date=20260101T000000Z\
         &X-Amz-Expires=43200&X-Amz-Security-Token={}&X-Amz-SignedHeaders=host&X-Amz-Signature={}&Version=1",
        key.id_text(),
        percent(key.token_text()),
        "0".repeat(64),
    );
    format!("bedrock-api-key-{}", BASE64.encode(url.as_bytes()))
}

/// A token of IAM Identity Center.
pub fn sso_token(seed: u64) -> String {
    format!("aoaAAAAAG{}", Random::new(seed ^ 0x0550).text(SECRET_ALPHABET, 240))
}

/// The login of a registry as docker keeps it, good until the second day of 2026.
pub fn ecr_login(seed: u64) -> String {
    let mut random = Random::new(seed ^ 0xec5);
    let (payload, key) = (BASE64.encode(&random.bytes(1100)), BASE64.encode(&random.bytes(168)));
    let json = format!(
        "{{\"payload\":\"{payload}\",\"datakey\":\"{key}\",\"version\":\"2\",\"type\":\"DATA_KEY\",\"expiration\":1767312000}}"
    );
    BASE64.encode(format!("AWS:{}", BASE64.encode(json.as_bytes())).as_bytes())
}

fn account(random: &mut Random) -> u64 {
    100_000_000_000 + random.bits() % 899_999_999_999
}
