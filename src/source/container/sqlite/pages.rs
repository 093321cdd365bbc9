//! The pages of a database, and the trees that they make.
//!
//! Each page is taken once, and of a page each byte: so no tree has a loop, and no record is read over and over.
//!
//! Source: "Database File Format", <https://www.sqlite.org/fileformat2.html>.

use super::super::fault::ArchiveFault;
use super::record::{Charset, varint};

/// Length of the header of the file, which is in the first page.
const HEADER: usize = 100;

/// The pages of a database.
pub(super) struct Pages<'b> {
    bytes: &'b [u8],
    page_size: usize,
    /// How much of a page is used.
    usable: usize,
    charset: Charset,
    is_taken: Vec<bool>,
    fault: Option<ArchiveFault>,
}

/// What a page of a tree holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    IndexInterior,
    TableInterior,
    IndexLeaf,
    TableLeaf,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            0x02 => Self::IndexInterior,
            0x05 => Self::TableInterior,
            0x0a => Self::IndexLeaf,
            0x0d => Self::TableLeaf,
            _ => return None,
        })
    }

    fn is_interior(self) -> bool {
        matches!(self, Self::IndexInterior | Self::TableInterior)
    }
}

/// A cell with a record.
struct Cell<'b> {
    /// What of the record is in it.
    local: &'b [u8],
    /// How long the record is.
    len: usize,
    /// The page where the record goes on.
    overflow: Option<usize>,
}

impl<'b> Pages<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Result<Self, ArchiveFault> {
        let page_size = match number(bytes, 16, 2).ok_or(ArchiveFault::Truncated)? {
            1 => 1 << 16,
            size => size,
        };
        let reserved = number(bytes, 20, 1).unwrap_or(0);
        let charset = number(bytes, 56, 4).and_then(Charset::of).ok_or(ArchiveFault::Header)?;
        let usable = page_size.checked_sub(reserved).filter(|&usable| usable >= 480);
        let (true, Some(usable)) = (page_size.is_power_of_two(), usable) else {
            return Err(ArchiveFault::Header);
        };
        let is_taken = vec![false; bytes.len().div_ceil(page_size)];
        let is_cut = number(bytes, 28, 4).is_some_and(|pages| pages > is_taken.len())
            || !bytes.len().is_multiple_of(page_size);
        let fault = is_cut.then_some(ArchiveFault::Truncated);
        Ok(Self { bytes, page_size, usable, charset, is_taken, fault })
    }

    /// How text is written.
    pub(super) fn charset(&self) -> Charset {
        self.charset
    }

    /// What of it could not be read, if anything.
    pub(super) fn fault(&self) -> Option<ArchiveFault> {
        self.fault
    }

    /// Calls `take` with every record of the tree whose root is the page of that number, until it says no.
    pub(super) fn each_record(&mut self, root: usize, take: &mut dyn FnMut(&[u8]) -> bool) {
        let mut next = vec![root];
        while let Some(page) = next.pop() {
            if self.records(page, &mut next, take) == Some(false) {
                return;
            }
        }
    }

    /// The records of one page; what is below it comes `next`. `None` if it is damaged.
    fn records(
        &mut self,
        page: usize,
        next: &mut Vec<usize>,
        take: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Option<bool> {
        let records = self.page(page).and_then(|bytes| self.cells(page, bytes, next));
        if records.is_none() {
            self.fault.get_or_insert(ArchiveFault::Header);
        }
        for cell in records? {
            let mut record = cell.local.to_vec();
            if !self.overflow(cell.overflow, cell.len, &mut record) {
                self.fault.get_or_insert(ArchiveFault::Header);
            }
            if !take(&record) {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Takes the page of that number, if it is there and was not taken before.
    fn page(&mut self, number: usize) -> Option<&'b [u8]> {
        let at = number.checked_sub(1)?;
        let is_taken = self.is_taken.get_mut(at).filter(|is_taken| !**is_taken)?;
        *is_taken = true;
        let start = at * self.page_size;
        self.bytes.get(start..self.bytes.len().min(start + self.usable))
    }

    /// The cells of a page. Pages below are added to `next`, so that the first comes first.
    fn cells(&self, page: usize, bytes: &'b [u8], next: &mut Vec<usize>) -> Option<Vec<Cell<'b>>> {
        let start = if page == 1 { HEADER } else { 0 };
        let kind = Kind::of(*bytes.get(start)?)?;
        let count = number(bytes, start + 3, 2)?;
        let first = start + if kind.is_interior() { 12 } else { 8 };
        let mut left = bytes.len();
        let (mut cells, mut below) = (Vec::new(), Vec::new());
        for nth in 0..count {
            let mut at = number(bytes, first + 2 * nth, 2)?;
            if kind.is_interior() {
                below.push(number(bytes, at, 4)?);
                at += 4;
            }
            if kind == Kind::TableInterior {
                left = left.checked_sub(4)?;
                continue;
            }
            let (len, read) = varint(bytes.get(at..)?)?;
            at += read;
            if kind == Kind::TableLeaf {
                at += varint(bytes.get(at..)?)?.1;
            }
            let len = usize::try_from(len).ok()?;
            let local = self.local(kind, len);
            // Cells that overlap are not read over and over.
            left = left.checked_sub(local + 2)?;
            let overflow = if local < len { Some(number(bytes, at + local, 4)?) } else { None };
            cells.push(Cell { local: bytes.get(at..at + local)?, len, overflow });
        }
        if kind.is_interior() {
            below.push(number(bytes, start + 8, 4)?);
        }
        next.extend(below.into_iter().rev());
        Some(cells)
    }

    /// How much of a record of `len` bytes is in its cell.
    fn local(&self, kind: Kind, len: usize) -> usize {
        let most =
            if kind == Kind::TableLeaf { self.usable - 35 } else { (self.usable - 12) * 64 / 255 - 23 };
        if len <= most {
            return len;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let fitting = least + (len - least) % (self.usable - 4);
        if fitting <= most { fitting } else { least }
    }

    /// Adds to `record`, which has `len` bytes, what is in the pages from `page` on; says whether all of it was there.
    fn overflow(&mut self, mut page: Option<usize>, len: usize, record: &mut Vec<u8>) -> bool {
        while record.len() < len {
            let Some(bytes) = page.and_then(|page| self.page(page)) else { return false };
            let Some(next) = number(bytes, 0, 4) else { return false };
            record.extend(bytes[4..].iter().take(len - record.len()));
            page = Some(next);
        }
        true
    }
}

/// The number of `len` bytes at `at`.
fn number(bytes: &[u8], at: usize, len: usize) -> Option<usize> {
    Some(bytes.get(at..at + len)?.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
}
