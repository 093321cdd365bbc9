//! Decisions, by a made-up account behind the traits.

mod contain;
mod rotate;
mod status;
mod world;
