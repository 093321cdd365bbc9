//! The owner's side: what the account of a key knows of it, and what ends a leak.
//!
//! In: key IDs, and the caller's own credentials in each account, directly or through a role. Out: a [`KeyFacts`] for
//! each key. Every request goes through one trait per service ([`Iam`], [`Trail`], [`Organization`]); the clients in
//! `client` are the only implementation that ships. A key that was found never signs anything.

mod account;
mod activity;
mod call;
mod client;
pub mod contain;
mod deleted;
mod facts;
mod iam;
mod locate;
mod owner_side;
pub mod policy;
mod record;
pub mod rotate;
mod session_key;
mod status;
#[cfg(test)]
mod tests;
mod trail;
mod user;

pub use account::{Account, Listing, Wanted};
pub use call::{CallError, Cause};
pub use facts::{Activity, Count, KeyFacts, Lack, Remedy, SessionOrigin, UnknownUser, UserFacts};
pub use iam::{CreatedKey, Holder, Iam, KeyUse, Organization, RootKey, User, UserKey};
pub use owner_side::{Access, OwnerSide, Reach};
pub use record::{Containment, Log, LogError, Progress, Step, TakenStep};
pub use status::status;
pub use trail::{Attribute, Event, Events, Trail};
