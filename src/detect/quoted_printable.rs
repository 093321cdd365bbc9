//! Quoted-printable, as mail writes text: `=3D`, and a `=` at the end of a line that goes on.
//!
//! A `=` is common elsewhere, and what follows it may be a secret that begins with two hex digits. So the text around it
//! decides, by so many bytes on each side, whether it is quoted-printable at all.

use std::ops::Range;

use memchr::memmem;

use crate::text::base64_digit;

/// A text is judged by blocks of this many bytes, each with one before and one behind it.
const BLOCK: usize = 512;
/// How far before a block a header is looked for.
const HEADER: usize = 2048;

/// How long a line is that was broken, with its `=`: encoders fill 76 columns, and break no escape.
const BROKEN_LINE: std::ops::RangeInclusive<usize> = 70..=78;

/// Signs that are enough to take a text for quoted-printable.
const ENOUGH: usize = 2;

/// Reads text that may be quoted-printable, from front to back.
#[derive(Default)]
pub(super) struct Reader {
    /// What was judged last, and whether it is quoted-printable.
    judged: Range<usize>,
    is_mail: bool,
}

impl Reader {
    /// Reads the `=` at `at` of `source`, before `end`: the byte that it stands for, `None` for a line that goes on, and
    /// its length; `None` if it is only a `=`.
    pub(super) fn read(&mut self, source: &[u8], at: usize, end: usize) -> Option<(Option<u8>, usize)> {
        let sign = Sign::of(source, at).filter(|sign| at + sign.len() <= end)?;
        if !self.judged.contains(&at) {
            (self.judged, self.is_mail) = judge(source, at);
        }
        self.is_mail.then(|| (sign.byte(), sign.len()))
    }
}

/// What a `=` of quoted-printable may be.
enum Sign {
    /// The line goes on after a line end of this length.
    Soft(usize),
    Code(u8),
}

impl Sign {
    fn of(source: &[u8], at: usize) -> Option<Self> {
        match source.get(at + 1..)? {
            [b'\n', ..] => is_broken_line(source, at).then_some(Self::Soft(1)),
            [b'\r', b'\n', ..] => is_broken_line(source, at).then_some(Self::Soft(2)),
            [high, low, ..] => Some(Self::Code(digit(*high)? << 4 | digit(*low)?)),
            _ => None,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Soft(end) => 1 + end,
            Self::Code(_) => 3,
        }
    }

    /// What is not ASCII only has to be no letter of ours.
    fn byte(&self) -> Option<u8> {
        match *self {
            Self::Soft(_) => None,
            Self::Code(code) => Some(if code.is_ascii() { code } else { b'?' }),
        }
    }

    /// Whether only quoted-printable has it, at `at` of `source`: any other text would have the character itself.
    fn is_telling(&self, source: &[u8], at: usize) -> bool {
        match self {
            Self::Soft(_) => !is_padding(source, at),
            Self::Code(code) => matches!(code, b'=' | b' ' | b'\t'),
        }
    }
}

/// Whether the `=` at `at` ends a line that is as long as those that are broken.
fn is_broken_line(source: &[u8], at: usize) -> bool {
    let before = &source[at.saturating_sub(*BROKEN_LINE.end())..at];
    let line = before.iter().rev().take_while(|&&byte| byte != b'\n').count();
    BROKEN_LINE.contains(&(line + 1))
}

/// Whether the `=` at `at` may end a value in base64: with it, the letters before it are whole groups. A line without
/// anything else is one that was broken.
fn is_padding(source: &[u8], at: usize) -> bool {
    let before = &source[at.saturating_sub(*BROKEN_LINE.end())..at];
    let padding = usize::from(before.ends_with(b"="));
    let letters = before[..before.len() - padding].iter().rev();
    let letters = letters.take_while(|byte| base64_digit(**byte).is_some()).count();
    let is_line = before[..before.len() - padding - letters].last().is_none_or(|&byte| byte == b'\n');
    !is_line && letters >= SHORTEST_BASE64 && (letters + padding + 1).is_multiple_of(4)
}

/// Fewer letters may be a word.
const SHORTEST_BASE64: usize = 15;

/// Judges the paragraph around `at`, as far as its block and the next ones go: whether it has no `=` that quoted-printable
/// would not have, and enough of those that only it has, or a header before it. A boundary between parts of a mail ends
/// a paragraph, too. Returns what of the block is judged so.
fn judge(source: &[u8], at: usize) -> (Range<usize>, bool) {
    const BLANK: [&[u8]; 2] = [b"\n\n", b"\r\n\r\n"];
    const ENDS: [&[u8]; 3] = [BLANK[0], BLANK[1], b"\n--"];
    let block = at / BLOCK * BLOCK..source.len().min((at / BLOCK + 1) * BLOCK);
    let start = block.start.saturating_sub(BLOCK);
    let before = &source[start..at];
    let first = BLANK.iter().filter_map(|blank| Some(memmem::rfind(before, blank)? + blank.len())).max();
    let after = &source[at..source.len().min(block.end + BLOCK)];
    let end = ENDS.iter().filter_map(|end| memmem::find(after, end)).min();
    let paragraph = start + first.unwrap_or(0)..at + end.unwrap_or(after.len());
    let judged = block.start.max(paragraph.start)..block.end.min(paragraph.end);
    let mut signs = 0;
    for sign in memchr::memchr_iter(b'=', &source[paragraph.clone()]) {
        match Sign::of(source, paragraph.start + sign) {
            Some(found) => signs += usize::from(found.is_telling(source, paragraph.start + sign)),
            None => return (judged, false),
        }
    }
    let header = || &source[block.start.saturating_sub(HEADER)..paragraph.start.max(block.start)];
    (judged, signs >= ENOUGH || memmem::find(header(), b"uoted-printable").is_some())
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::escapes;

    fn undone(text: &str) -> String {
        let view = escapes::undo(text.as_bytes(), 0..text.len());
        String::from_utf8(view.bytes().to_vec()).unwrap()
    }

    #[test]
    fn the_text_around_a_sign_decides() {
        assert_eq!(undone("id=3Da\nkey=3Db\n"), "id=a\nkey=b\n");
        let line = "x".repeat(75);
        let broken = format!("{line}=\nb=3D{}=\r\nc", &line[4..]);
        assert_eq!(undone(&broken), format!("{line}b={}c", &line[4..]));
        // The last sign of a value in base64 is none.
        let secrets = format!("key: {}=\n", "x".repeat(67)).repeat(3);
        assert_eq!(undone(&secrets), secrets);
        let header = "Content-Transfer-Encoding: quoted-printable\n\n";
        assert_eq!(undone(&format!("{header}key=3Db")), format!("{header}key=b"));
    }

    #[test]
    fn a_value_may_begin_with_hex_digits() {
        for text in
            ["key=3Dx", "id=AKIA\nkey=3Dx", "a=\nb=3Dx\nc=3Dy", "a: QQ==\nb=3Dx\nc=3Dx", "a=3D\n\nb=3D"]
        {
            assert_eq!(undone(text), text);
        }
    }
}
