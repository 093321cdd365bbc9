//! What bytes look like: every magic number and every test of a header.
//!
//! In: the start of an input, or all of it. Out: what it is, and where its parts stand. Nothing is unpacked but the few
//! bytes that tell. Below [`git`](super::git) and [`container`](super::container), which do not know each other.

#[cfg(feature = "git")]
pub(super) mod bundle;
mod codec;
pub(super) mod cpio;
mod frames;
mod kind;
pub(super) mod loose;
pub(super) mod seven;
pub(super) mod tar;
pub(super) mod zip;

pub(super) use codec::Codec;
pub use kind::is_archive;
pub(super) use kind::{HEAD, Kind};
