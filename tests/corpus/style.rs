//! How one value is written: as it is, escaped, encoded, or broken in pieces.

use akid::aws::fake::Random;
use data_encoding::BASE64;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    /// `\/`, as some JSON writers do.
    JsonSlash,
    /// `%2F`, `%2B`, `%3D`.
    Percent,
    /// The same in lower case.
    PercentLower,
    /// `\u002f`, `\u002b`, `\u003d`.
    Unicode,
    /// `&#47;`, `&#43;`, `&#61;`.
    Entity,
    /// `&#x2F;`, `&#x2B;`, `&#x3D;`.
    HexEntity,
    /// Each character as `\101`.
    Octal,
    /// The value in base64.
    Base64,
    /// The value and a line end in base64, as `echo` makes it.
    Base64Line,
    /// The value in base64 twice.
    Base64Twice,
    /// In two pieces, with this between them.
    Broken(&'static str),
    /// In three pieces, with this between them.
    BrokenTwice(&'static str),
    /// In lines of 64 characters, with this between them.
    Folded(&'static str),
}

impl Style {
    /// Writes `text`.
    pub(crate) fn write(self, text: &str, random: &mut Random) -> String {
        let signs = |slash, plus, equals| text.replace('/', slash).replace('+', plus).replace('=', equals);
        match self {
            Self::Plain => text.to_owned(),
            Self::JsonSlash => text.replace('/', "\\/"),
            Self::Percent => signs("%2F", "%2B", "%3D"),
            Self::PercentLower => signs("%2f", "%2b", "%3d"),
            Self::Unicode => signs("\\u002f", "\\u002b", "\\u003d"),
            Self::Entity => signs("&#47;", "&#43;", "&#61;"),
            Self::HexEntity => signs("&#x2F;", "&#x2B;", "&#x3D;"),
            Self::Octal => text.bytes().map(|byte| format!("\\{byte:03o}")).collect(),
            Self::Base64 => BASE64.encode(text.as_bytes()),
            Self::Base64Line => BASE64.encode(format!("{text}\n").as_bytes()),
            Self::Base64Twice => BASE64.encode(BASE64.encode(text.as_bytes()).as_bytes()),
            Self::Broken(join) => broken(text, join, &[5 + random.below(text.len() - 10)]),
            Self::BrokenTwice(join) => {
                let first = 5 + random.below(text.len() / 2 - 6);
                broken(text, join, &[first, first + 5 + random.below(text.len() / 2 - 5)])
            }
            Self::Folded(join) => {
                let lines: Vec<_> =
                    text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect();
                lines.join(join)
            }
        }
    }

    /// Whether the value's place is told to the byte; of an encoded one only that it is inside the encoded text.
    pub(crate) fn is_exact(self) -> bool {
        !matches!(self, Self::Base64 | Self::Base64Line | Self::Base64Twice)
    }
}

fn broken(text: &str, join: &str, cuts: &[usize]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for &cut in cuts {
        out.push_str(&text[at..cut]);
        out.push_str(join);
        at = cut;
    }
    out + &text[at..]
}
