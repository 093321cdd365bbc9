//! The sections that a value is in: headers of INI and TOML files, keys of YAML, names before an opening bracket.

/// How far before a value its sections are looked for, in bytes and in sections.
const REACH: usize = 4096;
const MAX_HEADERS: usize = 3;

/// Returns the lines that open the sections around the place at `start`, the nearest first.
pub(super) fn headers(text: &[u8], start: usize) -> Vec<&[u8]> {
    let before = &text[start.saturating_sub(REACH)..start];
    let mut lines = lines_up(before);
    let mut indent = lines.next().map_or(0, indentation);
    let mut headers = Vec::new();
    for line in lines {
        // Most lines are told by where they start, and there may be a thousand for each value.
        let own_indent = indentation(line);
        let first = line.get(own_indent..).and_then(<[u8]>::first);
        if first.is_none_or(|first| first.is_ascii_whitespace() && line.trim_ascii().is_empty()) {
            continue;
        }
        if headers.len() == MAX_HEADERS {
            break;
        }
        let may_be_header = first.is_some_and(|first| *first == b'[' || first.is_ascii_whitespace());
        if may_be_header && is_header(line) {
            // What is above it is in another section.
            headers.push(line);
            break;
        }
        if own_indent < indent {
            indent = own_indent;
            if line.trim_ascii_end().ends_with(b":") || line.trim_ascii_end().ends_with(b"{") {
                headers.push(line);
            }
        }
    }
    headers
}

/// The lines of `text`, the last first.
fn lines_up(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut end = Some(text.len());
    std::iter::from_fn(move || {
        let before = &text[..end?];
        let start = memchr::memrchr(b'\n', before);
        end = start;
        Some(&before[start.map_or(0, |start| start + 1)..])
    })
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Returns whether a line is a header of INI or TOML: `[name]` or `[[name]]`, and perhaps a comment.
pub(super) fn is_header(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let Some(end) = line.iter().position(|&byte| byte == b']') else { return false };
    let after = line[end..].trim_ascii_start();
    let after = after.strip_prefix(b"]]").or_else(|| after.strip_prefix(b"]")).unwrap_or(after);
    let is_closed = matches!(after.trim_ascii_start().first(), None | Some(b'#' | b';'));
    let name = line[..end].strip_prefix(b"[[").or_else(|| line[..end].strip_prefix(b"["));
    let is_of_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b" _.:@/-\"'".contains(byte);
    is_closed && name.is_some_and(|name| !name.is_empty() && name.iter().all(is_of_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_in_brackets_with_nothing_but_a_comment_behind_it() {
        for header in [
            "[a]",
            "  [profile prod]",
            "[[a.b]]",
            "[a] # one",
            "[a]; two",
            "[profil-é]",
            "[remote \"origin\"]",
        ] {
            assert!(is_header(header.as_bytes()), "{header}");
        }
        for line in ["[]", "[a", "[a, b]", "[a](url)", "x [a]", "[a] = 1", "[\"a\", \"b\"],"] {
            assert!(!is_header(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn a_value_is_in_the_sections_that_open_above_it() {
        let text = "a:\n  x: 1\nb:\n  y:\n    z: 1\n    value: |";
        let headers: Vec<_> =
            headers(text.as_bytes(), text.len()).into_iter().map(<[u8]>::trim_ascii).collect();
        assert_eq!(headers, [b"y:", b"b:"]);
        let text = "[a]\nx = 1\n[b] # two\nvalue = |";
        assert_eq!(super::headers(text.as_bytes(), text.len()), [b"[b] # two"]);
    }
}
