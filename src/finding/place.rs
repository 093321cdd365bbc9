//! Where a credential stands in the bytes of one input, and how it is written there.

use crate::aws::CredentialParts;
use crate::text::{Excerpt, LineHash, Position, Span};

/// Where the parts of a credential stand.
pub type Locations = CredentialParts<Location, Location, Location, Location>;

/// One occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where the parts stand that are part of this occurrence.
    pub parts: Locations,
    /// The line of the [main](Self::main) location, masked.
    pub excerpt: Excerpt,
    /// The hash of that line by which GitHub follows an alert; `None` where only akid's fingerprint may serve.
    pub line_hash: Option<LineHash>,
    /// How the credential is written there.
    pub encodings: Vec<Encoding>,
    /// The reason that the line gives for its being there, as it may be shown, empty if it gives none; `None` if it does
    /// not say that it is meant to be there.
    pub allowed_inline: Option<String>,
}

/// A stretch of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// Its bytes.
    pub span: Span,
    /// Its first character.
    pub start: Position,
    /// The character after its last.
    pub end: Position,
}

/// A way in which a text was wrapped that had to be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Encoding {
    /// Base64; twice in a row for two levels.
    Base64,
    /// UTF-16.
    Utf16,
    /// UTF-32.
    Utf32,
    /// The values of its bytes: hex digits in one run, in lists, escapes and dumps.
    Values,
}

impl Place {
    /// The location that the finding is shown at: the key ID, else the secret, else the token.
    pub fn main(&self) -> Location {
        match &self.parts {
            Locations::KeyId { id, .. }
            | Locations::Pair { id, .. }
            | Locations::Service { id: Some(id), .. } => *id,
            Locations::Secret(at) | Locations::Token(at) | Locations::Service { id: None, secret: at } => *at,
        }
    }

    /// Where the key ID stands, if it is part of this occurrence.
    pub fn key_id(&self) -> Option<Location> {
        self.parts.id()
    }

    /// Where the secret stands, if it is part of this occurrence.
    pub fn secret(&self) -> Option<Location> {
        self.parts.any_secret()
    }

    /// Where the session token stands, if it is part of this occurrence.
    pub fn token(&self) -> Option<Location> {
        self.parts.token().copied()
    }
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Self; 4] = [Self::Base64, Self::Utf16, Self::Utf32, Self::Values];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Utf16 => "utf-16",
            Self::Utf32 => "utf-32",
            Self::Values => "byte-values",
        }
    }
}
