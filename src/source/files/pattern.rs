//! The patterns of one `.gitignore`, matched as git does.
//!
//! A port of git's `dir.c` and `wildmatch.c`, because no glob library has their rules: braces are literal, a class
//! that is not closed matches nothing, `**` means something only between slashes. Unlike git's, this matcher has no
//! recursion and counts its steps.

/// The patterns of a file, in its order.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    text: Vec<u8>,
    patterns: Vec<Pattern>,
}

/// One line, without what its flags say.
#[derive(Clone, Copy, Debug)]
struct Pattern {
    start: usize,
    end: usize,
    /// How many bytes at the start are literal.
    literal: usize,
    /// Whether it takes back what earlier patterns ignore: `!pattern`.
    is_negated: bool,
    /// Whether it is about folders only: `pattern/`.
    only_folders: bool,
    /// Whether it is about names in any folder: it has no slash within.
    is_name: bool,
    /// Whether it is a star and a literal end: `*.log`.
    is_suffix: bool,
}

/// Something that patterns are compared with, by its path from the folder of their file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    /// The path, with `/` between its parts.
    pub(super) path: &'a [u8],
    /// Whether it is a folder.
    pub(super) is_folder: bool,
}

/// How many steps may still be taken for one candidate.
#[derive(Debug)]
pub(super) struct Steps(usize);

impl Steps {
    /// As many as `count`.
    pub(super) fn new(count: usize) -> Self {
        Self(count)
    }

    /// Takes one; `None` if none is left.
    fn take(&mut self) -> Option<()> {
        self.0 = self.0.checked_sub(1)?;
        Some(())
    }
}

impl Patterns {
    /// Parses the content of a `.gitignore`.
    pub(super) fn parse(text: Vec<u8>) -> Self {
        let mut patterns = Vec::new();
        let mut start = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        for line in text[start..].split(|&byte| byte == b'\n') {
            let end = start + line.len();
            patterns.extend(Pattern::parse(&text, start, end));
            start = end + 1;
        }
        Self { text, patterns }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Returns whether `candidate` is ignored by the last pattern that matches it; `Some(None)` if no pattern does.
    /// `None` if that takes more than `steps`.
    pub(super) fn decide(&self, candidate: Candidate<'_>, steps: &mut Steps) -> Option<Option<bool>> {
        let name = candidate.path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        for pattern in self.patterns.iter().rev() {
            steps.take()?;
            if pattern.matches(&self.text, candidate, name, steps)? {
                return Some(Some(!pattern.is_negated));
            }
        }
        Some(None)
    }
}

impl Pattern {
    /// Parses the line between two bytes of `text`; `None` if it can match nothing.
    fn parse(text: &[u8], mut start: usize, mut end: usize) -> Option<Self> {
        // Git takes the line for a C string.
        let line = &text[start..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = line.split(|&byte| byte == 0).next().unwrap_or_default();
        if line.starts_with(b"#") {
            return None;
        }
        end = start + without_trailing_spaces(line);
        let is_negated = text[start..end].starts_with(b"!");
        start += usize::from(is_negated);
        let only_folders = text[start..end].ends_with(b"/");
        end -= usize::from(only_folders);
        let is_name = !text[start..end].contains(&b'/');
        start += usize::from(text[start..end].starts_with(b"/"));
        let pattern = &text[start..end];
        let literal = pattern.iter().position(is_special).unwrap_or(pattern.len());
        let is_suffix = is_name && pattern.starts_with(b"*") && !pattern[1..].iter().any(is_special);
        let pattern = Self { start, end, literal, is_negated, only_folders, is_name, is_suffix };
        (start < end).then_some(pattern)
    }

    fn matches(&self, text: &[u8], candidate: Candidate<'_>, name: &[u8], steps: &mut Steps) -> Option<bool> {
        if self.only_folders && !candidate.is_folder {
            return Some(false);
        }
        let pattern = &text[self.start..self.end];
        let subject = if self.is_name { name } else { candidate.path };
        if self.literal == pattern.len() {
            return Some(pattern == subject);
        }
        if self.is_suffix {
            return Some(subject.ends_with(&pattern[1..]));
        }
        let (literal, glob) = pattern.split_at(self.literal);
        let Some(rest) = subject.strip_prefix(literal) else { return Some(false) };
        wild(glob, rest, steps)
    }
}

fn is_special(byte: &u8) -> bool {
    matches!(byte, b'*' | b'?' | b'[' | b'\\')
}

/// The length of `line` without the spaces at its end that no backslash escapes.
fn without_trailing_spaces(line: &[u8]) -> usize {
    let (mut at, mut end) = (0, 0);
    while at < line.len() {
        let is_space = line[at] == b' ';
        at += if line[at] == b'\\' { 2 } else { 1 };
        if !is_space {
            end = at.min(line.len());
        }
    }
    end
}

/// Where to go on in the pattern and in the text if what follows a star does not match.
#[derive(Clone, Copy)]
struct Retry {
    pattern: usize,
    text: usize,
}

/// Returns whether all of `text` matches the glob `pattern`; `None` if that takes more than `steps`.
///
/// It is enough to go back to the last `*`, which stays within a part of a path, and to the last `**`: what an earlier
/// one could match, the last one can match as well.
fn wild(pattern: &[u8], text: &[u8], steps: &mut Steps) -> Option<bool> {
    let (mut at, mut position) = (0, 0);
    let (mut star, mut folders): (Option<Retry>, Option<Retry>) = (None, None);
    loop {
        steps.take()?;
        let next = match (pattern.get(at), text.get(position)) {
            (None, None) => return Some(true),
            (Some(b'*'), _) => {
                let (stars, end) = Stars::at(pattern, at);
                let retry = Some(Retry { pattern: end, text: position });
                at = end;
                match stars {
                    Stars::All => return Some(true),
                    Stars::Part => star = retry,
                    Stars::Folders | Stars::SomeFolders => (star, folders) = (None, retry),
                }
                if let Stars::SomeFolders = stars {
                    None
                } else {
                    continue;
                }
            }
            (None, _) | (_, None) => None,
            (Some(b'?'), Some(&byte)) => (byte != b'/').then_some(at + 1),
            (Some(b'['), Some(&byte)) => class(pattern, at + 1, byte).filter(|_| byte != b'/'),
            (Some(b'\\'), byte) => (pattern.get(at + 1) == byte).then_some(at + 2),
            (literal, byte) => (literal == byte).then_some(at + 1),
        };
        if let Some(next) = next {
            (at, position) = (next, position + 1);
        } else if let Some(retry) =
            star.take().filter(|retry| text.get(retry.text).is_some_and(|&byte| byte != b'/'))
        {
            (at, position) = (retry.pattern, retry.text + 1);
            star = Some(Retry { text: position, ..retry });
        } else if let Some(retry) = folders {
            // The next folder down.
            let Some(slash) = text[retry.text..].iter().position(|&byte| byte == b'/') else {
                return Some(false);
            };
            (at, position) = (retry.pattern, retry.text + slash + 1);
            folders = Some(Retry { text: position, ..retry });
        } else {
            return Some(false);
        }
    }
}

/// A run of stars in a pattern.
#[derive(Clone, Copy)]
enum Stars {
    /// `**` at the end: everything.
    All,
    /// `**/`: any number of folders.
    Folders,
    /// `**\/`: the same, but at least one, as in git.
    SomeFolders,
    /// Any bytes but slashes.
    Part,
}

impl Stars {
    /// The run that starts at `start`, and where what follows it starts.
    fn at(pattern: &[u8], start: usize) -> (Self, usize) {
        let run = pattern[start..].iter().take_while(|&&byte| byte == b'*').count();
        let end = start + run;
        if run == 1 || start > 0 && pattern[start - 1] != b'/' {
            return (Self::Part, end);
        }
        match pattern[end..] {
            [] => (Self::All, end),
            [b'/', ..] => (Self::Folders, end + 1),
            [b'\\', b'/', ..] => (Self::SomeFolders, end + 2),
            _ => (Self::Part, end),
        }
    }
}

/// Returns where what follows the class goes on whose content starts at `at`, if `byte` is in it. `None` as well if it
/// is not closed or names an unknown class.
fn class(pattern: &[u8], mut at: usize, byte: u8) -> Option<usize> {
    let is_negated = matches!(pattern.get(at), Some(b'!' | b'^'));
    at += usize::from(is_negated);
    let (mut is_in, mut previous) = (false, None);
    loop {
        let first = *pattern.get(at)?;
        match first {
            b'\\' => {
                at += 1;
                let escaped = *pattern.get(at)?;
                is_in |= byte == escaped;
                previous = Some(escaped);
            }
            b'-' if previous.is_some() && pattern.get(at + 1).is_some_and(|&next| next != b']') => {
                at += 1;
                if pattern[at] == b'\\' {
                    at += 1;
                }
                let last = *pattern.get(at)?;
                is_in |= previous.is_some_and(|first| (first..=last).contains(&byte));
                previous = None;
            }
            b'[' if pattern.get(at + 1) == Some(&b':') => {
                let start = at + 2;
                let len = pattern[start..].iter().position(|&byte| byte == b']')?;
                match pattern[start..start + len].strip_suffix(b":") {
                    Some(name) => {
                        is_in |= is_of(name, byte)?;
                        at = start + len;
                        previous = None;
                    }
                    // A bracket like any other byte.
                    None => {
                        is_in |= byte == b'[';
                        previous = Some(b'[');
                    }
                }
            }
            first => {
                is_in |= byte == first;
                previous = Some(first);
            }
        }
        at += 1;
        if pattern.get(at) == Some(&b']') {
            return (is_in != is_negated).then_some(at + 1);
        }
    }
}

/// Returns whether `byte` is of the class `name`; `None` if there is no such class.
fn is_of(name: &[u8], byte: u8) -> Option<bool> {
    Some(match name {
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"alpha" => byte.is_ascii_alphabetic(),
        b"blank" => matches!(byte, b' ' | b'\t'),
        b"cntrl" => byte.is_ascii_control(),
        b"digit" => byte.is_ascii_digit(),
        b"graph" => byte.is_ascii_graphic(),
        b"lower" => byte.is_ascii_lowercase(),
        b"print" => matches!(byte, b' '..=b'~'),
        b"punct" => byte.is_ascii_punctuation(),
        b"space" => matches!(byte, b' ' | b'\t'..=b'\r'),
        b"upper" => byte.is_ascii_uppercase(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => return None,
    })
}
