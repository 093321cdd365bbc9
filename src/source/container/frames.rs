//! The frames of zstd and LZ4 that decoders skip: they hold what they like.

use super::input::Input;
use super::limits::HEADER;
use super::place::Place;
use super::visit::Visit;

/// Searches the frames that come next in `input` and that decoders skip.
pub(super) fn pass_over(visit: &Visit<'_>, archive: &Place<'_>, input: &mut Input<'_>) {
    while let Some([0x50..=0x5f, 0x2a, 0x4d, 0x18, size @ ..]) = input.peek(8).first_chunk::<8>() {
        if visit.is_over() {
            return;
        }
        let size = u32::from_le_bytes(*size);
        visit.charge(HEADER);
        input.skip(8);
        let mut content = input.stretch(size.into());
        if size > 0 {
            visit.rest_stream(archive, &mut content);
        }
        // What is cut was searched as far as it goes.
        content.finish();
    }
}
