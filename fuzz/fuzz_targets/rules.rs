//! Any text as a rule file: a rule, or an error that can be shown.
#![no_main]

use akid::detect::Detector;
use akid::rule::RuleSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match RuleSet::of_text("acme-key", "acme-key.toml", text) {
        Ok(rules) => drop(Detector::new(&rules).detect(b"acme = 1")),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
