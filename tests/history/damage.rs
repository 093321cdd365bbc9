//! What is damaged is told, and the rest is read.

use std::fs;
use std::path::Path;

use akid::aws::fake::Random;
use akid::origin::ObjectId;
use akid::source::{Damage, Fault, Part, SkipReason, Skipped};

use super::packs::{BLOB, Made, REF_DELTA, header};
use super::repo::{Folder, Keep, Repo};
use super::{everything, versions};

/// A repository in one pack, with deltas.
fn packed(folder: &Folder) -> Repo {
    let repo = folder.repo("repo");
    versions::fill(&repo, 5, 10);
    repo.git(&["repack", "-q", "-adf"]);
    repo
}

/// How many objects are read, and what is told.
fn read(repo: &Repo) -> (usize, Vec<Skipped>) {
    let keep = Keep::default();
    akid::source::Source::run(&everything(repo.open()), &keep);
    (keep.inputs.into_inner().unwrap().len(), keep.skipped.into_inner().unwrap())
}

fn damages(skipped: &[Skipped]) -> Vec<Damage> {
    let damage = |skipped: &Skipped| match skipped.reason {
        SkipReason::Damaged(damage) => Some(damage),
        _ => None,
    };
    skipped.iter().filter_map(damage).collect()
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_pack_and_an_index_that_do_not_go_together_are_told() {
    let folder = Folder::new();
    let repo = packed(&folder);
    let (pack, index) = (repo.packs("pack").remove(0), repo.packs("idx").remove(0));
    let saved = [fs::read(&pack).unwrap(), fs::read(&index).unwrap()];
    let told = |expected: Fault| {
        let (seen, skipped) = read(&repo);
        assert_eq!(seen, 0);
        assert_eq!(damages(&skipped), [Damage { part: Part::Whole, fault: expected, lost: 0 }]);
        change(&pack, |bytes| bytes.clone_from(&saved[0]));
        change(&index, |bytes| bytes.clone_from(&saved[1]));
    };
    change(&pack, |bytes| bytes.truncate(bytes.len() / 2));
    told(Fault::OtherIndex);
    change(&pack, |bytes| bytes.truncate(10));
    told(Fault::NotAPack);
    change(&pack, |bytes| bytes[0] = b'X');
    told(Fault::NotAPack);
    change(&index, |bytes| bytes.truncate(bytes.len() / 2));
    told(Fault::Index);
    change(&index, Vec::clear);
    told(Fault::Index);
    // A fan-out that goes down.
    change(&index, |bytes| bytes[8..12].copy_from_slice(&[0xff; 4]));
    told(Fault::Index);

    fs::remove_file(&index).unwrap();
    assert_eq!(damages(&read(&repo).1)[0].fault, Fault::NoIndex);
    fs::write(&index, &saved[1]).unwrap();
    fs::remove_file(&pack).unwrap();
    assert_eq!(damages(&read(&repo).1)[0].fault, Fault::NoPack);
}

#[test]
fn an_offset_outside_of_the_pack_costs_its_object_only() {
    let folder = Folder::new();
    let repo = packed(&folder);
    let (all, _) = read(&repo);
    change(&repo.packs("idx")[0], |bytes| {
        let objects = u32::from_be_bytes(bytes[8 + 255 * 4..8 + 1024].try_into().unwrap()) as usize;
        let offsets = 8 + 1024 + (repo.id_of(0).as_bytes().len() + 4) * objects;
        bytes[offsets..offsets + 4].copy_from_slice(&0x7fff_ffff_u32.to_be_bytes());
    });
    let (seen, skipped) = read(&repo);
    let damages = damages(&skipped);
    assert!(damages.iter().any(|damage| damage.fault == Fault::Outside), "{damages:?}");
    assert!(seen + 1 + damages.len() >= all, "{seen} of {all}");
}

#[test]
fn any_damage_to_a_pack_is_told_and_the_rest_is_read() {
    let folder = Folder::new();
    let repo = packed(&folder);
    let (all, _) = read(&repo);
    let pack = repo.packs("pack").remove(0);
    let saved = fs::read(&pack).unwrap();
    let trees = deltas_of_trees(&repo);
    let mut random = Random::new(1);
    let mut some_are_read = 0;
    for _ in 0..60 {
        let at = 12 + random.below(saved.len() - 32);
        change(&pack, |bytes| {
            bytes.clone_from(&saved);
            bytes[at] ^= 1 << random.below(8);
        });
        let (seen, skipped) = read(&repo);
        let lost: u64 = damages(&skipped).iter().map(|damage| damage.lost).sum();
        let is_unread = trees.iter().any(|range| range.contains(&at));
        assert!(is_unread || !skipped.is_empty(), "byte {at}: {seen} of {all} and nothing told");
        assert!(seen as u64 + lost >= all as u64, "byte {at}: {seen} of {all}, {lost} lost");
        some_are_read += usize::from(seen > all / 2);
    }
    assert!(some_are_read > 30, "{some_are_read}");
}

/// Where the entries are that nobody reads: those that store a tree by its changes.
fn deltas_of_trees(repo: &Repo) -> Vec<std::ops::Range<usize>> {
    let index = repo.packs("idx").remove(0);
    let listed = String::from_utf8(repo.git(&["verify-pack", "-v", index.to_str().unwrap()])).unwrap();
    let words = listed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let deltas = words.filter(|words| words.get(1) == Some(&"tree") && words.len() == 7);
    let range = |words: Vec<&str>| {
        let [len, start] = [3, 4].map(|at| words[at].parse::<usize>().unwrap());
        start..start + len
    };
    deltas.map(range).collect()
}

#[test]
fn an_index_that_has_another_checksum_is_told_and_all_is_read() {
    let folder = Folder::new();
    let repo = packed(&folder);
    let (all, _) = read(&repo);
    let index = repo.packs("idx").remove(0);
    let count = u32::from_be_bytes(fs::read(&index).unwrap()[1028..1032].try_into().unwrap()) as usize;
    let sums = 1032 + repo.id_of(0).as_bytes().len() * count;
    change(&index, |bytes| bytes[sums..sums + 4 * count].fill(0));
    let (seen, skipped) = read(&repo);
    assert_eq!(seen, all);
    let damages = damages(&skipped);
    assert!(damages.iter().all(|damage| damage.fault == Fault::Checksum));
    // Each that is read, and each tree that is stored as a whole.
    assert!(damages.len() > all, "{} of {all}", damages.len());
}

#[test]
fn no_damage_to_an_index_makes_a_panic() {
    let folder = Folder::new();
    let repo = packed(&folder);
    repo.git(&["multi-pack-index", "write"]);
    let shared = repo.path(".git/objects/pack/multi-pack-index");
    let own = repo.packs("idx").remove(0);
    let mut random = Random::new(2);
    for path in [&own, &shared] {
        if path == &shared {
            fs::remove_file(&own).unwrap();
        }
        let saved = fs::read(path).unwrap();
        for _ in 0..60 {
            change(path, |bytes| {
                bytes.clone_from(&saved);
                for _ in 0..=random.below(3) {
                    // Headers, tables of contents and fan-outs more often than IDs.
                    let limit = [bytes.len(), 1100, 80][random.below(3)];
                    let at = random.below(limit);
                    bytes[at] = random.bytes(1)[0];
                }
                if random.below(4) == 0 {
                    bytes.truncate(random.below(saved.len()));
                }
            });
            let (_, skipped) = read(&repo);
            assert!(
                skipped.iter().all(|skipped| !matches!(skipped.reason, SkipReason::Panic(_))),
                "{skipped:?}"
            );
        }
    }
}

#[test]
fn loose_objects_that_are_none_are_told() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "some text\n");
    let blob = String::from_utf8(repo.git(&["rev-parse", "HEAD:a"])).unwrap();
    let path = repo.path(&format!(".git/objects/{}/{}", &blob[..2], blob[2..].trim()));
    let saved = fs::read(&path).unwrap();
    for (content, fault) in [
        (saved[..saved.len() / 2].to_vec(), Fault::Compression),
        (b"no zlib".to_vec(), Fault::Compression),
        (Vec::new(), Fault::Compression),
        (deflate(b"blob 11\0some text\n"), Fault::Size),
        (deflate(b"blob 3\0some text\n"), Fault::Size),
        (deflate(b"blob x\0some text\n"), Fault::NotAnObject),
        (deflate(b"what 10\0some text\n"), Fault::NotAnObject),
    ] {
        change(&path, |bytes| *bytes = content);
        let (seen, skipped) = read(&repo);
        assert_eq!(seen, 1, "the commit is read");
        assert_eq!(damages(&skipped), [Damage { part: Part::Whole, fault, lost: 1 }]);
    }
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Writes a pack of `entries`, each a header and what is compressed, with an index that says their IDs.
fn write_pack(repo: &Repo, entries: &[(Vec<u8>, &[u8], ObjectId)]) {
    let mut made = Made::new(repo);
    for (header, content, id) in entries {
        made.add_as(*id, header, content);
    }
    made.write();
}

/// The header of an entry that is stored as changes to the object `base`.
fn delta(delta: &[u8], base: ObjectId) -> Vec<u8> {
    [&header(REF_DELTA, delta.len()), base.as_bytes()].concat()
}

/// Copies all of a base of ten bytes.
const COPY: &[u8] = b"\x0a\x0a\x90\x0a";

#[test]
fn deltas_that_go_in_a_circle_or_have_no_base_are_told() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let [a, b, c, d, e, missing] = [1, 2, 3, 4, 5, 99].map(|byte| repo.id_of(byte));
    write_pack(
        &repo,
        &[
            (delta(COPY, b), COPY, a),
            (delta(COPY, a), COPY, b),
            (header(BLOB, 10), b"0123456789", c),
            (delta(COPY, missing), COPY, d),
            (delta(COPY, d), COPY, e),
        ],
    );
    let (seen, skipped) = read(&repo);
    assert_eq!(seen, 1);
    let told: Vec<_> = damages(&skipped).iter().map(|damage| (damage.fault, damage.lost)).collect();
    assert_eq!(told, [(Fault::Cycle, 2), (Fault::MissingBase(missing), 2)]);
}

#[test]
fn a_base_may_be_loose_or_in_another_pack() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "0123456789");
    let changes = b"\x0a\x0b\x90\x0a\x01x";
    write_pack(&repo, &[(delta(changes, repo.id("HEAD:a")), changes, repo.id_of(1))]);
    let check = || {
        let (seen, skipped) = Keep::all_of(&everything(repo.open()));
        assert!(skipped.is_empty(), "{skipped:?}");
        assert!(seen.iter().any(|(_, content)| content == b"0123456789x"));
    };
    check();
    let made = ["pack-made.pack", "pack-made.idx"]
        .map(|file| (repo.path(".git/objects/pack").join(file), repo.path(file)));
    made.iter().for_each(|(place, aside)| fs::rename(place, aside).unwrap());
    repo.git(&["repack", "-q", "-ad"]);
    made.iter().for_each(|(place, aside)| fs::rename(aside, place).unwrap());
    check();
}

#[test]
fn sizes_that_lie_cost_no_memory() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    // A blob that says it is 2^60 bytes, and a delta that says it makes as many.
    let huge = [&[0x80 | BLOB << 4][..], &[0x80; 7], &[0x10]].concat();
    let bomb = b"\x0a\xff\xff\xff\xff\xff\xff\xff\x0f\x90\x0a";
    write_pack(
        &repo,
        &[
            (huge, b"x", repo.id_of(1)),
            (header(BLOB, 10), b"0123456789", repo.id_of(2)),
            (delta(bomb, repo.id_of(2)), bomb, repo.id_of(3)),
            (header(BLOB, 11), b"0123456789", repo.id_of(4)),
        ],
    );
    let (_, skipped) = read(&repo);
    let told: Vec<_> = damages(&skipped).iter().map(|damage| damage.fault).collect();
    assert_eq!(told, [Fault::TooLarge, Fault::Size]);
}

#[test]
fn a_damage_that_is_met_more_than_once_is_told_once() {
    let folder = Folder::new();
    let repo = packed(&folder);
    let index = repo.packs("idx").remove(0);
    let listed = String::from_utf8(repo.git(&["verify-pack", "-v", index.to_str().unwrap()])).unwrap();
    let is_root = |words: &Vec<&str>| words.get(1) == Some(&"tree") && words.len() == 5;
    let mut trees = listed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).filter(is_root);
    let offset: usize = trees.next().unwrap()[4].parse().unwrap();
    // A kind of entry that there is not.
    change(&repo.packs("pack").remove(0), |bytes| bytes[offset] &= 0x8f);
    let told: Vec<String> = read(&repo).1.iter().map(|skipped| format!("{skipped:?}")).collect();
    let distinct: std::collections::BTreeSet<&String> = told.iter().collect();
    assert!(!told.is_empty());
    assert_eq!(told.len(), distinct.len(), "{told:#?}");
}
