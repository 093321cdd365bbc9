//! Small archives that would take hours or all memory. Each ends at a counted limit and is reported; what is large and
//! means no harm is read whole.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::time::Duration;

use akid::aws::fake;
use akid::detect::Detector;
use akid::scan::{Policy, Scanner};
use akid::source::Limits;
use akid::stop::Stop;

use crate::archives::build::{Entry, ar, bzip2, cpio, gzip, lz4, tar, tar_header, xz, zip, zstd};
use crate::archives::{Held, RULES, Streamed, key_file, places, scan, scan_within, troubles};

const MIB: usize = 1 << 20;

/// A frame of zstd that holds nothing.
const SKIPPABLE: [u8; 8] = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];

/// A frame of zstd with a window of 128 MiB and one byte, a hundred times.
const WIDE_FRAME: [u8; 10] = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x88, 0x23, 3, 0, b'a'];

fn repeated(piece: &[u8], len: usize) -> Vec<u8> {
    piece.iter().copied().cycle().take(len / piece.len() * piece.len()).collect()
}

/// Key IDs on one line, again and again: what detection takes longest for. They are far enough apart for tests.
fn key_ids(len: usize) -> Vec<u8> {
    let word = "word ".repeat(60);
    let ids: String = (0..50).map(|seed| format!("{} {word}", fake::pair(seed).id_text())).collect();
    repeated(ids.as_bytes(), len)
}

/// Many streams, members or records that each cost more than their bytes, made small by gzip.
fn amplified() -> Vec<(&'static str, Vec<u8>)> {
    let behind_program = |piece: &[u8], len| [b"#!\0", &repeated(piece, len)[..]].concat();
    let record = [&b"x"[..], b"PK\x05\x06", &[0; 18]].concat();
    vec![
        ("empty streams of bzip2", repeated(&bzip2(b""), MIB)),
        ("small streams of bzip2", repeated(&bzip2(b"a"), MIB)),
        ("small streams of xz", repeated(&xz(b"a"), MIB)),
        ("small frames of zstd", repeated(&zstd(b"a"), MIB)),
        ("frames of zstd with wide windows", repeated(&WIDE_FRAME, MIB)),
        ("small frames of lz4", repeated(&lz4(b"a"), MIB)),
        ("skippable frames of zstd", repeated(&SKIPPABLE, 4 * MIB)),
        ("empty members of tar", repeated(&tar_header(b"a", 0, b'0'), 8 * MIB)),
        ("empty members of ar", ar(&vec![(&b"a"[..], &b""[..]); 50_000])),
        ("empty members of cpio", cpio(&vec![(&b"a"[..], &b""[..]); 50_000])),
        ("empty members of zip", repeated(&Entry::stored(b"a", b"").local(), 4 * MIB)),
        ("records of zip, and gaps", behind_program(&record, 4 * MIB)),
        ("key IDs", key_ids(4 * MIB)),
    ]
}

/// Base64 whose lines are so short that each breaks an anchor.
#[cfg(target_os = "linux")]
fn short_lines(len: usize) -> Vec<u8> {
    let encoded = data_encoding::BASE64.encode(&key_ids(16_000));
    let lines: Vec<&[u8]> = encoded.as_bytes().chunks(4).collect();
    repeated(&[&lines.join(&b"\n"[..])[..], b"\n"].concat(), len)
}

#[test]
fn what_is_cheap_to_write_and_dear_to_read_ends_at_its_budget() {
    for (name, bytes) in amplified() {
        let bomb = gzip(&bytes);
        let scan = scan_within(&Held(&bomb), Limits { work: 150, ..Limits::default() });
        assert!(troubles(&scan).contains(&": archive-work".to_owned()), "{name}: {:?}", troubles(&scan));
    }
}

#[test]
fn large_archives_that_mean_no_harm_are_read_whole() {
    let file = key_file(1);
    let line =
        b"2026-01-01 12:00:00 GET /index.html 200 512 some words that are not the same in every line\n";
    let logs = |pack: fn(&[u8]) -> Vec<u8>, count| {
        let pieces = (0..count).map(|nth: u32| pack(&[&nth.to_string().into_bytes()[..], line].concat()));
        [pieces.collect::<Vec<_>>().concat(), pack(&file)].concat()
    };
    let names: Vec<Vec<u8>> = (0..5000).map(|nth| format!("com/example/{nth}.class").into_bytes()).collect();
    let members = || names.iter().map(|name| (name.as_slice(), &name[..4]));
    let last = [(&b"last"[..], &file[..])];
    let zipped = members().map(|(name, content)| Entry::deflated(name, content));
    let archives = [
        logs(gzip, 3000),
        logs(bzip2, 500),
        logs(xz, 1000),
        logs(zstd, 1000),
        logs(lz4, 1000),
        tar(&members().chain(last).collect::<Vec<_>>()),
        gzip(&tar(&members().chain(last).collect::<Vec<_>>())),
        cpio(&members().chain(last).collect::<Vec<_>>()),
        zip(&zipped.chain([Entry::deflated(b"last", &file)]).collect::<Vec<_>>()),
    ];
    for (nth, bytes) in archives.iter().enumerate() {
        let scan = scan(bytes);
        assert_eq!((troubles(&scan).len(), places(&scan).len()), (0, 1), "{nth}: {:?}", troubles(&scan));
    }
}

#[test]
fn what_follows_a_bomb_in_a_tar_is_searched_as_bytes() {
    let bomb = gzip(&repeated(&bzip2(b""), MIB));
    // In a member of standard input, which has limits of its own.
    let inner = tar(&[(b"bomb.gz", &bomb), (b"settings", &key_file(1))]);
    let bytes = tar(&[(b"inner.tar", &inner)]);
    let scan = scan_within(&Held(&bytes), Limits { work: 100, ..Limits::default() });
    assert_eq!(troubles(&scan), ["inner.tar: archive-work"]);
    assert!(places(&scan)[0].starts_with("inner.tar!/<rest>:"), "{:?}", places(&scan));
}

#[test]
fn a_bomb_in_a_tar_on_standard_input_takes_nothing_from_other_members() {
    let many: Vec<(&[u8], &[u8])> = vec![(b"a", b"b"); 1000];
    let inner_tar = tar(&[(b"work.gz", &gzip(&repeated(&bzip2(b""), MIB))), (b"inner", &key_file(3))]);
    let bombs: [(&[u8], Vec<u8>, &str); 5] = [
        (b"work.gz", gzip(&repeated(&bzip2(b""), MIB)), "archive-work"),
        (b"bytes.gz", gzip(&vec![b'a'; 2 * MIB]), "archive-bytes"),
        (b"members.tar", tar(&many), "archive-members"),
        (b"nested.tar", inner_tar, "archive-work"),
        (b"text", [key_ids(MIB / 8), repeated(b"AKIA\"+\"AAAA\"+\"", MIB / 2)].concat(), "archive-work"),
    ];
    let limits = Limits { work: 100, bytes: 1 << 20, members: 100, ..Limits::default() };
    let (first, last) = (key_file(1), key_file(2));
    let names = bombs.each_ref().map(|(name, ..)| *name);
    let mut members = vec![(&b"first"[..], &first[..])];
    members.extend(names.into_iter().zip(bombs.iter().map(|(_, bytes, _)| &bytes[..])));
    members.push((b"last", &last));
    let bytes = tar(&members);
    let expected: BTreeSet<String> =
        bombs.iter().map(|(name, _, word)| format!("{}: {word}", String::from_utf8_lossy(name))).collect();
    for scan in [scan_within(&Held(&bytes), limits), scan_within(&Streamed(|| &bytes[..]), limits)] {
        assert_eq!(troubles(&scan).into_iter().collect::<BTreeSet<_>>(), expected);
        let of_keys = places(&scan).into_iter().filter(|place| !place.starts_with("text:"));
        assert_eq!(of_keys.collect::<Vec<_>>(), ["first:2:21", "last:2:21", "nested.tar!/<rest>:2:21"]);
    }
    // Outside of standard input, all of it is one archive.
    let packed = scan_within(&Held(&gzip(&bytes)), limits);
    assert_eq!(troubles(&packed).len(), 1, "{:?}", troubles(&packed));
}

#[test]
fn what_members_of_standard_input_hold_is_what_they_hold_alone() {
    let members: Vec<Vec<u8>> = (0..20).map(|nth| gzip(&tar(&[(b"settings", &key_file(nth))]))).collect();
    let names: Vec<String> = (0..20).map(|nth| format!("{nth:02}.tgz")).collect();
    let pairs: Vec<(&[u8], &[u8])> =
        names.iter().map(String::as_bytes).zip(members.iter().map(Vec::as_slice)).collect();
    let together = places(&scan(&tar(&pairs)));
    let alone = |(name, bytes): (&String, &Vec<u8>)| {
        let inside = places(&scan(bytes)).into_iter();
        inside.map(|place| format!("{name}!/{place}")).collect::<Vec<_>>()
    };
    assert_eq!(together, names.iter().zip(&members).flat_map(alone).collect::<Vec<_>>());
}

/// Ends the scan while it is read.
struct Stopping {
    stop: Stop,
    left: usize,
}

impl Read for Stopping {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.left = self.left.saturating_sub(out.len());
        if self.left == 0 {
            self.stop.stop();
        }
        out.fill(0);
        Ok(out.len())
    }
}

#[test]
fn a_stopped_scan_reads_nothing_more() {
    // Endless: what is no text may have a zip behind it.
    let stop = Stop::default();
    let source = Streamed(|| Stopping { stop: stop.clone(), left: 5 * MIB });
    let policy = Policy { now: "2026-01-01T00:00:00Z".parse().unwrap(), ..Policy::default() };
    let scanner = Scanner::new(Detector::new(&RULES), policy, 1, stop.clone());
    let started = std::time::Instant::now();
    let scan = scanner.scan(&[&source]);
    assert!(scan.interrupted && started.elapsed() < Duration::from_secs(30));
}

/// Memory that this akid may ask the system for, in KiB, and CPU seconds: many times what it takes.
#[cfg(target_os = "linux")]
const ULIMIT: &str = "ulimit -v 1500000 -t 30; exec \"$@\"";

/// A 7z of a few hundred bytes whose header says that each of its folders holds millions of files without size.
#[cfg(target_os = "linux")]
fn crowded_seven() -> Vec<u8> {
    let number = |value: u32| [&[0xf0][..], &value.to_le_bytes()].concat();
    let (folders, padding) = (200, 200_000);
    let mut header = [&[1, 4, 6, 0, 0, 0, 7, 11][..], &number(folders), &[0]].concat();
    header.extend(repeated(&[1, 1, 0], 3 * 200));
    header.extend([0, 8, 13]);
    header.extend(repeated(&number(8 * padding - 64), 5 * 200));
    header.extend([0; 3]);
    header.resize(header.len() + 200_000, 0);
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(liblzma::stream::LzmaOptions::new_preset(0).unwrap().dict_size(1 << 20));
    let stream = liblzma::stream::Stream::new_raw_encoder(&filters).unwrap();
    let mut packed = Vec::new();
    liblzma::read::XzEncoder::new_stream(&header[..], stream).read_to_end(&mut packed).unwrap();
    let length = |bytes: &[u8]| number(u32::try_from(bytes.len()).unwrap());
    let outer = [
        &[0x17, 6, 0, 1, 9][..],
        &length(&packed),
        &[0, 7, 11, 1, 0, 1, 0x21, 0x21, 1, 16, 12],
        &length(&header),
        &[0, 0],
    ]
    .concat();
    let mut start = Vec::new();
    for place in [packed.len(), outer.len()] {
        start.extend_from_slice(&u64::try_from(place).unwrap().to_le_bytes());
    }
    start.extend_from_slice(&crc32fast::hash(&outer).to_le_bytes());
    let sum = crc32fast::hash(&start).to_le_bytes();
    [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &sum, &start, &packed, &outer].concat()
}

/// A tar whose manifest holds as many values as fit into it.
#[cfg(target_os = "linux")]
fn crowded_manifest() -> Vec<u8> {
    let text = [&b"["[..], &repeated(b"{\"\":0},", MIB - 20), b"0]"].concat();
    let folders: Vec<Vec<u8>> = (0..8).map(|nth| format!("{nth}/manifest.json").into_bytes()).collect();
    gzip(&tar(&folders.iter().map(|name| (name.as_slice(), text.as_slice())).collect::<Vec<_>>()))
}

#[cfg(target_os = "linux")]
#[test]
fn bombs_end_in_little_time_and_memory() {
    let pk = |piece: &[u8]| [b"#!\0", &repeated(piece, MIB / 2)[..], b"PK\x05\x06", &[0; 18]].concat();
    let stream = b">>stream\nendstream";
    let bombs = [
        ("7z of many files", crowded_seven()),
        ("manifest of many values", crowded_manifest()),
        ("starts of records", pk(b"PK")),
        ("starts of records and of 7z", pk(b"PKz\xbc\xaf\x27\x1c")),
        ("streams of a PDF", [b"%PDF-1.7\n%\xff\xff\n", &repeated(stream, MIB / 2)[..]].concat()),
        ("short lines", short_lines(100_000)),
    ];
    for (name, bytes) in bombs {
        let output = bounded(&bytes, "", "1");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0..=2)), "{name}: {:?} {text}", output.status);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_7z_that_must_be_held_takes_no_more_memory_than_there_is() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    io::Write::write_all(&mut encoder, b"7z\xbc\xaf\x27\x1c").unwrap();
    io::copy(&mut io::repeat(0).take(160 << 20), &mut encoder).unwrap();
    let output = bounded(&encoder.finish().unwrap(), "", "1");
    assert!(String::from_utf8_lossy(&output.stderr).contains("more memory than akid's limit"), "{output:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_limit_is_met_at_the_same_place_at_any_number_of_threads() {
    let bomb = gzip(&key_ids(6 * MIB));
    let of = |threads| bounded(&bomb, "[archives]\nmax-work = 200\n", threads);
    let (one, eight) = (of("1"), of("8"));
    assert!(String::from_utf8_lossy(&one.stdout).contains("archive-work"), "{one:?}");
    assert_eq!(one.stdout, eight.stdout);
}

#[test]
fn an_archive_that_ends_with_its_budget_is_reported_once() {
    let text = [key_ids(MIB / 8), repeated(b"AKIA\"+\"AAAA\"+\"", MIB / 2)].concat();
    let archive = tar(&[(b"a", &text), (b"b", &key_file(1))]);
    let scan = scan_within(&Held(&archive), Limits { work: 100, ..Limits::default() });
    assert!(!scan.findings.is_empty());
    assert_eq!(troubles(&scan), ["a: archive-work"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_text_that_takes_too_much_work_is_cut_at_the_same_place_at_any_number_of_threads() {
    let text = [repeated(b"AKIA\"+\"AAAA\"+\"", MIB + MIB / 4), key_ids(MIB)].concat();
    let (one, eight) = (bounded(&text, "", "1"), bounded(&text, "", "8"));
    let report = String::from_utf8_lossy(&one.stdout);
    assert!(report.contains("search-work") && report.contains(fake::pair(7).id_text()), "{one:?}");
    assert_eq!((one.status.code(), &one.stdout), (Some(2), &eight.stdout));
}

/// Scans a file with that configuration, in little memory and time.
#[cfg(target_os = "linux")]
fn bounded(bytes: &[u8], config: &str, threads: &str) -> std::process::Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bomb"), bytes).unwrap();
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    let akid = [env!("CARGO_BIN_EXE_akid"), "scan", "--config", "config.toml", "-f", "json", "-j", threads];
    let mut command = std::process::Command::new("bash");
    command.current_dir(folder.path()).args(["-c", ULIMIT, "akid"]).args(akid).arg("bomb");
    // A report says when it was made.
    command.env("SOURCE_DATE_EPOCH", "1767225600").output().unwrap()
}
