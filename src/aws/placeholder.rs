//! What people type where a key belongs.

/// The rows of a keyboard, with a gap between them.
const ROWS: &[u8] = b"qwertyuiop asdfghjkl zxcvbnm 1234567890";

/// Where in [`ROWS`] each byte stands, in either case, from 1 on; 0 if it does not.
const PLACES: [usize; 256] = places();

const fn places() -> [usize; 256] {
    let mut places = [0; 256];
    let mut at = 0;
    while at < ROWS.len() {
        if ROWS[at] != b' ' {
            places[ROWS[at] as usize] = at + 1;
            places[ROWS[at].to_ascii_uppercase() as usize] = at + 1;
        }
        at += 1;
    }
    places
}

/// Whether `len` consecutive characters of `text` are neighbours on a keyboard, in either direction.
pub(super) fn has_walk(text: &[u8], len: usize) -> bool {
    let place = |byte: &u8| PLACES[usize::from(*byte)];
    let follows = |a: &u8, b: &u8| place(a) > 0 && place(b) == place(a) + 1;
    let is_walk = |walk: &[u8]| walk.len() >= len;
    text.chunk_by(follows).any(is_walk) || text.chunk_by(|a, b| follows(b, a)).any(is_walk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_are_seen_in_both_directions_and_cases() {
        for text in ["xxQWERTYxx", "lkjhgf", "ASDFGHJ", "0987654"] {
            assert!(has_walk(text.as_bytes(), 6), "{text}");
        }
        for text in ["QWERT", "QWERTX", "", "ASDZXC"] {
            assert!(!has_walk(text.as_bytes(), 6), "{text}");
        }
    }
}
