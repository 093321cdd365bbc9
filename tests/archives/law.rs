//! What is found in archives is what is found in the files that are in them.

use akid::detect::Detector;
use proptest::prelude::*;

use crate::archives::build::{Entry, ar, bzip2, cpio, gzip, lz4, tar, xz, zip, zstd};
use crate::archives::{RULES, found, key_file, scan, troubles};

/// What a file or an archive is made of.
#[derive(Clone, Debug)]
enum Node {
    File(Vec<u8>),
    Packed(u8, Box<Node>),
    Archive(u8, Vec<Node>),
}

impl Node {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::File(bytes) => bytes.clone(),
            Self::Packed(how, inner) => [gzip, bzip2, xz, zstd, lz4][usize::from(*how)](&inner.bytes()),
            Self::Archive(how, nodes) => archive(*how, nodes),
        }
    }

    /// All there is to find in it, in the file at `way`.
    fn expected(&self, way: &str, is_unpacked: bool, all: &mut Vec<String>) {
        match self {
            Self::File(bytes) => {
                let way = match (way, is_unpacked) {
                    (way, false) => way.to_owned(),
                    ("", true) => "<unpacked>".to_owned(),
                    (way, true) => format!("{way}!/<unpacked>"),
                };
                let detection = Detector::new(&RULES).detect(bytes);
                let at = |found: &akid::detect::Found| {
                    let start = found.places[0].main().start;
                    format!("{way}:{}:{}", start.line, start.column)
                };
                all.extend(detection.found.iter().map(at));
            }
            Self::Packed(_, inner) => inner.expected(way, true, all),
            Self::Archive(_, nodes) => {
                for (nth, node) in nodes.iter().enumerate() {
                    let name = format!("dir/{nth}");
                    let way = if way.is_empty() { name } else { format!("{way}!/{name}") };
                    node.expected(&way, false, all);
                }
            }
        }
    }
}

fn archive(how: u8, nodes: &[Node]) -> Vec<u8> {
    let named: Vec<(Vec<u8>, Vec<u8>)> = nodes
        .iter()
        .enumerate()
        .map(|(nth, node)| (format!("dir/{nth}").into_bytes(), node.bytes()))
        .collect();
    let plain: Vec<(&[u8], &[u8])> =
        named.iter().map(|(name, content)| (name.as_slice(), content.as_slice())).collect();
    let zipped = |make: &dyn Fn(&[u8], &[u8]) -> Entry| {
        zip(&plain.iter().map(|(name, content)| make(name, content)).collect::<Vec<_>>())
    };
    match how {
        0 => tar(&plain),
        1 => ar(&plain),
        2 => cpio(&plain),
        3 => zipped(&Entry::stored),
        4 => zipped(&Entry::deflated),
        5 => zipped(&|name, content| Entry::deflated(name, content).described(true)),
        _ => zipped(&|name, content| Entry::stored(name, content).described(true)),
    }
}

/// A file with or without something in it.
fn file() -> impl Strategy<Value = Node> {
    let noise = prop::collection::vec(any::<u8>(), 0..200);
    (noise.clone(), prop::option::of(0_u64..1000), "[\n -~]{0,300}").prop_map(|(noise, key, text)| {
        let key = key.map(key_file).unwrap_or_default();
        // Something at the start that no archive starts with.
        Node::File([b"- ", text.as_bytes(), b"\n", &key, &noise].concat())
    })
}

fn node() -> impl Strategy<Value = Node> {
    file().prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            (0..5_u8, inner.clone()).prop_map(|(how, inner)| Node::Packed(how, Box::new(inner))),
            (0..7_u8, prop::collection::vec(inner, 0..5)).prop_map(|(how, nodes)| Node::Archive(how, nodes)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn packing_changes_nothing(node in node()) {
        let bytes = node.bytes();
        let mut expected = Vec::new();
        node.expected("", false, &mut expected);
        let mut found = found(&bytes);
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(troubles(&scan(&bytes)), Vec::<String>::new());
    }

    #[test]
    fn no_bytes_are_too_much(node in node(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)) {
        let mut bytes = node.bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        // No panic, and the same however it is read.
        let told = troubles(&scan(&bytes));
        prop_assert!(told.iter().all(|told| !told.contains("Panic")), "{told:?}");
    }
}
