//! Databases of SQLite: what is in their rows, and that damage hides nothing.

use std::collections::BTreeSet;

use super::{Held, Limits, NONE, found, scan, scan_within, troubles};
use akid::aws::fake::{self, Fake, Random};
use akid::finding::CredentialName;
use akid::scan::Scan;

const PAGE: usize = 1024;

/// A value of a row.
enum Value<'a> {
    Null,
    Text(&'a str),
    Root(u8),
}

fn varint(number: usize) -> Vec<u8> {
    let byte = |shift: usize| u8::try_from(number >> shift & 0x7f).unwrap();
    if number < 0x80 { vec![byte(0)] } else { vec![byte(7) | 0x80, byte(0)] }
}

fn record(values: &[Value<'_>]) -> Vec<u8> {
    let (mut header, mut body) = (Vec::new(), Vec::new());
    for value in values {
        match value {
            Value::Null => header.push(0),
            Value::Text(text) => {
                header.extend(varint(13 + 2 * text.len()));
                body.extend_from_slice(text.as_bytes());
            }
            Value::Root(page) => {
                header.push(1);
                body.push(*page);
            }
        }
    }
    [varint(header.len() + 1), header, body].concat()
}

/// A database, page by page.
struct Database(Vec<Vec<u8>>);

impl Database {
    /// One with these tables, of which each has its rows in one page.
    fn new(tables: &[(&str, &str, Vec<Vec<Value<'_>>>)]) -> Self {
        let mut database = Self(vec![vec![0; PAGE]; 1 + tables.len()]);
        let schema: Vec<_> = (2..)
            .zip(tables)
            .map(|(page, (name, columns, _))| {
                record(&[
                    Value::Text("table"),
                    Value::Text(name),
                    Value::Text(name),
                    Value::Root(page),
                    Value::Text(&format!("CREATE TABLE {name} ({columns})")),
                ])
            })
            .collect();
        database.leaf(1, 100, &schema);
        for (page, (_, _, rows)) in (2..).zip(tables) {
            database.leaf(page, 0, &rows.iter().map(|row| record(row)).collect::<Vec<_>>());
        }
        let head = &mut database.0[0];
        head[..16].copy_from_slice(b"SQLite format 3\0");
        head[16..18].copy_from_slice(&u16::try_from(PAGE).unwrap().to_be_bytes());
        head[59] = 1;
        database
    }

    /// Writes a leaf of records. What does not fit in it goes on in pages behind the last.
    fn leaf(&mut self, page: usize, start: usize, records: &[Vec<u8>]) {
        let mut end = PAGE;
        for (nth, record) in records.iter().enumerate() {
            let (most, least) = (PAGE - 35, (PAGE - 12) * 32 / 255 - 23);
            let fitting = least + record.len().saturating_sub(least) % (PAGE - 4);
            let local = if record.len() <= most {
                record.len()
            } else if fitting <= most {
                fitting
            } else {
                least
            };
            let mut cell = [varint(record.len()), vec![1], record[..local].to_vec()].concat();
            if local < record.len() {
                cell.extend_from_slice(&u32::try_from(self.0.len() + 1).unwrap().to_be_bytes());
            }
            let mut rest = record[local..].chunks(PAGE - 4).peekable();
            while let Some(part) = rest.next() {
                let next = if rest.peek().is_some() { self.0.len() + 2 } else { 0 };
                let mut overflow = [&u32::try_from(next).unwrap().to_be_bytes()[..], part].concat();
                overflow.resize(PAGE, 0);
                self.0.push(overflow);
            }
            end -= cell.len();
            let leaf = &mut self.0[page - 1];
            leaf[end..end + cell.len()].copy_from_slice(&cell);
            leaf[start + 8 + 2 * nth..][..2].copy_from_slice(&u16::try_from(end).unwrap().to_be_bytes());
        }
        let leaf = &mut self.0[page - 1];
        leaf[start] = 0x0d;
        leaf[start + 3..start + 5].copy_from_slice(&u16::try_from(records.len()).unwrap().to_be_bytes());
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.concat()
    }
}

/// What is found of every credential, whole or not.
fn names(scan: &Scan) -> BTreeSet<CredentialName> {
    scan.findings.iter().map(|finding| finding.credential.clone()).collect()
}

fn name_of(key: &Fake) -> CredentialName {
    CredentialName::Pair { id: key.id(), secret: key.secret().fingerprint(), token: None }
}

fn assert_pairs(database: &Database, keys: &[Fake]) {
    let scan = scan(&database.bytes());
    let pairs: BTreeSet<_> = keys.iter().map(name_of).collect();
    assert_eq!(names(&scan), pairs);
    assert_eq!(troubles(&scan), NONE);
}

fn credentials(keys: &[Fake]) -> Database {
    let rows =
        keys.iter().map(|key| vec![Value::Null, Value::Text(key.id_text()), Value::Text(key.secret_text())]);
    Database::new(&[(
        "credentials",
        "id INTEGER PRIMARY KEY, access_key_id TEXT, secret_access_key TEXT",
        rows.collect(),
    )])
}

#[test]
fn each_row_is_a_pair_though_its_columns_touch() {
    for keys in [1..2, 3..9].map(|seeds| seeds.map(fake::pair).collect::<Vec<_>>()) {
        let database = credentials(&keys);
        assert_pairs(&database, &keys);
        assert_eq!(found(&database.bytes()).len(), keys.len());
        let rows = keys
            .iter()
            .map(|key| vec![Value::Text(key.secret_text()), Value::Text("x"), Value::Text(key.id_text())]);
        assert_pairs(&Database::new(&[("t", "sk, n, ak", rows.collect())]), &keys);
    }
}

#[test]
fn names_in_rows_are_those_of_the_values_beside_them() {
    let keys = [fake::pair(1)];
    let row = |name, value| vec![Value::Null, Value::Text(name), Value::Text(value)];
    let rows =
        vec![row("s3_key", keys[0].id_text()), row("theme", "dark"), row("s3_secret", keys[0].secret_text())];
    assert_pairs(&Database::new(&[("options", "option_id INTEGER, option_name, option_value", rows)]), &keys);
}

#[test]
fn an_empty_field_takes_no_secret_of_another_row() {
    let (alone, pair) = (fake::pair(1), fake::pair(2));
    let rows = vec![
        vec![Value::Text(alone.id_text()), Value::Null],
        vec![Value::Text(pair.id_text()), Value::Text(pair.secret_text())],
    ];
    let scan = scan(&Database::new(&[("t", "access_key_id, secret_access_key", rows)]).bytes());
    let pairs: Vec<_> =
        scan.findings.iter().filter(|finding| finding.credential.any_secret().is_some()).collect();
    assert_eq!(pairs.len(), 1);
    assert_eq!(pairs[0].credential, name_of(&pair));
}

#[test]
fn rows_that_go_on_in_other_pages_are_read_whole() {
    let key = fake::pair(3);
    let text = format!(
        "{}{{\"accessKeyId\": \"{}\", \"x\": \"{}\", \"secretAccessKey\": \"{}\"}}",
        " ".repeat(890),
        key.id_text(),
        ".".repeat(2000),
        key.secret_text()
    );
    assert_pairs(&Database::new(&[("t", "k, v", vec![vec![Value::Text("a"), Value::Text(&text)]])]), &[key]);
}

#[test]
fn damage_is_listed_and_hides_nothing_that_the_bytes_show() {
    let keys: Vec<_> = (1..6).map(fake::pair).collect();
    let whole = credentials(&keys).bytes();
    let mut cut = whole.clone();
    cut.truncate(PAGE + PAGE / 2);
    assert_eq!(troubles(&scan(&cut)), [": truncated"]);
    let mut random = Random::new(1);
    let mut damaged = 0;
    for _ in 0..100 {
        let mut bytes = whole.clone();
        for _ in 0..=random.below(6) {
            // Headers, pointers and schema more often than the rest.
            let at = if random.below(2) == 0 {
                random.below(PAGE / 8) + PAGE * random.below(2)
            } else {
                random.below(bytes.len())
            };
            bytes[at] = u8::try_from(random.below(256)).unwrap();
        }
        bytes[..16].copy_from_slice(&whole[..16]);
        let plain = scan_within(&Held(&bytes), Limits { depth: 0, ..Limits::default() });
        let opened = scan(&bytes);
        let known = names(&opened);
        for name in names(&plain) {
            assert!(name.id().is_none_or(|id| known.iter().any(|known| known.id() == Some(id))));
            assert!(
                name.any_secret()
                    .is_none_or(|secret| known.iter().any(|known| known.any_secret() == Some(secret)))
            );
        }
        damaged += usize::from(!troubles(&opened).is_empty());
    }
    assert!(damaged > 10, "{damaged}");
}

#[test]
fn pages_that_lead_to_each_other_and_cells_that_overlap_are_read_once() {
    let text = "x".repeat(900);
    let mut database = Database::new(&[("t", "a", vec![vec![Value::Text(&text)]])]);
    let leaf = &mut database.0[1];
    let cell = [leaf[8], leaf[9]];
    leaf[3..5].copy_from_slice(&50_u16.to_be_bytes());
    leaf[8..108].copy_from_slice(&cell.repeat(50));
    assert_eq!(troubles(&scan(&database.bytes())), [": damaged-header"]);
    // A tree whose only page below is its root.
    let root = &mut database.0[1];
    root.fill(0);
    root[0] = 0x05;
    root[11] = 2;
    assert_eq!(troubles(&scan(&database.bytes())), [": damaged-header"]);
}
