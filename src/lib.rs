//! Finds AWS access keys, pairs each key ID with its secret, and identifies the owning account.
//!
//! The command `akid` is a thin layer over this library. This page describes the architecture.
//!
//! # Flow
//!
//! Each value has one type in each module, and one function leads from module to module.
//!
//! ```text
//! source ──bytes──▶ detect ──Found──▶ scan ──Scan──▶ report ──▶ text, JSON, SARIF
//!                   │ anchor: can these bytes contain a credential at all?
//!                   │ rule: what do the windows around the anchors contain?
//!                   └ pair: which secret and which token belong to which key ID?
//!                                     scan ◀──Answer── resolve ──key ID──▶ AWS, on request
//! ```
//!
//! - **Sources push.** A [`source`] owns its threads and hands each blob to a sink. Detection runs in parallel, while
//!   the bytes are in the processor's cache.
//! - **Archives are opened between sources and detection** ([`source::Opener`]). Their members are read once, from
//!   front to back, in bounded memory. Nothing is written to disk, and limits count work, not time.
//! - **Anchors first.** Every credential is near one of a few literals. One SIMD pass over a blob looks for them
//!   ([`anchor`]), and nearly every blob has none. The patterns of the [`rule`]s run only in windows around anchors.
//! - **Pairing is an assignment** ([`detect`]). Each key ID gets at most one secret and one token, from at most 8 KiB
//!   away. All candidates are paired together, by structure, then names, then order and distance.
//! - **Detection is a pure function of bytes.** It extracts everything that a report needs later: positions, and the
//!   line with its secrets masked.
//! - **Collect, merge, sort, then report** ([`scan`]). The same input at the same time gives the same bytes, at any
//!   number of threads.
//!
//! # Layers
//!
//! A module uses only modules of lower rows. `tests/layers.rs` reads this table and checks it.
//!
//! | modules | knowledge |
//! |---|---|
//! | [`report`] | the report formats |
//! | [`mask`], [`scan`] | how secrets are taken out of a stream; how sources, detection, suppression and owners make a list of findings |
//! | [`resolve`], [`suppress`] | who owns a key, whether it works and what ends it, and how to ask AWS; which findings do not count |
//! | [`detect`], [`source`] | what bytes contain; where bytes come from |
//! | [`anchor`], [`finding`] | the search for anchors; what a finding is |
//! | [`clean`], [`rule`] | which git objects are known to contain nothing; rules as data |
//! | [`known`], [`origin`], [`owner`], [`redact`] | the secrets of this run, to mask them; provenance; ownership; masking of text |
//! | [`aws`], [`level`], [`panic`](mod@panic), [`stop`], [`text`] | credentials and accounts; severity and confidence; catching panics; interruption; spans, lines and excerpts |
//!
//! # No secret leaves
//!
//! [`aws::SecretAccessKey`] and [`aws::SessionToken`] have no `Display`, and their `Debug` shows nothing. Findings name
//! a secret by its fingerprint. Excerpts are masked when they are cut from the input. The types that a [`report`] takes
//! contain no secret, so no option could show one.
//!
//! # Example
//!
//! ```
//! use akid::aws::{Credential, fake};
//! use akid::detect::Detector;
//! use akid::rule::RuleSet;
//!
//! // Made from a seed, so that no file contains a key.
//! let key = fake::pair(7);
//! let text = format!("access_key = \"{}\"\nsecret_key = \"{}\"\n", key.id_text(), key.secret_text());
//!
//! let detection = Detector::new(&RuleSet::built_in()).detect(text.as_bytes());
//! let [found] = &detection.found[..] else { panic!("one credential is there") };
//! assert_eq!(found.rule.as_str(), "aws-access-key");
//! let Credential::Pair { id, secret, .. } = &found.credential else { panic!("not a pair") };
//! assert_eq!((*id, secret), (key.id(), key.secret()));
//! ```

pub mod anchor;
pub mod aws;
#[cfg(feature = "git")]
pub mod clean;
pub mod detect;
pub mod finding;
pub mod known;
pub mod level;
pub mod mask;
pub mod origin;
pub mod owner;
pub mod panic;
pub mod redact;
pub mod report;
pub mod resolve;
pub mod rule;
pub mod scan;
pub mod source;
pub mod stop;
pub mod suppress;
pub mod text;

/// The example of `docs/library.md`, which this compiles.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct LibraryPage;
