//! Git bundles, which are repositories in one file, and packs of objects alone. Objects are told by their paths.

use super::fault::ArchiveFault;
use super::input::Input;
use super::place::Place;
use super::visit::Visit;
use crate::source::Fault;
use crate::source::bundled::Bundle;

/// Bundles are held up to this size.
const MAX_BUNDLE: u64 = 256 << 20;

/// Steps to make a byte of an object, its checksum included.
const DELTA: u64 = 5;

/// Takes a bundle or a pack, as `read` reads it in so many bytes of memory.
pub(super) fn walk(
    visit: &Visit<'_>,
    place: &Place<'_>,
    input: &mut Input<'_>,
    read: fn(&[u8], u64) -> Bundle,
) -> Result<(), ArchiveFault> {
    let mut memory = visit.budget.hold(0)?;
    let mut bytes = Vec::new();
    if let Err(fault) = input.hold(MAX_BUNDLE, &mut memory, &mut bytes) {
        visit.rest_stream(place, &mut bytes.as_slice());
        return Err(fault);
    }
    // Objects take as much memory again as is left.
    let left = memory.left();
    memory.grow(left)?;
    let bundle = read(&bytes, left);
    visit.charge(DELTA * bundle.made);
    if bundle.fault.is_some() {
        // It may be none, and only begin like one.
        visit.rest_stream(place, &mut bytes.as_slice());
    } else {
        // What it says of refs, and what comes behind its end.
        visit.rest(place, &bytes[..bundle.pack.start]);
        visit.rest_stream(place, &mut &bytes[bundle.pack.end..]);
    }
    drop(bytes);
    for object in &bundle.objects {
        if visit.is_over() || !visit.budget.spend(object.content.len() as u64) {
            return Ok(());
        }
        visit.member(place, &object.name, &mut object.content.as_slice());
    }
    match bundle.fault {
        Some(Fault::TooLarge) => Err(ArchiveFault::Memory),
        Some(_) => Err(ArchiveFault::Objects),
        None if bundle.lost > 0 => Err(ArchiveFault::Base(bundle.lost)),
        None => Ok(()),
    }
}
