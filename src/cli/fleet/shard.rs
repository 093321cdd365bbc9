//! Which part of the targets a process scans, where several share them.

use anyhow::Context;

use crate::cli::environment::variable;
use crate::cli::fleet_args::Shard;

/// Whether the target of this ID is in a part.
pub(super) fn has(shard: Shard, id: &str) -> bool {
    number(id) % shard.count == shard.index
}

/// The start of an ID as a number, which shares targets out evenly and always in the same way.
fn number(id: &str) -> u64 {
    id.get(..15).and_then(|start| u64::from_str_radix(start, 16).ok()).unwrap_or(0)
}

/// The part that a Kubernetes Indexed Job or an AWS Batch array job gives to this process.
pub(super) fn of_environment() -> anyhow::Result<Option<Shard>> {
    let pairs = [
        ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"),
        ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"),
    ];
    let number = |name: &str| variable(name)?.to_str()?.parse::<u64>().ok();
    for (index_name, count_name) in pairs {
        if variable(index_name).is_none() {
            continue;
        }
        let shard =
            number(index_name).zip(number(count_name)).and_then(|(index, count)| Shard::new(index, count));
        return shard.map(Some).with_context(|| {
            format!(
                "{index_name} is set, and {index_name} and {count_name} name no part of the targets\n\
                 help: set {count_name} to the number of parts, or use --shard"
            )
        });
    }
    Ok(None)
}
