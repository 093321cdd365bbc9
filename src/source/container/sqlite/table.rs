//! Tables: their names, where they start, and what their columns are called.

use super::record::{Charset, Value};

/// The columns of a table.
pub(super) struct Columns {
    names: Vec<Vec<u8>>,
}

/// No name is shown longer: names stand before each value.
const MAX_NAME: usize = 64;

/// The last words of columns that hold names of settings, and of those that hold what is set.
const KEYS: [&[u8]; 8] =
    [b"name", b"key", b"k", b"option", b"setting", b"variable", b"parameter", b"property"];
const VALUES: [&[u8]; 6] = [b"value", b"val", b"v", b"data", b"content", b"text"];

/// Reads a row of the schema: the name of a table, the number of its first page, its columns. `None` if it is no table.
pub(super) fn of_schema(values: &[Value<'_>], charset: Charset) -> Option<(Vec<u8>, usize, Columns)> {
    let [Value::Text(kind), Value::Text(name), _, Value::Number(root), sql, ..] = values else { return None };
    let root = usize::try_from(*root).ok().filter(|&root| root > 1)?;
    let sql = match sql {
        Value::Text(sql) => charset.utf8(sql),
        _ => return None,
    };
    let is_table = *charset.utf8(kind) == *b"table";
    is_table.then(|| (charset.utf8(name).iter().copied().take(MAX_NAME).collect(), root, Columns::of(&sql)))
}

/// Whether `text` is the name of a setting.
pub(super) fn is_name(text: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(byte);
    (2..=MAX_NAME).contains(&text.len()) && text.iter().all(is_letter)
}

/// What a definition starts with that is none of a column.
const CONSTRAINTS: [&[u8]; 5] = [b"PRIMARY", b"UNIQUE", b"CHECK", b"FOREIGN", b"CONSTRAINT"];

impl Columns {
    /// The columns that a table was made with.
    fn of(sql: &[u8]) -> Self {
        let shout = sql.to_ascii_uppercase();
        let open = sql.iter().position(|&byte| byte == b'(').map_or(sql.len(), |at| at + 1);
        // Without row IDs, the columns of the key come first in a row: no telling which is which.
        let is_ordered = memchr::memmem::find(&shout, b"WITHOUT ROWID").is_none();
        let mut names = Vec::new();
        for definition in definitions(&sql[open..]) {
            let definition = definition.trim_ascii();
            let (name, is_quoted) = first_word(definition);
            let is_constraint = !is_quoted && CONSTRAINTS.contains(&name.to_ascii_uppercase().as_slice());
            if is_constraint || name.is_empty() || !is_ordered {
                break;
            }
            names.push(name.iter().copied().take(MAX_NAME).filter(|byte| !byte.is_ascii_control()).collect());
        }
        Self { names }
    }

    /// The name of the column at `at`.
    pub(super) fn name(&self, at: usize) -> &[u8] {
        self.names.get(at).map_or(b"", Vec::as_slice)
    }

    /// Whether an empty value there says that a secret is somewhere else.
    pub(super) fn may_be_empty(&self, at: usize) -> bool {
        memchr::memmem::find(&self.name(at).to_ascii_lowercase(), b"secret").is_some()
    }

    /// Whether the column holds names, of which the next one has the values.
    pub(super) fn is_key(&self, at: usize) -> bool {
        KEYS.contains(&self.last_word(at).as_slice())
    }

    /// Whether the column holds values, of which the one before has the names.
    pub(super) fn is_value(&self, at: usize) -> bool {
        VALUES.contains(&self.last_word(at).as_slice())
    }

    fn last_word(&self, at: usize) -> Vec<u8> {
        let name = self.name(at);
        let start = name.iter().rposition(|&byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
        name[start..].to_ascii_lowercase()
    }
}

/// What commas part between brackets, up to the one that closes all.
fn definitions(sql: &[u8]) -> Vec<&[u8]> {
    let (mut start, mut depth, mut quote) = (0, 0_u32, None);
    let mut definitions = Vec::new();
    for (at, &byte) in sql.iter().enumerate() {
        match (quote, byte) {
            (Some(end), _) if byte == end => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'`' | b'\'') => quote = Some(byte),
            (None, b'[') => quote = Some(b']'),
            (None, b'(') => depth += 1,
            (None, b')') if depth == 0 => {
                definitions.push(&sql[start..at]);
                break;
            }
            (None, b')') => depth -= 1,
            (None, b',') if depth == 0 => {
                definitions.push(&sql[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    definitions
}

/// The first word of a definition, and whether it stands in quotes.
fn first_word(definition: &[u8]) -> (&[u8], bool) {
    let end = match definition.first() {
        Some(b'[') => b']',
        Some(&quote @ (b'"' | b'`' | b'\'')) => quote,
        _ => {
            let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
            let len = definition.iter().take_while(|byte| is_letter(byte)).count();
            return (&definition[..len], false);
        }
    };
    let word = &definition[1..];
    (&word[..word.iter().position(|&byte| byte == end).unwrap_or(0)], true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_the_table_was_made() {
        let columns = Columns::of(
            b"CREATE TABLE t (id INTEGER PRIMARY KEY, \"access key, id\" TEXT, [secret] VARCHAR(40, 2) \
              DEFAULT ('a, b'), `option_name`, option_value, UNIQUE (id, secret))",
        );
        assert_eq!(
            columns.names,
            [&b"id"[..], b"access key, id", b"secret", b"option_name", b"option_value"]
        );
        assert!(columns.may_be_empty(2) && !columns.may_be_empty(0) && !columns.may_be_empty(9));
        assert!(columns.is_key(3) && columns.is_value(4) && !columns.is_value(3));
        assert!(Columns::of(b"CREATE TABLE t (a, b, PRIMARY KEY (b)) WITHOUT ROWID").names.is_empty());
    }
}
