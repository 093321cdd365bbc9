//! Values that somebody published on purpose: examples of manuals, test vectors, the keys of public playgrounds.
//!
//! `published.tsv` has their SHA-256, and where each is published; `published.py` adds to it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Whether this key ID or secret is a published one.
pub(super) fn is_published(value: &[u8]) -> bool {
    static DIGESTS: LazyLock<BTreeSet<Vec<u8>>> = LazyLock::new(|| digests().collect());
    DIGESTS.contains(Sha256::digest(value).as_slice())
}

fn digests() -> impl Iterator<Item = Vec<u8>> {
    let lines = include_str!("published.tsv").lines();
    lines.filter_map(|line| HEXLOWER.decode(line.split('\t').next()?.as_bytes()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{SecretAccessKey, fake};

    #[test]
    fn every_line_has_a_digest_and_a_source() {
        let lines: Vec<_> = include_str!("published.tsv").lines().collect();
        assert!(lines.is_sorted());
        assert!(lines.iter().all(|line| line.split_once('\t').is_some_and(|(_, source)| !source.is_empty())));
        assert!(digests().count() == lines.len() && digests().all(|digest| digest.len() == 32));
    }

    #[test]
    fn the_secret_of_the_old_developer_guide_is_published_and_a_random_one_is_not() {
        let secret = ["uV3F3YluFJax1cknvbcG", "wgjvx4QpvB+leU8dUj2o"].concat();
        assert!(SecretAccessKey::parse(secret.as_bytes()).unwrap().is_example());
        assert!((0..100).all(|seed| !is_published(fake::pair(seed).secret_text().as_bytes())));
    }
}
