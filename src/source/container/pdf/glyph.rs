//! Text in fonts of which only some glyphs are embedded: its strings hold numbers of glyphs, and a map beside the font
//! says what each is read as.

/// What a stream draws, byte by byte; [`BREAK`] and a character stand for what is between strings.
pub(super) type Codes = Vec<u16>;

/// What is no byte of a string.
pub(super) const BREAK: u16 = 0x100;

/// A map is read up to this size.
pub(super) const MAX_MAP: usize = 512 << 10;

/// What the codes of a font are read as.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Map {
    /// Bytes of a code.
    width: usize,
    /// By code; 0 is none.
    letters: Vec<u8>,
}

impl Map {
    /// Whether a stream that starts so may be one.
    pub(super) fn is_begun(head: &[u8]) -> bool {
        let head = &head[..head.len().min(1024)];
        head.starts_with(b"/CIDInit") || memchr::memmem::find(head, b"begincmap").is_some()
    }

    /// Reads a map, as far as it is about characters that can be part of a credential or of its name.
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut map = Self::default();
        let mut words = Vec::new();
        for word in Words(text) {
            match word {
                b"endbfchar" => words.chunks_exact(2).for_each(|pair| map.add(pair[0], pair[0], pair[1])),
                b"endbfrange" => map.add_ranges(&words),
                b"beginbfchar" | b"beginbfrange" => {}
                word if matches!(word, [b'<' | b'[' | b']', ..]) => {
                    words.push(word);
                    continue;
                }
                _ => {}
            }
            words.clear();
        }
        map
    }

    /// The memory that it takes, in bytes.
    pub(super) fn len(&self) -> usize {
        self.letters.len()
    }

    fn add_ranges(&mut self, words: &[&[u8]]) {
        let mut rest = words;
        while let [low, high, more @ ..] = rest {
            if more.first() == Some(&&b"["[..]) {
                let end = more.iter().position(|word| *word == b"]").unwrap_or(more.len());
                for (code, to) in (number(low).unwrap_or(0)..).zip(&more[1..end]) {
                    self.set(low, code, number(to));
                }
                rest = more.get(end + 1..).unwrap_or_default();
            } else if let Some((to, more)) = more.split_first() {
                self.add(low, high, to);
                rest = more;
            } else {
                return;
            }
        }
    }

    fn add(&mut self, low: &[u8], high: &[u8], to: &[u8]) {
        let (Some(first), Some(last), Some(to)) = (number(low), number(high), number(to)) else { return };
        for (code, to) in (first..=last.min(first.saturating_add(0xff))).zip(to..) {
            self.set(low, code, Some(to));
        }
    }

    fn set(&mut self, spelled: &[u8], code: u32, to: Option<u32>) {
        let letter = to.and_then(|to| u8::try_from(to).ok()).filter(u8::is_ascii);
        if let (Ok(code), Some(letter)) = (u16::try_from(code), letter) {
            self.width = if spelled.len() > 4 { 2 } else { 1 };
            let code = usize::from(code);
            self.letters.resize(self.letters.len().max(code + 1), 0);
            self.letters[code] = letter;
        }
    }

    /// What `codes` are read as; `None` if that is no text.
    pub(super) fn read(&self, codes: &[u16]) -> Option<Vec<u8>> {
        let (mut text, mut unknown) = (Vec::new(), 0);
        for run in codes.chunk_by(|a, b| (*a < BREAK) == (*b < BREAK)) {
            if run[0] >= BREAK {
                text.extend(run.iter().map(|&code| code.to_le_bytes()[0]));
                continue;
            }
            for code in run.chunks(self.width.max(1)) {
                let code = code.iter().fold(0, |code, &byte| code << 8 | usize::from(byte));
                let letter = self.letters.get(code).copied().filter(|&letter| letter != 0);
                unknown += usize::from(letter.is_none());
                text.push(letter.unwrap_or(b'?'));
            }
        }
        (2 * unknown < text.len()).then_some(text)
    }
}

/// The number that `<00AB>` is; `None` if it is something else, or a text of several characters.
fn number(word: &[u8]) -> Option<u32> {
    let digits = word.strip_prefix(b"<")?;
    let digits = std::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

/// The words of a map: `<00AB` without its end, `[`, `]`, and operators.
struct Words<'t>(&'t [u8]);

impl<'t> Iterator for Words<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        self.0 = self.0.trim_ascii_start();
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"<>[]".contains(byte);
        let len = match self.0.first()? {
            b'[' | b']' | b'>' => 1,
            _ => 1 + self.0[1..].iter().position(ends).unwrap_or(self.0.len() - 1),
        };
        let (word, rest) = self.0.split_at(len);
        self.0 = rest.strip_prefix(b">").filter(|_| word[0] == b'<').unwrap_or(rest);
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_by_their_map() {
        let map = Map::parse(
            b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000> <FFFF>\n\
              endcodespacerange 2 beginbfchar <0003> <0041><0004> <004B0049> endbfchar\n\
              2 beginbfrange <0010> <0012> <0061> <0020><0021>[<0078> <0079>] endbfrange endcmap",
        );
        let codes: Vec<u16> = [0, 3, 0, 0x10, 0, 0x12, BREAK | 10, 0, 0x21, 0, 0x20].to_vec();
        assert_eq!(map.read(&codes).as_deref(), Some(&b"Aac\nyx"[..]));
        assert_eq!(map.read(&[0, 9, 0, 8]), None);
        let narrow = Map::parse(b"begincmap 1 beginbfrange <01> <03> <0041> endbfrange");
        assert_eq!(narrow.read(&[1, 2, 3]).as_deref(), Some(&b"ABC"[..]));
    }

    #[test]
    fn no_map_is_too_strange() {
        for text in
            [&b"<"[..], b"[ [ <", b"<00> endbfrange", b"<0> <FFFFFFFFFF> <1> endbfrange", b"] endbfchar"]
        {
            assert_eq!(Map::parse(text).read(&[1]), None);
        }
    }
}
