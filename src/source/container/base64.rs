//! What is compressed and stands in a text in base64.

use super::fault::ArchiveFault;
use super::input::Input;
use super::limits::MEMBER;
use super::loose;
use super::place::Place;
use super::visit::Visit;
use crate::source::format::loose::{begins_zlib, is_object, is_zlib};

/// The name that it is told under.
const BASE64: &[u8] = b"<base64>";

/// Takes what is compressed in a text that lies at `depth`.
pub(super) fn open(visit: &Visit<'_>, depth: u32, bytes: &[u8]) {
    if !visit.is_over() {
        visit.charge(MEMBER);
        let text = Place { depth, ..Place::ROOT };
        let place = text.member(BASE64);
        if is_zlib(bytes) {
            let is_deep = place.depth >= visit.limits.depth;
            let fault = is_deep.then_some(ArchiveFault::Depth(visit.limits.depth));
            let outcome = fault.map_or_else(|| loose::unpack(visit, &place, bytes), Err);
            outcome.unwrap_or_else(|fault| visit.skip(&place, fault));
        } else if !begins_zlib(bytes) || is_object(bytes) {
            // What only begins like zlib is a word.
            visit.open(&place, &mut Input::of_slice(bytes));
        }
    }
}
