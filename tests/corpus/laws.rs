//! Laws that hold for every layout of the corpus.

use std::sync::LazyLock;

use akid::aws::Credential;
use akid::detect::{Detector, Found};
use akid::rule::RuleSet;

use crate::corpus::case::{Case, Expected};
use crate::corpus::layout::{Layout, Outcome};
use crate::corpus::layouts;
use crate::corpus::score::suppression;
use crate::corpus::wrap::Wrap;

/// One document of each layout that `is_meant`, with keys of another kind for each, and the layout's name.
fn cases(seed: usize, is_meant: fn(&Layout) -> bool) -> impl Iterator<Item = (&'static str, Case)> {
    let meant = layouts::all().enumerate().filter(move |(_, layout)| is_meant(layout));
    // Of every eight documents the first two have nothing around the credential.
    meant.map(move |(number, layout)| {
        (layout.name, Case::of(layout, (seed + number) as u64, 8 * number + number % 2))
    })
}

fn found_in(bytes: &[u8]) -> Vec<Found> {
    static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(&RuleSet::built_in()));
    DETECTOR.detect(bytes).found
}

/// Whether what is expected is there and counts.
fn is_found(expected: &Expected, found: &[Found]) -> bool {
    found.iter().any(|found| found.credential == expected.credential && suppression(found).is_none())
}

#[test]
fn many_credentials_of_one_layout_are_as_many_right_pairs() {
    let mut wrong = Vec::new();
    let parts = ["key-id", "secret", "token"];
    for (number, layout) in layouts::all().enumerate() {
        if layout.times > 1 || layout.template.contains(".1}}") || layout.is_top {
            continue;
        }
        let numbered = parts.iter().fold(layout.template.trim_end().to_owned(), |text, part| {
            text.replace(&format!("{{{{{part}}}}}"), &format!("{{{{{part}.#}}}}"))
        });
        let times = [2, 3, 5][number % 3];
        let template = Box::leak(format!("{numbered}\n").into_boxed_str());
        let case = Case::of(&Layout { template, times, ..*layout }, number as u64, number);
        let found = found_in(&case.bytes);
        let is_pair = |expected: &&Expected| matches!(expected.credential, Credential::Pair { .. });
        let pairs = case.expected.iter().filter(is_pair);
        let missed = pairs.filter(|expected| !is_found(expected, &found)).count();
        if missed > 0 {
            wrong.push(format!("{}: {missed} of {times}", layout.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where a letter stands beside a value, the value is part of something longer. A key ID in a signed request has its
/// place in it, whatever stands beside it.
#[test]
fn what_has_a_letter_more_is_no_value() {
    let is_meant = |layout: &Layout| {
        [layout.outer, layout.inner] == [Wrap::Plain; 2] && layout.outcome != Outcome::Signed
    };
    let mut wrong = Vec::new();
    for (name, case) in cases(500, is_meant) {
        // A hundred pairs are no other layout than four.
        for expected in case.expected.iter().take(4) {
            let id = expected.credential.id();
            let secret = expected.credential.secret();
            for (is_secret, form) in [(false, &expected.id), (true, &expected.secret)] {
                let Some(form) = form.as_ref().filter(|form| form.is_exact) else { continue };
                let places: Vec<usize> = memchr::memmem::find_iter(&case.bytes, &form.bytes).collect();
                for after in [false, true] {
                    let mut bytes = case.bytes.clone();
                    for at in places.iter().rev() {
                        bytes.insert(at + if after { form.bytes.len() } else { 0 }, b'Q');
                    }
                    let is_still = |found: &Found| {
                        if is_secret {
                            found.credential.secret() == secret
                        } else {
                            found.credential.id() == id
                        }
                    };
                    if found_in(&bytes).iter().any(|found| suppression(found).is_none() && is_still(found)) {
                        wrong.push(format!("{name}: secret {is_secret}, after {after}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Layouts in which the secret has no name of its own: an argument, or a field of an object that says whose it is.
const UNNAMED: [&str; 13] = [
    "C++",
    "CSV, new user",
    "CSV, new user, CR LF",
    "JSON nested objects",
    "JSON pair in an array",
    "Java BasicAWSCredentials",
    "Java arguments on lines of their own",
    "Kotlin",
    "Python dict",
    "Ruby positional",
    "curl --user",
    "names escaped for Markdown",
    "values in HEX, ID first",
];

#[test]
fn a_secret_that_aws_names_is_found_without_its_key_id() {
    let mut missed = Vec::new();
    let names = |layout: &Layout| {
        let template = layout.template.to_ascii_lowercase();
        template.contains("aws") && template.contains("secret") && !UNNAMED.contains(&layout.name)
    };
    for (name, case) in cases(900, names) {
        let mut bytes = case.bytes.clone();
        for form in case.expected.iter().filter_map(|expected| expected.id.as_ref()) {
            while let Some(at) = memchr::memmem::find(&bytes, &form.bytes) {
                bytes[at..at + form.bytes.len()].fill(if form.bytes.contains(&0) { 0 } else { b'-' });
            }
        }
        let found = found_in(&bytes);
        for expected in &case.expected {
            let Some(secret) = expected.credential.secret() else { continue };
            let is_exact = expected.secret.as_ref().is_some_and(|form| form.is_exact);
            if is_exact && !found.iter().any(|found| found.credential.secret() == Some(secret)) {
                missed.push(name);
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
