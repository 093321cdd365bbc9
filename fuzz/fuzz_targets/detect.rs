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

/// Whether a name is written in a case that no anchor has, such as `acceSs`: patterns ignore case, the gate knows the usual
/// spellings.
fn has_unusual_case(text: &[u8]) -> bool {
    static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);
    let anchors: Vec<&[u8]> =
        RULES.iter().flat_map(|rule| &rule.anchors).map(|anchor| anchor.as_bytes()).collect();
    let lower = text.to_ascii_lowercase();
    anchors.iter().any(|anchor| {
        let folded = anchor.to_ascii_lowercase();
        let mut windows = lower.windows(folded.len()).enumerate();
        windows.any(|(at, window)| {
            window == folded.as_slice() && !anchors.iter().any(|known| text[at..].starts_with(known))
        })
    })
}

fuzz_target!(|input: &[u8]| {
    let text = fill(input, &fake::temporary(1));
    let (gated, reference) = &*DETECTORS;
    let found = gated.detect(&text);
    let mut is_encoded = false;
    for place in found.found.iter().flat_map(|found| &found.places) {
        is_encoded |= !place.encodings.is_empty();
        for at in [place.key_id, place.secret, place.token].into_iter().flatten() {
            assert!(at.span.start < at.span.end && at.span.end <= text.len() as u64);
            assert!(at.start <= at.end);
        }
    }
    if !is_encoded && !has_unusual_case(&text) {
        assert_eq!(told(&found), told(&reference.detect(&text)));
    }
});
