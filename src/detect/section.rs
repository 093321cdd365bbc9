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

/// The blocks that a place is in, by the indentation of lines: those of YAML, the bodies of classes and functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Where the lines start that open them, the innermost first.
    openers: Vec<usize>,
    /// Whether there is none around those.
    is_whole: bool,
}

impl Block {
    /// The blocks around the place at `start` of `text`, as far as they open in reach. Branches of a condition are none of
    /// their own.
    pub(super) fn around(text: &[u8], start: usize) -> Self {
        let low = start.saturating_sub(REACH);
        let mut end = start;
        let mut indent = None;
        let mut openers = Vec::new();
        for line in lines_up(&text[low..start]) {
            let at = end - line.len();
            end = at.saturating_sub(1);
            if at == low && low > 0 {
                break;
            }
            let Some(within) = indent else {
                // The item of a list is a block, which this line begins.
                openers.extend(is_item(line).then_some(at));
                indent = Some(indentation(line));
                continue;
            };
            if within == 0 || openers.len() == MAX_HEADERS {
                break;
            }
            let own = indentation(line);
            if own < within && !line.trim_ascii().is_empty() && !is_comment(line) {
                indent = Some(own);
                if !is_branch(line) {
                    openers.push(at);
                }
            }
        }
        Self { openers, is_whole: indent == Some(0) }
    }

    /// Whether two places may be in the same block.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self.openers.first(), other.openers.first()) {
            (Some(one), Some(two)) => one == two,
            (None, None) => true,
            (None, Some(_)) => !self.is_whole,
            (Some(_), None) => !other.is_whole,
        }
    }

    /// Whether one of two places may be in a block that the other is in, too.
    pub(super) fn is_nested(&self, other: &Self) -> bool {
        let is_in = |inner: &Self, outer: &Self| match outer.openers.first() {
            Some(opener) => inner.openers.contains(opener) || inner.openers.is_empty() && !inner.is_whole,
            None => true,
        };
        is_in(self, other) || is_in(other, self)
    }
}

/// Whether a line begins with the sign of a list's item.
fn is_item(line: &[u8]) -> bool {
    line[indentation(line)..].starts_with(b"- ")
}

fn is_comment(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.starts_with(b"#") || line.starts_with(b"//")
}

/// Whether a line begins a branch of a condition, or a body that stands for no thing of its own.
fn is_branch(line: &[u8]) -> bool {
    const WORDS: [&[u8]; 19] = [
        b"if", b"else", b"elif", b"elsif", b"elseif", b"unless", b"try", b"catch", b"except", b"rescue",
        b"finally", b"ensure", b"switch", b"case", b"when", b"with", b"for", b"while", b"match",
    ];
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let begin = line.iter().position(is_word).unwrap_or(line.len());
    let word = line[begin..].split(|byte| !is_word(byte)).next().unwrap_or_default();
    WORDS.contains(&word) && line[..begin].iter().all(|byte| b" \t})];".contains(byte))
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Returns whether a line is a header of INI or TOML: `[name]` or `[[name]]`, and perhaps a comment.
///
/// A name may have any characters but those that make a list of it: a comma, a parenthesis, a brace.
pub(super) fn is_header(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let Some(end) = line.iter().position(|&byte| byte == b']') else { return false };
    let after = line[end..].strip_prefix(b"]]").or_else(|| line[end..].strip_prefix(b"]"));
    let after = after.unwrap_or_default().trim_ascii_start();
    let is_closed = after.first().is_none_or(|sign| b"#;".contains(sign)) || after.starts_with(b"//");
    let name = line[..end].strip_prefix(b"[[").or_else(|| line[..end].strip_prefix(b"["));
    let is_of_name = |byte: &u8| !byte.is_ascii_control() && !b",()[]{}<>=".contains(byte);
    is_closed && name.is_some_and(|name| !name.trim_ascii().is_empty() && name.iter().all(is_of_name))
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
            "[a]//x",
            "[a+1]",
            "[$x]",
            "[*]",
            "[a\\b]",
            "[remote \"origin\"]",
        ] {
            assert!(is_header(header.as_bytes()), "{header}");
        }
        for line in [
            "[]",
            "[ ]",
            "[a",
            "[a, b]",
            "[a](url)",
            "[f(x)]",
            "[a]/b",
            "x [a]",
            "[a] = 1",
            "[\"a\", \"b\"],",
        ] {
            assert!(!is_header(line.as_bytes()), "{line}");
        }
    }

    /// The blocks around the places before each `|` of a text.
    fn blocks(text: &str) -> Vec<Block> {
        text.match_indices('|').map(|(at, _)| Block::around(text.as_bytes(), at)).collect()
    }

    #[test]
    fn a_block_begins_at_a_line_that_is_less_indented() {
        for text in [
            "a:\n  x: |\nb:\n  x: |",
            "x = |\nclass A:\n    x = |",
            "- x: |\n  y: 1\n- y: 2\n  x: |",
            "<a>\n  <x>|</x>\n</a>\n<b>\n  <x>|</x>",
        ] {
            let [one, two] = &blocks(text)[..] else { panic!("{text}") };
            assert!(!one.is_same(two), "{text}");
        }
        for text in [
            "a:\n  x: |\n\n  y: 2\n  x: |",
            "x: |\nx: |",
            "if a:\n    x = |\nelse:\n    x = |",
            "x = |\nif (a) {\n  x = |",
            "- x: |\n  y: |",
        ] {
            let [one, two] = &blocks(text)[..] else { panic!("{text}") };
            assert!(one.is_same(two), "{text}");
        }
        let nested = blocks("a:\n  x: |\n  b:\n    y: |\nc:\n  x: |");
        assert!(nested[0].is_nested(&nested[1]) && !nested[1].is_nested(&nested[2]));
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
