//! Documents: what is found in their text, however it is stored there.

use akid::aws::fake;

use crate::archives::build::{Entry, gzip, tar, zip, zlib};
use crate::archives::{found, key_file, scan, troubles};

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

/// A PDF of these streams, each with its dictionary.
pub(crate) fn pdf(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    for (nth, (dictionary, content)) in streams.iter().enumerate() {
        let head = format!("{} 0 obj\n<< {dictionary} /Length {} >>\nstream\n", nth + 1, content.len());
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(b"\nendstream\nendobj\n");
    }
    bytes.extend_from_slice(b"trailer << /Root 1 0 R >>\n%%EOF\n");
    bytes
}

/// Draws lines, a string for every few characters, with kerning between.
pub(super) fn drawing(lines: &str, run: usize) -> Vec<u8> {
    let mut stream = String::from("q BT /F1 12 Tf 72 720 Td\n");
    for line in lines.lines() {
        stream += "[";
        let characters: Vec<char> = line.chars().collect();
        for piece in characters.chunks(run) {
            let piece: String = piece.iter().collect();
            stream += &format!("({}) -12 ", piece.replace('\\', "\\\\"));
        }
        stream += "] TJ 0 -14 Td\n";
    }
    stream += "ET Q";
    stream.into_bytes()
}

#[test]
fn text_that_a_pdf_draws_is_found() {
    let lines = String::from_utf8(key_file(1)).unwrap();
    for run in [2, 9, 200] {
        let page = drawing(&lines, run);
        assert_eq!(
            found(&pdf(&[("/Filter /FlateDecode", zlib(&page))])),
            ["object 1!/<text>:2:21"],
            "runs of {run}"
        );
        assert_eq!(found(&pdf(&[("", page)])).last().unwrap(), "object 1!/<text>:2:21", "runs of {run}");
    }
}

#[test]
fn files_in_a_pdf_are_opened() {
    let attached = gzip(&tar(&[(b"a/.env", &key_file(1))]));
    let document = pdf(&[
        ("/Type /EmbeddedFile /Filter /FlateDecode", zlib(&attached)),
        ("/Type /EmbeddedFile", attached.clone()),
        ("/Subtype /Image /Filter /DCTDecode", b"a picture".to_vec()),
    ]);
    assert_eq!(found(&document), ["object 1!/a/.env:2:21", "object 2!/a/.env:2:21"]);
    assert_eq!(found(&gzip(&document)), ["object 1!/a/.env:2:21", "object 2!/a/.env:2:21"]);
    assert_eq!(troubles(&scan(&document)), Vec::<String>::new());
}

/// `bytes` in letters that mail takes, as a PDF may have them.
fn ascii85(bytes: &[u8]) -> Vec<u8> {
    let group = |four: &[u8]| {
        let mut number = four.iter().chain(&[0; 4]).take(4).fold(0_u32, |n, &byte| n << 8 | u32::from(byte));
        let mut letters = [0; 5];
        for letter in letters.iter_mut().rev() {
            *letter = b'!' + u8::try_from(number % 85).unwrap();
            number /= 85;
        }
        letters[..=four.len()].to_vec()
    };
    [bytes.chunks(4).flat_map(group).collect(), b"~>".to_vec()].concat()
}

#[test]
fn a_stream_of_a_pdf_is_unpacked_however_it_is_packed() {
    let lines = String::from_utf8(key_file(1)).unwrap();
    let page = drawing(&lines, 9);
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes).into_bytes();
    let form = "/Subtype /Form /Resources << /ProcSet [/PDF /Text /ImageB /ImageC] >> /Filter /FlateDecode";
    for (dictionary, content) in [
        ("/Filter [/ASCII85Decode /FlateDecode]", ascii85(&zlib(&page))),
        ("/Filter [ /AHx/Fl ]", hex(&zlib(&page))),
        ("/Filter /ASCII85Decode", ascii85(&page)),
        ("/Filter [/FlateDecode /FlateDecode]", zlib(&zlib(&page))),
        ("/Filter /Fl#61teDecode", zlib(&page)),
        ("/Filter 7 0 R", zlib(&page)),
        (form, zlib(&page)),
    ] {
        let document = pdf(&[(dictionary, content)]);
        assert_eq!(found(&document), ["object 1!/<text>:2:21"], "{dictionary}");
        assert_eq!(troubles(&scan(&document)), Vec::<String>::new(), "{dictionary}");
    }
    // An empty page is no trouble.
    assert_eq!(troubles(&scan(&pdf(&[("/Filter /FlateDecode", Vec::new())]))), Vec::<String>::new());
    let marked = pdf(&[("/Filter /FlateDecode", zlib(&page))]);
    let marked = [b"some mail\n", &marked[..]].concat();
    assert_eq!(found(&marked), ["object 1!/<text>:2:21"]);
}

#[test]
fn text_in_numbers_of_glyphs_is_read_by_the_map_beside_it() {
    let lines = String::from_utf8(key_file(1)).unwrap();
    // Each character has the number of its first appearance, as in a font that was cut down to what is used.
    let mut used: Vec<char> = Vec::new();
    let mut page = String::from("BT /F1 9 Tf ");
    for line in lines.lines() {
        page += "<";
        for letter in line.chars() {
            let number = used.iter().position(|&other| other == letter).unwrap_or_else(|| {
                used.push(letter);
                used.len() - 1
            });
            page += &format!("{:04X}", number + 1);
        }
        page += "> Tj T* ";
    }
    let letters =
        used.iter().enumerate().map(|(at, &letter)| format!("<{:04X}> <{:04X}>\n", at + 1, letter as u32));
    let letters: String = letters.collect();
    let map = format!(
        "/CIDInit /ProcSet findresource begin begincmap\n{} beginbfchar\n{letters}endbfchar\n",
        used.len()
    );
    let other = map.replace("> <00", "> <04");
    let stream = |text: &str| ("/Filter /FlateDecode", zlib(text.as_bytes()));
    for streams in [[&other, &map, &page], [&page, &map, &other]] {
        let document = pdf(&streams.map(|text| stream(text)));
        let place =
            format!("object {}!/<text>:2:21", 1 + streams.iter().position(|text| **text == page).unwrap());
        assert_eq!(found(&document), [place.as_str()]);
        assert_eq!(troubles(&scan(&document)), Vec::<String>::new());
    }
    assert_eq!(found(&pdf(&[stream(&page), ("", map.clone().into_bytes())])), ["object 1!/<text>:2:21"]);
    // The same in strings, in which some bytes are escaped.
    let bytes = |run: &str| -> String {
        let codes = (0..run.len()).step_by(2).map(|at| u8::from_str_radix(&run[at..at + 2], 16).unwrap());
        let letter = |code| match code {
            8 => r"\b".to_owned(),
            10 => r"\n".to_owned(),
            12 => r"\f".to_owned(),
            13 => r"\r".to_owned(),
            b'(' | b')' | b'\\' => format!("\\{}", char::from(code)),
            _ => char::from(code).to_string(),
        };
        codes.map(letter).collect()
    };
    let runs = page.split(['<', '>']).enumerate();
    let page: String = runs
        .map(|(nth, run)| if nth % 2 == 0 { run.to_owned() } else { format!("({})", bytes(run)) })
        .collect();
    assert_eq!(found(&pdf(&[stream(&page), stream(&map)])), ["object 1!/<text>:2:21"]);
}

#[test]
fn what_of_a_pdf_is_not_read_is_told() {
    let page = zlib(b"BT ET");
    let odd = pdf(&[("/Filter /Unheard", page.clone())]);
    assert_eq!(troubles(&scan(&odd)), [": unknown-filter"]);
    let locked =
        [&pdf(&[("/Filter /FlateDecode", b"no zlib".to_vec())])[..], b"trailer << /Encrypt 9 0 R >>"]
            .concat();
    assert_eq!(troubles(&scan(&locked)), [": encrypted"]);
    let broken = pdf(&[("/Filter /FlateDecode", b"no zlib".to_vec())]);
    assert_eq!(troubles(&scan(&broken)), [": damaged-data"]);
}

#[test]
fn a_large_pdf_is_read_in_pieces() {
    let lines = String::from_utf8(key_file(1)).unwrap();
    let picture = vec![b'x'; 5 << 20];
    let document =
        pdf(&[("/Filter /DCTDecode", picture), ("/Filter /FlateDecode", zlib(&drawing(&lines, 5)))]);
    assert_eq!(found(&document), ["object 2!/<text>:2:21"]);
}

#[test]
fn archives_of_formats_that_are_not_read_are_told_and_searched_as_bytes() {
    for head in [
        &b"Rar!\x1a\x07\x01\x00 "[..],
        b"LZIP\x01",
        b"\x1f\x9d\x90",
        b"\x02\x21\x4c\x18",
        b"xar!\0\x1c\0\x01",
    ] {
        let bytes = [head, &key_file(1)].concat();
        assert_eq!(found(&bytes), [":2:21"]);
        assert_eq!(troubles(&scan(&bytes)), [": unread-format"]);
    }
}
