//! Hooks under git itself, and a server that accepts or rejects pushes.

#![expect(clippy::unwrap_used, reason = "a test")]

mod install;
mod pre_commit;
mod pre_push;
mod pre_receive;
