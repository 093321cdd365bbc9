//! The many ways to write a zip, and that nothing hides in one.

use akid::aws::fake;
use akid::source::Limits;
use proptest::prelude::*;

use crate::archives::build::{Entry, gzip, zip, zip_end, zip_of};
use crate::archives::{NONE, Streamed, found, key_file, scan, scan_within, troubles};

#[test]
fn every_method_is_unpacked() {
    let file = key_file(1);
    let entries = [
        Entry::stored(b"a", &file),
        Entry::deflated(b"b", &file),
        Entry::packed(b"c", &file, 12),
        Entry::packed(b"d", &file, 93),
        Entry::packed(b"e", &file, 95),
    ];
    assert_eq!(found(&zip(&entries)), ["a:2:21", "b:2:21", "c:2:21", "d:2:21", "e:2:21"]);
    assert_eq!(troubles(&scan(&zip(&entries))), NONE);
}

#[test]
fn sizes_may_come_behind_the_content() {
    let file = key_file(1);
    for with_signature in [true, false] {
        let entry = Entry::deflated(b"a", &file).described(with_signature);
        let bytes = zip(&[entry, Entry::stored(b"b", &key_file(2))]);
        assert_eq!(found(&bytes), ["a:2:21", "b:2:21"]);
        assert_eq!(troubles(&scan(&bytes)), NONE);
    }
    // Nothing but what comes behind it says how long it is.
    let inner = zip(&[Entry::stored(b"x", &file).described(true)]);
    let bytes = zip(&[Entry::stored(b"a", &inner).described(true), Entry::stored(b"b", &file)]);
    assert_eq!(found(&bytes), ["a!/x:2:21", "b:2:21"]);
    assert_eq!(troubles(&scan(&bytes)), NONE);
}

#[test]
fn members_that_the_table_does_not_list_are_read() {
    let (listed, unlisted) = (Entry::stored(b"a", b"nothing"), Entry::stored(b"b", &key_file(1)));
    assert_eq!(found(&zip_of(&[listed.clone(), unlisted], &[listed], b"")), ["b:2:21"]);
}

#[test]
fn members_that_only_the_table_lists_are_told() {
    let (met, hidden) = (Entry::stored(b"a", b"nothing"), Entry::deflated(b"b", &key_file(1)));
    let bytes = zip_of(std::slice::from_ref(&met), &[met.clone(), hidden.clone(), hidden], b"");
    assert_eq!(troubles(&scan(&bytes)), [": hidden-members"]);
}

#[test]
fn a_zip_behind_something_else_is_read_and_so_is_what_is_before_it() {
    let archive = zip(&[Entry::deflated(b"a", &key_file(1))]);
    for front in [&b"#!/bin/sh\nexec unzip $0\n"[..], b"MZ\x90\0 a program PK and PK\x03\x04 in it"] {
        assert_eq!(found(&[front, &key_file(2), &archive].concat()).len(), 2);
    }
    // A picture: only its end tells, which a stream does not show before it comes.
    let picture = scan(&[b"\x89PNG\r\n\x1a\n\0\0", &archive[..]].concat());
    assert_eq!(crate::archives::places(&picture), ["a:2:21"]);
    assert_eq!((picture.inputs, picture.skipped.len()), (1, 0));
    let commented = zip_of(&[Entry::deflated(b"a", &key_file(1))], &[], b"a comment");
    assert_eq!(crate::archives::places(&scan(&[b"\x89PNG\0", &commented[..]].concat())), ["a:2:21"]);
}

/// Records without an archive: of a member that is encrypted or damaged, of tables, of ends.
fn stray_records() -> Vec<Vec<u8>> {
    let mut encrypted = Entry::stored(b"name", b"content");
    encrypted.flags = 1;
    let mut broken = Entry::deflated(b"name", b"content");
    broken.packed = vec![0xff; 20];
    let mut unknown = Entry::stored(b"name", b"");
    (unknown.method, unknown.packed_size) = (1, 77);
    let mut control = Entry::stored(b"na\x01me", b"content");
    control.packed = Vec::new();
    let mut huge = Entry::stored(b"name", b"content");
    huge.packed_size = 0x7fff_ffff;
    let mut records: Vec<_> = [&encrypted, &broken, &unknown, &control, &huge].map(Entry::local).to_vec();
    records.push(broken.described(true).local());
    records.push(encrypted.central(0));
    records.push(zip_end(0, 0, 0, b""));
    records.push(zip_end(3, 100, 0, b""));
    records.push([encrypted.central(0), zip_end(3, 50, 0, b"")].concat());
    records
}

#[test]
fn records_without_an_archive_are_plain_bytes() {
    let key = fake::pair(1);
    let file = key_file(1);
    // Between the lines of a pair.
    let (id, secret) = file.split_at(file.len() - 66);
    assert!(secret.starts_with(b"\naws_secret") || secret.starts_with(b"aws_secret"));
    for record in stray_records() {
        let bytes = [b"MZ\x90\0\n", id, b"\n\0", &record, b"\0\n", secret, b"\n", &record].concat();
        let places = found(&bytes);
        assert_eq!((places.len(), troubles(&scan(&bytes))), (1, Vec::new()), "{record:?}");
        assert!(places[0].starts_with(':'), "{places:?}");
        assert_eq!(scan(&bytes).findings[0].credential.id(), Some(key.id()));
    }
    let all = [b"MZ\x90\0".to_vec(), stray_records().join(&b"\0 text \0"[..]).repeat(50)].concat();
    assert_eq!(troubles(&scan(&all)), NONE);
    // A real archive between them is opened.
    let archive = zip(&[Entry::deflated(b"a", &key_file(2))]);
    let bytes = [&all[..], &archive, &all].concat();
    assert_eq!((found(&bytes), troubles(&scan(&bytes))), (vec!["a:2:21".to_owned()], Vec::new()));
}

#[test]
fn what_is_encrypted_or_damaged_in_an_archive_behind_something_else_is_named() {
    let encrypted = |content: &[u8]| {
        let mut entry = Entry::stored(b"locked", content);
        entry.flags = 1;
        entry
    };
    let plain = Entry::deflated(b"a", &key_file(1));
    let filler: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    for front in [&b"MZ\x90\0"[..], &[b"MZ\x90\0".to_vec(), filler.clone()].concat()] {
        let small = [front, &zip(&[encrypted(b"content"), plain.clone()])].concat();
        assert_eq!((found(&small).len(), troubles(&scan(&small))), (1, vec!["locked: encrypted".to_owned()]));
        let only = [front, &zip(&[encrypted(b"content")])].concat();
        assert_eq!(troubles(&scan(&only)), ["locked: encrypted"]);
        // Without a table, two that follow each other are enough, and one is chance.
        let member = encrypted(b"content").local();
        let two = [front, &member, &member].concat();
        assert_eq!(troubles(&scan(&two)), ["locked: encrypted", "locked: encrypted"]);
        assert_eq!(troubles(&scan(&[front, &member].concat())), NONE);
        // Too large to see what comes behind it: the table tells.
        let large = [front, &zip(&[encrypted(&filler)])].concat();
        assert_eq!(troubles(&scan(&large)), [": hidden-members"]);
        let mut wrong = plain.clone();
        wrong.crc ^= 1;
        let wrong = [front, &zip(&[wrong])].concat();
        assert_eq!(troubles(&scan(&wrong)), ["a: wrong-checksum"]);
    }
}

#[test]
fn a_large_member_behind_something_else_is_read() {
    let mut content: Vec<u8> = fake::Random::new(1).bytes(400_000);
    content.extend(key_file(1));
    for entry in [
        Entry::stored(b"a", &content),
        Entry::deflated(b"a", &content),
        Entry::deflated(b"a", &content).described(true),
        Entry::packed(b"a", &content, 12),
        Entry::packed(b"a", &content, 93),
    ] {
        let bytes = [b"MZ\x90\0", &zip(&[entry])[..]].concat();
        let scan = scan(&bytes);
        assert_eq!((scan.findings.len(), troubles(&scan)), (1, Vec::new()));
        assert_eq!(found(&bytes).len(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn stray_records_change_nothing_about_what_is_found(
        shifts in prop::collection::vec(0_usize..100, 8),
        which in prop::collection::vec(0_usize..10, 0..=8),
    ) {
        let (records, mut bytes) = (stray_records(), vec![b'\n'; 2000]);
        bytes.splice(..8, *b"MZ\x90\0\n\n\n\n");
        // A record where the content of another ends is no stray one: each keeps to its own 240 bytes.
        for (slot, (shift, which)) in shifts.iter().zip(which).enumerate().rev() {
            let at = 8 + slot * 240 + shift;
            bytes.splice(at..at, records[which].iter().copied());
        }
        bytes.extend([&b"\n"[..], &key_file(3)].concat());
        prop_assert_eq!(found(&bytes).len(), 1);
        prop_assert_eq!(troubles(&scan(&bytes)), NONE);
    }
}

#[test]
fn an_archive_behind_an_archive_is_read() {
    let (first, second) =
        (zip(&[Entry::stored(b"a", &key_file(1))]), zip(&[Entry::stored(b"b", &key_file(2))]));
    assert_eq!(found(&[&first[..], &second].concat()), ["a:2:21", "b:2:21"]);
    assert_eq!(found(&[&gzip(b"x")[..], &second].concat()), ["<rest>!/b:2:21"]);
    assert_eq!(found(&[&gzip(b"x")[..], &key_file(1)].concat()), ["<rest>:2:21"]);
}

#[test]
fn an_empty_zip_is_no_trouble() {
    assert_eq!(troubles(&scan(&zip_end(0, 0, 0, b""))), NONE);
    assert_eq!(troubles(&scan(&zip(&[]))), NONE);
}

#[test]
fn no_length_that_lies_hides_a_member() {
    let (first, second) =
        (zip(&[Entry::stored(b"a", b"nothing")]), zip(&[Entry::deflated(b"b", &key_file(1))]));
    let hidden = u16::try_from(second.len()).unwrap().to_le_bytes();
    let mut covering = first.clone();
    let at = covering.len() - 2;
    covering[at..].copy_from_slice(&hidden);
    assert_eq!(found(&[&covering, &second[..]].concat()), ["b:2:21"]);
    // An end that was cut, as an archive has it that was put together by hand.
    let cut = &first[..first.len() - 14];
    let both = [cut, &second[..]].concat();
    assert_eq!(found(&both), ["b:2:21"]);
    assert_eq!(troubles(&scan(&both)), NONE);
}

#[test]
fn a_table_that_was_left_behind_is_no_trouble() {
    let (kept, gone) = (Entry::stored(b"a", b"nothing"), Entry::stored(b"b", b"overwritten"));
    let new = Entry::deflated(b"b", &key_file(1));
    // The old table lists what is there no more; the new one counts.
    let old = zip_of(std::slice::from_ref(&kept), &[kept.clone(), gone], b"");
    let bytes = [&old, &zip_of(std::slice::from_ref(&new), &[kept, new.clone()], b"")[..]].concat();
    assert_eq!(found(&bytes), ["b:2:21"]);
    assert_eq!(troubles(&scan(&bytes)), NONE);
}

#[test]
fn names_cost_no_memory() {
    let name = |n: usize| format!("{n:04090}").into_bytes();
    let names: Vec<Vec<u8>> = (0..20_000).map(name).collect();
    let entries: Vec<Entry> = names.iter().map(|name| Entry::stored(name, b"")).collect();
    let bytes = gzip(&zip(&entries));
    let before = peak();
    assert_eq!(troubles(&scan_within(&Streamed(|| &bytes[..]), Limits::default())), NONE);
    assert!(peak() - before < 40 << 10, "{} kB", peak() - before);
}

/// The most memory that this process had at a time, in kB; 0 where nobody says.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
