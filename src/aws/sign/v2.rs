//! Signatures of version 2, as Amazon S3 took them.

use data_encoding::BASE64;

use super::canonical::{decode, parameter};
use super::{AccessKeyId, Artefact, SecretAccessKey, hmac_sha1, hmac_sha256};

const METHODS: [&str; 4] = ["GET", "PUT", "HEAD", "DELETE"];

/// Parameters that are part of the resource.
const SUBRESOURCES: [&str; 24] = [
    "acl",
    "cors",
    "delete",
    "lifecycle",
    "location",
    "logging",
    "notification",
    "partNumber",
    "policy",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
];

#[expect(clippy::disallowed_methods, reason = "only a digest of it leaves")]
pub(super) fn sign(secret: &SecretAccessKey, string: &[u8], len: usize) -> Vec<u8> {
    if len == 32 {
        hmac_sha256(secret.expose(), string).to_vec()
    } else {
        hmac_sha1(secret.expose(), string).to_vec()
    }
}

/// A URL with `AWSAccessKeyId`, `Expires` and `Signature`.
pub fn v2_presigned(url: &str) -> Option<Artefact> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (target, parameters) = rest.split_once('?')?;
    let parameters = parameters.split('#').next().unwrap_or_default();
    let id = AccessKeyId::parse(parameter(parameters, "AWSAccessKeyId")?.as_bytes())?;
    let expires = parameter(parameters, "Expires")?;
    // A plus sign that was not encoded was meant as one.
    let signature = BASE64.decode(parameter(parameters, "Signature")?.replace(' ', "+").as_bytes()).ok()?;
    let (host, path) = target.find('/').map_or((target, "/"), |at| target.split_at(at));
    let token = parameter(parameters, "x-amz-security-token");
    let token = token.map(|token| format!("x-amz-security-token:{token}\n")).unwrap_or_default();
    let subresources = subresources(parameters);
    let resources = resources(host, path);
    let strings = METHODS.iter().flat_map(|method| {
        resources
            .iter()
            .map(|path| format!("{method}\n\n\n{expires}\n{token}{path}{subresources}").into_bytes())
            .collect::<Vec<_>>()
    });
    Some(Artefact::v2(id, strings.collect(), signature, false))
}

/// A request with the header `Authorization: AWS ID:SIGNATURE`. `headers` are its headers, their names in lower case.
pub fn v2_header(
    key_id: AccessKeyId,
    signature: &str,
    method: &str,
    path: &str,
    headers: &[(String, String)],
) -> Option<Artefact> {
    let value =
        |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let host = value("host")?;
    let mut amz: Vec<String> = headers
        .iter()
        .filter(|(name, _)| name.starts_with("x-amz-"))
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    amz.sort();
    let date = if value("x-amz-date").is_some() { "" } else { value("date")? };
    let (path, parameters) = path.split_once('?').unwrap_or((path, ""));
    let (digest, kind) =
        (value("content-md5").unwrap_or_default(), value("content-type").unwrap_or_default());
    let (amz, subresources) = (amz.concat(), subresources(parameters));
    let strings = resources(host, path)
        .into_iter()
        .map(|path| format!("{method}\n{digest}\n{kind}\n{date}\n{amz}{path}{subresources}").into_bytes());
    let signature = BASE64.decode(signature.as_bytes()).ok()?;
    Some(Artefact::v2(key_id, strings.collect(), signature, true))
}

/// The resource as it may have been signed: with the bucket from the host, or as the path has it.
fn resources(host: &str, path: &str) -> Vec<String> {
    let host = host.split(':').next().unwrap_or_default();
    let bucket = host.find(".s3").map(|at| &host[..at]);
    let of_bucket = bucket.map(|bucket| format!("/{bucket}{path}"));
    // A host that is the bucket's own name.
    let own = (!host.ends_with("amazonaws.com")).then(|| format!("/{host}{path}"));
    of_bucket.into_iter().chain([path.to_owned()]).chain(own).collect()
}

fn subresources(parameters: &str) -> String {
    let mut pairs: Vec<String> = parameters
        .split('&')
        .filter_map(|pair| {
            let (name, value) =
                pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value)));
            let value = value.map(|value| String::from_utf8_lossy(&decode(value)).into_owned());
            let shown = value.map(|value| format!("{name}={value}")).unwrap_or_else(|| name.to_owned());
            SUBRESOURCES.contains(&name).then_some(shown)
        })
        .collect();
    pairs.sort();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}
