//! What in a text only the holder of a secret can have signed: URLs, forms, requests in logs. It is read from the text as
//! it is written, since an escape that is undone is not what was signed.

use std::ops::Range;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use super::{recorded, request};
use crate::aws::sign::{self, Artefact, Scope, StringToSign};
use crate::aws::{AccessKeyId, ServiceSecret};

/// How far on each side of a key ID a form or a request is read, in bytes.
const REACH: usize = 8192;

/// Reads what is signed with the key ID at `id` of `text`.
pub(super) fn read(text: &[u8], id: &Range<usize>) -> Option<Artefact> {
    let key_id = AccessKeyId::parse(text.get(id.clone())?)?;
    let url = url_around(text, id.end);
    if url.contains("X-Amz-Signature=")
        && let Some(artefact) = sign::presigned(&url, &clusters(text, id))
    {
        return Some(artefact);
    }
    // A URL is broken where its line is as long as others.
    let url = request::over_lines(text, id.end).map_or(url, |whole| one_piece(&whole));
    if url.contains("X-Amz-Signature=") {
        return sign::presigned(&url, &clusters(text, id));
    }
    if url.contains("AWSAccessKeyId=") && url.contains("Signature=") {
        return sign::v2_presigned(&url);
    }
    let low = id.start.saturating_sub(REACH);
    let around = String::from_utf8_lossy(&text[low..text.len().min(id.end + REACH)]).into_owned();
    let behind = String::from_utf8_lossy(&text[id.end..text.len().min(id.end + REACH)]).into_owned();
    let scope = behind.strip_prefix('/').and_then(Scope::parse);
    if let Some(policy) = policy(&around) {
        let name = if scope.is_some() { "x-amz-signature" } else { "signature" };
        let signature = field(&around, name)?;
        return sign::policy(key_id, scope, policy.as_bytes(), &signature);
    }
    if let Some(artefact) = scope.as_ref().and_then(|scope| logged(key_id, scope, &around, &behind)) {
        return Some(artefact);
    }
    if let Some(artefact) = recorded(text, id.start, key_id) {
        return Some(artefact);
    }
    let before = String::from_utf8_lossy(&text[low..id.start]).into_owned();
    header(key_id, scope, &before, &behind, &around)
}

/// What a short-term API key proves: it is a presigned URL.
pub(super) fn of_api_key(secret: &ServiceSecret) -> Option<Artefact> {
    sign::presigned(&String::from_utf8_lossy(&secret.presigned()?), &[])
}

/// The URL around `at`, in one piece, and without the escapes of what it is quoted in.
fn url_around(text: &[u8], at: usize) -> String {
    one_piece(&text[request::request_around(text, at)])
}

fn one_piece(url: &[u8]) -> String {
    let url: String = String::from_utf8_lossy(url).split_whitespace().collect();
    url.replace("&amp;", "&").replace("\\u0026", "&").replace("\\u003d", "=").replace("\\/", "/")
}

/// What a token for Amazon EKS proves: it is a presigned URL in base64, which the key ID at `id` of `text` is part of.
pub(super) fn eks_token(text: &[u8], id: &Range<usize>) -> Option<Artefact> {
    const START: &[u8] = b"k8s-aws-v1.";
    let low = id.start.saturating_sub(REACH);
    let start = low + memchr::memmem::rfind(&text[low..id.start], START)? + START.len();
    let is_digit = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let len = text[start..].iter().take(REACH).take_while(is_digit).count();
    let url = BASE64URL_NOPAD.decode(&text[start..start + len]).ok()?;
    sign::presigned(&String::from_utf8_lossy(&url), &clusters(text, id))
}

/// Names of clusters of Amazon EKS near a token, as settings, as arguments and in ARNs.
fn clusters(text: &[u8], id: &Range<usize>) -> Vec<String> {
    let near = &text[id.start.saturating_sub(REACH)..text.len().min(id.end + REACH)];
    let near = String::from_utf8_lossy(near).into_owned();
    let word = |rest: &str| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c));
        Some(rest[..end.unwrap_or(rest.len())].to_owned()).filter(|word| !word.is_empty())
    };
    let behind = |mark: &str| near.split_once(mark).and_then(|(_, rest)| word(rest));
    let named = ["cluster-name", "cluster_name", "clusterName", "x-k8s-aws-id"];
    let named = named.iter().filter_map(|name| field(&near, name));
    named.chain(["--cluster-name ", "--cluster-name=", ":cluster/"].into_iter().filter_map(behind)).collect()
}

/// The policy of a form: base64 of an object.
pub(super) fn policy(text: &str) -> Option<String> {
    let value = field(text, "policy")?;
    (value.len() >= 60 && value.starts_with('e')).then_some(value)
}

/// The value of a field, by its name in any case: in JSON, YAML, HTML and plain headers.
fn field(text: &str, name: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let wanted = name.to_ascii_lowercase();
    lower.match_indices(&wanted).find_map(|(at, _)| {
        let is_whole = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        let rest = &text[at + name.len()..];
        value_after(rest).filter(|value| is_whole && !value.is_empty())
    })
}

/// The value behind a name: after quotes, a sign, `value=`, or on the next line of a list.
fn value_after(rest: &str) -> Option<String> {
    let signs = |text: &str| text.trim_start_matches(|c: char| "\"' \t\\".contains(c)).to_owned();
    let rest = signs(rest);
    let is_sign = rest.starts_with([':', '=', ',']);
    let rest = signs(rest.strip_prefix([':', '=', ',']).unwrap_or(&rest));
    let named = rest.strip_prefix("value").map(|rest| signs(rest).trim_start_matches([':', '=']).to_owned());
    if !is_sign && named.is_none() {
        return None;
    }
    let rest = named.unwrap_or(rest);
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "\"'[-\\".contains(c));
    let end = rest.find(|c: char| "\"'\r\n<>\\".contains(c)).unwrap_or(rest.len());
    Some(rest[..end].trim().to_owned())
}

/// A request with its signature in a header, of which a log or a recording has the rest.
fn header(
    key_id: AccessKeyId,
    scope: Option<Scope>,
    before: &str,
    behind: &str,
    around: &str,
) -> Option<Artefact> {
    let (method, target) = request_line(before).or_else(|| request_line(around))?;
    let (host, path) = host_and_path(&target);
    let Some(scope) = scope else {
        let signature = behind.strip_prefix(':')?;
        let end = signature.find(|c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c));
        let signature = &signature[..end.unwrap_or(signature.len())];
        let names = ["host", "date", "content-md5", "content-type", "x-amz-date", "x-amz-security-token"];
        let mut headers: Vec<(String, String)> =
            names.iter().filter_map(|name| Some(((*name).to_owned(), field(around, name)?))).collect();
        if let Some(host) = host.filter(|_| !headers.iter().any(|(name, _)| name == "host")) {
            headers.push(("host".to_owned(), host));
        }
        return sign::v2_header(key_id, signature, &method, &path, &headers);
    };
    let signature = after(behind, "Signature=")?;
    let signed = after(behind, "SignedHeaders=")?;
    let names: Vec<&str> = signed.split(';').collect();
    let value = |name: &&str| {
        field(around, name)
            .or_else(|| host.clone().filter(|_| *name == "host"))
            .map(|it| (name.to_string(), it))
    };
    let headers: Option<Vec<(String, String)>> = names.iter().map(value).collect();
    let payload = field(around, "x-amz-content-sha256");
    sign::header(key_id, scope, &signature, &method, &path, &headers?, payload.as_deref())
}

/// The value behind a name in the header of version 4.
fn after(text: &str, name: &str) -> Option<String> {
    let rest = &text[text.find(name)? + name.len()..];
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !";-_".contains(c)).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}

const METHODS: [&str; 7] = ["GET", "PUT", "POST", "HEAD", "DELETE", "PATCH", "OPTIONS"];

/// The last request line in `text`.
fn request_line(text: &str) -> Option<(String, String)> {
    let line = text.rfind(" HTTP/1").map(|end| &text[..end])?;
    let (start, target) = line.rsplit_once(' ')?;
    let method = METHODS.iter().find(|method| start.ends_with(**method))?;
    Some(((*method).to_owned(), target.to_owned()))
}

/// What a recorded request proves that is signed with `key_id`, which stands in its header at `at`, as it is or encoded.
pub(super) fn recorded(text: &[u8], at: usize, key_id: AccessKeyId) -> Option<Artefact> {
    let request = recorded::request_around(text, at)?;
    let (host, path) = host_and_path(&request.url);
    let authorization = request.header("authorization")?;
    let behind = &authorization[authorization.find(key_id.as_str())? + AccessKeyId::LEN..];
    let method = &request.method;
    let Some(scope) = behind.strip_prefix('/').and_then(Scope::parse) else {
        let signature = behind.strip_prefix(':')?.trim();
        let host = host.filter(|_| request.header("host").is_none()).map(|host| ("host".to_owned(), host));
        let headers: Vec<_> = request.headers.iter().cloned().chain(host).collect();
        return sign::v2_header(key_id, signature, method, &path, &headers);
    };
    let signature = after(behind, "Signature=")?;
    let signed = after(behind, "SignedHeaders=")?;
    let value = |name: &str| {
        let value =
            request.header(name).map(one_spaced).or_else(|| host.clone().filter(|_| name == "host"))?;
        Some((name.to_owned(), value))
    };
    let headers: Option<Vec<(String, String)>> = signed.split(';').map(value).collect();
    let stated = request.header("x-amz-content-sha256").map(str::to_owned);
    let is_stated = stated.is_some();
    let payload = stated.or_else(|| request.body.map(|body| sign::payload_digest(body.as_bytes())));
    let mut artefact = sign::header(key_id, scope, &signature, method, &path, &headers?, payload.as_deref())?;
    // A body may not be recorded as it was sent.
    artefact.is_complete &= is_stated;
    Some(artefact)
}

/// The value of a header as it is signed: with one blank where there are more.
fn one_spaced(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn host_and_path(target: &str) -> (Option<String>, String) {
    let Some((_, rest)) = target.split_once("://") else { return (None, target.to_owned()) };
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    (Some(host.to_owned()), path.to_owned())
}

/// What a debug log says was signed: a line with the name of the algorithm, then time, scope and digest.
fn logged(key_id: AccessKeyId, scope: &Scope, around: &str, behind: &str) -> Option<Artefact> {
    let signature =
        HEXLOWER_PERMISSIVE.decode(after(behind, "Signature=")?.as_bytes()).ok()?.try_into().ok()?;
    let text = around.replace("\\n", "\n");
    let strings: Vec<StringToSign> = text
        .match_indices("AWS4-HMAC-SHA256\n")
        .filter_map(|(at, name)| {
            let mut lines = text[at + name.len()..].lines();
            let (time, of, digest) = (lines.next()?, lines.next()?, lines.next()?);
            let digest = HEXLOWER_PERMISSIVE.decode(digest.get(..64)?.as_bytes()).ok()?.try_into().ok()?;
            (Scope::parse(of).as_ref() == Some(scope))
                .then(|| StringToSign::Request { time: time.to_owned(), digest })
        })
        .take(MOST_LOGGED)
        .collect();
    // A log has many requests, and this one's may not be among them.
    (!strings.is_empty()).then(|| Artefact::v4(key_id, scope.clone(), strings, signature, false))
}

/// Strings of a log that are tried for one signature.
const MOST_LOGGED: usize = 32;
