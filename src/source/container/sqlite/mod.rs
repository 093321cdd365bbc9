//! SQLite: the rows of its tables, as text. Columns touch each other in the file, and rows stand in any order there.
//!
//! The file's own bytes are searched like those of any file, so that nothing in free pages, in indexes or in damaged
//! tables is lost. Nothing but these bytes is read: no journal beside them.

mod pages;
mod record;
mod table;

use std::borrow::Cow;

use self::pages::Pages;
use self::record::{Charset, Value};
use self::table::Columns;
use super::fault::ArchiveFault;
use super::input::Input;
use super::limits::Memory;
use super::place::Place;
use super::tap::{Tap, Tapped};
use super::visit::Visit;

/// Text of rows is held up to this size.
const MAX_TEXT: usize = 4 << 20;

/// Steps for a byte of a row.
const BYTE: u64 = 4;

/// Takes a database.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    let mut held = Held { bytes: Vec::new(), memory: visit.budget.hold(0)?, fault: None };
    visit.front(place, &mut Tapped { reader: input, tap: &mut held });
    if let Some(fault) = held.fault {
        return Err(fault);
    }
    let mut pages = Pages::new(&held.bytes)?;
    let mut rows = Rows { visit, place, charset: pages.charset(), text: Vec::new() };
    let mut schema = Vec::new();
    pages.each_record(1, &mut |record| {
        schema.extend(table::of_schema(&record::values(record), rows.charset));
        !visit.is_over()
    });
    for (name, root, columns) in schema {
        if visit.is_over() {
            break;
        }
        rows.header(&name);
        pages.each_record(root, &mut |record| rows.add(&columns, &record::values(record)));
    }
    rows.search();
    pages.fault().map_or(Ok(()), Err)
}

/// The bytes of a database, as they pass by.
struct Held<'v> {
    bytes: Vec<u8>,
    memory: Memory<'v>,
    fault: Option<ArchiveFault>,
}

impl Tap for Held<'_> {
    fn push(&mut self, bytes: &[u8]) {
        if self.fault.is_none() {
            self.fault = self.memory.grow(bytes.len() as u64).err();
        }
        match self.fault {
            None => self.bytes.extend_from_slice(bytes),
            Some(_) => self.bytes = Vec::new(),
        }
    }
}

/// The text of rows: a line for each value, behind the name of its column, and an empty line behind each row.
struct Rows<'v> {
    visit: &'v Visit<'v>,
    place: &'v Place<'v>,
    charset: Charset,
    text: Vec<u8>,
}

impl Rows<'_> {
    /// Starts another table: nothing in it belongs to the one before.
    fn header(&mut self, name: &[u8]) {
        self.text.push(b'[');
        self.text.extend(name.iter().filter(|byte| byte.is_ascii_alphanumeric() || **byte == b'_'));
        self.text.extend_from_slice(b"]\n");
    }

    /// Adds a row; says whether there may be more.
    fn add(&mut self, columns: &Columns, values: &[Value<'_>]) -> bool {
        let start = self.text.len();
        // In a table of names and values, the name is what its row says.
        let mut name: Option<Cow<'_, [u8]>> = None;
        for (at, value) in values.iter().enumerate() {
            let text = match value {
                Value::Text(bytes) => self.charset.utf8(bytes),
                Value::Blob(bytes) => Cow::Borrowed(*bytes),
                Value::Null if columns.may_be_empty(at) => Cow::Borrowed(&b"null"[..]),
                Value::Null | Value::Number(_) => continue,
            };
            let own = columns.name(at);
            let told = name.take().filter(|_| columns.is_value(at));
            for part in [told.as_deref().unwrap_or(own), b" = ", &text, b"\n"] {
                self.text.extend_from_slice(part);
            }
            name = (columns.is_key(at) && table::is_name(&text)).then_some(text);
        }
        self.text.push(b'\n');
        let len = (self.text.len() - start) as u64;
        self.visit.charge(BYTE * len);
        if self.text.len() > MAX_TEXT {
            self.search();
        }
        self.visit.budget.spend(len) && !self.visit.is_over()
    }

    fn search(&mut self) {
        if !self.text.is_empty() {
            self.visit.text(self.place, &self.text);
            self.text.clear();
        }
    }
}
