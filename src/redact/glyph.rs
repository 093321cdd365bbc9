//! Bytes as the characters that a reader takes them for: escapes undone, each with where it is spelled.

use std::ops::Range;

use super::vocabulary::{Chance, is_word};
use crate::text::escape;
use crate::text::unseen::{is_unseen, written_len};

/// A character of a text from outside, by what it can be of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    /// An ASCII letter or digit.
    Letter(u8),
    /// A letter of another alphabet.
    Foreign,
    /// What no text is written with, so that it may stand for anything: controls, bytes that are not UTF-8, symbols,
    /// second forms of ASCII letters.
    Odd,
    /// Punctuation and white space.
    Break,
}

/// A character and the bytes that spell it.
#[derive(Clone, Debug)]
pub(super) struct Spelled {
    pub(super) glyph: Glyph,
    pub(super) at: Range<usize>,
}

/// The characters of `text`, in order, without those that are not seen: what these divide is read as one word.
pub(super) fn glyphs(text: &[u8]) -> Vec<Spelled> {
    let mut glyphs = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let (glyph, len) = first(&text[at..]);
        glyphs.extend(glyph.map(|glyph| Spelled { glyph, at: at..at + len }));
        at += len;
    }
    glyphs
}

/// The character at the start of `text`, `None` if it is not seen, and the number of bytes that spell it.
fn first(text: &[u8]) -> (Option<Glyph>, usize) {
    match text[0] {
        byte if byte.is_ascii_alphanumeric() => (Some(Glyph::Letter(byte)), 1),
        b'%' | b'\\' | b'&' => spelled(text),
        b'<' => written_len(text).map_or((Some(Glyph::Break), 1), |len| (None, len)),
        // NUL is every other byte of UTF-16.
        0 | b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x1b => (Some(Glyph::Break), 1),
        0..=0x7f => (Some(Glyph::Odd), 1),
        _ => beyond_ascii(text),
    }
}

fn spelled(text: &[u8]) -> (Option<Glyph>, usize) {
    let name = text[1..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if text[0] == b'\\' && name > 2 && is_word(&text[1..=name], Chance::OfOne) {
        // A folder of Windows: `C:\new\table`.
        return (Some(Glyph::Break), 1);
    }
    if let Some((character, len)) = escape(text) {
        return (glyph_of(character), len);
    }
    let is_percent = text[0] == b'%' && text.len() > 2 && text[1..3].iter().all(u8::is_ascii_hexdigit);
    (Some(Glyph::Break), if is_percent { 3 } else { 1 })
}

fn beyond_ascii(text: &[u8]) -> (Option<Glyph>, usize) {
    let head = &text[..text.len().min(4)];
    let chunk = head.utf8_chunks().next();
    let character = chunk.and_then(|chunk| chunk.valid().chars().next());
    character.map_or((Some(Glyph::Odd), 1), |character| (glyph_of(character), character.len_utf8()))
}

fn glyph_of(character: char) -> Option<Glyph> {
    (!is_unseen(character)).then(|| of_char(character))
}

fn of_char(character: char) -> Glyph {
    match character {
        _ if character.is_ascii_alphanumeric() => Glyph::Letter(u8::try_from(character).unwrap_or(b'?')),
        '\0' | ' '..='~' | '\t' | '\r' | '\n' | '\u{1b}' => Glyph::Break,
        '\0'..='\u{9f}' => Glyph::Odd,
        '\u{ff01}'..='\u{ff5e}' => of_char(of_half_width(character)),
        _ if is_second_form(character) => Glyph::Odd,
        _ if character.is_alphabetic() => Glyph::Foreign,
        // Marks on letters, quotes, dashes, punctuation of East Asia, invisible characters, the mark of an order.
        '\u{a0}'..='\u{bf}'
        | '\u{300}'..='\u{36f}'
        | '\u{2000}'..='\u{206f}'
        | '\u{3000}'..='\u{303f}'
        | '\u{20a0}'..='\u{20bf}'
        | '\u{2190}'..='\u{21ff}'
        | '\u{2500}'..='\u{25ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{fffd}' => Glyph::Break,
        _ if character.is_numeric() => Glyph::Odd,
        // Vowel signs belong to the letters of their script.
        '\u{300}'..='\u{1fff}' => Glyph::Foreign,
        _ => Glyph::Odd,
    }
}

/// The ASCII character of which `character` is the form of full width.
fn of_half_width(character: char) -> char {
    char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
}

/// Whether `character` is an ASCII letter or digit in another form: raised, in a circle, in a font of mathematics.
fn is_second_form(character: char) -> bool {
    matches!(character,
        '\u{aa}' | '\u{b2}' | '\u{b3}' | '\u{b9}' | '\u{ba}' | '\u{2b0}'..='\u{2b8}' | '\u{1d2c}'..='\u{1d6a}'
        | '\u{2070}'..='\u{209c}' | '\u{2100}'..='\u{214f}' | '\u{2460}'..='\u{24ff}'
        | '\u{a7f2}'..='\u{a7f4}' | '\u{1d400}'..='\u{1d7ff}'
        | '\u{1f100}'..='\u{1f1ff}')
}
