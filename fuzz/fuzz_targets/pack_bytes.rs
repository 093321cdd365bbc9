//! Any bytes as a pack and its index: no panic, and what is read is the same both ways.
//!
//! The input's first two bytes say how long the index is, which comes next; the pack is the rest.
#![no_main]

use akid_fuzz::store::{FORMATS, both_ways};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((len, rest)) = input.split_first_chunk() else { return };
    let (index, pack) = rest.split_at(rest.len().min(u16::from_be_bytes(*len).into()));
    for format in FORMATS {
        let [fast, slow] = both_ways(pack, index, format);
        assert_eq!(fast, slow);
    }
});
