//! akid

pub mod aws;
pub mod level;
