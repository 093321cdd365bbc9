//! Whose a key is: from its account to its owner, and from AWS where the account is not known.
//!
//! In: key IDs, and the accounts that they and their tokens tell. Out: an [`Answer`](crate::resolve::Answer) for each
//! ID that AWS was asked about, and the [`Ownership`](crate::owner::Ownership) of each account. Knows nothing of
//! findings or reports.

mod accounts;
mod answer;

pub use accounts::Accounts;
pub use answer::{Answer, Caller, Refusal, Resolution};
