//! Passwords for the SMTP interface of Amazon SES, which are digests of a secret for one region.

use data_encoding::BASE64;

use super::{
    AccessKeyId, Artefact, SecretAccessKey, SecretFingerprint, Signed, SigningKeys, derive, hmac_sha256,
};

/// The regions that a password may be for.
pub const REGIONS: [&str; 32] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-gov-west-1",
];

/// The version that passwords of today begin with, and that of earlier years.
const VERSION: u8 = 4;
const OLD_VERSION: u8 = 2;
const MESSAGE: &str = "SendRawEmail";

/// Reads a password, with its user name if that is known.
pub fn smtp_password(key_id: Option<AccessKeyId>, password: &[u8]) -> Option<Artefact> {
    let bytes = BASE64.decode(password).ok()?;
    let (&version, digest) = bytes.split_first()?;
    let name = SecretFingerprint::of(password);
    let signed = Signed::SmtpPassword { version, digest: digest.try_into().ok()?, name };
    Some(Artefact { key_id, is_complete: true, signed })
}

pub(super) fn is_of(
    version: u8,
    digest: &[u8; 32],
    secret: &SecretAccessKey,
    keys: &mut SigningKeys,
) -> Option<bool> {
    if version == OLD_VERSION {
        return Some(old(secret) == *digest);
    }
    for region in REGIONS {
        if !keys.spend() {
            return None;
        }
        let steps = ["11111111", region, "ses", "aws4_request", MESSAGE];
        if version == VERSION && *derive(secret, steps) == *digest {
            return Some(true);
        }
    }
    Some(false)
}

#[expect(clippy::disallowed_methods, reason = "only a digest of it leaves")]
fn old(secret: &SecretAccessKey) -> [u8; 32] {
    hmac_sha256(secret.expose(), MESSAGE.as_bytes())
}
