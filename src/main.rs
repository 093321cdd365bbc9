//! akid
fn main() {}
