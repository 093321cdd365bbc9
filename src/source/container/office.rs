//! The text of office documents: what a reader of them sees, where the XML around it falls apart into runs.
//!
//! A word processor may put tags between any two characters. So the text alone is searched, too, a line for each
//! paragraph, beside the XML as it is.

use super::tap::Tap;

/// Takes the tags out of XML.
#[derive(Default)]
pub(super) struct Text {
    text: Vec<u8>,
    state: State,
    /// The tag or the entity that is being read, as far as it matters.
    word: Vec<u8>,
}

#[derive(Default)]
enum State {
    #[default]
    Text,
    Tag,
    Entity,
}

/// As much of a document tells what it is.
const HEAD: usize = 4096;

/// Where the vocabularies of office documents are at home: Office Open XML, `OpenDocument`.
const HOMES: [&[u8]; 3] = [
    b"http://schemas.openxmlformats.org/",
    b"http://purl.oclc.org/ooxml/",
    b"urn:oasis:names:tc:opendocument:",
];

/// Longer tags and entities are not remembered whole.
const MAX_WORD: usize = 32;

/// Text of a document is held up to this size.
const MAX_TEXT: usize = 16 << 20;

/// Whether this is the start of a part of an office document.
pub(super) fn is_part(head: &[u8]) -> bool {
    let head = &head[..head.len().min(HEAD)];
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    start.starts_with(b"<") && HOMES.iter().any(|home| memchr::memmem::find(head, home).is_some())
}

/// Where elements are properties of a document, each of its own: title, author and the like.
const PROPERTIES: [&[u8]; 4] = [b"dc:", b"cp:", b"dcterms:", b"vt:"];

impl Text {
    /// The text so far, if there is enough of it to be handed on before more comes.
    pub(super) fn take_full(&mut self) -> Option<Vec<u8>> {
        (self.text.len() > MAX_TEXT).then(|| std::mem::take(&mut self.text))
    }

    /// All the text.
    pub(super) fn into_text(self) -> Vec<u8> {
        self.text
    }

    fn end_tag(&mut self) {
        let is_end = self.word.first() == Some(&b'/');
        let name = self.word.strip_prefix(b"/").unwrap_or(&self.word);
        let name = name.split(|&byte| byte.is_ascii_whitespace() || byte == b'/').next().unwrap_or_default();
        let local = name.rsplit(|&byte| byte == b':').next().unwrap_or_default();
        match local {
            b"p" | b"h" | b"si" | b"row" | b"tr" if is_end => self.text.push(b'\n'),
            b"br" | b"cr" | b"line-break" => self.text.push(b'\n'),
            b"c" | b"tc" | b"v" if is_end => self.text.push(b'\t'),
            b"tab" => self.text.push(b'\t'),
            b"s" if name == b"text:s" => self.text.push(b' '),
            _ if is_end && PROPERTIES.iter().any(|space| name.starts_with(space)) => self.text.push(b'\n'),
            _ => {}
        }
    }

    fn end_entity(&mut self, is_closed: bool) {
        let character = match self.word.as_slice() {
            b"amp" => Some('&'),
            b"lt" => Some('<'),
            b"gt" => Some('>'),
            b"quot" => Some('"'),
            b"apos" => Some('\''),
            other => numbered(other),
        };
        let mut buffer = [0; 4];
        match character {
            Some(character) => self.text.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes()),
            None => {
                let end: &[u8] = if is_closed { b";" } else { b"" };
                self.text.extend_from_slice(&[b"&", self.word.as_slice(), end].concat());
            }
        }
    }
}

/// The character that `#65` or `#x41` stands for.
fn numbered(entity: &[u8]) -> Option<char> {
    let digits = std::str::from_utf8(entity.strip_prefix(b"#")?).ok()?;
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    number.ok().and_then(char::from_u32)
}

impl Tap for Text {
    fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let len = match self.state {
                State::Text => memchr::memchr2(b'<', b'&', bytes),
                State::Tag => memchr::memchr(b'>', bytes),
                State::Entity => bytes.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#'),
            };
            let piece = &bytes[..len.unwrap_or(bytes.len())];
            match self.state {
                State::Text => self.text.extend_from_slice(piece),
                State::Tag | State::Entity => {
                    let room = MAX_WORD.saturating_sub(self.word.len());
                    self.word.extend_from_slice(&piece[..piece.len().min(room)]);
                }
            }
            let Some(len) = len else { return };
            let mut taken = 1;
            match (&self.state, bytes[len]) {
                (State::Text, b'<') => self.state = State::Tag,
                (State::Text, _) => self.state = State::Entity,
                (State::Tag, _) => {
                    self.end_tag();
                    self.state = State::Text;
                }
                (State::Entity, end) => {
                    self.end_entity(end == b';');
                    self.state = State::Text;
                    // What is no end of an entity is read again.
                    taken = usize::from(end == b';');
                }
            }
            self.word.clear();
            bytes = &bytes[len + taken..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(xml: &str) -> String {
        let (mut whole, mut pieces) = (Text::default(), Text::default());
        whole.push(xml.as_bytes());
        xml.as_bytes().chunks(1).for_each(|piece| pieces.push(piece));
        assert_eq!(whole.text, pieces.text);
        String::from_utf8(whole.into_text()).unwrap()
    }

    #[test]
    fn properties_of_a_document_are_apart() {
        assert_eq!(text("<dc:title>a b</dc:title><dc:creator>c</dc:creator>"), "a b\nc\n");
    }

    #[test]
    fn runs_are_joined_and_paragraphs_are_lines() {
        let xml = "<w:p><w:r><w:t>a</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>b</w:t></w:r></w:p><w:p><w:t>c</w:t></w:p>";
        assert_eq!(text(xml), "ab\nc\n");
        assert_eq!(text("<si><t>x</t></si><row><c r=\"A1\"><v>1</v></c></row>"), "x\n1\t\t\n");
    }

    #[test]
    fn entities_are_what_they_stand_for() {
        assert_eq!(text("a&amp;b&#x41;&#66;&nbsp;&lt;c & d"), "a&bAB&nbsp;<c & d");
    }
}
