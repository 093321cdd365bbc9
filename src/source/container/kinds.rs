//! Every kind of archive that is opened, and what opens it.

#[cfg(feature = "git")]
use super::bundle;
use super::fault::ArchiveFault;
use super::input::Input;
use super::place::Place;
use super::visit::Visit;
use super::{ar, cpio, loose, packed, pdf, rpm, seven, sqlite, tar, zip};
use crate::source::format::Kind;

/// Takes all that is in an archive of this kind.
pub(super) fn walk(
    visit: &Visit<'_>,
    kind: Kind,
    place: &Place<'_>,
    input: &mut Input<'_>,
) -> Result<(), ArchiveFault> {
    match kind {
        Kind::Packed(codec) => packed::walk(visit, codec, place, input),
        Kind::Zip => zip::walk(visit, place, input),
        Kind::Tar => tar::walk(visit, place, input),
        Kind::Ar => ar::walk(visit, place, input),
        Kind::Cpio => cpio::walk(visit, place, input),
        Kind::Rpm => rpm::walk(visit, place, input),
        Kind::Seven => seven::walk(visit, place, input),
        Kind::Pdf => pdf::walk(visit, place, input),
        Kind::Sqlite => sqlite::walk(visit, place, input),
        #[cfg(feature = "git")]
        Kind::Bundle => bundle::walk(visit, place, input, visit.bundles.bundle),
        #[cfg(feature = "git")]
        Kind::Pack => bundle::walk(visit, place, input, visit.bundles.pack),
        Kind::Loose => loose::walk(visit, place, input),
        Kind::Closed(format) => {
            visit.front(place, input);
            Err(ArchiveFault::Format(format))
        }
    }
}
