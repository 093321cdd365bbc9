//! Text from outside that is about to be shown: excerpts, messages of other programs, paths and names.
//!
//! A secret may stand in any of them, written in any way. What is shown is what is known to be harmless: words, dates,
//! digests, public IDs and what is between them. All else is masked, rather too much than too little, since what is
//! masked here is never what a finding is about.
//!
//! In: bytes. Out: printable text, or the ranges that may not be shown. A text is read as glyphs, escapes
//! undone; letters and digits side by side are judged as units; and runs of units that are no words
//! are masked together, since a secret can be cut into pieces of any size.

mod fixed;
mod forty;
mod glyph;
mod number;
mod run;
mod unit;
mod vocabulary;

use std::cell::RefCell;
use std::ops::Range;

use crate::text::Escaped;

/// Shows a name (a path, a member of an archive, a ref, an author, a host) with control characters escaped, and as
/// `****` what could be 16 or more characters of a secret or a session token.
///
/// Names are shown whole but for that, so that a reader finds the thing again.
pub fn redact(untrusted: &[u8]) -> String {
    LAST_NAME.with_borrow_mut(|(name, known)| {
        if name != untrusted {
            *known = shown(untrusted, run::hidden(untrusted, Strictness::Name));
            name.clear();
            name.extend_from_slice(untrusted);
        }
        known.clone()
    })
}

thread_local! {
    /// The name that was shown last, and how. A report shows one path for many findings in a row.
    static LAST_NAME: RefCell<(Vec<u8>, String)> = const { RefCell::new((Vec::new(), String::new())) };
}

/// Shows what people or other programs wrote (a message, a subject, a step of a build, a reason) with control
/// characters escaped, and as `****` all that is not known to be harmless.
pub fn words(untrusted: &[u8]) -> String {
    shown(untrusted, unknown(untrusted))
}

/// Shows parts of what people or other programs wrote as [`words`] does, each judged with all that stands around it:
/// the end of a text that was cut off may be what tells that its start is a secret's.
pub(crate) fn parts<'a>(
    untrusted: &'a [u8],
    parts: impl IntoIterator<Item = Range<usize>> + 'a,
) -> impl Iterator<Item = String> + 'a {
    let masks = unknown(untrusted);
    parts.into_iter().map(move |part| {
        let within = |mask: &Range<usize>| {
            let [start, end] = [mask.start, mask.end].map(|at| at.clamp(part.start, part.end) - part.start);
            start..end
        };
        let first = masks.partition_point(|mask| mask.end <= part.start);
        let near = masks[first..].iter().take_while(|mask| mask.start < part.end);
        let masks = near.map(within).collect();
        shown(&untrusted[part.clone()], masks)
    })
}

/// The stretches of `text` that are not known to be harmless, in order and apart. Its cost grows with the text's length.
pub(crate) fn unknown(text: &[u8]) -> Vec<Range<usize>> {
    run::hidden(text, Strictness::Text)
}

/// How much of what is not known is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strictness {
    /// Of a text, less than seven characters in a run that could be a secret's.
    Text,
    /// Of a name, less than sixteen.
    Name,
}

impl Strictness {
    /// From how many characters on a run is masked, and how many words may stand between two units of one run.
    fn limits(self) -> (usize, usize) {
        match self {
            Self::Text => (7, 5),
            Self::Name => (16, 3),
        }
    }
}

fn shown(untrusted: &[u8], masks: Vec<Range<usize>>) -> String {
    let mut shown = String::with_capacity(untrusted.len());
    let mut at = 0;
    for mask in masks {
        shown.push_str(&Escaped(&untrusted[at..mask.start]).to_string());
        shown.push_str("****");
        at = mask.end;
    }
    shown.push_str(&Escaped(&untrusted[at..]).to_string());
    shown
}

#[cfg(test)]
mod tests;
