//! The strings that the first bytes of a JSON object hold, by the keys that lead to them. What is in lists is passed over,
//! and the text may be cut anywhere.

/// Strings with the keys that lead to them, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Strings<'t>(Vec<(Vec<&'t [u8]>, &'t [u8])>);

/// Objects are nested no deeper in what is looked for.
const MAX_DEPTH: usize = 4;

impl<'t> Strings<'t> {
    /// Reads the object that `text` starts with, as far as it goes.
    pub(super) fn of(text: &'t [u8]) -> Self {
        let mut strings = Self::default();
        // What is no JSON ends the reading, and so does the end of the text.
        let _ = strings.read(&mut Text(text));
        strings
    }

    /// The string that `path` leads to, as it is spelled.
    pub(super) fn get(&self, path: &[&str]) -> Option<&'t [u8]> {
        let is_at = |keys: &[&[u8]]| keys.iter().copied().eq(path.iter().map(|key| key.as_bytes()));
        self.0.iter().find(|(keys, _)| is_at(keys)).map(|(_, value)| *value)
    }

    fn read(&mut self, text: &mut Text<'t>) -> Option<()> {
        let mut keys: Vec<&[u8]> = Vec::new();
        text.expect(b'{')?;
        loop {
            match text.next()? {
                b',' => {}
                b'}' => drop(keys.pop()?),
                b'"' => {
                    keys.push(text.string()?);
                    text.expect(b':')?;
                    match text.next()? {
                        b'"' => self.0.push((keys.clone(), text.string()?)),
                        b'{' if keys.len() < MAX_DEPTH => continue,
                        b'[' | b'{' => text.pass_over_nested()?,
                        _ => text.pass_over_word(),
                    }
                    keys.pop();
                }
                _ => return None,
            }
        }
    }
}

/// What is left of a text.
struct Text<'t>(&'t [u8]);

impl<'t> Text<'t> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.trim_ascii_start().split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// A string, of which the first quote was read.
    fn string(&mut self) -> Option<&'t [u8]> {
        let mut end = 0;
        loop {
            end += memchr::memchr2(b'"', b'\\', self.0.get(end..)?)?;
            if self.0[end] == b'"' {
                let (string, rest) = self.0.split_at(end);
                self.0 = &rest[1..];
                return Some(string);
            }
            end += 2;
        }
    }

    /// Passes over a list or an object, of which the first bracket was read.
    fn pass_over_nested(&mut self) -> Option<()> {
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                b'"' => drop(self.string()?),
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
        }
        Some(())
    }

    /// Passes over the rest of a number or of a word.
    fn pass_over_word(&mut self) {
        let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
        self.0 = &self.0[self.0.iter().position(is_end).unwrap_or(self.0.len())..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_by_their_keys_wherever_the_text_is_cut() {
        let text =
            br#"{"a": [1, {"b": "x]"}], "n": -1.5e3, "c": {"d": "e\"f", "g": {}, "h": null}, "i": "j"}"#;
        let paths: [(&[&str], &[u8]); 2] = [(&["c", "d"], br#"e\"f"#), (&["i"], b"j")];
        for (path, value) in paths {
            assert_eq!(Strings::of(text).get(path), Some(value));
        }
        assert_eq!(Strings::of(text).get(&["b"]), None);
        for end in 0..text.len() {
            let found = Strings::of(&text[..end]);
            assert!(paths.iter().all(|(path, value)| found.get(path).is_none_or(|found| found == *value)));
        }
    }

    #[test]
    fn what_is_no_json_holds_nothing() {
        for text in
            [&b""[..], b"{", b"{\"a", b"{\"a\":", b"[\"a\":\"b\"]", b"{{{{", b"{}}}", b"{\"a\" \"b\"}"]
        {
            assert_eq!(Strings::of(text).get(&["a"]), None);
        }
        let deep = "{\"a\":".repeat(2000);
        assert_eq!(Strings::of(deep.as_bytes()).get(&["a"]), None);
    }
}
