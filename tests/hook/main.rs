//! `akid hook` under git itself: commits, pushes, and a server that takes them.

#![expect(clippy::unwrap_used, reason = "a test")]
#![cfg(unix)]

mod install;
mod pre_commit;
mod pre_push;
mod pre_receive;
mod work;
