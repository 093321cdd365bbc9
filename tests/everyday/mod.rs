//! Everyday use: hooks under git itself, a server that takes pushes, and what a team knows of and accepts.

#![expect(clippy::unwrap_used, reason = "a test")]

mod baseline;
mod beside;
mod config;
mod formats;
mod gaps;
mod install;
mod output;
mod pre_commit;
mod pre_push;
mod pre_receive;
mod several;
#[cfg(target_os = "linux")]
mod threads;
mod work;
