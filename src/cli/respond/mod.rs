//! The owner's side: what all of its commands share.

mod args;
mod inquiry;
mod status;

pub(super) use args::ReachArgs;
pub(super) use inquiry::{Inquiry, Told};
pub(super) use status::{StatusArgs, run as run_status};
