//! From byte offsets to lines and columns.

use std::ops::Range;

use super::{Position, is_continuation};

/// Tells lines and columns of a text, or of a piece of one.
///
/// Built in one pass over the bytes; a look-up costs a binary search and, for the column, a walk along the line from
/// the last look-up on that line, so that ascending look-ups on one endless line stay linear.
#[derive(Debug)]
pub struct LineIndex<'a> {
    text: &'a [u8],
    start: Position,
    line_starts: Vec<usize>,
    last: (usize, u64),
}

impl<'a> LineIndex<'a> {
    /// Indexes a whole text.
    pub fn new(text: &'a [u8]) -> Self {
        Self::from_position(text, Position::START)
    }

    /// Indexes a piece that begins at `start` of the whole text.
    pub fn from_position(text: &'a [u8], start: Position) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(memchr::memchr_iter(b'\n', text).map(|newline| newline + 1));
        Self { text, start, line_starts, last: (0, start.column) }
    }

    /// The position of the byte at `offset`; the end of the text has one, too.
    ///
    /// # Panics
    ///
    /// If `offset` is past the end of the text.
    pub fn position(&mut self, offset: usize) -> Position {
        assert!(offset <= self.text.len(), "an offset past the end of its text");
        let line = self.line_at(offset);
        let line_start = self.line_starts[line];
        let first_column = if line == 0 { self.start.column } else { 1 };
        let (from, column) = if (line_start..=offset).contains(&self.last.0) && self.last.0 > line_start {
            self.last
        } else {
            (line_start, first_column)
        };
        let column = column + columns(&self.text[from..offset]);
        // Only a character's first byte is a place to go on from.
        if self.text.get(offset).is_none_or(|&byte| !is_continuation(byte)) {
            self.last = (offset, column);
        }
        Position { line: self.start.line + line as u64, column }
    }

    /// The line that the byte at `offset` stands in, without its line end.
    pub fn line_around(&self, offset: usize) -> Range<usize> {
        let line = self.line_at(offset);
        let end = self.line_starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let start = self.line_starts[line];
        let has_cr = end > start && self.text[end - 1] == b'\r';
        start..end - usize::from(has_cr)
    }

    /// The whole text.
    pub fn text(&self) -> &'a [u8] {
        self.text
    }

    fn line_at(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset) - 1
    }
}

/// Unicode scalar values in `bytes`, an invalid byte counting as one.
pub(crate) fn columns(bytes: &[u8]) -> u64 {
    // Most text is, and a file without line ends is counted from end to end.
    if bytes.is_ascii() {
        return bytes.len() as u64;
    }
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum::<usize>()
        as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slow_position(text: &[u8], offset: usize) -> Position {
        let line_start = text[..offset].iter().rposition(|&b| b == b'\n').map_or(0, |newline| newline + 1);
        let line = text[..offset].iter().filter(|&&b| b == b'\n').count() as u64 + 1;
        Position { line, column: columns(&text[line_start..offset]) + 1 }
    }

    #[test]
    fn columns_count_characters_and_invalid_bytes() {
        let text = "é\n€x".as_bytes();
        assert_eq!(LineIndex::new(text).position(6), Position { line: 2, column: 2 });
        assert_eq!(LineIndex::new(b"\xff\xffa").position(2), Position { line: 1, column: 3 });
    }

    #[test]
    fn plain_text_has_a_column_for_each_byte_as_any_text_has() {
        let long = "ab\0".repeat(1000);
        assert_eq!(columns(long.as_bytes()), 3000);
        assert_eq!(columns(format!("{long}é").as_bytes()), 3001);
    }

    #[test]
    fn a_line_ends_before_its_line_end() {
        let index = LineIndex::new(b"one\r\ntwo\n");
        assert_eq!(index.line_around(1), 0..3);
        assert_eq!(index.line_around(5), 5..8);
    }

    proptest! {
        #[test]
        fn any_order_of_look_ups_gives_the_same_positions(
            text in "[a€\n]{0,60}",
            order in prop::collection::vec(0_usize..200, 1..20),
        ) {
            let mut index = LineIndex::new(text.as_bytes());
            for offset in order {
                let mut offset = offset % (text.len() + 1);
                while !text.is_char_boundary(offset) { offset -= 1; }
                prop_assert_eq!(index.position(offset), slow_position(text.as_bytes(), offset));
            }
        }

        #[test]
        fn a_piece_goes_on_where_the_one_before_it_ended(text in "[a€\n]{0,60}", cut in 0_usize..200, at in 0_usize..200) {
            let mut cut = cut % (text.len() + 1);
            while !text.is_char_boundary(cut) { cut -= 1; }
            let mut at = cut + at % (text.len() - cut + 1);
            while !text.is_char_boundary(at) { at -= 1; }
            let start = LineIndex::new(text.as_bytes()).position(cut);
            let mut piece = LineIndex::from_position(&text.as_bytes()[cut..], start);
            prop_assert_eq!(piece.position(at - cut), slow_position(text.as_bytes(), at));
        }
    }
}
