//! Documents in which nothing is to be found, or only what the documentation is full of.

mod biology;
mod blobs;
mod names;
mod spelled;
mod values;

use akid::aws::fake::Random;
use akid::finding::Suppression;

use crate::corpus::noise;

/// A kind of document that looks like a leak and is none.
#[derive(Clone, Copy)]
pub(crate) struct Negative {
    pub(crate) name: &'static str,
    pub(crate) make: fn(&mut Random) -> String,
    /// If set, something must be found and be suppressed for this reason.
    pub(crate) suppressed: Option<Suppression>,
    /// Whether it may be found with low confidence: a field that is named as nothing but an AWS secret is, holds
    /// something that does not look like one.
    pub(crate) doubted: bool,
}

impl Negative {
    const fn new(name: &'static str, make: fn(&mut Random) -> String) -> Self {
        Self { name, make, suppressed: None, doubted: false }
    }

    const fn suppressed(self, suppression: Suppression) -> Self {
        Self { suppressed: Some(suppression), ..self }
    }

    const fn doubted(self) -> Self {
        Self { doubted: true, ..self }
    }

    /// The `nth` document of this kind, sometimes in the middle of something else.
    pub(crate) fn document(&self, seed: u64, nth: usize) -> Vec<u8> {
        let mut random = Random::new(seed);
        let noise = noise::EVERY[nth % noise::EVERY.len()];
        let len = [0, 300, 2000][nth % 3];
        let before = noise.text(&mut random, len);
        let text = (self.make)(&mut random);
        (before + &text + "\n" + &noise.text(&mut random, len)).into_bytes()
    }
}

/// Every kind.
pub(crate) fn all() -> impl Iterator<Item = &'static Negative> {
    let families: [&[Negative]; 5] =
        [biology::NEGATIVES, blobs::NEGATIVES, names::NEGATIVES, values::NEGATIVES, spelled::NEGATIVES];
    families.into_iter().flatten()
}
