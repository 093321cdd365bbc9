//! akid

pub mod aws;
pub mod finding;
pub mod level;
pub mod origin;
pub mod redact;
pub mod report;
pub mod rule;
pub mod scan;
pub mod source;
pub mod text;
