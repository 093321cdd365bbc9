//! The integration tests. They are one binary, because linking dominates the time of a test run.

mod archives;
mod barrier;
mod binary;
mod capped;
mod cmd;
mod complaints;
mod corpus;
mod detect;
mod encoded;
#[cfg(unix)]
mod everyday;
mod files;
#[cfg(feature = "git")]
mod history;
mod laws;
mod layers;
mod names;
mod owners;
mod project;
mod reports;
#[cfg(all(feature = "cli", feature = "sts", unix))]
mod resolve;
mod secrets;
