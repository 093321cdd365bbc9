//! Refs in the format `reftable`: a stack of tables, each with what changed since the one before it.

mod table;

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::Path;

use self::table::Table;
use super::change::Change;
use super::{Value, name};
use crate::source::git::path::from_bytes;
use crate::source::git::read;

const FOLDER: &str = "reftable";
/// Larger tables are not read, in bytes.
const MAX_TABLE: u64 = 1 << 30;
/// A longer list of tables is none that git keeps, in bytes: it merges them when they are more than a few.
const MAX_LIST: u64 = 1 << 20;
/// How often the list is read anew because git replaced the tables meanwhile.
const ROUNDS: usize = 5;

/// The tables of one worktree, or those that all share; the oldest first.
#[derive(Debug)]
pub(super) struct Stack(Vec<Vec<u8>>);

impl Stack {
    /// Reads the tables of the repository's or worktree's folder `folder`. There are none if it has no list of them.
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let mut last = io::ErrorKind::NotFound.into();
        for _ in 0..ROUNDS {
            let list = match read::small(folder, &Path::new(FOLDER).join("tables.list"), MAX_LIST) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self(Vec::new())),
                list => list?,
            };
            let names = list.split(|&byte| byte == b'\n').filter(|name| !name.is_empty());
            let table = |name: &[u8]| {
                if !name::is_sound(name) || name.contains(&b'/') {
                    return Err(damaged());
                }
                read::small(folder, &Path::new(FOLDER).join(from_bytes(name)), MAX_TABLE)
            };
            match names.map(table).collect() {
                Ok(tables) => return Ok(Self(tables)),
                Err(error) => last = error,
            }
            if last.kind() != io::ErrorKind::NotFound {
                break;
            }
        }
        Err(last)
    }

    /// The refs, by their names.
    pub(super) fn refs(&self) -> io::Result<BTreeMap<Vec<u8>, Value>> {
        let mut values = BTreeMap::new();
        for table in &self.0 {
            let read = Table::parse(table).and_then(|table| {
                table.refs(&mut |name, value| {
                    match value {
                        Some(value) => values.insert(name.to_vec(), value),
                        None => values.remove(name),
                    };
                })
            });
            read.ok_or_else(damaged)?;
        }
        Ok(values)
    }

    /// The messages of all changes of refs, a line each.
    pub(super) fn messages(&self) -> io::Result<Vec<u8>> {
        let mut messages = Vec::new();
        self.changes(&mut |_, _, change| {
            messages.extend(change.message);
            messages.push(b'\n');
        })?;
        Ok(messages)
    }

    /// Hands the changes of refs to `take`, each with the name of the ref and a number that grows with time.
    pub(super) fn changes(&self, take: &mut dyn FnMut(&[u8], u64, Change)) -> io::Result<()> {
        // A change that was taken back stands in an older table than what takes it back.
        let mut gone: HashSet<(Vec<u8>, u64)> = HashSet::new();
        for table in self.0.iter().rev() {
            let mut now_gone = Vec::new();
            let read = Table::parse(table).and_then(|table| {
                table.changes(&mut |name, index, change| match change {
                    None => now_gone.push((name.to_vec(), index)),
                    Some(_) if !gone.is_empty() && gone.contains(&(name.to_vec(), index)) => {}
                    Some(change) => take(name, index, change),
                })
            });
            read.ok_or_else(damaged)?;
            gone.extend(now_gone);
        }
        Ok(())
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a damaged reftable")
}
