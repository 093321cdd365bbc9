//! Documents: what is found in their text, however it is stored there.

use akid::aws::fake;

use crate::build::{Entry, zip};
use crate::{found, key_file};

/// A part of a Word document, with a run for every few characters.
fn word(lines: &str, run: usize) -> Vec<u8> {
    let mut xml = String::from(
        "<?xml version=\"1.0\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">",
    );
    for line in lines.lines() {
        xml += "<w:p>";
        let characters: Vec<char> = line.chars().collect();
        for piece in characters.chunks(run) {
            xml += "<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">";
            xml.extend(piece);
            xml += "</w:t></w:r>";
        }
        xml += "</w:p>";
    }
    xml += "</w:document>";
    xml.into_bytes()
}

#[test]
fn a_key_that_is_split_into_runs_is_found_in_the_text() {
    let lines = String::from_utf8(key_file(1)).unwrap();
    for run in [3, 7, 100] {
        let document = zip(&[Entry::deflated(b"word/document.xml", &word(&lines, run))]);
        assert_eq!(found(&document), ["word/document.xml!/<text>:2:21"], "runs of {run}");
    }
}

#[test]
fn what_the_text_does_not_show_is_found_in_the_markup() {
    let key = fake::pair(1);
    let part = format!(
        "<x xmlns=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" href=\"id={}\">nothing</x>",
        key.id_text()
    );
    assert_eq!(found(&zip(&[Entry::deflated(b"content.xml", part.as_bytes())])), ["content.xml:1:70"]);
}
