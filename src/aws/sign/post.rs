//! Forms that upload to Amazon S3: the policy, as base64, is the string that is signed.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

use super::canonical::{Scope, StringToSign};
use super::{AccessKeyId, Artefact};

/// A policy with its signature: of version 4 where a scope is there, else of version 2.
pub fn policy(key_id: AccessKeyId, scope: Option<Scope>, policy: &[u8], signature: &str) -> Option<Artefact> {
    Some(match scope {
        Some(scope) => {
            let signature = HEXLOWER_PERMISSIVE.decode(signature.as_bytes()).ok()?.try_into().ok()?;
            Artefact::v4(key_id, scope, vec![StringToSign::Text(policy.to_vec())], signature, true)
        }
        None => Artefact::v2(key_id, vec![policy.to_vec()], BASE64.decode(signature.as_bytes()).ok()?, true),
    })
}
