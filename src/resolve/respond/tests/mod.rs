//! Decisions, by a made-up account behind the traits.

mod status;
mod world;
