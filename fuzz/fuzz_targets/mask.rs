//! Any text with a secret in it, in pieces of any size: what is shown is what the slow reference shows, and nothing more is
//! masked the second time.
#![no_main]

use std::sync::{Arc, LazyLock};

use akid::aws::fake;
use akid::detect::Detector;
use akid::mask::{Masker, Options};
use akid::rule::RuleSet;
use akid_fuzz::fill;
use libfuzzer_sys::fuzz_target;

static DETECTOR: LazyLock<Arc<Detector>> = LazyLock::new(|| Arc::new(Detector::new(&RuleSet::built_in())));

fuzz_target!(|input: &[u8]| {
    let Some((&size, input)) = input.split_first() else { return };
    let text = fill(input, &fake::temporary(1));
    let options = Options::default();
    let whole = masked(Masker::new(Arc::clone(&DETECTOR), options), &text, text.len());
    let slow = masked(Masker::without_gate(Arc::clone(&DETECTOR), options), &text, 1 + usize::from(size));
    assert!(whole == slow);
    assert!(masked(Masker::new(Arc::clone(&DETECTOR), options), &whole, whole.len()) == whole);
});

fn masked(mut masker: Masker, text: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::new();
    text.chunks(size.max(1)).for_each(|piece| masker.push(piece, &mut out));
    masker.finish(&mut out);
    out
}
