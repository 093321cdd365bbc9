//! Tar: headers of 512 bytes, each with its file behind it. Old tars, POSIX ones and GNU's; several one after the other.

use super::fault::ArchiveFault;
use super::input::Input;
use super::limits::HEADER;
use super::manifests::{Kept, Manifests};
use super::place::Place;
use super::rest::Rest;
use super::tap::Tapped;
use super::visit::Visit;
use crate::source::format::tar::{BLOCK, is_header, number};

/// Long names and extended headers up to this size are read; longer ones count as damage.
const MAX_EXTENSION: u64 = 1 << 20;

/// Text up to the first zero.
fn text(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// What headers before a member's own say of it.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Extension {
    /// Takes a name, which replaces one that came before it.
    fn set_name(&mut self, name: &[u8], rest: &mut Rest<'_>) {
        if let Some(replaced) = self.name.replace(name.to_vec()) {
            rest.add(&replaced);
        }
    }
}

/// Takes all members of a tar.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    let mut rest = Rest::new(visit, place);
    let mut manifests = Manifests::new(visit);
    let outcome = members(visit, place, input, &mut rest, &mut manifests);
    for (folder, image) in manifests.images() {
        visit.image(place, folder, image);
    }
    outcome
}

fn members(
    visit: &Visit<'_>,
    place: &Place<'_>,
    input: &mut Input<'_>,
    rest: &mut Rest<'_>,
    manifests: &mut Manifests<'_>,
) -> Result<(), ArchiveFault> {
    let mut extension = Extension::default();
    let mut is_past_end = false;
    while !visit.is_over() {
        visit.charge(HEADER);
        let held = input.peek(BLOCK);
        if held.is_empty() {
            return Ok(());
        }
        let Some(block) = held.get(..BLOCK) else {
            return if is_past_end { Ok(()) } else { Err(ArchiveFault::Truncated) };
        };
        if block.iter().all(|&byte| byte == 0) {
            is_past_end = true;
            input.skip(BLOCK as u64);
            continue;
        }
        if !is_header(block) {
            return if is_past_end { Ok(()) } else { Err(ArchiveFault::Header) };
        }
        is_past_end = false;
        let header: [u8; BLOCK] = block.try_into().unwrap_or([0; BLOCK]);
        input.skip(BLOCK as u64);
        entry(visit, place, input, (&header, &mut extension), rest, manifests)?;
    }
    Ok(())
}

/// Takes what is behind one header.
fn entry(
    visit: &Visit<'_>,
    place: &Place<'_>,
    input: &mut Input<'_>,
    (header, extension): (&[u8; BLOCK], &mut Extension),
    rest: &mut Rest<'_>,
    manifests: &mut Manifests<'_>,
) -> Result<(), ArchiveFault> {
    let stated = number(&header[124..136]).ok_or(ArchiveFault::Header)?;
    let kind = header[156];
    if let b'L' | b'K' | b'x' | b'g' | b'X' = kind {
        // Its own name is that of no member.
        rest.add(&name_of(header));
        search_header(header, rest);
        let text = extra(input, stated, rest)?;
        match kind {
            b'L' => {
                let name = self::text(&text);
                rest.add_all(&text[name.len()..]);
                extension.set_name(name, rest);
            }
            b'K' => rest.add_all(&text),
            // What holds for all members says nothing of one.
            b'g' => rest.add(&text),
            _ => read_records(&text, extension, rest),
        }
        return Ok(());
    }
    let Extension { name, size } = std::mem::take(extension);
    search_header(header, rest);
    let own_name = name_of(header);
    let name = name.unwrap_or_else(|| own_name.clone());
    // Most are the start of the longer one.
    if memchr::memmem::find(&name, &own_name).is_none() {
        rest.add(&own_name);
    }
    let mut size = size.unwrap_or(stated);
    if kind == b'S' && header[482] != 0 {
        skip_map(visit, input, rest)?;
    }
    // Links, devices and folders have no content, though some say a size; what comes next tells.
    if matches!(kind, b'1'..=b'6') && (size == 0 || is_header(input.peek(BLOCK))) {
        size = 0;
    }
    let mut content = input.stretch(size);
    if size > 0 || matches!(kind, 0 | b'0' | b'7') {
        if Manifests::wants(&name) {
            let mut kept = Kept::default();
            visit.file(place, &name, &mut Tapped { reader: &mut content, tap: &mut kept });
            manifests.add(&name, kept);
        } else {
            visit.file(place, &name, &mut content);
        }
    } else {
        visit.admit(place, &name);
    }
    if visit.is_over() {
        return Ok(());
    }
    if !content.finish() {
        visit.skip_member(place, &name, ArchiveFault::Truncated);
        return Ok(());
    }
    skip_padding(size, input, rest);
    Ok(())
}

/// Searches what a header says beside the name of a member: links, owners, and what stands behind the ends of texts.
fn search_header(header: &[u8; BLOCK], rest: &mut Rest<'_>) {
    let prefix = if has_prefix(header) { 345..500 } else { 0..100 };
    let fields = [0..100, 100..157, 157..257, 257..265, 265..297, 297..329, 329..345, 345..500, 500..BLOCK];
    for field in fields {
        let bytes = &header[field.clone()];
        let is_name = field.start == 0 || field == prefix;
        rest.add_all(if is_name { &bytes[text(bytes).len()..] } else { bytes });
    }
}

/// Passes over what fills the last block of a content of this size, and searches it if it is more than zeros.
fn skip_padding(size: u64, input: &mut Input<'_>, rest: &mut Rest<'_>) {
    let len = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    let held = input.peek(BLOCK);
    rest.add_all(&held[..held.len().min(usize::try_from(len).unwrap_or(0))]);
    input.skip(len);
}

/// The bytes of a long name or an extended header.
fn extra(input: &mut Input<'_>, size: u64, rest: &mut Rest<'_>) -> Result<Vec<u8>, ArchiveFault> {
    let len = usize::try_from(size).ok().filter(|_| size <= MAX_EXTENSION).ok_or(ArchiveFault::Header)?;
    let text = input.take_bytes(len).ok_or(ArchiveFault::Truncated)?;
    skip_padding(size, input, rest);
    Ok(text)
}

/// Reads records as POSIX has them: `LENGTH KEY=VALUE` and the end of a line.
fn read_records(mut text: &[u8], extension: &mut Extension, rest: &mut Rest<'_>) {
    while let Some(space) = text.iter().position(|&byte| byte == b' ') {
        let len = std::str::from_utf8(&text[..space]).ok().and_then(|digits| digits.parse::<usize>().ok());
        let Some(record) = len.filter(|&len| len > space).and_then(|len| text.get(space + 1..len)) else {
            break;
        };
        text = &text[space + 1 + record.len()..];
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        let digits = |value: &[u8]| std::str::from_utf8(value).ok()?.parse().ok();
        match record.split_at_checked(5) {
            Some((b"path=", name)) => extension.set_name(name, rest),
            Some((b"size=", value)) => extension.size = digits(value).or(extension.size),
            _ => match record.strip_prefix(b"GNU.sparse.name=") {
                Some(name) => extension.set_name(name, rest),
                None => rest.add(record),
            },
        }
    }
    rest.add(text);
}

/// Passes over the map of a sparse file, where it does not fit its header.
fn skip_map(visit: &Visit<'_>, input: &mut Input<'_>, rest: &mut Rest<'_>) -> Result<(), ArchiveFault> {
    loop {
        visit.charge(HEADER);
        let block = input.peek(BLOCK).get(..BLOCK).ok_or(ArchiveFault::Truncated)?;
        rest.add_all(block);
        let more = block[504];
        input.skip(BLOCK as u64);
        if more == 0 {
            return Ok(());
        }
    }
}

fn name_of(header: &[u8; BLOCK]) -> Vec<u8> {
    let name = text(&header[..100]);
    if !has_prefix(header) {
        return name.to_vec();
    }
    [text(&header[345..500]), b"/", name].concat()
}

/// Whether the first part of a long name stands in the header: GNU has other things there.
fn has_prefix(header: &[u8; BLOCK]) -> bool {
    header[345] != 0 && &header[257..263] == b"ustar\0"
}
