//! What was masked: rules, fingerprints and numbers.

use std::collections::BTreeMap;

use crate::aws::SecretFingerprint;
use crate::rule::RuleId;

/// Different secrets that are counted one by one. More are counted together: memory is bounded.
const MOST_NAMES: usize = 10_000;

/// What a mask stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Masked {
    /// The rule that knows it.
    pub rule: RuleId,
    /// Its fingerprint; `None` if it is not known what exactly was masked.
    pub fingerprint: Option<SecretFingerprint>,
}

/// How often each secret was masked.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    names: Vec<Masked>,
    numbers: BTreeMap<Masked, u32>,
    places: Vec<u64>,
    /// Places of secrets past the number that is counted one by one.
    more: u64,
}

impl Tally {
    /// The number that stands for `masked`; `None` if there are too many.
    pub(super) fn number(&mut self, masked: &Masked) -> Option<u32> {
        if let Some(&number) = self.numbers.get(masked) {
            return Some(number);
        }
        let number = u32::try_from(self.names.len()).ok().filter(|_| self.names.len() < MOST_NAMES)?;
        self.names.push(masked.clone());
        self.numbers.insert(masked.clone(), number);
        self.places.push(0);
        Some(number)
    }

    /// What `number` stands for.
    pub(super) fn name(&self, number: u32) -> Option<&Masked> {
        self.names.get(usize::try_from(number).ok()?)
    }

    /// Counts a place.
    pub(super) fn count(&mut self, masked: &Masked) {
        match self.number(masked).and_then(|number| self.places.get_mut(usize::try_from(number).ok()?)) {
            Some(places) => *places += 1,
            None => self.more += 1,
        }
    }

    /// Everything that was masked, in order of rule and fingerprint, with the number of places.
    pub fn masked(&self) -> impl Iterator<Item = (&Masked, u64)> {
        let places = |number: u32| usize::try_from(number).ok().and_then(|at| self.places.get(at)).copied();
        self.numbers
            .iter()
            .map(move |(masked, &number)| (masked, places(number).unwrap_or_default()))
            .filter(|(_, places)| *places > 0)
    }

    /// The number of places of secrets that are not listed by fingerprint, since there were too many.
    pub fn more(&self) -> u64 {
        self.more
    }

    /// The number of places that were masked.
    pub fn total(&self) -> u64 {
        self.more + self.places.iter().sum::<u64>()
    }

    /// Adds what another one counted.
    pub fn add(&mut self, other: &Self) {
        self.more += other.more;
        for (masked, places) in other.masked() {
            match self.number(masked).and_then(|number| self.places.get_mut(usize::try_from(number).ok()?)) {
                Some(known) => *known += places,
                None => self.more += places,
            }
        }
    }
}
