//! Streams of PDFs, however they are packed and wherever that is said.

use std::collections::HashMap;

use crate::archives::build::{gzip, zlib};
use crate::archives::documents::{drawing, pdf};
use crate::archives::{NONE, found, key_file, scan, troubles};

/// A page that draws a key.
fn page() -> Vec<u8> {
    drawing(&String::from_utf8(key_file(1)).unwrap(), 9)
}

/// Packs by LZW, as codes that become longer by `early` codes sooner than they have to.
fn lzw(bytes: &[u8], early: usize) -> Vec<u8> {
    let mut bits: Vec<u8> = Vec::new();
    let mut put = |code: usize, next: usize| {
        let len = match next - 1 + early {
            ..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
        bits.extend((0..len).rev().map(|bit| u8::from(code >> bit & 1 == 1)));
    };
    let (mut codes, mut word) = (HashMap::new(), Vec::new());
    put(256, 258);
    for &byte in bytes {
        let code = |word: &[u8], codes: &HashMap<Vec<u8>, usize>| match word {
            [byte] => usize::from(*byte),
            word => codes[word],
        };
        let longer = [&word[..], &[byte]].concat();
        if word.is_empty() || codes.contains_key(&longer) {
            word = longer;
            continue;
        }
        put(code(&word, &codes), 258 + codes.len());
        codes.insert(longer, 258 + codes.len());
        word = vec![byte];
        if codes.len() == 4095 - 258 {
            put(256, 4095);
            codes.clear();
        }
    }
    put(if let [byte] = word[..] { byte.into() } else { codes[&word] }, 258 + codes.len());
    put(257, 259 + codes.len());
    bits.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit) << (8 - bits.len())).collect()
}

/// `bytes` in rows of PNG, each predicted from the one above; the last is filled with zeros.
fn up(bytes: &[u8], columns: usize) -> Vec<u8> {
    let mut rows = Vec::new();
    let mut above = vec![0; columns];
    for row in bytes.chunks(columns) {
        let mut row = row.to_vec();
        row.resize(columns, 0);
        rows.push(2);
        rows.extend(row.iter().zip(&above).map(|(byte, above)| byte.wrapping_sub(*above)));
        above = row;
    }
    rows
}

/// `bytes` in rows of TIFF, each byte predicted from the one of the same colour before it.
fn beside(bytes: &[u8], colours: usize, row: usize) -> Vec<u8> {
    let rows = bytes.chunks(row).flat_map(|row| {
        let before = [0].into_iter().cycle().take(colours).chain(row.iter().copied());
        row.iter().zip(before).map(|(byte, before)| byte.wrapping_sub(before)).collect::<Vec<_>>()
    });
    rows.collect()
}

#[test]
fn streams_are_read_through_lzw_and_predictors() {
    // Long enough for codes of every length, and for a table that is full.
    let long =
        [&b"% "[..], &(0..20_000_u32).flat_map(|n| (n * n).to_string().into_bytes()).collect::<Vec<_>>()];
    let long = [&long.concat(), &b"\n"[..], &page()].concat();
    let png = "/DecodeParms << /Predictor 12 /Columns 7 >>";
    for (dictionary, content) in [
        ("/Filter /LZWDecode", lzw(&page(), 1)),
        ("/Filter [/LZW]", lzw(&long, 1)),
        ("/Filter /LZWDecode /DecodeParms << /EarlyChange 0 >>", lzw(&long, 0)),
        (&format!("/Filter /FlateDecode {png}"), zlib(&up(&page(), 7))),
        (&format!("{png}/Filter/LZWDecode"), lzw(&up(&page(), 7), 1)),
        ("/Filter [/FlateDecode] /DP [<</Predictor 2/Colors 3/Columns 4>>]", zlib(&beside(&page(), 3, 12))),
        (
            "/Filter [/AHx /Fl] /DecodeParms [null << /Predictor 15 /Columns 70000 /Colors 1 /BitsPerComponent 1 >>]",
            data_encoding::HEXUPPER.encode(&zlib(&up(&page(), 8750))).into_bytes(),
        ),
    ] {
        let document = pdf(&[(dictionary, content)]);
        assert_eq!(found(&document), ["object 1!/<text>:2:21"], "{dictionary}");
        assert_eq!(troubles(&scan(&document)), NONE, "{dictionary}");
    }
}

#[test]
fn packings_that_cannot_be_undone_are_listed() {
    let rows = zlib(&up(&page(), 7));
    for (dictionary, content, trouble) in [
        ("/Filter /RunLengthDecode", page(), "unknown-filter"),
        ("/Filter /FlateDecode /DecodeParms << /Predictor 7 >>", rows.clone(), "unknown-filter"),
        ("/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 5 >>", rows.clone(), "damaged-data"),
        ("/Filter /FlateDecode /DecodeParms << /Predictor 2 /BitsPerComponent 16 >>", rows, "unknown-filter"),
        ("/Filter /LZWDecode", lzw(&page(), 1)[..200].to_vec(), "truncated"),
        ("/Filter /LZWDecode", vec![0xff; 9], "damaged-data"),
    ] {
        assert_eq!(troubles(&scan(&pdf(&[(dictionary, content)]))), [format!(": {trouble}")], "{dictionary}");
    }
}

/// A document of these parts.
fn document(parts: &[&[u8]]) -> Vec<u8> {
    [&[&b"%PDF-1.7\n"[..]], parts].concat().concat()
}

/// A stream, as it stands in a document.
fn stream(number: u32, dictionary: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("{number} 0 obj\n<< {dictionary} >>\nstream\n");
    [head.as_bytes(), content, b"\nendstream\nendobj\n"].concat()
}

#[test]
fn comments_between_a_dictionary_and_its_stream_are_passed_over() {
    let object = pdf(&[("/Filter /FlateDecode", zlib(&page()))]);
    for comment in ["% a comment\nstream\n", " % a\r\n%% the stream\r\n stream\r\n"] {
        let at = memchr::memmem::find(&object, b"\nstream\n").unwrap();
        let commented = [&object[..at], comment.as_bytes(), &object[at + 8..]].concat();
        assert_eq!(found(&commented), ["object 1!/<text>:2:21"], "{comment}");
    }
}

#[test]
fn filters_and_parameters_are_found_in_other_objects() {
    let rows = zlib(&up(&page(), 7));
    let page = zlib(&page());
    let objects = b"7 0 obj\n/FlateDecode\nendobj 8 0 obj [9 0 R] endobj 9 0 obj 7 0 R endobj\n\
        10 0 obj << /Columns 11 0 R /Predictor 12 >> endobj 11 0 obj 7 endobj\n";
    // The same in a stream, of which the first two are read before.
    let inner = "7 0 8 13 9 22 10 30 11 70 ";
    let inner =
        format!("{inner}/FlateDecode [/FlateDecode] 7 0 R  << /Columns 11 0 R /Predictor 12 >>     7 ");
    let first = inner.find("/Fl").unwrap();
    let inner = inner.replace("8 13 9 22 10 30 11 70", "8 13 9 28 10 35 11 74");
    let dictionary = format!("/Type /ObjStm /N 5 /First {first} /Filter /FlateDecode");
    let packed = stream(20, &dictionary, &zlib(inner.as_bytes()));
    let predicted = format!("{dictionary} /DecodeParms << /Predictor 12 /Columns 5 >>");
    let predicted = stream(20, &predicted, &zlib(&up(inner.as_bytes(), 5)));
    for objects in [&objects[..], &packed, &predicted] {
        for (dictionary, content) in [
            ("/Filter 7 0 R", &page),
            ("/Filter 8 0 R", &page),
            ("/Filter [9 0 R]", &page),
            ("/Filter 7 0 R /DecodeParms 10 0 R", &rows),
            ("/Filter /FlateDecode /DecodeParms [10 0 R]", &rows),
            ("/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 11 0 R >>", &rows),
        ] {
            let object = stream(1, dictionary, content);
            for document in [document(&[&object, objects]), document(&[objects, &object])] {
                assert_eq!(found(&document), ["object 1!/<text>:2:21"], "{dictionary}");
                assert_eq!(troubles(&scan(&document)), NONE, "{dictionary}");
            }
        }
    }
}

#[test]
fn filters_that_are_named_nowhere_are_listed() {
    let packed = lzw(&page(), 1);
    for objects in
        ["", "7 0 obj 8 0 R endobj 8 0 obj 7 0 R endobj", "7 0 obj [7 0 R] endobj", "7 0 obj (x) endobj"]
    {
        for dictionary in
            ["/Filter 7 0 R", "/Filter [/Fl 7 0 R]", "/Filter /Fl /DecodeParms << /Columns 7 0 R >>"]
        {
            let document = document(&[&stream(1, dictionary, &packed), objects.as_bytes()]);
            assert_eq!(troubles(&scan(&document)), [": unknown-filter"], "{dictionary} {objects}");
        }
    }
}

#[test]
fn a_length_tells_the_end_of_a_stream_if_it_leads_to_one() {
    let attached = [gzip_stored(b"begin\nendstream\nendobj\n"), gzip(&key_file(1))].concat();
    let file = |len: &str| stream(1, &format!("/Type /EmbeddedFile /Length {len}"), &attached);
    let len = attached.len();
    let direct = document(&[&file(&len.to_string())]);
    let before = document(&[format!("5 0 obj {len} endobj\n").as_bytes(), &file("5 0 R")]);
    for document in [direct, before] {
        assert_eq!(found(&document), ["object 1!/<unpacked>:5:21"]);
        assert_eq!(troubles(&scan(&document)), NONE);
    }
    // What lies is not believed, nor are streams lost that it leads across.
    for len in ["0", "3", "100000000", "18446744073709551616", "300"] {
        let lying = stream(1, &format!("/Filter /FlateDecode /Length {len}"), &zlib(&page()));
        let document = document(&[&lying, &stream(2, "/Filter /FlateDecode /Length 9999", &zlib(&page()))]);
        assert_eq!(found(&document), ["object 1!/<text>:2:21", "object 2!/<text>:2:21"], "{len}");
        assert_eq!(troubles(&scan(&document)), NONE, "{len}");
    }
}

/// `bytes` as gzip has them that does not make them smaller.
fn gzip_stored(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

/// A page that draws `lines` glyph by glyph, each put to its place by `operator`: as wide as it is, or all alike.
fn spelled(lines: &str, operator: &str, width: fn(char) -> u32, glyph: &dyn Fn(char) -> String) -> String {
    let mut page = String::from("q 0.1 0 0 0.1 0 0 cm BT /F1 90 Tf\n");
    for (nth, line) in (0..).zip(lines.lines()) {
        let (mut x, y) = (720, 7200 - 140 * nth);
        page += &format!("1 0 0 1 {x} {y} Tm ");
        for letter in line.chars() {
            page += &format!("{} Tj ", glyph(letter));
            x += width(letter);
            page += &match operator {
                "Td" => format!("{} 0 Td\n", width(letter)),
                "Tm" => format!("1 0 0 1 {x} {y} Tm\n"),
                _ => format!("ET Q q 0.1 0 0 0.1 {}.{} {}.{} cm BT ", x / 10, x % 10, y / 10, y % 10),
            };
        }
    }
    page + "ET Q"
}

#[test]
fn text_that_is_drawn_glyph_by_glyph_is_found() {
    let lines = String::from_utf8(key_file(1)).unwrap();
    let letters: String = (32..127_u8).map(char::from).collect();
    let code = |letter| 1 + letters.find(letter).unwrap();
    let map = (32..127_u8).map(|letter| format!("<{:04x}> <{letter:04x}>\n", code(letter.into())));
    let map = format!("/CIDInit begincmap 95 beginbfchar {} endbfchar", map.collect::<String>());
    let map = stream(2, "/Filter /FlateDecode", &zlib(map.as_bytes()));
    let plain =
        |letter| if "()\\".contains(letter) { format!("(\\{letter})") } else { format!("({letter})") };
    let numbered = |letter| format!("<{:04x}>", code(letter));
    let proportional = |letter| match letter {
        'i' | 'l' | 'I' | '/' | ' ' => 25,
        'm' | 'w' | 'W' | 'M' => 85,
        _ => 55,
    };
    let is_found = |page: &str| {
        let document = document(&[&stream(1, "/Filter /FlateDecode", &zlib(page.as_bytes())), &map]);
        assert_eq!(troubles(&scan(&document)), NONE);
        let found = found(&document);
        assert!(found.len() == 1 && found[0].starts_with("object 1!/<text>:"), "{found:?} {page}");
    };
    for operator in ["Td", "Tm", "cm"] {
        is_found(&spelled(&lines, operator, |_| 54, &plain));
        is_found(&spelled(&lines, operator, proportional, &plain));
        is_found(&spelled(&lines, operator, proportional, &numbered));
    }
}

#[test]
fn a_stream_without_an_end_hides_no_other() {
    let page = zlib(&page());
    for (dictionary, content) in
        [("/Filter /DCTDecode", b"picture".to_vec()), ("/Filter /Fl", page.clone()), ("", page.clone())]
    {
        let without = stream(1, dictionary, &content);
        let without = [&without[..without.len() - b"endstream\nendobj\n".len()], b"endobj\n"].concat();
        let document = document(&[&without, &stream(2, "/Filter /FlateDecode", &page)]);
        assert_eq!(found(&document).last().unwrap(), "object 2!/<text>:2:21", "{dictionary}");
        assert_eq!(troubles(&scan(&document)), NONE, "{dictionary}");
    }
}

#[test]
fn a_document_that_is_cut_is_read_as_far_as_it_goes() {
    let whole = document(&[&stream(1, "/Filter /FlateDecode", &zlib(&[page(), vec![b' '; 99]].concat()))]);
    let end = memchr::memmem::find(&whole, b"\nendstream").unwrap();
    let cut = &whole[..end];
    assert_eq!(found(cut), ["object 1!/<text>:2:21"]);
    assert_eq!(troubles(&scan(cut)), [": truncated"]);
}
