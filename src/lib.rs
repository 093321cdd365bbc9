//! akid

pub mod anchor;
pub mod aws;
pub mod detect;
pub mod finding;
pub mod level;
pub mod origin;
pub mod redact;
pub mod report;
pub mod rule;
pub mod scan;
pub mod source;
pub mod suppress;
pub mod text;
