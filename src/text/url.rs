//! URLs that may carry a password.

use std::borrow::Cow;

/// Shows URLs in `text` without their user and password, which may be a token: `https://****@host/path`.
pub fn without_user_info(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, url)) = rest.split_once("://") {
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '`' | '<' | '>');
        let authority = &url[..url.find(ends).unwrap_or(url.len())];
        shown.push_str(before);
        shown.push_str("://");
        let user_info = authority.rfind('@').unwrap_or(0);
        if user_info > 0 {
            shown.push_str("****");
        }
        rest = &url[user_info..];
    }
    if shown.is_empty() {
        return Cow::Borrowed(text);
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Shows the URL of a repository, which is all of `url`, without user, password, query and fragment.
pub fn repository_url(url: &str) -> Cow<'_, str> {
    if let Some((scheme, rest)) = url.split_once("://") {
        // A password may hold any sign, also one that ends it for others.
        let (user_info, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, host)| ("****@", host));
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        return Cow::Owned(format!("{scheme}://{user_info}{path}"));
    }
    // `user@host:path`, as ssh has it; what has a slash before the colon is a path.
    match url.split_once('@') {
        Some((_, host))
            if url.split(':').next().is_some_and(|host| !host.contains('/')) && host.contains(':') =>
        {
            Cow::Borrowed(host)
        }
        _ => Cow::Borrowed(url),
    }
}

/// The URL of a repository in one form for all protocols: `https://host/path`, with the host in lower case and without
/// user, password, query, fragment and `.git`. A path or a `file:` URL stays one.
///
/// The port stays for HTTP only: that of SSH says nothing of where people find the repository.
pub fn normal_url(url: &str) -> String {
    let url = url.trim();
    let plain = repository_url(url).replace("****@", "");
    let (host, path, port) = match plain.split_once("://") {
        Some((scheme, rest)) if !scheme.eq_ignore_ascii_case("file") => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            let has_port = scheme.to_ascii_lowercase().starts_with("http");
            (host.to_owned(), path.to_owned(), if has_port { port.to_owned() } else { String::new() })
        }
        // `host:path`, as ssh has it. What has a slash before the colon, or one letter as on Windows, is a path.
        None => match plain.split_once(':') {
            Some((host, path)) if host.len() > 1 && !host.contains(['/', '\\']) => {
                (host.to_owned(), path.trim_start_matches('/').to_owned(), String::new())
            }
            _ => return plain,
        },
        Some(_) => return plain,
    };
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let port = if port.is_empty() { String::new() } else { format!(":{port}") };
    format!("https://{}{port}/{path}", host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repository_has_one_url_by_every_protocol() {
        for url in [
            "https://user:pass@Host.example/o/r.git",
            "http://host.example/o/r/",
            "git@host.example:o/r.git",
            "ssh://git@host.example:29418/o/r.git",
            "git://host.example/o/r?token=x",
        ] {
            assert_eq!(normal_url(url), "https://host.example/o/r", "{url}");
        }
        assert_eq!(normal_url("https://host.example:8443/o/r"), "https://host.example:8443/o/r");
        for path in ["/srv/git/r.git", "../r", "file:///srv/r.git", "c:\\r"] {
            assert_eq!(normal_url(path), path);
        }
    }

    #[test]
    fn a_url_is_shown_without_what_signs_in() {
        for (url, shown) in [
            ("https://user:pass@host/o/r", "https://****@host/o/r"),
            ("https://token@host", "https://****@host"),
            ("https://a:p/w@b@host/r", "https://a:p/w@b@host/r"),
            ("https://host/a@b", "https://host/a@b"),
            ("`ssh://u:p@h:22/x` and http://v@i?q=@", "`ssh://****@h:22/x` and http://****@i?q=@"),
            ("no URL, me@example.com", "no URL, me@example.com"),
        ] {
            assert_eq!(without_user_info(url), shown);
        }
    }

    #[test]
    fn a_repository_is_shown_by_host_and_path() {
        assert_eq!(repository_url("https://u:p@host/r?token=x#y"), "https://****@host/r");
        assert_eq!(repository_url("https://u:a/b?c#d@e@host/r"), "https://****@host/r");
        assert_eq!(repository_url("https://host/r"), "https://host/r");
        assert_eq!(repository_url("token@host:o/r"), "host:o/r");
        assert_eq!(repository_url("origin"), "origin");
        assert_eq!(repository_url("/srv/a@b:c"), "/srv/a@b:c");
    }
}
