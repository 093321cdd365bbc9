//! Whose a key is: from its account to its owner, and from AWS where the account is not known.
//!
//! In: key IDs, and the accounts that they and their tokens tell. Out: an [`Answer`] for each
//! ID that AWS was asked about, and the [`Ownership`](crate::owner::Ownership) of each account. Knows nothing of
//! findings or reports. This is the only module that opens a connection. `sts::Session::open` opens the first
//! one, and `respond` asks further services with it.

mod accounts;
mod answer;
#[cfg(feature = "sts")]
mod cache;
#[cfg(feature = "respond")]
pub mod respond;
#[cfg(feature = "sts")]
pub mod sts;

pub use accounts::Accounts;
pub use answer::{Answer, Caller, Key, Refusal, Resolution};
#[cfg(feature = "sts")]
pub use cache::Cache;
