//! Zip: what jars, wheels, office documents and many others are made of.
//!
//! A zip has each member's header before the member, and a table of contents at its end. Readers trust one or the other,
//! so that a member can be hidden from either. Here the archive is read from front to back, as its members stand there,
//! also those that the table does not list; what lies between is searched as bytes; what only the table lists is told.

mod confirm;
mod content;
mod gap;
mod header;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use self::content::Content;
use self::gap::Gap;
use self::header::Header;
use super::fault::ArchiveFault;
use super::input::Input;
use super::limits::HEADER;
use super::place::Place;
use super::rest::Rest;
use super::seven;
use super::summed::Summed;
use super::visit::Visit;
use crate::source::format;

/// Takes all members of a zip.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    let rest = Rest::new(visit, place);
    let mut walk = Walk {
        visit,
        place,
        rest,
        met: HashSet::new(),
        names: HashSet::new(),
        hasher: RandomState::new(),
        hidden: 0,
        ends: 0,
        has_front: false,
    };
    while !visit.is_over() && walk.record(input)? {}
    walk.finish()
}

/// A zip that is being read.
struct Walk<'v> {
    visit: &'v Visit<'v>,
    place: &'v Place<'v>,
    rest: Rest<'v>,
    /// Checksums and packed sizes of the members that were met.
    met: HashSet<(u32, u64)>,
    /// Their names, hashed: there may be a million, each as long as it likes.
    names: HashSet<u64>,
    hasher: RandomState,
    /// How many members the last table lists that were not met.
    hidden: u64,
    /// How many ends of an archive were met, less those that came before another member.
    ends: u64,
    /// Whether something else comes before the first record: a record in it may be there by chance.
    has_front: bool,
}

impl Walk<'_> {
    /// Takes the next record; says whether there was one.
    fn record(&mut self, input: &mut Input<'_>) -> Result<bool, ArchiveFault> {
        self.visit.charge(HEADER);
        let position = input.position();
        let held = input.peek(header::CENTRAL_LEN);
        let u16_at = |at| usize::from(header::u16_at(held, at));
        let (len, is_end) = match held.get(..4).unwrap_or_default() {
            header::LOCAL if header::is_record(held) => {
                // Behind an end it may be there by chance, and where it is unusual.
                let is_usual = self.ends == 0 && header::is_usual(held);
                if is_usual || confirm::is_real(self.visit, input, false) {
                    self.member(input)?;
                } else {
                    self.gap(position, input);
                }
                return Ok(true);
            }
            header::CENTRAL if header::is_record(held) => {
                let len = header::central_len(held);
                self.listed(&Header::central(&take(input, len)?));
                return Ok(true);
            }
            header::END if held.len() >= header::END_LEN => (header::END_LEN + u16_at(20), true),
            header::END_64 => (header::END_64_LEN + u16_at(4), false),
            header::LOCATOR_64 => (header::LOCATOR_64_LEN, false),
            header::SIGNATURE => (header::SIGNATURE_LEN + u16_at(4), false),
            // Archives of one volume that could have been several.
            header::DESCRIPTOR if position == 0 => (4, false),
            _ if format::seven::is_start(held) => {
                seven::walk(self.visit, self.place, input)?;
                return Ok(true);
            }
            _ if held.is_empty() => return Ok(false),
            _ => {
                self.gap(position, input);
                return Ok(true);
            }
        };
        self.ends += u64::from(is_end);
        // A length may lie, to hide what comes next.
        let held = input.peek(len + header::LOCAL_LEN);
        let held = &held[..held.len().min(len + header::LOCAL_LEN)];
        let len = header::next_record(held).filter(|&next| next < len).unwrap_or(len);
        let record = take(input, len)?;
        self.rest.add(record.get(header::END_LEN..).filter(|_| is_end).unwrap_or(&record));
        Ok(true)
    }

    /// Takes a member.
    fn member(&mut self, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
        // A table before another member is an old one, of an archive that was changed in its place.
        (self.ends, self.hidden) = (0, 0);
        let len = header::local_len(input.held());
        let header = Header::local(&take(input, len)?);
        self.rest.add(&header.extra);
        self.met.insert((header.crc, header.packed));
        if self.visit.is_over() {
            return Ok(());
        }
        let outcome = self.content(&header, input);
        let name = header.name;
        if let Err(fault) = outcome {
            self.visit.skip_member(self.place, &name, fault);
        }
        self.names.insert(self.hasher.hash_one(&name));
        Ok(())
    }

    fn content(&mut self, header: &Header, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
        if header.is_encrypted {
            self.pass_over(header, input);
            return Err(ArchiveFault::Encrypted);
        }
        let start = input.position();
        let visit = self.visit;
        let memory = content::memory(header, input, &visit.budget);
        let _memory = memory.inspect_err(|_| self.pass_over(header, input))?;
        let Some(content) = Content::new(header, input)? else {
            self.pass_over(header, input);
            return Err(ArchiveFault::Method(header.method));
        };
        let mut content = Summed::new(content);
        let price = content::price(header.method);
        self.visit.packed_member(self.place, &header.name, &mut content, price)?;
        if self.visit.is_over() {
            return Ok(());
        }
        let (crc, size) = (content.crc(), content.len);
        drop(content);
        let packed = input.position() - start;
        self.met.insert((crc, packed));
        if header.is_described {
            return described(input, crc, packed, size);
        }
        match () {
            () if header.packed != packed || header.size != size => Err(ArchiveFault::Size),
            () if header.crc != crc => Err(ArchiveFault::Checksum),
            () => Ok(()),
        }
    }

    /// Passes over a content that cannot be read, if its length is known.
    fn pass_over(&mut self, header: &Header, input: &mut Input<'_>) {
        self.visit.admit(self.place, &header.name);
        input.skip(header.packed);
        if header.is_described {
            // What is not known of it stands behind it, after the signature.
            let held = input.peek(24);
            if held.starts_with(header::DESCRIPTOR) {
                self.met.insert((header::u32_at(held, 4), header.packed));
                input.skip(16);
            }
        }
    }

    /// Takes what the table of contents says of a member.
    fn listed(&mut self, header: &Header) {
        self.rest.add(&header.extra);
        self.rest.add(&header.comment);
        let is_named = self.names.contains(&self.hasher.hash_one(&header.name));
        if !is_named {
            self.rest.add(&header.name);
        }
        // What is encrypted may have no checksum.
        let is_met =
            if header.is_encrypted { is_named } else { self.met.contains(&(header.crc, header.packed)) };
        self.hidden += u64::from(header.packed > 0 && !is_met);
    }

    /// Takes what is no record. Before the first one it is the file itself: a program, say.
    fn gap(&mut self, position: u64, input: &mut Input<'_>) {
        let mut gap = Gap::new(self.visit, input, self.has_no_end_yet());
        if position == 0 {
            self.has_front = true;
            self.visit.front(self.place, &mut gap);
        } else {
            self.visit.rest_stream(self.place, &mut gap);
        }
        // What nobody wanted of it.
        let _ = std::io::copy(&mut gap, &mut std::io::sink());
    }

    /// Whether members were met, and no end behind them.
    fn has_no_end_yet(&self) -> bool {
        !self.names.is_empty() && self.ends == 0
    }

    fn finish(self) -> Result<(), ArchiveFault> {
        match () {
            () if self.hidden > 0 => Err(ArchiveFault::Hidden(self.hidden)),
            () if self.ends == 0 && !self.names.is_empty() && !self.has_front => Err(ArchiveFault::Truncated),
            () => Ok(()),
        }
    }
}

fn take(input: &mut Input<'_>, len: usize) -> Result<Vec<u8>, ArchiveFault> {
    input.take_bytes(len).ok_or(ArchiveFault::Truncated)
}

/// Takes what comes behind a content that was described only there.
fn described(input: &mut Input<'_>, crc: u32, packed: u64, size: u64) -> Result<(), ArchiveFault> {
    let held = input.peek(24);
    if let Some(len) = header::descriptor_len(held, crc, packed, size) {
        input.skip(len as u64);
        return Ok(());
    }
    if held.starts_with(header::DESCRIPTOR) {
        input.skip(16);
    }
    Err(ArchiveFault::Checksum)
}
