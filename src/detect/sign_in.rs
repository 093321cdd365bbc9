//! Tokens in the caches of `aws sso login` and `aws login`, and what the cache says of them.

use std::ops::Range;

use jiff::Timestamp;

use crate::aws::{AccessKeyId, AccountId};
use crate::finding::Claims;

/// How far on each side of a token the object that it is in is read, in bytes.
const OBJECT: usize = 8192;

/// The keys of the secrets in the cache of a sign-in, the one that opens most first.
const SECRETS: [&str; 4] = ["refreshToken", "accessToken", "dpopKey", "clientSecret"];

/// What the cache of a sign-in says of a token in it.
pub(super) struct Cached {
    pub(super) claims: Claims,
    /// The key ID of the temporary credentials beside the token.
    pub(super) key_id: Option<AccessKeyId>,
    /// Whether another secret of the object opens more.
    pub(super) is_beside_another: bool,
}

/// Reads the cache that the token at `range` is in: a JSON object with what only such a cache has.
pub(super) fn read(text: &[u8], range: &Range<usize>) -> Option<Cached> {
    let object = &text[object_around(text, range)?];
    let start_url = value_of(object, "startUrl");
    let is_login = value_of(object, "dpopKey").is_some();
    if start_url.is_none() && !is_login {
        return None;
    }
    let name = name_of(&text[..range.start])?;
    let stands_for_all = SECRETS.iter().find(|name| value_of(object, name).is_some())?;
    let has_refresh_token = value_of(object, "refreshToken").is_some();
    let moment = |text: String| text.replace("UTC", "Z").parse::<Timestamp>().ok();
    let claims = Claims {
        account: value_of(object, "accountId").and_then(|account| AccountId::parse(&account)),
        region: value_of(object, "region"),
        start_url,
        // It is when the access token ends, and a new one can be had with the other.
        expires_at: value_of(object, "expiresAt").filter(|_| !has_refresh_token).and_then(moment),
        ..Claims::default()
    };
    let key_id = value_of(object, "accessKeyId").and_then(|id| AccessKeyId::parse(id.as_bytes()));
    Some(Cached { claims, key_id, is_beside_another: *stands_for_all != name })
}

/// The object of JSON around `range`: up to the braces that match.
fn object_around(text: &[u8], range: &Range<usize>) -> Option<Range<usize>> {
    let low = range.start.saturating_sub(OBJECT);
    let mut depth = 0;
    let start = (low..range.start).rev().find(|&at| {
        depth += i32::from(text[at] == b'}') - i32::from(text[at] == b'{');
        depth < 0
    })?;
    let mut depth = 0;
    let end = (range.end..text.len().min(range.end + OBJECT)).find(|&at| {
        depth += i32::from(text[at] == b'{') - i32::from(text[at] == b'}');
        depth < 0
    })?;
    Some(start..end)
}

/// The name before the value that follows `before`.
fn name_of(before: &[u8]) -> Option<&str> {
    let before = before.strip_suffix(b"\"")?.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
    let before = before.strip_suffix(b"\"")?;
    let start = before.iter().rposition(|&byte| byte == b'"')? + 1;
    std::str::from_utf8(&before[start..]).ok()
}

/// The string that an object has under a name.
fn value_of(object: &[u8], name: &str) -> Option<String> {
    let quoted = format!("\"{name}\"");
    let rest = &object[memchr::memmem::find(object, quoted.as_bytes())? + quoted.len()..];
    let rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
    let end = rest.iter().position(|&byte| byte == b'"')?;
    Some(String::from_utf8_lossy(&rest[..end]).into_owned())
}
