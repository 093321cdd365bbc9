//! The owner's side: what all of its commands share.

mod commands;
mod confirm;
mod contain;
mod destination;
mod journal;
mod rotate;
mod status;
mod target;

pub(super) use contain::{ContainArgs, run as run_contain};
pub(super) use rotate::{RotateArgs, run as run_rotate};
pub(super) use status::{StatusArgs, run as run_status};
