use std::fs;
use std::sync::Arc;
use std::thread;

use proptest::prelude::*;

use super::*;

fn key(name: &str) -> Key {
    Key::new("0.0.0", &[name.as_bytes()])
}

fn object(number: u32) -> CleanObject {
    let hash = segment::hash_of([&number.to_le_bytes()[..]]);
    let kinds = [Some(ObjectKind::Blob), Some(ObjectKind::Commit), Some(ObjectKind::Tag), None];
    let id = ObjectId::from_slice(&hash[..20]).unwrap();
    CleanObject { id, size: number % (CleanObject::MAX_SIZE + 1), kind: kinds[number as usize % 4] }
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("cache");
    (temp, folder)
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let keys = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    keys.flat_map(|key| folder::names(&key, "sha1-").unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    /// What was added is found as it was, however it was split into segments, and nothing else is.
    #[test]
    fn what_was_added_is_found_and_nothing_else(
        batches in prop::collection::vec(prop::collection::vec(0..9000_u32, 0..1500), 1..14),
        asked in prop::collection::vec(0..12_000_u32, 1..500),
    ) {
        let (_temp, folder) = folder();
        let cache = CleanCache::open(&folder, key("rules")).unwrap();
        for batch in &batches {
            cache.add(ObjectFormat::Sha1, batch.iter().copied().map(object).collect());
        }
        let all: BTreeSet<u32> = batches.concat().into_iter().collect();
        let mut lookup = cache.lookup(ObjectFormat::Sha1);
        for number in asked {
            let expected = all.contains(&number).then(|| object(number));
            prop_assert_eq!(lookup.find(object(number).id), expected);
        }
        prop_assert!(segments(&folder).len() <= 9);
        prop_assert_eq!(cache.problems(), Vec::<String>::new());
        let listed = contents(&folder).unwrap();
        prop_assert!(listed.iter().map(|it| it.objects).sum::<u64>() >= all.len() as u64);
    }
}

#[test]
fn another_key_knows_nothing() {
    let (_temp, folder) = folder();
    CleanCache::open(&folder, key("one")).unwrap().add(ObjectFormat::Sha1, vec![object(1)]);
    let other = CleanCache::open(&folder, key("two")).unwrap();
    assert_eq!(other.lookup(ObjectFormat::Sha1).find(object(1).id), None);
    assert!(other.lookup(ObjectFormat::Sha256).is_empty());
}

#[test]
fn objects_take_at_most_24_bytes_each() {
    let (_temp, folder) = folder();
    let cache = CleanCache::open(&folder, key("rules")).unwrap();
    cache.add(ObjectFormat::Sha1, (0..10_000).map(object).collect());
    let len: u64 = segments(&folder).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(len <= 24 * 10_000, "{len}");
}

#[test]
fn a_segment_that_was_changed_anywhere_is_reported_and_what_it_says_is_not_believed() {
    let (_temp, folder) = folder();
    let all: Vec<CleanObject> = (0..3000).map(object).collect();
    CleanCache::open(&folder, key("rules")).unwrap().add(ObjectFormat::Sha1, all.clone());
    let path = segments(&folder).remove(0);
    let sound = fs::read(&path).unwrap();
    for at in (0..sound.len()).step_by(4999) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let cache = CleanCache::open(&folder, key("rules")).unwrap();
        let mut lookup = cache.lookup(ObjectFormat::Sha1);
        let found = all.iter().filter(|object| lookup.find(object.id) == Some(**object)).count();
        let told = all.iter().filter(|object| lookup.find(object.id).is_some()).count();
        assert!(found == told && found < all.len(), "byte {at}: {found} of {told}");
        assert_eq!(cache.problems().len(), 1, "byte {at}");
    }
    for len in [0, 7, 50, sound.len() / 2, sound.len() - 1] {
        fs::write(&path, &sound[..len]).unwrap();
        let cache = CleanCache::open(&folder, key("rules")).unwrap();
        assert_eq!(cache.lookup(ObjectFormat::Sha1).find(all[0].id), None);
        assert_eq!(cache.problems().len(), 1, "{len} bytes");
        assert_eq!(contents(&folder).unwrap()[0].unusable, 1);
    }
    assert_eq!(prune(&folder, "0.0.0").unwrap().files, 1);
    assert_eq!(segments(&folder), Vec::<PathBuf>::new());
}

#[test]
fn what_several_write_at_once_is_all_there() {
    let (_temp, folder) = folder();
    let folder = Arc::new(folder);
    let writers = (0..4_u32).map(|writer| {
        let folder = Arc::clone(&folder);
        thread::spawn(move || {
            let cache = CleanCache::open(&folder, key("rules")).unwrap();
            for batch in 0..15 {
                let start = (writer * 15 + batch) * 50;
                cache.add(ObjectFormat::Sha1, (start..start + 60).map(object).collect());
            }
            cache.problems()
        })
    });
    let problems: Vec<String> =
        writers.collect::<Vec<_>>().into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    assert_eq!(problems, Vec::<String>::new());
    let cache = CleanCache::open(&folder, key("rules")).unwrap();
    let mut lookup = cache.lookup(ObjectFormat::Sha1);
    assert!((0..3000).all(|number| lookup.find(object(number).id).is_some()));
}

#[cfg(unix)]
#[test]
fn what_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let (_temp, folder) = folder();
    let cache = CleanCache::open(&folder, key("rules")).unwrap();
    cache.add(ObjectFormat::Sha1, vec![object(1)]);
    let set_mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let path = segments(&folder).remove(0);
    set_mode(&path, 0o620);
    assert_eq!(cache.lookup(ObjectFormat::Sha1).find(object(1).id), None);
    assert!(cache.problems()[0].contains("may write to it"), "{:?}", cache.problems());
    set_mode(&path, 0o600);
    for mode in [0o702, 0o720] {
        set_mode(&folder, mode);
        let refused = CleanCache::open(&folder, key("rules")).unwrap_err();
        assert!(refused.to_string().contains("could hide objects"), "{refused}");
    }
    set_mode(&folder, 0o755);
    let own = path.parent().unwrap();
    set_mode(own, 0o777);
    assert!(CleanCache::open(&folder, key("rules")).is_err());
}

#[test]
fn sets_are_read_as_they_were_written() {
    let (_temp, folder) = folder();
    let cache = CleanCache::open(&folder, key("rules")).unwrap();
    let set = ObjectSet {
        format: ObjectFormat::Sha1,
        packs: [[1; 32], [2; 32]].into(),
        loose: (0..5).map(|number| object(number).id).collect(),
        shallow: [object(7).id].into(),
    };
    let repository = Path::new("/srv/git/shop.git");
    assert_eq!(cache.connected(repository), None);
    cache.remember_connected(repository, &set);
    assert_eq!(cache.connected(repository), Some(set));
    assert_eq!(cache.connected(Path::new("/srv/git/other.git")), None);
    let own = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let path = folder::names(&own, "").unwrap().remove(0);
    let mut bytes = fs::read(&path).unwrap();
    bytes[60] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(cache.connected(repository), None);
    assert_eq!(cache.problems().len(), 1);
}

#[test]
fn clear_removes_the_cache_and_nothing_else() {
    let (_temp, folder) = folder();
    for version in ["0.0.0", "0.0.1"] {
        let cache = CleanCache::open(&folder, Key::new(version, &[])).unwrap();
        cache.add(ObjectFormat::Sha1, vec![object(1)]);
    }
    fs::write(folder.join("note.txt"), "mine").unwrap();
    assert_eq!(prune(&folder, "0.0.1").unwrap().files, 1);
    assert_eq!(contents(&folder).unwrap().len(), 1);
    assert_eq!(clear(&folder).unwrap().files, 1);
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["note.txt"]);
}
