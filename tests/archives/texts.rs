//! Compressed bytes that stand in a text in base64.

use std::io::Write;

use data_encoding::{BASE64, BASE64URL_NOPAD};

use crate::archives::build::{Entry, gzip, tar, zip};
use crate::archives::{Held, NONE, found, key_file, places, scan, scan_within, troubles};
use akid::source::Limits;

fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

fn wrapped(text: &str, width: usize, end: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
    lines.join(end)
}

#[test]
fn zlib_in_base64_is_opened_and_what_begins_like_it_is_not() {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&key_file(1)).unwrap();
    let encoded = base64(&encoder.finish().unwrap());
    assert!(encoded.starts_with("eJ"));
    assert_eq!(found(format!("state = \"{encoded}\"\n").as_bytes()), ["<base64>!/<unpacked>:2:21"]);
    for text in [format!("x{encoded}"), "eJwx".repeat(100), "eJwAAAAA".repeat(20), "eJx\n".repeat(1000)] {
        assert!(found(text.as_bytes()).is_empty(), "{text}");
        assert_eq!(troubles(&scan(text.as_bytes())), NONE, "{text}");
    }
}

#[test]
fn what_is_compressed_in_base64_is_opened() {
    let packed = gzip(&key_file(1));
    for text in [
        format!("{{\"awslogs\": {{\"data\": \"{}\"}}}}", base64(&packed)),
        format!("UserData: {}\n", BASE64URL_NOPAD.encode(&packed)),
        format!("user-data: |\n  {}\n", wrapped(&base64(&packed), 76, "\n  ")),
        format!("\"data\": \"\\n{}\"", wrapped(&base64(&packed), 60, "\\n")),
        format!("data:\n  release: {}\ntype: helm.sh/release.v1\n", base64(base64(&packed).as_bytes())),
    ] {
        assert_eq!(found(text.as_bytes()), ["<base64>!/<unpacked>:2:21"], "{text}");
        assert_eq!(troubles(&scan(text.as_bytes())), NONE);
    }
}

#[test]
fn archives_in_texts_and_texts_in_archives_are_opened_in_turn() {
    let archive = gzip(&tar(&[(b"etc/aws", &key_file(1))]));
    let text = format!("data: {}\n", base64(&archive));
    assert_eq!(found(text.as_bytes()), ["<base64>!/etc/aws:2:21"]);
    let twice = format!("data: {}\n", base64(&gzip(text.as_bytes())));
    assert_eq!(found(twice.as_bytes()), ["<base64>!/<unpacked>!/<base64>!/etc/aws:2:21"]);
    let in_zip = zip(&[Entry::deflated(b"a.yaml", text.as_bytes())]);
    assert_eq!(found(&in_zip), ["a.yaml!/<base64>!/etc/aws:2:21"]);
}

#[test]
fn each_of_several_is_opened() {
    let text: String =
        (0..5).map(|seed| format!("item{seed}: {}\n", base64(&gzip(&key_file(seed))))).collect();
    assert_eq!(found(text.as_bytes()), ["<base64>!/<unpacked>:2:21"; 5]);
}

#[test]
fn what_only_looks_compressed_is_not_opened() {
    let encoded = base64(&gzip(&key_file(1)));
    for text in
        [format!("x{encoded}"), "H4sI".repeat(100), "H4sI and H4sIAAAA".to_owned(), "H4sI\n".repeat(100)]
    {
        assert_eq!(found(text.as_bytes()), NONE, "{text}");
    }
}

#[test]
fn what_is_cut_is_read_as_far_as_it_goes_and_reported() {
    let encoded = base64(&gzip(&[key_file(1), b"word ".repeat(5000)].concat()));
    let cut = format!("data: {}\n", &encoded[..encoded.len() - 20]);
    let scan = scan(cut.as_bytes());
    assert_eq!(places(&scan), ["<base64>!/<unpacked>:2:21"]);
    assert_eq!(troubles(&scan), ["<base64>: truncated"]);
}

#[test]
fn limits_of_archives_are_those_of_texts() {
    let limited = |text: &str, limits: Limits| {
        let scan = scan_within(&Held(text.as_bytes()), limits);
        (places(&scan), troubles(&scan))
    };
    let mut text = String::from_utf8(key_file(1)).unwrap();
    for _ in 0..10 {
        text = format!("data: {}\n", base64(&gzip(text.as_bytes())));
    }
    let (found, troubles) = limited(&text, Limits::default());
    assert_eq!((found.len(), troubles.len()), (0, 1));
    assert!(troubles[0].ends_with("depth"), "{troubles:?}");
    assert_eq!(limited(&text, Limits { depth: 0, ..Limits::default() }), (vec![], vec![]));
    let bomb = format!("data: {}\n", base64(&gzip(&vec![b'a'; 1 << 20])));
    let (_, troubles) = limited(&bomb, Limits { bytes: 1 << 16, ..Limits::default() });
    assert_eq!(troubles, [": archive-bytes"]);
}
