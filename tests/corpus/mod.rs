//! The labelled corpus: every layout in which credentials are written, times the kinds of keys, places in the file
//! and text around them; and as many documents that only look like a leak. All of it is made from seeds.
//!
//! `cargo test --test tests corpus -- --nocapture` prints precision, recall, pairing and span accuracy of each layout.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a test")]

pub(crate) mod case;
mod key;
mod laws;
mod layout;
pub(crate) mod layouts;
pub(crate) mod negatives;
mod noise;
mod score;
mod services;
mod style;
mod template;
mod words;
mod wrap;

use akid::detect::Detector;
use akid::level::Certainty;
use akid::rule::RuleSet;

use crate::corpus::case::Case;
use crate::corpus::negatives::Negative;
use crate::corpus::score::{Score, suppression};

/// Documents of each layout.
const CASES: usize = 12;
/// Documents of each kind of negative.
const NEGATIVES: usize = 32;
/// Misses shown of each layout.
const SHOWN: usize = 3;

#[test]
fn every_layout_is_found_and_paired_to_the_byte() {
    let detector = Detector::new(&RuleSet::built_in());
    let mut rows = Vec::new();
    for (number, layout) in layouts::all().enumerate() {
        let mut score = Score::default();
        for nth in 0..CASES {
            let case = Case::of(layout, (number * 1000 + nth) as u64, nth);
            score.judge(&case, &detector.detect(&case.bytes).found);
        }
        rows.push((layout.name, score));
    }
    println!("{}", score::table(&rows));
    let short: Vec<_> = rows.iter().filter(|(_, score)| score.worst() < 1.0).collect();
    for (name, score) in &short {
        println!("{name}:\n  {}", score.misses[..score.misses.len().min(SHOWN)].join("\n  "));
    }
    let names: Vec<_> = short.iter().map(|(name, _)| name).collect();
    assert!(names.is_empty(), "layouts that fall short: {names:#?}");
    assert!(rows.iter().map(|(_, score)| score.cases).sum::<usize>() >= 2000);
}

#[test]
fn what_only_looks_like_a_leak_is_none() {
    let detector = Detector::new(&RuleSet::built_in());
    let mut noisy = Vec::new();
    let mut documents = 0;
    for (number, negative) in negatives::all().enumerate() {
        let clean = (0..NEGATIVES).filter(|&nth| is_clean(&detector, negative, number, nth)).count();
        documents += NEGATIVES;
        println!("{:50} {clean:>3} of {NEGATIVES} clean", negative.name);
        if clean < NEGATIVES {
            noisy.push(negative.name);
        }
    }
    println!("{documents} documents");
    assert!(noisy.is_empty(), "false alarms: {noisy:#?}");
    assert!(documents >= 2000);
}

fn is_clean(detector: &Detector, negative: &Negative, number: usize, nth: usize) -> bool {
    let seed = (1_000_000 + number * 1000 + nth) as u64;
    let bytes = negative.document(seed, nth);
    let found = detector.detect(&bytes).found;
    let alarm = found
        .iter()
        .filter(|found| !negative.doubted || found.confidence.certainty() > Certainty::Low)
        .find(|found| suppression(found).is_none() || negative.suppressed.is_none());
    if let Some(alarm) = alarm {
        let (rule, confidence) = (alarm.rule.as_str(), &alarm.confidence);
        let certainty = confidence.certainty();
        println!("  {}, seed {seed}: {rule}, {certainty} {:?}", negative.name, confidence.doubts());
    }
    let is_seen =
        negative.suppressed.is_none_or(|reason| found.iter().any(|found| suppression(found) == Some(reason)));
    if !is_seen {
        println!("  {}, seed {seed}: not seen as suppressed", negative.name);
    }
    alarm.is_none() && is_seen
}

#[test]
fn layouts_and_negatives_have_names_of_their_own() {
    let mut names: Vec<_> = layouts::all().map(|layout| layout.name).collect();
    names.extend(negatives::all().map(|negative| negative.name));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn the_same_seed_makes_the_same_document() {
    let layout = layouts::all().next().unwrap();
    assert_eq!(Case::of(layout, 7, 3).bytes, Case::of(layout, 7, 3).bytes);
}

#[test]
fn every_part_stands_in_its_document_as_it_was_planted() {
    for layout in layouts::all() {
        let case = Case::of(layout, 99, 2);
        for form in
            case.expected.iter().flat_map(|expected| [&expected.id, &expected.secret, &expected.token])
        {
            let is_there = |bytes: &[u8]| memchr::memmem::find(&case.bytes, bytes).is_some();
            assert!(form.as_ref().is_none_or(|form| is_there(&form.bytes)), "{}", layout.name);
        }
    }
}
