//! The integration tests. They are one binary, because linking dominates the time of a test run.

#[cfg(all(feature = "cli", feature = "git", unix))]
mod allow;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod apart;
mod archives;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod arguments;
mod barrier;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod baseline;
mod binary;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod cache;
mod capped;
mod cmd;
mod complaints;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod config;
mod corpus;
mod detect;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod docs;
mod encoded;
mod files;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod fleet;
#[cfg(feature = "git")]
mod history;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod hooks;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod import;
mod laws;
mod layers;
mod mask;
mod names;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod output;
mod own_rules;
mod owners;
mod policy;
mod project;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod proofs;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod redact;
mod reports;
#[cfg(all(feature = "cli", feature = "sts", unix))]
mod resolve;
mod secrets;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod sweep;
#[cfg(all(feature = "cli", feature = "git", target_os = "linux"))]
mod threads;
#[cfg(all(feature = "cli", feature = "git", unix))]
mod work;
