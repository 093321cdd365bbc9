//! `akid fleet`: many repositories, each scanned by a process of its own, so that memory is given back, a fault is one
//! target's, and a target that hangs can be ended.
//!
//! ```text
//! targets ─▶ mirror (git clone, fetch) ─▶ akid history ─▶ findings/ID.jsonl + status/ID.json ─▶ status, report
//! ```
//!
//! The folder with the results is all that is remembered. Each of its files is written beside and renamed, the status
//! of a target last: after a kill at any time the next run goes on.

mod mirror;
mod outcome;
mod process;
mod report;
mod scan;
mod shard;
mod state;
mod tally;
mod target;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::Exit;
use super::fleet_args::FleetCommand;

/// Runs a command of the fleet.
pub(super) fn run(command: FleetCommand) -> anyhow::Result<Exit> {
    match command {
        FleetCommand::Scan(args) => scan::run(args),
        FleetCommand::Status(args) => report::status(&args),
        FleetCommand::Report(args) => report::run(args),
    }
}

/// A name for `parts`, in 32 hex digits.
fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        // Lengths keep ("a", "bc") and ("ab", "c") apart.
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    HEXLOWER.encode(&hasher.finalize()[..16])
}
