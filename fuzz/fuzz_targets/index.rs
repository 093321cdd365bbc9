//! Any bytes as git's index: what is staged, or an error that can be shown.
#![no_main]

use akid::source::git::{Staged, StagedOptions};
use akid_fuzz::store::{FORMATS, scan, staged};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    for format in FORMATS {
        let options = StagedOptions { has_worktree: true, threads: 1, ..StagedOptions::default() };
        match Staged::open(staged(input, format), options) {
            Ok(staged) => drop(scan(&staged)),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
