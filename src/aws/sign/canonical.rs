//! What version 4 signs: a canonical request, and the string with its digest.

use data_encoding::HEXLOWER;

use super::sha256;

/// What a key of version 4 is derived for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// The day, as eight digits.
    pub date: String,
    /// The region.
    pub region: String,
    /// The service.
    pub service: String,
}

impl Scope {
    /// Reads `DATE/REGION/SERVICE/aws4_request`, whatever follows.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '/');
        let (date, region, service) = (parts.next()?, parts.next()?, parts.next()?);
        let is_date = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
        let is_whole = parts.next().is_some_and(|end| end.starts_with("aws4_request"));
        let is_name = |text: &str| (1..=64).contains(&text.len());
        (is_date && is_whole && is_name(region) && is_name(service)).then(|| Self {
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
        })
    }
}

/// A string that version 4 may have signed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum StringToSign {
    /// The digest of a canonical request, and the time.
    Request {
        /// As in `X-Amz-Date`.
        time: String,
        /// SHA-256 of the canonical request.
        digest: [u8; 32],
    },
    /// Anything else, such as a policy.
    Text(Vec<u8>),
}

impl StringToSign {
    /// Of a canonical request.
    pub fn of_request(time: &str, canonical: &str) -> Self {
        Self::Request { time: time.to_owned(), digest: sha256(canonical.as_bytes()) }
    }

    pub(super) fn bytes(&self, scope: &Scope) -> Vec<u8> {
        match self {
            Self::Request { time, digest } => {
                let Scope { date, region, service } = scope;
                let digest = HEXLOWER.encode(digest);
                format!("AWS4-HMAC-SHA256\n{time}\n{date}/{region}/{service}/aws4_request\n{digest}").into()
            }
            Self::Text(text) => text.clone(),
        }
    }
}

/// Percent-encodes all but what RFC 3986 leaves as it is, and slashes where they are kept.
pub(super) fn encode(text: &[u8], keeps_slash: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for &byte in text {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keeps_slash && byte == b'/' {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Undoes percent-encoding once.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).filter(|_| byte == b'%');
        let value = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        decoded.push(value.unwrap_or(byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    decoded
}

/// The path of a request as it is signed: services other than S3 encode it twice.
pub(super) fn path(path: &str, service: &str) -> String {
    let path = if path.is_empty() { "/" } else { path };
    let once = encode(&decode(path), true);
    if service == "s3" || service == "s3-object-lambda" { once } else { encode(once.as_bytes(), true) }
}

/// The parameters of a query, sorted, without the signature.
pub(super) fn query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (encode(&decode(name), false), encode(&decode(value), false))
    });
    let mut pairs: Vec<(String, String)> = pairs.filter(|(name, _)| name != "X-Amz-Signature").collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The value of a parameter, decoded; its name in any case.
pub(super) fn parameter(query: &str, wanted: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.eq_ignore_ascii_case(wanted).then(|| String::from_utf8_lossy(&decode(value)).into_owned())
    })
}
