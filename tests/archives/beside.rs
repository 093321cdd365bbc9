//! What an archive holds beside the contents of its members: names of any length, comments, fields, fillings, what lies
//! between two members and behind the end.

use akid::aws::fake;

use crate::archives::build::{
    Entry, ar, cpio, gzip, lz4, rpm, sealed, seven, seven_with, tar, tar_entry, tar_header, zip, zip_of, zstd,
};
use crate::archives::{NONE, found, key_file, scan, troubles};

/// A key ID and its secret in a few bytes, so that it fits small fields, and without a slash, which would part a name.
fn short(seed: u64) -> Vec<u8> {
    let mut pairs = (seed..).map(fake::pair);
    let key = pairs.find(|key| !key.secret_text().contains('/')).unwrap();
    format!("{}:{}", key.id_text(), key.secret_text()).into_bytes()
}

/// Where each finding is, without line and column, in order; nothing may be skipped.
#[track_caller]
fn paths(bytes: &[u8]) -> Vec<String> {
    assert_eq!(troubles(&scan(bytes)), NONE);
    let path = |place: String| {
        let mut parts = place.rsplitn(3, ':');
        parts.nth(2).unwrap().to_owned()
    };
    found(bytes).into_iter().map(path).collect()
}

#[track_caller]
fn assert_in_rest(bytes: &[u8], name: &str) {
    assert_eq!(paths(bytes), ["<rest>"], "{name}");
}

/// A gzip whose header has these fields.
fn gzip_with(extra: &[u8], name: &[u8], comment: &[u8], content: &[u8]) -> Vec<u8> {
    let plain = gzip(content);
    let mut bytes = plain[..10].to_vec();
    bytes[3] = 2 | 4 | 8 | 16;
    bytes.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
    bytes.extend([extra, name, b"\0", comment, b"\0"].concat());
    let sum = crc32fast::hash(&bytes);
    bytes.extend(&sum.to_le_bytes()[..2]);
    [&bytes, &plain[10..]].concat()
}

#[test]
fn the_header_of_a_gzip_is_searched() {
    let file = key_file(9);
    assert_eq!(paths(&gzip_with(b"", b"plain.txt", b"", &file)), ["<unpacked>"]);
    assert_in_rest(&gzip_with(&short(1), b"", b"", b"x"), "extra");
    assert_in_rest(&gzip_with(b"", b"", &short(1), b"x"), "comment");
    let id = fake::pair(1).id_text().to_owned();
    assert_eq!(paths(&gzip_with(b"", id.as_bytes(), b"", b"x")), [id.as_str()]);
    // Each stream has a header of its own, and no length of a field hides anything.
    let filler = vec![b'.'; 100_000];
    for (name, comment) in
        [([&filler, &short(1)[..]].concat(), vec![]), (vec![], [&filler[..], b"\n", &short(1)].concat())]
    {
        let second = gzip_with(b"", &name, &comment, &file);
        let bytes = [&gzip(b"first\n")[..], &second].concat();
        assert_eq!(paths(&bytes), ["<rest>", "<unpacked>"]);
    }
    let cut = gzip_with(b"", b"name", b"comment", b"x");
    for end in [9, 12, 15, 20] {
        assert_eq!(troubles(&scan(&cut[..end])), [": truncated"], "{end}");
    }
}

/// A frame that decoders skip.
fn skippable(content: &[u8]) -> Vec<u8> {
    [b"\x53\x2a\x4d\x18", &u32::try_from(content.len()).unwrap().to_le_bytes()[..], content].concat()
}

#[test]
fn frames_that_decoders_skip_are_searched() {
    let (frame, file) = (skippable(&short(1)), key_file(9));
    for pack in [zstd, lz4] {
        let packed = pack(&file);
        for bytes in [
            [&frame[..], &packed].concat(),
            [&packed[..], &frame].concat(),
            [&packed[..], &frame, &pack(b"more")].concat(),
            [&skippable(b""), &frame[..], &packed].concat(),
        ] {
            assert_eq!(paths(&bytes), ["<rest>", "<unpacked>"]);
        }
        assert_in_rest(&frame, "alone");
        assert_in_rest(&[&pack(b"x")[..], &frame[..frame.len() - 2]].concat(), "cut behind a secret");
    }
}

#[test]
fn frames_that_need_a_dictionary_are_named() {
    let text: Vec<u8> = (0..2000_u32).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    let mut encoder = zstd::stream::Encoder::with_dictionary(Vec::new(), 3, &text).unwrap();
    std::io::Write::write_all(&mut encoder, &text[2000..9000]).unwrap();
    let bytes = encoder.finish().unwrap();
    assert_eq!(troubles(&scan(&bytes)), [": damaged-data"]);
    // What comes behind it is searched all the same.
    let longer = [&bytes[..], b"\n", &key_file(1)].concat();
    assert_eq!(troubles(&scan(&longer)), [": damaged-data"]);
    assert_eq!(found(&longer).len(), 1);
}

#[test]
fn a_name_is_searched_however_long_it_is() {
    let name = [vec![b'd'; 5000], b"/".to_vec(), fake::pair(1).id_text().into(), b".txt".to_vec()].concat();
    let label = String::from_utf8(name[..4096].to_vec()).unwrap();
    let pax = {
        let record = |len: usize| [format!("{len} path=").as_bytes(), &name, b"\n"].concat();
        let len = record(0).len() + 3;
        tar_entry(b"pax", &record(len), b'x')
    };
    let tape = [pax, tar_entry(b"short", b"x", b'0'), vec![0; 1024]].concat();
    for (bytes, format) in [
        (tar(&[(&name, b"x")]), "tar"),
        (tape, "pax"),
        (zip(&[Entry::deflated(&name, b"x")]), "zip"),
        (cpio(&[(&name, b"x")]), "cpio"),
        (seven(&[(b"a", b"x"), (&name, b"y"), (b"empty", b"")]), "7z"),
    ] {
        assert_eq!(paths(&bytes), [label.as_str()], "{format}");
    }
    // The table of long names belongs to no member.
    assert_in_rest(&ar(&[(&name, b"x")]), "ar");
}

#[test]
fn all_of_a_tar_is_searched() {
    let end = vec![0; 1024];
    let header = |at: usize, text: &[u8]| {
        let mut header = tar_header(b"file", 1, b'0');
        header[at..at + text.len()].copy_from_slice(text);
        [&sealed(header)[..], b"x", &[0; 511], &end].concat()
    };
    for (at, field) in [(6, "behind the name"), (157, "link"), (345, "prefix"), (412, "behind the prefix")] {
        let bytes = header(at, &short(1));
        match field {
            "prefix" => assert_eq!(paths(&bytes), [String::from_utf8(short(1)).unwrap()]),
            _ => assert_in_rest(&bytes, field),
        }
    }
    let mut padded = tar(&[(b"a", b"x")]);
    padded[512 + 100..][..61].copy_from_slice(&short(1));
    assert_in_rest(&padded, "padding");
    let xattr = |value: &[u8]| {
        let record =
            |len: usize| [format!("{len} SCHILY.xattr.user.note=").as_bytes(), value, b"\n"].concat();
        record(record(0).len() + 2)
    };
    let comment = |value: &[u8]| [format!("{} comment=", value.len() + 13).as_bytes(), value, b"\n"].concat();
    let twice = [&b"74 path="[..], &[b"x/", &short(1)[..]].concat(), b"  \n", b"11 path=bb\n"].concat();
    for (records, kind, field) in [
        (xattr(&short(1)), b'x', "attribute"),
        (comment(&short(1)), b'x', "comment"),
        (comment(&short(1)), b'g', "global comment"),
        (twice, b'x', "a name that is replaced"),
        ([b"11 path=bb\n", &short(1)[..]].concat(), b'x', "no record"),
    ] {
        let bytes = [tar_entry(b"pax", &records, kind), tar(&[(b"a", b"x")])].concat();
        assert_in_rest(&bytes, field);
    }
    for (name, kind, field) in [
        ([b"n\0", &short(1)[..]].concat(), b'L', "behind a long name"),
        ([b"n\0", &short(1)[..]].concat(), b'K', "behind a long link"),
    ] {
        let bytes = [tar_entry(b"././@LongLink", &name, kind), tar(&[(b"a", b"x")])].concat();
        assert_in_rest(&bytes, field);
    }
    let mut sparse = tar_header(b"sparse", 1, b'S');
    sparse[482] = 1;
    let mut map = [0; 512];
    map[100..161].copy_from_slice(&short(1));
    let bytes = [&sealed(sparse)[..], &map, b"x", &[0; 511], &end].concat();
    assert_in_rest(&bytes, "map of a sparse file");
    let bytes = [&tar(&[(b"a", b"x")])[..], &short(1), &[0; 700]].concat();
    assert_in_rest(&bytes, "behind the end");
}

#[test]
fn all_of_a_zip_is_searched() {
    let plain = Entry::deflated(b"a", b"x");
    let one = std::slice::from_ref(&plain);
    assert_in_rest(&zip_of(one, one, &short(1)), "comment");
    let extra = Entry { extra: [b"\xfe\xca\x3d\0", &short(1)[..]].concat(), ..plain.clone() };
    assert_in_rest(&zip(&[extra]), "extra field");
    let mut table = plain.central(0);
    let len = u16::try_from(short(1).len()).unwrap().to_le_bytes();
    table[32..34].copy_from_slice(&len);
    table.extend(short(1));
    let members = plain.local();
    let end = crate::archives::build::zip_end(1, table.len(), members.len(), b"");
    assert_in_rest(&[&members[..], &table, &end].concat(), "comment of a member");
    assert_in_rest(&[&members[..], &short(1), &members, &plain.central(0), &end].concat(), "between members");
    assert_in_rest(&[&zip(one)[..], &short(1)].concat(), "behind the end");
    let renamed = Entry { name: short(1), ..plain.clone() };
    assert_in_rest(&zip_of(&[plain], &[renamed], b""), "another name in the table");
}

#[test]
fn no_unusual_header_hides_a_member() {
    let member = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut local = Entry::deflated(b"a", &key_file(1)).local();
        change(&mut local);
        [local, zip(&[Entry::deflated(b"b", b"x")])].concat()
    };
    assert_eq!(paths(&member(&|local| local[4] = 200)), ["a"], "version");
    assert_eq!(paths(&member(&|local| local[7] |= 0xc0)), ["a"], "flags");
    let nameless = [Entry::deflated(b"", &key_file(1)).local(), zip(&[Entry::deflated(b"b", b"x")])].concat();
    assert_eq!(paths(&nameless), ["<no name>"]);
    assert_eq!(troubles(&scan(&member(&|local| local[8] = 50))), ["a: unknown-method"]);
}

#[test]
fn all_of_a_7z_is_searched() {
    let members: [(&[u8], &[u8]); 3] = [(b"a", b"x"), (b"b", b"y"), (b"empty", b"")];
    for (property, at) in [(22, None), (25, None), (99, None)] {
        let bytes = seven_with(&members, &[(property, &short(1))], at.unwrap_or_default());
        assert_in_rest(&bytes, "a property");
    }
    assert_in_rest(&seven_with(&members, &[], &short(1)), "behind the streams");
    assert_in_rest(&[&seven(&members)[..], &short(1)].concat(), "behind the header");
}

#[test]
fn all_of_other_archives_is_searched() {
    let mut library = ar(&[(b"a", b"x")]);
    // BSD has names before contents, filled up with zeros.
    let name = [b"n\0", &short(1)[..]].concat();
    let size = name.len() + 1;
    library.extend(format!("{:<16}{:<32}{size:<10}`\n", format!("#1/{}", name.len()), "0").into_bytes());
    library.extend([&name[..], b"x"].concat());
    assert_in_rest(&library, "behind a name of BSD");
    let owner = format!("{:<16}{:<32}{:<10}`\nx\n", "b/", fake::pair(1).id_text(), 1);
    assert_in_rest(&[&ar(&[(b"a", b"x")])[..], owner.as_bytes()].concat(), "owner in an ar");
    assert_in_rest(&[&cpio(&[(b"a", b"x")])[..], &short(1)].concat(), "behind the trailer");

    let package = rpm(b"scripts", &gzip(&cpio(&[(b"a", b"x")])));
    let mut lead = package.clone();
    lead[10..71].copy_from_slice(&short(1));
    assert_in_rest(&lead, "lead of an RPM");
    for pack in [gzip as fn(&[u8]) -> Vec<u8>, zstd, lz4] {
        assert_in_rest(&[&pack(b"x")[..], b"\0\0\0", &short(1)].concat(), "behind a stream");
    }
}
