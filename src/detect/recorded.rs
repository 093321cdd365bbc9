//! Requests that tools recorded whole: HAR files of browsers and proxies, cassettes of VCR in JSON and YAML.
//!
//! In: a text, and where a key ID stands in the header of a signed request. Out: that request alone, whatever others the
//! recording has.

use std::borrow::Cow;

use data_encoding::BASE64;
use serde_json::Value;

/// How far before a key ID its request may start and behind it may end, in bytes.
const BEFORE: usize = 16 * 1024;
const BEHIND: usize = 32 * 1024;
/// More lines of YAML than this are not read.
const MAX_LINES: usize = 2000;

/// A recorded request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    /// The headers, their names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
}

impl Request {
    /// The value of a header, by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the request around `at`.
pub(super) fn request_around(text: &[u8], at: usize) -> Option<Request> {
    let low = at.saturating_sub(BEFORE);
    let json = memchr::memmem::rfind(&text[low..at], b"\"request\"").map(|found| low + found);
    let yaml = memchr::memmem::rfind(&text[low..at], b"request:").map(|found| low + found);
    let text = &text[..text.len().min(at + BEHIND)];
    match (json, yaml) {
        (Some(json), yaml) if yaml < Some(json) => of_json(&text[json + b"\"request\"".len()..]),
        (_, Some(yaml)) => of_yaml(text, yaml),
        _ => None,
    }
}

/// Reads the object behind its name.
fn of_json(text: &[u8]) -> Option<Request> {
    let text = text.trim_ascii_start().strip_prefix(b":")?;
    let object = serde_json::Deserializer::from_slice(text).into_iter::<Value>().next()?.ok()?;
    let string = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let body = object.get("body").or_else(|| object.get("postData"));
    let text_of = |body: &Value| {
        let inner = body.get("text").or_else(|| body.get("string"));
        inner.unwrap_or(body).as_str().map(str::to_owned)
    };
    Some(Request {
        method: string("method")?.to_ascii_uppercase(),
        url: string("url").or_else(|| string("uri"))?,
        headers: headers(object.get("headers")?),
        body: body.and_then(text_of),
    })
}

/// Headers as a list of names and values, or as an object of values or lists of them.
fn headers(value: &Value) -> Vec<(String, String)> {
    let header = |name: &str, value: &Value| {
        let value = value.as_array().and_then(|values| values.first()).unwrap_or(value);
        Some((name.to_ascii_lowercase(), value.as_str()?.to_owned()))
    };
    match value {
        Value::Array(all) => {
            let pair = |it: &Value| header(it.get("name")?.as_str()?, it.get("value")?);
            all.iter().filter_map(pair).collect()
        }
        Value::Object(all) => all.iter().filter_map(|(name, value)| header(name, value)).collect(),
        _ => Vec::new(),
    }
}

/// A line of YAML: how far it is indented, and what it says.
type Line<'t> = (usize, Cow<'t, str>);

/// Reads the mapping below the key at `at`.
fn of_yaml(text: &[u8], at: usize) -> Option<Request> {
    let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1);
    // The key may be the first of an item.
    let is_key = text[start..at].iter().all(|byte| matches!(byte, b' ' | b'-'));
    let own = at - start;
    let mut lines = text[at..].split(|&byte| byte == b'\n');
    lines.next().filter(|line| is_key && line.trim_ascii_end() == b"request:")?;
    let below = lines.take(MAX_LINES).map(|line| {
        let line = String::from_utf8_lossy(line);
        (line.len() - line.trim_start_matches(' ').len(), line)
    });
    let below: Vec<Line<'_>> =
        below.take_while(|(indent, line)| *indent > own || line.trim().is_empty()).collect();
    let fields = Fields(&below);
    let body = fields.value("body").filter(|value| value != "null").or_else(|| {
        let body = fields.below("body")?;
        body.value("string").or_else(|| body.value("base64_string").and_then(|text| decoded(&text)))
    });
    let headers = fields.below("headers")?;
    let named = headers.names().filter_map(|name| Some((name.to_ascii_lowercase(), headers.value(name)?)));
    Some(Request {
        method: fields.value("method")?.to_ascii_uppercase(),
        url: fields.value("uri").or_else(|| fields.value("url"))?,
        headers: named.collect(),
        body,
    })
}

/// The lines of a mapping.
#[derive(Clone, Copy)]
struct Fields<'l, 't>(&'l [Line<'t>]);

impl<'l> Fields<'l, '_> {
    fn indent(self) -> usize {
        self.0.iter().find(|(_, line)| !line.trim().is_empty()).map_or(0, |(indent, _)| *indent)
    }

    /// The keys of the mapping.
    fn names(self) -> impl Iterator<Item = &'l str> {
        let indent = self.indent();
        let own = self.0.iter().filter(move |(at, line)| *at == indent && !line.trim().starts_with('-'));
        own.filter_map(|(_, line)| Some(line.trim().split_once(':')?.0.trim_matches(['"', '\''])))
    }

    /// What is written behind a key, and the lines below it.
    fn entry(self, name: &str) -> Option<(&'l str, Fields<'l, 'l>)>
    where
        Self: 'l,
    {
        let indent = self.indent();
        let rest = |line: &'l str| {
            let (key, rest) = line.trim().split_once(':')?;
            (key.trim_matches(['"', '\'']) == name).then(|| rest.trim())
        };
        let place = self.0.iter().position(|(at, line)| *at == indent && rest(line).is_some())?;
        let below = &self.0[place + 1..];
        // The items of a list may be as far to the left as its key.
        let is_below = |(at, line): &Line<'_>| {
            *at > indent || *at == indent && line.trim_start().starts_with("- ") || line.trim().is_empty()
        };
        let end = below.iter().position(|line| !is_below(line)).unwrap_or(below.len());
        Some((rest(&self.0[place].1)?, Fields(&below[..end])))
    }

    fn below(self, name: &str) -> Option<Fields<'l, 'l>> {
        self.entry(name).map(|(_, below)| below).filter(|below| !below.0.is_empty())
    }

    /// The one value of a key: behind it, or the first item of a list.
    fn value(self, name: &str) -> Option<String> {
        let (first, below) = self.entry(name)?;
        let mut lines = below.0.iter().map(|(_, line)| line.trim());
        let first = if first.is_empty() { lines.next()?.strip_prefix("- ")?.trim() } else { first };
        // A second item is another value.
        let more: Vec<&str> = lines.take_while(|line| !line.starts_with("- ")).collect();
        scalar(first, &more)
    }
}

/// A scalar of YAML that starts with `first` and goes on in the lines `more`, which are folded with a blank.
fn scalar(first: &str, more: &[&str]) -> Option<String> {
    if first.starts_with("!!binary") {
        return decoded(&more.concat());
    }
    if first.starts_with(['|', '>', '!', '&', '*', '{', '[']) {
        return None;
    }
    let mut text = first.to_owned();
    for line in more {
        match text.strip_suffix('\\') {
            Some(joined) if text.starts_with('"') => {
                text = format!("{joined}{}", line.trim_start_matches("\\ "))
            }
            _ if line.is_empty() => text.push('\n'),
            _ => text = format!("{text} {line}"),
        }
    }
    let text = text.trim();
    match text.as_bytes() {
        [b'"', .., b'"'] => serde_json::from_str(text).ok(),
        [b'\'', .., b'\''] => Some(text[1..text.len() - 1].replace("''", "'")),
        _ => Some(text.to_owned()),
    }
}

fn decoded(text: &str) -> Option<String> {
    let text: String = text.split_whitespace().collect();
    BASE64.decode(text.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Option<&str>) -> Request {
        Request {
            method: "POST".to_owned(),
            url: "https://sts.amazonaws.com/".to_owned(),
            headers: vec![
                ("authorization".to_owned(), "AWS4-HMAC-SHA256 Credential=ID/x, Signature=0".to_owned()),
                ("x-amz-date".to_owned(), "20260101T000000Z".to_owned()),
            ],
            body: body.map(str::to_owned),
        }
    }

    #[track_caller]
    fn read(text: &str) -> Request {
        request_around(text.as_bytes(), text.rfind("Credential=").unwrap()).unwrap()
    }

    #[test]
    fn a_request_of_a_har_file_is_read_by_itself() {
        let entry = |date: &str, end: &str| {
            format!(
                r#"{{"request": {{"method": "POST", "url": "https://sts.amazonaws.com/", "headers": [
                {{"name": "Authorization", "value": "AWS4-HMAC-SHA256 Credential=ID/x, Signature=0"}},
                {{"name": "X-Amz-Date", "value": "{date}"}}], "postData": {{"text": "A=\"b\""}}}}, "response": {{{end}"#
            )
        };
        let text = format!("[{}}}}},{}", entry("20250101T000000Z", ""), entry("20260101T000000Z", "\"x"));
        assert_eq!(read(&text), request(Some("A=\"b\"")));
    }

    #[test]
    fn a_request_of_a_cassette_is_read_by_itself() {
        let folded = "interactions:\n- request:\n    body: 'A=b'\n    headers:\n      Authorization:\n      - AWS4-HMAC-SHA256\n        \
                      Credential=ID/x, Signature=0\n      X-Amz-Date:\n      - 20260101T000000Z\n    method: POST\n    \
                      uri: https://sts.amazonaws.com/\n  response:\n    method: GET\n- request:\n    method: PUT\n";
        assert_eq!(read(folded), request(Some("A=b")));
        let ruby = "http_interactions:\n- request:\n    method: post\n    uri: https://sts.amazonaws.com/\n    body:\n      encoding: \
                    UTF-8\n      string: A=b\n    headers:\n      Authorization:\n      - AWS4-HMAC-SHA256 Credential=ID/x, \
                    Signature=0\n      X-Amz-Date:\n      - '20260101T000000Z'\n  response:\n    status: 1\n";
        assert_eq!(read(ruby), request(Some("A=b")));
    }

    #[test]
    fn a_header_in_base64_is_decoded() {
        let header = BASE64.encode(b"AWS4-HMAC-SHA256 Credential=ID/x, Signature=0");
        let text = format!(
            "- request:\n    body: null\n    headers:\n      Authorization:\n      - !!binary |\n        {}\n        {}\n      \
             X-Amz-Date:\n      - 20260101T000000Z\n    method: POST\n    uri: https://sts.amazonaws.com/\n",
            &header[..40],
            &header[40..]
        );
        assert_eq!(request_around(text.as_bytes(), text.find(&header[..9]).unwrap()), Some(request(None)));
    }
}
