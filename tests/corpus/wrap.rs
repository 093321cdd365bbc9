//! How a whole text is written: encoded, escaped, with other line ends.

use data_encoding::{BASE64, BASE64URL_NOPAD};

use crate::corpus::style::Values;

/// How a text is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrap {
    Plain,
    /// Line ends are CR LF.
    Crlf,
    /// A UTF-8 byte order mark first.
    Bom,
    /// UTF-16, little or big end first, with or without its mark.
    Utf16 {
        big: bool,
        bom: bool,
    },
    /// Latin-1, with letters above ASCII before and after.
    Latin1,
    /// One JSON string.
    Json,
    /// A JSON string in a JSON string.
    JsonTwice,
    /// A JSON string in a shell's double quotes.
    ShellJson,
    /// A URL's query.
    Percent,
    /// Text of an HTML page.
    Html,
    /// A string with `=`, `<`, `>`, `&` and quotes as `\u003d`, as Gson and Go write it.
    UnicodeJson,
    /// A JSON string with every character as `\u0041`, with hex digits in lower case or in upper case.
    Escaped {
        upper: bool,
    },
    /// Base64 in lines of this length (0: one line), after `phase` bytes that move what follows.
    Base64 {
        line: usize,
        phase: usize,
    },
    /// Base64 of the URL alphabet without padding.
    Base64Url,
    /// Base64 of base64.
    Base64Twice,
    /// Quoted-printable, in lines of 76.
    QuotedPrintable,
    /// The values of its bytes.
    Values(Values),
}

impl Wrap {
    /// Wraps a text that stays text.
    pub(crate) fn text(self, text: &str) -> String {
        match self {
            Self::Json => format!("{{\"body\": \"{}\"}}\n", json(text)),
            Self::JsonTwice => {
                format!("{{\"event\": \"{{\\\"body\\\": \\\"{}\\\"}}\"}}\n", json(&json(text)))
            }
            Self::ShellJson => {
                format!("curl -d \"{{\\\"body\\\": \\\"{}\\\"}}\" localhost\n", json(&json(text)))
            }
            Self::Percent => format!("GET /log?text={} HTTP/1.1\n", percent(text)),
            Self::Html => format!("<pre>{}</pre>\n", html(text)),
            Self::UnicodeJson => format!("{{\"text\":\"{}\"}}\n", unicode_json(text)),
            Self::Escaped { upper } => format!("{{\"text\":\"{}\"}}\n", escaped(text, upper)),
            Self::Base64 { line, phase } => {
                let shifted = format!("{}{text}", &"#\n"[2 - phase..]);
                let encoded = BASE64.encode(shifted.as_bytes());
                if line == 0 { encoded + "\n" } else { lines(&encoded, line) }
            }
            Self::Base64Url => BASE64URL_NOPAD.encode(text.as_bytes()) + "\n",
            Self::Base64Twice => BASE64.encode(BASE64.encode(text.as_bytes()).as_bytes()) + "\n",
            Self::Values(values) => format!("data: {{\n{}\n}}\n", values.write(text.as_bytes())),
            Self::QuotedPrintable => {
                let head = "------=_Part_1\nContent-Transfer-Encoding: quoted-printable\n\n";
                format!("{head}{}------=_Part_1--\n", quoted_printable(text))
            }
            Self::Plain | Self::Crlf | Self::Bom | Self::Utf16 { .. } | Self::Latin1 => text.to_owned(),
        }
    }

    /// Wraps a whole file.
    pub(crate) fn file(self, text: &str) -> Vec<u8> {
        match self {
            Self::Bom => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            Self::Utf16 { big, bom } => utf16(&format!("{}{text}", if bom { "\u{feff}" } else { "" }), big),
            Self::Latin1 => [b"# \xe9t\xe9 \xfc\xdf\n", text.as_bytes(), b"# \xc4\xd6\n"].concat(),
            _ => self.value(text),
        }
    }

    /// A value as it stands in the wrapped text, where that can be told from the value alone.
    pub(crate) fn value(self, value: &str) -> Vec<u8> {
        match self {
            Self::Crlf => value.replace('\n', "\r\n").into_bytes(),
            Self::Utf16 { big, .. } => utf16(value, big),
            Self::Percent => percent(value).into_bytes(),
            Self::UnicodeJson => unicode_json(value).into_bytes(),
            Self::Escaped { upper } => escaped(value, upper).into_bytes(),
            Self::Json => json(value).into_bytes(),
            Self::JsonTwice | Self::ShellJson => json(&json(value)).into_bytes(),
            _ => value.as_bytes().to_vec(),
        }
    }

    /// Whether a value inside can only be told to lie somewhere in the wrapped text.
    pub(crate) fn hides_values(self) -> bool {
        matches!(
            self,
            Self::Base64 { .. }
                | Self::Base64Url
                | Self::Base64Twice
                | Self::QuotedPrintable
                | Self::Values(_)
        )
    }
}

fn json(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn unicode_json(text: &str) -> String {
    ["=", "<", ">", "&", "'"].iter().fold(json(text), |text, sign| {
        text.replace(sign, &format!("\\u{:04x}", u32::from(sign.as_bytes()[0])))
    })
}

fn escaped(text: &str, upper: bool) -> String {
    let each = |unit| if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
    text.encode_utf16().map(each).collect()
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn quoted_printable(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut column = 0;
        for c in line.chars() {
            let spelled = if c == '=' { "=3D".to_owned() } else { c.to_string() };
            if column + spelled.len() > 75 {
                out.push_str("=\n");
                column = 0;
            }
            column += spelled.len();
            out.push_str(&spelled);
        }
        out.push('\n');
    }
    out
}

fn lines(text: &str, len: usize) -> String {
    text.as_bytes().chunks(len).map(|line| String::from_utf8_lossy(line) + "\n").collect()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}
