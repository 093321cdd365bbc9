//! A large input is examined in pieces: what is found is what is found in the whole.

use akid::aws::fake;
use akid::detect::Found;
use akid::finding::{Finding, Place};

use crate::files::{DETECTOR, Tree, scan, settings};

/// The size of a piece.
const PIECE: usize = 1 << 20;

/// How a text is written.
#[derive(Clone, Copy, Debug)]
enum Encoding {
    Utf8,
    Utf16 { big: bool, mark: bool },
    Utf32 { big: bool, mark: bool },
}

impl Encoding {
    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16 { big, mark } => {
                let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
                units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
            }
            Self::Utf32 { big, mark } => {
                let units = mark.then_some(0xfeff).into_iter().chain(text.chars().map(u32::from));
                units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
            }
        }
    }

    /// How many bytes of this encoding `text` has.
    fn len(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 { .. } => text.encode_utf16().count() * 2,
            Self::Utf32 { .. } => text.chars().count() * 4,
        }
    }
}

/// Text of a bit more than two pieces in which `needles` stand one behind the other, the middle of each `shift` bytes
/// from an edge.
fn document(filler: &str, needles: [&str; 2], shift: isize, encoding: Encoding) -> Vec<u8> {
    let mut text = String::new();
    let mut len = 0;
    for (edge, needle) in [PIECE, 2 * PIECE].into_iter().zip(needles) {
        let start = (edge - encoding.len(needle) / 2).saturating_add_signed(shift);
        while len + encoding.len(filler) <= start {
            text.push_str(filler);
            len += encoding.len(filler);
        }
        let missing = start.saturating_sub(len) / encoding.len(" ");
        text.push_str(&" ".repeat(missing));
        text.push_str(needle);
        len += missing * encoding.len(" ") + encoding.len(needle);
    }
    text.push_str(&filler.repeat(100));
    encoding.encode(&text)
}

/// All that is told of a finding but GitHub's hash, which only small files have.
type Told = (String, String, Vec<Place>, u64);

fn told(rule: &impl ToString, name: String, places: &[Place], occurrences: u64) -> Told {
    let unhashed = |place: &Place| Place { line_hash: None, ..place.clone() };
    (rule.to_string(), name, places.iter().map(unhashed).collect(), occurrences)
}

fn in_whole(found: &Found) -> Told {
    let name = akid::finding::CredentialName::from(&found.credential);
    told(&found.rule, format!("{name:?}"), &found.places, found.occurrences)
}

fn in_pieces(finding: &Finding) -> Told {
    told(&finding.rule, format!("{:?}", finding.credential), &finding.places, finding.occurrences)
}

fn assert_pieces_change_nothing(document: &[u8], wanted: usize, what: &str) {
    let mut whole: Vec<_> = DETECTOR.detect(document).found.iter().map(in_whole).collect();
    whole.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    assert_eq!(whole.len(), wanted, "{what}: the whole");
    let tree = Tree::new().with("large", document);
    for threads in [1, 3] {
        let scan = scan(&[tree.path("large")], threads);
        let mut pieces: Vec<_> = scan.findings.iter().map(in_pieces).collect();
        pieces.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        assert_eq!(pieces, whole, "{what}, {threads} threads");
        assert_eq!(scan.bytes, document.len() as u64);
    }
}

const FILLERS: [(&str, &str); 4] = [
    ("lines", "nothing to see in this line of text\n"),
    ("multibyte", "naïve — 日本語 🦀 línea\n"),
    ("crlf", "nothing to see\r\nin these lines\r\n"),
    ("one line", "nothing to see in this line, "),
];

#[test]
fn a_credential_across_the_edge_of_a_piece_is_found_as_in_the_whole() {
    let (first, second) = (settings(&fake::pair(1)), settings(&fake::temporary(2)));
    for (name, filler) in FILLERS {
        for shift in [-60, -33, -1, 0, 2, 47] {
            let document = document(filler, [&first, &second], shift, Encoding::Utf8);
            assert_pieces_change_nothing(&document, 2, &format!("{name}, {shift}"));
        }
    }
}

#[test]
fn so_it_is_in_utf_16_and_utf_32() {
    let (first, second) = (settings(&fake::pair(3)), settings(&fake::pair(4)));
    for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
        for encoding in [Encoding::Utf16 { big, mark }, Encoding::Utf32 { big, mark }] {
            for (filler, shift) in [(1, 0), (3, 60)] {
                let (name, filler) = FILLERS[filler];
                let document = document(filler, [&first, &second], shift, encoding);
                assert_pieces_change_nothing(&document, 2, &format!("{encoding:?}, {name}, {shift}"));
            }
        }
    }
}

#[test]
fn a_pair_whose_parts_lie_in_two_pieces_stays_a_pair() {
    let key = fake::pair(5);
    let gap = "a line between the two\n".repeat(300);
    let apart = format!(
        "aws_access_key_id = {}\n{gap}aws_secret_access_key = {}\n",
        key.id_text(),
        key.secret_text()
    );
    let token = fake::temporary(6);
    let with_token = format!("{}aws_session_token = {}\n", settings(&token), token.token_text());
    for (name, filler) in FILLERS {
        for shift in [-3000, 0, 3000] {
            let document = document(filler, [&apart, &with_token], shift, Encoding::Utf8);
            assert_pieces_change_nothing(&document, 2, &format!("{name}, {shift}"));
        }
    }
}

#[test]
fn the_same_credential_in_several_pieces_is_one_finding() {
    let text = settings(&fake::pair(7));
    for shift in [-50, 0, 50] {
        let document = document(FILLERS[1].1, [&text, &text], shift, Encoding::Utf8);
        assert_pieces_change_nothing(&document, 1, &shift.to_string());
    }
}
