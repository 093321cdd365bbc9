//! What a path says of how serious its content is meant.

use crate::origin::Origin;

/// Folders whose files are tests, examples or documentation.
const FOLDERS: [&str; 18] = [
    "test",
    "tests",
    "__tests__",
    "testing",
    "testdata",
    "test-data",
    "test_data",
    "spec",
    "specs",
    "fixture",
    "fixtures",
    "mock",
    "mocks",
    "example",
    "examples",
    "sample",
    "samples",
    "docs",
];

/// Whether the path says that this is a test, an example or documentation.
pub(super) fn says_test(origin: &Origin) -> bool {
    let of_file = origin.file_path().is_some_and(|path| says(path.as_bytes()));
    of_file || origin.member().is_some_and(|member| member.names().any(says))
}

fn says(path: &[u8]) -> bool {
    let mut parts = path.split(|&byte| byte == b'/').rev();
    let name = parts.next().unwrap_or_default();
    let stem = name.split(|&byte| byte == b'.').next().unwrap_or_default();
    // A name may be long, and every finding in it has one.
    let starts = |start: &[u8]| stem.get(..start.len()).is_some_and(|part| part.eq_ignore_ascii_case(start));
    let ends =
        |end: &&[u8]| stem.len() >= end.len() && stem[stem.len() - end.len()..].eq_ignore_ascii_case(end);
    let has = |part: &[u8]| memchr::memmem::find(name, part).is_some();
    let named_test = starts(b"test_")
        || [&b"_test"[..], b"_spec", b"-test", b"-spec"].iter().any(ends)
        || has(b".test.")
        || has(b".spec.");
    named_test || parts.any(|part| FOLDERS.iter().any(|folder| part.eq_ignore_ascii_case(folder.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::RelativePath;

    #[test]
    fn whole_folder_names_and_test_files_count_and_parts_of_words_do_not() {
        let says = |path: &str| says_test(&Origin::File(RelativePath::from_bytes(path)));
        for path in ["tests/a.py", "a/Examples/b", "a/test_b.py", "a/b_test.go", "a/b.spec.ts", "docs/x.md"] {
            assert!(says(path), "{path}");
        }
        for path in ["latest/a.py", "contest.py", "src/attestation/a", "a/testament.txt"] {
            assert!(!says(path), "{path}");
        }
    }
}
