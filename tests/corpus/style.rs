//! How one value is written: as it is, escaped, encoded, or broken in pieces.

use akid::aws::fake::Random;
use data_encoding::{BASE64, HEXLOWER, HEXUPPER};

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
    /// Each character by its value.
    Values(Values),
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
            Self::Values(values) => values.write(text.as_bytes()),
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

/// How bytes are written by their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// `414b`.
    Hex,
    /// `414B`.
    UpperHex,
    /// The first, in lines of sixty.
    HexLines,
    /// `\x41\x4b`.
    Escapes,
    /// `\101\113`.
    Octal,
    /// `&#x41;&#x4B;`.
    Entities,
    /// `0x41, 0x4b`, eight to a line.
    List,
    /// `41,4b,\`, as in files of the Windows registry.
    Registry,
    /// As `hexdump -C` writes them.
    Hexdump,
    /// As `xxd` writes them.
    Xxd,
}

impl Values {
    /// Writes `bytes`.
    pub(crate) fn write(self, bytes: &[u8]) -> String {
        let each = |spell: &dyn Fn(u8) -> String| bytes.iter().map(|&byte| spell(byte)).collect::<Vec<_>>();
        match self {
            Self::Hex => HEXLOWER.encode(bytes),
            Self::UpperHex => HEXUPPER.encode(bytes),
            Self::HexLines => {
                let lines: Vec<_> = bytes.chunks(30).map(|line| HEXLOWER.encode(line)).collect();
                lines.join("\n")
            }
            Self::Escapes => each(&|byte| format!("\\x{byte:02x}")).concat(),
            Self::Octal => each(&|byte| format!("\\{byte:03o}")).concat(),
            Self::Entities => each(&|byte| format!("&#x{byte:02X};")).concat(),
            Self::List => {
                let lines = each(&|byte| format!("0x{byte:02x}"));
                lines.chunks(8).map(|line| line.join(", ")).collect::<Vec<_>>().join(",\n    ")
            }
            Self::Registry => {
                let lines = each(&|byte| format!("{byte:02x}"));
                lines.chunks(25).map(|line| line.join(",")).collect::<Vec<_>>().join(",\\\n  ")
            }
            Self::Hexdump => rows(bytes, |row, offset, text| {
                let bytes: Vec<_> = row.iter().map(|byte| format!("{byte:02x}")).collect();
                let halves: Vec<_> = bytes.chunks(8).map(|half| half.join(" ")).collect();
                format!("{offset:08x}  {:48}  |{text}|\n", halves.join("  "))
            }),
            Self::Xxd => rows(bytes, |row, offset, text| {
                let groups: Vec<_> = row.chunks(2).map(|group| HEXLOWER.encode(group)).collect();
                format!("{offset:08x}: {:39}  {text}\n", groups.join(" "))
            }),
        }
    }
}

fn rows(bytes: &[u8], row: impl Fn(&[u8], usize, &str) -> String) -> String {
    let printable = |&byte: &u8| if (b' '..=b'~').contains(&byte) { char::from(byte) } else { '.' };
    let rows = bytes.chunks(16).zip((0..).step_by(16));
    rows.map(|(bytes, offset)| row(bytes, offset, &bytes.iter().map(printable).collect::<String>())).collect()
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
