//! Each format, and what is found in it.

use akid::aws::fake;

use crate::archives::build::{
    Entry, ar, bzip2, cpio, gzip, lz4, lzma, old_cpio, rpm, seven, tar, tar_entry, xz, zip, zstd,
};
use crate::archives::{NONE, found, key_file, scan, troubles};

#[test]
fn what_is_compressed_is_found_unpacked() {
    let file = key_file(1);
    for pack in [gzip, bzip2, xz, lzma, zstd, lz4] {
        assert_eq!(found(&pack(&file)), ["<unpacked>:2:21"]);
    }
}

#[test]
fn streams_one_after_the_other_are_one() {
    let file = key_file(1);
    let (first, second) = file.split_at(file.len() / 2);
    for pack in [gzip, bzip2, xz, zstd, lz4] {
        assert_eq!(found(&[pack(first), pack(second)].concat()), ["<unpacked>:2:21"]);
        // Zeros between them, as on a tape.
        assert_eq!(
            found(&[pack(first), vec![0; 512], pack(second), vec![0; 512]].concat()),
            ["<unpacked>:2:21"]
        );
    }
}

#[test]
fn members_are_named_by_their_way() {
    let file = key_file(1);
    let inner = gzip(&tar(&[(b"./app/.env", &file), (b"app/readme", b"nothing")]));
    let outer = zip(&[Entry::deflated(b"dir/inner.tar.gz", &inner), Entry::stored(b"x", b"")]);
    assert_eq!(found(&outer), ["dir/inner.tar.gz!/app/.env:2:21"]);
    assert_eq!(found(&xz(&outer)), ["dir/inner.tar.gz!/app/.env:2:21"]);
    let scan = scan(&outer);
    assert_eq!((scan.inputs, scan.members), (1, 3));
    assert!(scan.skipped.is_empty());
}

#[test]
fn packages_are_read_with_their_scripts() {
    let file = key_file(1);
    let members: [(&[u8], &[u8]); 2] = [(b"usr/lib/a/very/long/name/in/a/library", &file), (b"b", b"odd")];
    let way = "usr/lib/a/very/long/name/in/a/library:2:21";
    assert_eq!(found(&ar(&members)), [way]);
    assert_eq!(found(&cpio(&members)), [way]);
    for pack in [gzip, xz, lzma, zstd] {
        assert_eq!(found(&rpm(&key_file(2), &pack(&cpio(&members)))), ["<rest>:2:21", way]);
    }
    let deb = ar(&[(b"debian-binary", b"2.0\n"), (b"data.tar.zst", &zstd(&tar(&[(b"./etc/x", &file)])))]);
    assert_eq!(found(&deb), ["data.tar.zst!/etc/x:2:21"]);
}

#[test]
fn tars_may_have_long_names_extended_headers_and_more_behind_their_end() {
    let file = key_file(1);
    let long = [b"a/".repeat(80), b"key".to_vec()].concat();
    let name = format!("{}:2:21", String::from_utf8_lossy(&long));
    assert_eq!(found(&tar(&[(&long, &file)])), [name.as_str()]);

    let record = |text: &str| format!("{} {text}\n", text.len() + 4);
    let extended = [
        tar_entry(b"x", record("path=from/the/record").as_bytes(), b'x'),
        tar_entry(b"short", &file, b'0'),
        vec![0; 1024],
    ];
    assert_eq!(found(&extended.concat()), ["from/the/record:2:21"]);
    assert_eq!(found(&[tar(&[(b"a", b"")]), tar(&[(b"b", &file)])].concat()), ["b:2:21"]);
    assert_eq!(found(&[tar(&[(b"a", b"")]), file.clone()].concat()), ["<rest>:2:21"]);
}

#[test]
fn what_belongs_to_no_member_is_searched() {
    let (comment, extra) = (key_file(1), key_file(2));
    let with_extra = Entry { extra, ..Entry::stored(b"a", b"x") };
    let bytes = crate::archives::build::zip_of(
        std::slice::from_ref(&with_extra),
        std::slice::from_ref(&with_extra),
        &comment,
    );
    assert_eq!(found(&bytes).len(), 2, "the comment and the extra field");
    let pasted = tar_entry(b"target", b"", b'2');
    let mut header: [u8; 512] = pasted[..512].try_into().unwrap();
    let link = fake::pair(3);
    header[157..177].copy_from_slice(link.id_text().as_bytes());
    let linked = [crate::archives::build::sealed(header).to_vec(), vec![0; 1024]].concat();
    assert_eq!(found(&linked), ["<rest>:1:1"]);
}

#[test]
fn names_of_members_and_of_their_folders_are_searched() {
    let key = fake::pair(5);
    let name = format!("backup/{}/x", key.id_text());
    let bytes = zip(&[Entry::stored(name.as_bytes(), b"")]);
    assert_eq!(found(&bytes), [format!("backup/{}:1:1", key.id_text())]);
    assert_eq!(troubles(&scan(&bytes)), Vec::<String>::new());
}

#[test]
fn members_of_one_name_are_one_finding_with_all_their_places() {
    let bytes = tar(&[(b"a", &key_file(1)), (b"a", &[b"\n".to_vec(), key_file(1)].concat())]);
    assert_eq!(found(&bytes), ["a:2:21"]);
    let scan = scan(&bytes);
    assert_eq!((scan.findings[0].occurrences, scan.findings[0].places.len()), (2, 2));
}

#[test]
fn a_line_in_a_member_may_allow_itself() {
    let key = fake::pair(5);
    let line = format!("id = {} # akid:allow\n", key.id_text());
    let scan = scan(&gzip(line.as_bytes()));
    assert!(scan.findings[0].suppression.is_some());
}

#[test]
fn a_member_larger_than_a_piece_is_read_in_pieces() {
    let large = [vec![b'\n'; 3 << 20], key_file(1), vec![b'\n'; 3 << 20]].concat();
    let way = format!("a:{}:21", (3 << 20) + 2);
    assert_eq!(found(&zip(&[Entry::deflated(b"a", &large)])), [way.as_str()]);
    assert_eq!(found(&gzip(&tar(&[(b"a", &large)]))), [way.as_str()]);
}

#[test]
fn a_7z_is_read_file_by_file() {
    let (a, b, c) = (key_file(1), key_file(2), key_file(3));
    let bytes = seven(&[(b"a", &a), (b"dir/b", &b), (b"dir/c", &c), (b"empty", b"")]);
    assert_eq!(found(&bytes), ["a:2:21", "dir/b:2:21", "dir/c:2:21"]);
    assert_eq!(troubles(&scan(&bytes)), Vec::<String>::new());
    // Cut anywhere, or with any byte changed, it does no harm.
    for at in (0..bytes.len()).step_by(29) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x55;
        for bytes in [&changed[..], &bytes[..at]] {
            assert!(!troubles(&scan(bytes)).iter().any(|told| told.contains("Panic")));
        }
    }
}

#[test]
fn the_binary_form_of_cpio_is_opened() {
    let long = vec![b'x'; 70_001];
    let members: [(&[u8], &[u8]); 3] =
        [(b"odd", b"12345"), (b"long", &long), (b"a/.env", &gzip(&key_file(1)))];
    for word in [u16::to_le_bytes, u16::to_be_bytes] {
        let bytes = old_cpio(&members, word);
        assert_eq!(found(&bytes), ["a/.env!/<unpacked>:2:21"]);
        assert_eq!(troubles(&scan(&bytes)), NONE);
    }
    // Two bytes alone make none.
    assert_eq!(troubles(&scan(&[b"\xc7\x71", &[7; 600][..]].concat())), NONE);
}

#[test]
fn a_program_that_unpacks_itself_is_opened_whatever_it_unpacks() {
    let archive = seven(&[(b"x", b"-"), (b"a/.env", &key_file(1)), (b"e", b"")]);
    for size in [100, 3 << 20] {
        let program = [b"MZ\x90\0", &vec![0x7a; size][..], b"7z\xbc\xaf\x27\x1c in its text"].concat();
        let bytes = [&program, &archive[..]].concat();
        assert_eq!(found(&bytes), ["a/.env:2:21"], "{size}");
        assert_eq!(troubles(&scan(&bytes)), NONE);
    }
}

#[test]
fn what_only_begins_like_a_compressed_file_is_plain_bytes() {
    let file = key_file(1);
    let noise = [0xff; 40];
    for start in
        [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], b"\x28\xb5\x2f\xfd\x24\x05", b"\x04\x22\x4d\x18\x64\x40\xa7"]
    {
        let bytes = [start, &noise, b"\n", &file].concat();
        let scan = scan(&bytes);
        assert_eq!((troubles(&scan), scan.inputs, scan.members), (Vec::new(), 1, 0), "{start:x?}");
        assert_eq!(found(&bytes).len(), 1);
        // As a member, too.
        let tape = tar(&[(b"a", &bytes)]);
        assert_eq!((found(&tape).len(), troubles(&crate::archives::scan(&tape))), (1, Vec::new()));
    }
    // What unpacks to something and then no further is damaged, and so is what cannot be anything else.
    let line = |n: u64| format!("{n}: {}\n", fake::Random::new(n).bits());
    let long = (0..40_000).map(line).collect::<String>().into_bytes();
    for packed in [gzip(&long), zstd(&long), lz4(&long), bzip2(&long), xz(&long)] {
        let bytes = &packed[..packed.len() / 2];
        assert_eq!(troubles(&scan(bytes)), [": truncated"], "{:x?}", &bytes[..8]);
    }
    let broken = [&bzip2(&file)[..10], &noise].concat();
    assert_eq!(troubles(&scan(&broken)), [": damaged-data"]);
}
