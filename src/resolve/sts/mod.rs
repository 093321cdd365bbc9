//! Asking AWS whose a key is: GetAccessKeyInfo of its Security Token Service.
//!
//! The questions are signed with the caller's own credentials and logged in the caller's account only: neither the
//! owner of a key nor a canary notices. Nothing that was found is ever used to sign anything: this module is given key
//! IDs, not credentials.
//!
//! The SDK needs an asynchronous runtime. It has one thread, lives in a [`Session`], and is asynchronous in here only.

#[cfg(feature = "respond")]
mod base;
mod connection;
pub(in crate::resolve) mod error;
mod identity;
mod lookup;
mod mfa;
mod profiles;
mod roles;
mod session;
#[cfg(test)]
mod tests;

#[cfg(feature = "respond")]
pub(in crate::resolve) use base::Base;
pub use error::ResolveError;
pub use mfa::{MfaCode, MfaSerial, SessionDuration};
pub use roles::{Prompt, Role};
pub use session::{Asked, Asker, Session};
