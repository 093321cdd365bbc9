//! Finds AWS access keys in files, puts together what belongs together, and says whose they are.
//!
//! The command `akid` is a thin shell around this library. Here is how the library is built.
//!
//! # Flow
//!
//! Each value has one type in each room, and one door leads from room to room.
//!
//! ```text
//! source ──bytes──▶ detect ──Found──▶ scan ──Scan──▶ report ──▶ text, JSON, SARIF
//!                   │ anchor: can these bytes hold anything at all?
//!                   │ rule: what stands in the windows around the anchors?
//!                   └ pair: which secret and which token belong to which key ID?
//!                                     scan ◀──Answer── resolve ──key ID──▶ AWS, if asked to
//! ```
//!
//! - **Sources push.** A [`source`] owns its threads and hands each blob to a sink, so that detection runs in parallel
//!   where the bytes are hot in the cache.
//! - **Archives are opened** between sources and detection ([`source::container`]): a blob that is one becomes its
//!   members, read once and from front to back, in bounded memory; nothing is written, and limits are counted.
//! - **Anchors first.** A credential can only be where one of a few literals is. One SIMD pass over a blob decides
//!   ([`anchor`]); nearly every blob leaves there. The patterns of the [`rule`]s run in windows around anchors only.
//! - **Pairing is an assignment**, not a cross product: a key ID gets at most one secret and one token, within 8 KiB,
//!   so that the whole fits best: by structure, then by names, then by order and distance ([`detect`]).
//! - **Detection is a pure function of bytes.** All that a report needs later is taken out while the bytes are there:
//!   places, and the line with its secrets masked.
//! - **Collect, merge, sort, then report.** The same input at the same time gives the same bytes, at any number of
//!   threads ([`scan`]).
//!
//! # Layers
//!
//! A module knows only the rows below its own.
//!
//! | module | knows |
//! |---|---|
//! | [`report`] | the formats |
//! | [`scan`] | sources, the detector, what makes of both a list of findings |
//! | [`suppress`], [`resolve`] | what is found and does not count; whose a key is, and how to ask AWS |
//! | [`source`], [`detect`], [`finding`] | where bytes come from, what they hold, how that is told |
//! | [`rule`], [`anchor`], [`origin`], [`owner`] | rules as data, the gate made from them, provenance, ownership |
//! | [`redact`], [`known`] | what of a text from outside can be shown; what must not be, since it was detected |
//! | [`aws`], [`text`], [`level`], [`stop`], [`panic`](mod@panic) | the domain; spans, lines, masking; severity and confidence; being stopped; being caught |
//!
//! # No secret leaves
//!
//! [`aws::SecretAccessKey`] and [`aws::SessionToken`] have no `Display` and a `Debug` that shows nothing; findings name
//! a secret by its fingerprint; what a report quotes from its input is masked when it is cut. A [`report`] takes a type
//! that holds no secret, so there is no option to show one.
//!
//! # Example
//!
//! ```
//! use akid::aws::{Credential, fake};
//! use akid::detect::Detector;
//! use akid::rule::RuleSet;
//!
//! // Made up from a seed: no file has to hold a key.
//! let key = fake::pair(7);
//! let text = format!("access_key = \"{}\"\nsecret_key = \"{}\"\n", key.id_text(), key.secret_text());
//!
//! let detection = Detector::new(&RuleSet::built_in()).detect(text.as_bytes());
//! let [found] = &detection.found[..] else { panic!("one credential was planted") };
//! assert_eq!(found.rule.as_str(), "aws-access-key");
//! let Credential::Pair { id, secret, .. } = &found.credential else { panic!("it is a pair") };
//! assert_eq!((*id, secret), (key.id(), key.secret()));
//! ```

pub mod anchor;
pub mod aws;
pub mod detect;
pub mod finding;
pub mod known;
pub mod level;
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
