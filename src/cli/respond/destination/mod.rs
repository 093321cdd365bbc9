//! Where a new key goes: a profile of the AWS configuration, or a program.

mod command;
mod ini;
mod profile;

pub(super) use command::Command;
pub(super) use profile::Profile;

/// Text that has a secret in it, overwritten when it is dropped.
struct Wiped(Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.fill(0);
        // What nobody reads would not be written.
        std::hint::black_box(&self.0);
    }
}
