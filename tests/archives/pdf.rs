//! Streams of PDFs, however they are packed and wherever that is said.

use std::collections::HashMap;

use crate::archives::build::zlib;
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
