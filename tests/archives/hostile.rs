//! Archives that were made to do harm, or are broken: each is told, and what can be read of it is.

use std::io::{self, Read};

use akid::source::Limits;

use crate::archives::build::{Entry, gzip, tar, tar_entry, tar_header, xz, zip, zstd};
use crate::archives::{Held, Streamed, found, key_file, places, scan, scan_within, troubles};

const MIB: usize = 1 << 20;

fn within(bytes: &[u8], limits: Limits) -> (Vec<String>, Vec<String>) {
    let scan = scan_within(&Held(bytes), limits);
    (places(&scan), troubles(&scan))
}

/// So many archives in each other.
fn nested(depth: usize, content: &[u8]) -> Vec<u8> {
    (0..depth).fold(content.to_vec(), |inner, _| zip(&[Entry::deflated(b"n", &inner)]))
}

#[test]
fn archives_deeper_than_the_limit_are_told_and_searched_as_bytes() {
    let deep = |depth| (0..depth).fold(key_file(1), |inner, _| zip(&[Entry::stored(b"n", &inner)]));
    let (found, told) = within(&deep(8), Limits::default());
    assert_eq!((found.len(), told.len()), (1, 0));
    let (found, told) = within(&deep(9), Limits::default());
    assert_eq!(told, [format!("{}: archive-depth", ["n"; 8].join("!/"))]);
    assert_eq!(found.len(), 1, "the innermost is stored, and so seen in the bytes around it");
}

#[test]
fn zips_of_zips_of_zips_end_at_the_limit_of_bytes() {
    // Sixteen in each of sixteen in each of sixteen: 4 GiB of zeros in all.
    let sixteen = |inner: &[u8]| {
        let entry = |nth: u8| Entry::deflated(&[b'a' + nth], inner);
        zip(&(0..16).map(entry).collect::<Vec<_>>())
    };
    let bomb = sixteen(&sixteen(&sixteen(&vec![0; MIB])));
    assert!(bomb.len() < MIB);
    let limits = Limits { bytes: 20 * MIB as u64, ..Limits::default() };
    assert_eq!(within(&bomb, limits), (vec![], vec![": archive-bytes".to_owned()]));
}

#[test]
fn what_grows_beyond_measure_ends_at_the_ratio() {
    let bomb = zstd(&zstd(&vec![0; 300 * MIB]));
    assert!(bomb.len() < 10_000);
    assert_eq!(within(&bomb, Limits::default()).1, [": archive-ratio"]);
    // Small ones may grow as they like.
    assert!(within(&zstd(&zstd(&vec![0; 100 * MIB])), Limits::default()).1.is_empty());
}

#[test]
fn members_are_counted() {
    let empty: Vec<Entry> = (0..100_u8).map(|nth| Entry::stored(&[b'a', nth], b"")).collect();
    let limits = Limits { members: 50, ..Limits::default() };
    assert_eq!(within(&zip(&empty), limits).1, [": archive-members"]);
    assert!(within(&zip(&empty[..50]), limits).1.is_empty());
}

#[test]
fn a_gzip_without_end_ends_at_the_limit() {
    let piece = gzip(&vec![0; MIB]);
    let limits = Limits { bytes: 50 * MIB as u64, ..Limits::default() };
    let endless = || Endless { piece: piece.clone(), at: 0 };
    let scan = scan_within(&Streamed(endless), limits);
    assert_eq!(troubles(&scan), [": archive-bytes"]);
}

/// The same again and again.
struct Endless {
    piece: Vec<u8>,
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = (&self.piece[self.at..]).read(out)?;
        self.at = (self.at + read) % self.piece.len();
        Ok(read)
    }
}

#[test]
fn limits_do_not_bite_on_what_is_no_archive() {
    let limits = Limits { depth: 0, ratio: 0, bytes: 0, members: 0, work: 0 };
    assert_eq!(within(&key_file(1), limits).0.len(), 1);
    assert_eq!(within(&gzip(&key_file(1)), limits), (vec![], vec![]));
}

/// Each file of a bomb of Fifield's kind shares one kernel with all others.
#[test]
fn overlapping_members_are_read_once_and_told() {
    let kernel = vec![b'x'; MIB];
    let kernel = Entry::deflated(b"z", &kernel);
    let mut listed = vec![kernel.clone()];
    listed.extend((0..100_u8).map(|nth| Entry { name: vec![nth], crc: u32::from(nth), ..kernel.clone() }));
    let bytes = crate::archives::build::zip_of(&[kernel], &listed, b"");
    let scan = scan(&bytes);
    assert_eq!(troubles(&scan), [": hidden-members"]);
    assert!(scan.bytes < 2 * MIB as u64);
}

#[test]
fn a_header_that_lies_is_told_and_the_content_read() {
    let entry = Entry::deflated(b"a", &key_file(1));
    let next = Entry::stored(b"b", &key_file(2));
    let lies = [
        (Entry { size: 1, ..entry.clone() }, "a: wrong-size"),
        (Entry { size: u32::MAX - 1, ..entry.clone() }, "a: wrong-size"),
        (Entry { packed_size: entry.packed_size - 3, ..entry.clone() }, "a: wrong-size"),
        (Entry { packed_size: 1 << 30, ..entry.clone() }, "a: wrong-size"),
        (Entry { crc: 1, ..entry.clone() }, "a: wrong-checksum"),
    ];
    for (lie, told) in lies {
        let bytes = zip(&[lie, next.clone()]);
        assert_eq!(found(&bytes), ["a:2:21", "b:2:21"], "{told}");
        assert!(troubles(&scan(&bytes)).contains(&told.to_owned()), "{told}: {:?}", troubles(&scan(&bytes)));
    }
}

#[test]
fn a_tar_that_lies_about_a_size_is_told() {
    let file = key_file(1);
    let bytes = [tar_header(b"a", 1 << 32, b'0').to_vec(), file].concat();
    assert_eq!(found(&bytes), ["a:2:21"]);
    assert_eq!(troubles(&scan(&bytes)), ["a: truncated"]);
}

#[test]
fn what_is_cut_short_is_read_as_far_as_it_goes() {
    let (filler, file) = (vec![b'x'; MIB], key_file(1));
    let content = [&file[..], &filler].concat();
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() * 3 / 4].to_vec();
    let stored = |name: &[u8]| Entry::stored(name, &content);
    let cases = [
        (cut(zip(&[stored(b"a")])), "a:2:21", "a: truncated"),
        (cut(zip(&[Entry::deflated(b"a", &content)])), "a:2:21", "a: truncated"),
        (cut(tar(&[(b"a", &content)])), "a:2:21", "a: truncated"),
        (cut(gzip(&content)), "<unpacked>:2:21", ": truncated"),
    ];
    for (bytes, way, told) in cases {
        assert_eq!(found(&bytes), [way]);
        assert!(troubles(&scan(&bytes)).contains(&told.to_owned()), "{:?}", troubles(&scan(&bytes)));
    }
    for pack in [crate::archives::build::bzip2, xz, zstd, crate::archives::build::lz4] {
        assert!(!troubles(&scan(&cut(pack(&content)))).is_empty());
    }
}

#[test]
fn damage_is_told_and_what_comes_behind_it_is_read() {
    let mut entry = Entry::deflated(b"a", b"a text");
    // No block is of this sort.
    entry.packed[0] = 0xff;
    let bytes = zip(&[entry, Entry::stored(b"b", &key_file(1))]);
    assert_eq!(found(&bytes), ["b:2:21"]);
    assert!(troubles(&scan(&bytes)).contains(&"a: damaged-data".to_owned()));
}

#[test]
fn what_is_encrypted_is_told_member_by_member() {
    let secret = Entry { flags: 1, ..Entry::stored(b"a", b"no telling what this is") };
    let strong = Entry { method: 99, ..Entry::stored(b"b", b"no telling what this is") };
    let strange = Entry { method: 98, ..Entry::stored(b"c", b"no telling what this is") };
    let bytes = zip(&[secret, strong, strange, Entry::stored(b"d", &key_file(1))]);
    assert_eq!(troubles(&scan(&bytes)), ["a: encrypted", "b: encrypted", "c: unknown-method"]);
    assert_eq!(found(&bytes), ["d:2:21"]);
}

#[test]
fn troubles_of_one_archive_are_told_up_to_a_number() {
    let secret = |nth: u8| Entry { flags: 1, ..Entry::stored(&[b'a', nth], b"no telling what this is") };
    let told = troubles(&scan(&zip(&(0..150).map(secret).collect::<Vec<_>>())));
    assert_eq!(told.len(), 101);
    assert_eq!(told.iter().filter(|told| *told == ": more").count(), 1);
}

#[test]
fn names_that_lead_elsewhere_are_names_only() {
    let file = key_file(1);
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("written");
    let absolute = target.to_string_lossy().into_owned();
    let up = b"../../../../../../../../../../tmp/akid-test-written";
    let entries = [Entry::stored(absolute.as_bytes(), &file), Entry::stored(up, &file)];
    let members: [(&[u8], &[u8]); 2] = [(absolute.as_bytes(), &file), (up, &file)];
    for bytes in [
        zip(&entries),
        tar(&members),
        crate::archives::build::cpio(&members),
        crate::archives::build::ar(&members),
    ] {
        assert_eq!(found(&bytes).len(), 2);
        assert!(found(&bytes).iter().all(|way| !way.starts_with('/')));
        assert!(!target.exists() && !std::path::Path::new("/tmp/akid-test-written").exists());
    }
}

#[test]
fn links_are_not_followed() {
    let mut header = tar_header(b"link", 0, b'2');
    header[157..168].copy_from_slice(b"/etc/passwd");
    let link = crate::archives::build::sealed(header).to_vec();
    let bytes = [link, tar_entry(b"link", &key_file(1), b'0'), vec![0; 1024]].concat();
    assert_eq!(found(&bytes), ["link:2:21"]);
    assert_eq!(scan(&bytes).members, 1);
}

#[test]
fn an_archive_in_itself_ends() {
    // As deep as can be, and wide, too.
    let (_, told) = within(&nested(40, b"x"), Limits::default());
    assert_eq!(told.len(), 1);
}

#[test]
fn a_dictionary_that_takes_too_much_memory_is_told() {
    // The properties of LZMA in a zip ask for 4 GiB.
    let mut lzma = vec![9, 20, 5, 0, 0x5d, 0xff, 0xff, 0xff, 0xff];
    lzma.extend_from_slice(&[0; 64]);
    let size = u32::try_from(lzma.len()).unwrap();
    let entry = Entry { method: 14, packed: lzma, packed_size: size, ..Entry::stored(b"a", b"x") };
    assert!(troubles(&scan(&zip(&[entry]))).contains(&"a: archive-memory".to_owned()));
}

#[test]
fn what_only_begins_like_an_archive_is_searched_all_the_same() {
    let heads: [&[u8]; 18] = [
        b"PK\x03\x04",
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
        b"BZh91AY&SY",
        b"\xfd7zXZ\0",
        b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0",
        b"LZIP\x01",
        b"\x1f\x9d\x90",
        b"\x02\x21\x4c\x18",
        b"\x28\xb5\x2f\xfd",
        b"\x04\x22\x4d\x18",
        b"7z\xbc\xaf'\x1c",
        b"Rar!\x1a\x07\x01\0",
        b"!<arch>\n",
        b"070701",
        b"\xed\xab\xee\xdb",
        b"%PDF-1.4",
        b"# v2 git bundle\n",
        b"# v3 git bundle\n",
    ];
    for head in heads {
        for gap in [0, 600, 3 * MIB] {
            let bytes = [head, &vec![0; gap], b"\n", &key_file(1)].concat();
            let (places, _) = within(&bytes, Limits::default());
            assert_eq!(places.len(), 1, "{:?} {gap} {places:?}", String::from_utf8_lossy(head));
        }
    }
}
