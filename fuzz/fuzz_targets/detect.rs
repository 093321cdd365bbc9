//! Any bytes: no panic, spans inside the text, and nothing lost or gained by the gate.
//!
//! The reference runs the rules everywhere instead of around anchors. It does not decode, so that what was found in
//! encoded text, and with it what that was paired with, is left out of the comparison.
#![no_main]

use std::sync::LazyLock;

use akid::aws::fake;
use akid::detect::Detector;
use akid::rule::RuleSet;
use akid_fuzz::{fill, told};
use libfuzzer_sys::fuzz_target;

static DETECTORS: LazyLock<(Detector, Detector)> = LazyLock::new(|| {
    let rules = RuleSet::built_in();
    (Detector::new(&rules), Detector::without_gate(&rules))
});

fuzz_target!(|input: &[u8]| {
    let text = fill(input, &fake::temporary(1));
    let (gated, reference) = &*DETECTORS;
    let found = gated.detect(&text);
    let mut is_encoded = false;
    for place in found.found.iter().flat_map(|found| &found.places) {
        is_encoded |= !place.encodings.is_empty();
        for at in [place.key_id(), place.secret(), place.token()].into_iter().flatten() {
            assert!(at.span.start < at.span.end && at.span.end <= text.len() as u64);
            assert!(at.start <= at.end);
        }
    }
    if !is_encoded {
        assert_eq!(told(&found), told(&reference.detect(&text)));
    }
});
