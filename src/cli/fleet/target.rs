//! What is scanned: paths and URLs, with labels that findings carry on.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use akid::redact::redact;
use akid::text::{normal_url, without_user_info};
use anyhow::{Context, bail};
use serde::Deserialize;

use super::digest;
use crate::cli::bounded;

/// How long the list may be, in MiB.
const MAX_LEN: u64 = 256;
/// More labels than this say nothing any more.
const MAX_LABELS: usize = 32;

/// A repository or folder to scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) place: Place,
    /// What the user says of it: owner, team, criticality.
    pub(super) labels: BTreeMap<String, String>,
}

/// Where a target is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Path(PathBuf),
    /// What git fetches from.
    Url(String),
}

/// A line in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(alias = "url", alias = "path")]
    target: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

impl Target {
    /// As it may be shown.
    pub(super) fn name(&self) -> String {
        match &self.place {
            Place::Path(path) => redact(path.as_os_str().as_encoded_bytes()),
            Place::Url(url) => redact(without_user_info(url).as_bytes()),
        }
    }

    /// By what it is known from run to run: 32 hex digits. A URL counts in its normal form.
    pub(super) fn id(&self) -> String {
        let identity = match &self.place {
            Place::Url(url) => normal_url(url).into_bytes(),
            Place::Path(path) => {
                let path = path.canonicalize().unwrap_or_else(|_| path.clone());
                path.as_os_str().as_encoded_bytes().to_vec()
            }
        };
        digest(&[&identity])
    }
}

/// Reads the list at `file`.
pub(super) fn read(file: &Path, may_be_file: bool) -> anyhow::Result<Vec<Target>> {
    let name = redact(file.as_os_str().as_encoded_bytes());
    let text = if file.as_os_str() == "-" {
        let mut text = Vec::new();
        io::stdin().take(MAX_LEN << 20).read_to_end(&mut text).map(|_| text)
    } else {
        bounded::read(file, MAX_LEN)
    };
    let text = text.with_context(|| format!("{name}: cannot be read"))?;
    let text = String::from_utf8(text).with_context(|| format!("{name}: not UTF-8"))?;
    let folder = if file.as_os_str() == "-" { None } else { file.parent() };
    parse(&text, folder, may_be_file).map_err(|(line, error)| error.context(format!("{name}:{line}")))
}

/// The targets of a list, each once. Relative paths start at `folder`.
fn parse(
    text: &str,
    folder: Option<&Path>,
    may_be_file: bool,
) -> Result<Vec<Target>, (usize, anyhow::Error)> {
    let mut targets: Vec<Target> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (nth, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let target = parse_line(line, folder, may_be_file).map_err(|error| (nth + 1, error))?;
        // Of two lines for one target the last one says more.
        match known.get(&target.id()) {
            Some(&at) => targets[at].labels.extend(target.labels),
            None => {
                known.insert(target.id(), targets.len());
                targets.push(target);
            }
        }
    }
    Ok(targets)
}

fn parse_line(line: &str, folder: Option<&Path>, may_be_file: bool) -> anyhow::Result<Target> {
    let Line { target, labels } = match line.starts_with('{') {
        // What serde says of an error may repeat a value.
        true => serde_json::from_str(line).ok().context(
            "not a target: write {\"target\": …, \"labels\": {…}}, and texts as labels, or a path or URL alone",
        )?,
        false => Line { target: line.to_owned(), labels: BTreeMap::new() },
    };
    if labels.len() > MAX_LABELS {
        bail!("more than {MAX_LABELS} labels");
    }
    let shown = |text: &str| redact(text.as_bytes());
    let labels = labels.iter().map(|(name, value)| (shown(name), shown(value))).collect();
    Ok(Target { place: place(&target, folder, may_be_file)?, labels })
}

const USER_INFO: &str = "a URL with user or password is refused\nhelp: leave them out, and let a credential helper of git give them";

/// Tells URLs from paths as git does, and takes no URL that makes git run something.
fn place(text: &str, folder: Option<&Path>, may_be_file: bool) -> anyhow::Result<Place> {
    if text.is_empty() || text.starts_with('-') || text.chars().any(char::is_control) {
        bail!("not a path or URL");
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        if text
            .split_once("::")
            .is_some_and(|(helper, _)| helper.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        {
            bail!(
                "remote helpers of git (`ext::` and others) are not allowed\nhelp: name a URL with https or ssh"
            );
        }
        return match text.split_once(':') {
            // `host:path`, as ssh has it.
            Some((host, path)) if host.len() > 1 && !host.contains(['/', '\\']) && !path.is_empty() => {
                check_host(host)?;
                if path.split('/').next().is_some_and(|start| start.contains('@')) {
                    bail!(USER_INFO);
                }
                Ok(Place::Url(text.to_owned()))
            }
            _ => Ok(Place::Path(folder.map_or_else(|| PathBuf::from(text), |folder| folder.join(text)))),
        };
    };
    match scheme.to_ascii_lowercase().as_str() {
        "file" if !may_be_file => {
            bail!("`file://` URLs are allowed only with --allow-file-urls\nhelp: name the path itself")
        }
        "file" => return Ok(Place::Url(text.to_owned())),
        "https" | "ssh" => {}
        _ => bail!("only URLs with https and ssh are allowed"),
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    // A password may have a slash in it; what stands before that is then no host with a port.
    let port = if host.contains('[') { None } else { host.split_once(':').map(|(_, port)| port) };
    let is_port = port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    // The user of ssh is a name; that of https is a credential.
    if user.contains(':') || !is_port || !user.is_empty() && scheme.eq_ignore_ascii_case("https") {
        bail!(USER_INFO);
    }
    check_host(host)?;
    check_host(user)?;
    Ok(Place::Url(text.to_owned()))
}

/// What starts with a dash is an option of ssh.
fn check_host(host: &str) -> anyhow::Result<()> {
    let host = host.rsplit('@').next().unwrap_or_default();
    if host.starts_with('-') { bail!("not a host") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Result<Target, String> {
        let targets =
            parse(line, Some(Path::new("lists")), false).map_err(|(_, error)| format!("{error:#}"))?;
        Ok(targets.into_iter().next().unwrap())
    }

    #[test]
    fn paths_urls_and_labels_are_read() {
        let path = |text: &str| Place::Path(Path::new("lists").join(text));
        let url = |text: &str| Place::Url(text.to_owned());
        assert_eq!(one("repos/shop").unwrap().place, path("repos/shop"));
        assert_eq!(one("./a:b").unwrap().place, path("./a:b"));
        assert_eq!(one("https://example.com/a/b.git").unwrap().place, url("https://example.com/a/b.git"));
        assert_eq!(one("ssh://git@example.com/a").unwrap().place, url("ssh://git@example.com/a"));
        assert_eq!(one("ssh://git@[::1]:22/a").unwrap().place, url("ssh://git@[::1]:22/a"));
        assert_eq!(one("https://example.com:8443/a").unwrap().place, url("https://example.com:8443/a"));
        assert_eq!(one("git@example.com:a/b").unwrap().place, url("git@example.com:a/b"));
        let labelled =
            one("{\"url\": \"https://example.com/a\", \"labels\": {\"owner\": \"shop\"}}").unwrap();
        assert_eq!(labelled.labels, BTreeMap::from([("owner".to_owned(), "shop".to_owned())]));
    }

    #[test]
    fn what_makes_git_run_something_or_holds_a_password_is_refused_and_not_repeated() {
        for line in [
            "ext::sh -c touch% /tmp/x",
            "--upload-pack=touch /tmp/x",
            "-oProxyCommand=touch",
            "ssh://-oProxyCommand=touch/x",
            "-oProxyCommand=touch:x",
            "git@-oProxyCommand=touch:x",
            "http://example.com/a",
            "git://example.com/a",
            "file:///srv/a",
            "https://hunter2@example.com/a",
            "https://user:hunter2@example.com/a",
            "ssh://user:hunter2@example.com/a",
            "https://user:hunt/er2@example.com/a",
            "user:hunter2@example.com:a",
            "{\"target\": 1}",
            "{\"targets\": \"hunter2\"}",
            "a\u{1b}[31m",
        ] {
            let error = one(line).unwrap_err();
            assert!(!error.contains("hunter2") && !error.contains("touch"), "{line}: {error}");
        }
    }

    #[test]
    fn one_repository_is_one_target_however_it_is_written() {
        let list = "https://example.com/a\n# why\n\ngit@example.com:a.git\nhttps://EXAMPLE.com/a/\n";
        assert_eq!(parse(list, None, false).unwrap().len(), 1);
    }
}
