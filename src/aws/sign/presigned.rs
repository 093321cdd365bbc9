//! Presigned URLs of version 4: everything that was signed is in the URL, if no header but the host is.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

use super::canonical::{Scope, StringToSign, parameter, path, query};
use super::{AccessKeyId, Artefact, sha256};

/// Methods that people presign.
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "HEAD", "DELETE"];
/// The header in which a token for Amazon EKS names its cluster.
const CLUSTER: &str = "x-k8s-aws-id";

/// Reads a presigned URL, with or without a scheme. `clusters` are names of clusters of Amazon EKS found beside it.
pub fn presigned(url: &str, clusters: &[String]) -> Option<Artefact> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (target, parameters) = rest.split_once('?')?;
    let parameters = parameters.split('#').next().unwrap_or_default();
    let (host, file) = target.find('/').map_or((target, ""), |at| target.split_at(at));
    let credential = parameter(parameters, "X-Amz-Credential")?;
    let (id, scope) = credential.split_once('/')?;
    let (id, scope) = (AccessKeyId::parse(id.as_bytes())?, Scope::parse(scope)?);
    let signature = parameter(parameters, "X-Amz-Signature")?;
    let signature = HEXLOWER_PERMISSIVE.decode(signature.as_bytes()).ok()?.try_into().ok()?;
    let time = parameter(parameters, "X-Amz-Date")?;
    let headers = parameter(parameters, "X-Amz-SignedHeaders")?;
    // What a short-term API key has behind its URL was never signed.
    let parameters = if scope.service == "bedrock" || parameters.contains("CallWithBearerToken") {
        parameters.strip_suffix("&Version=1").unwrap_or(parameters)
    } else {
        parameters
    };
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(&host);
    let values: Vec<String> = match headers.as_str() {
        "host" => vec![format!("host:{host}\n")],
        "host;x-k8s-aws-id" => {
            clusters.iter().map(|cluster| format!("host:{host}\n{CLUSTER}:{cluster}\n")).collect()
        }
        _ => Vec::new(),
    };
    let (path, query) = (path(file, &scope.service), query(parameters));
    let payloads = payloads(&scope.service, parameters);
    let mut strings = Vec::new();
    for method in METHODS {
        for values in &values {
            strings.extend(payloads.iter().map(|payload| {
                let canonical = format!("{method}\n{path}\n{query}\n{values}\n{headers}\n{payload}");
                StringToSign::of_request(&time, &canonical)
            }));
        }
    }
    let is_complete = headers == "host";
    Some(Artefact::v4(id, scope, strings, signature, is_complete))
}

/// What may have been signed of the payload: S3 signs none, others the empty one.
fn payloads(service: &str, parameters: &str) -> Vec<String> {
    let stated = parameter(parameters, "X-Amz-Content-Sha256");
    let usual = if service == "s3" { "UNSIGNED-PAYLOAD".to_owned() } else { HEXLOWER.encode(&sha256(b"")) };
    stated.into_iter().chain([usual]).collect()
}

/// The digest of a payload, as requests state it.
pub fn payload_digest(payload: &[u8]) -> String {
    HEXLOWER.encode(&sha256(payload))
}

/// A request with its signature in a header. `headers` are the signed ones, in the order in which they were signed;
/// `payload` is what the request says of its payload's digest.
pub fn header(
    key_id: AccessKeyId,
    scope: Scope,
    signature: &str,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    payload: Option<&str>,
) -> Option<Artefact> {
    let signature = HEXLOWER_PERMISSIVE.decode(signature.as_bytes()).ok()?.try_into().ok()?;
    let time = headers.iter().find(|(name, _)| name == "x-amz-date").map(|(_, value)| value.clone())?;
    let (file, parameters) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path(file, &scope.service), query(parameters));
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let values: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let empty = HEXLOWER.encode(&sha256(b""));
    let digest = payload.unwrap_or(&empty);
    let canonical = format!("{method}\n{path}\n{query}\n{values}\n{}\n{digest}", names.join(";"));
    let strings = vec![StringToSign::of_request(&time, &canonical)];
    // The payload of a request that does not name its digest is not known.
    Some(Artefact::v4(key_id, scope, strings, signature, payload.is_some()))
}
