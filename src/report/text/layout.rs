//! Lines that fit the terminal.

use anstyle::Style;
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, wrap};

/// How wide a line may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    width: usize,
}

/// Where nothing tells the width: what a terminal has by default.
const DEFAULT_WIDTH: usize = 80;
/// Longer lines of prose are hard to read, and shorter ones hold no path.
const WIDTHS: (usize, usize) = (40, 120);

/// What is left of a line must hold a few words.
const ROOM: usize = 20;

impl Layout {
    /// For a terminal of this many columns, if there is one.
    pub(super) fn new(columns: Option<usize>) -> Self {
        Self { width: columns.unwrap_or(DEFAULT_WIDTH).clamp(WIDTHS.0, WIDTHS.1) }
    }

    /// `text` in lines that begin at column `indent`, broken between words only, so that paths and commands stay
    /// whole. What follows the first line stands four columns further to the right.
    pub(super) fn wrapped(self, text: &str, indent: usize) -> String {
        self.wrapped_from(text, indent, indent + 4)
    }

    fn wrapped_from(self, text: &str, first: usize, next: usize) -> String {
        let [first, next] = [first, next].map(|columns| " ".repeat(columns));
        let options = Options::new(self.width)
            .initial_indent(&first)
            .subsequent_indent(&next)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        wrap(text, options).iter().map(|line| format!("{line}\n")).collect()
    }

    /// `start`, a path, which stays whole, and behind it `text`: on a line of its own where there is little room.
    pub(super) fn behind(self, start: &str, style: Style, text: &str, indent: usize) -> String {
        let styled = format!("{:indent$}{style}{start}{style:#}", "");
        let taken = indent + display_width(start) + 2;
        match text {
            "" => format!("{styled}\n"),
            _ if taken + ROOM > self.width => format!("{styled}\n{}", self.wrapped(text, indent + 4)),
            _ => format!("{styled}  {}", &self.wrapped_from(text, taken, indent + 4)[taken..]),
        }
    }

    /// The blanks that take `end` to the end of a line in which this many columns are taken.
    pub(super) fn gap(self, taken: usize, end: &str) -> String {
        " ".repeat(self.width.saturating_sub(taken + end.len()).max(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_never_within_one() {
        let layout = Layout::new(Some(40));
        let path = "a/very/long/path/that/does/not/fit/on/any/line/of/this/width.env";
        let text = layout.wrapped(&format!("in {path} and some more words than fit one line"), 10);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.contains(&format!("{}{path}", " ".repeat(14)).as_str()), "{text}");
        assert!(lines.iter().all(|line| line.len() <= 40 || line.contains(path)), "{text}");
        assert_eq!(text.split_whitespace().count(), 10);
    }

    #[test]
    fn a_path_stays_whole_whatever_is_in_it() {
        let layout = Layout::new(Some(40));
        let behind = |path: &str| layout.behind(path, Style::new(), "only in old commits", 4);
        assert_eq!(behind("a b"), "    a b  only in old commits\n");
        assert_eq!(behind("a b c d e f"), "    a b c d e f  only in old commits\n");
        let path = "a folder/and a file with many blanks in its name";
        assert_eq!(behind(path), format!("    {path}\n        only in old commits\n"));
    }

    #[test]
    fn a_word_at_the_end_of_a_line_is_apart_from_the_rest() {
        let layout = Layout::new(None);
        assert_eq!(layout.gap(20, "FAILS").len(), 55);
        assert_eq!(layout.gap(90, "FAILS").len(), 2);
    }
}
