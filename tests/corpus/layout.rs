//! A layout: how credentials are written in one kind of file.

use crate::corpus::key::{ANY, Kind, LONG_TERM, TEMPORARY};
use crate::corpus::style::Style;
use crate::corpus::wrap::Wrap;

/// A template with what varies about it.
///
/// Placeholders: `{{key-id}}`, `{{secret}}` and `{{token}}` of the first credential, `{{key-id.2}}` of the third;
/// `{{word}}`, `{{Word}}`, `{{n}}`, `{{date}}`, `{{region}}`, `{{uuid}}`, `{{hex}}`, `{{account}}`, `{{settings}}`
/// are drawn anew each time.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    pub(crate) template: &'static str,
    /// The template is written so many times, `#` standing for the number.
    pub(crate) times: usize,
    pub(crate) id: Style,
    pub(crate) secret: Style,
    pub(crate) token: Style,
    /// Around the credential only.
    pub(crate) inner: Wrap,
    /// Around the whole file.
    pub(crate) outer: Wrap,
    pub(crate) outcome: Outcome,
    pub(crate) kinds: &'static [Kind],
    /// It only makes sense at the top of a file.
    pub(crate) is_top: bool,
}

/// What is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The parts of one number are one credential.
    Together,
    /// Each part is alone.
    Apart,
    /// The key ID is part of a signed request.
    Signed,
}

impl Layout {
    /// A layout of which nothing is special.
    pub(crate) const fn new(name: &'static str, template: &'static str) -> Self {
        Self {
            name,
            template,
            times: 1,
            id: Style::Plain,
            secret: Style::Plain,
            token: Style::Plain,
            inner: Wrap::Plain,
            outer: Wrap::Plain,
            outcome: Outcome::Together,
            kinds: ANY,
            is_top: false,
        }
    }

    pub(crate) const fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    pub(crate) const fn id(self, id: Style) -> Self {
        Self { id, ..self }
    }

    pub(crate) const fn secret(self, secret: Style) -> Self {
        Self { secret, ..self }
    }

    /// Every part in this style.
    pub(crate) const fn all(self, style: Style) -> Self {
        Self { id: style, secret: style, token: style, ..self }
    }

    /// Secret and token in this style.
    pub(crate) const fn hidden(self, style: Style) -> Self {
        Self { secret: style, token: style, ..self }
    }

    /// The token in lines, with `join` between them.
    pub(crate) const fn token_folded(self, join: &'static str) -> Self {
        Self { token: Style::Folded(join), ..self }
    }

    pub(crate) const fn inner(self, inner: Wrap) -> Self {
        Self { inner, ..self }
    }

    pub(crate) const fn outer(self, outer: Wrap) -> Self {
        Self { outer, ..self }
    }

    pub(crate) const fn top(self) -> Self {
        Self { is_top: true, ..self }
    }

    pub(crate) const fn apart(self) -> Self {
        Self { outcome: Outcome::Apart, ..self }
    }

    pub(crate) const fn signed(self) -> Self {
        Self { outcome: Outcome::Signed, ..self }
    }

    pub(crate) const fn long_term(self) -> Self {
        Self { kinds: LONG_TERM, ..self }
    }

    pub(crate) const fn temporary(self) -> Self {
        Self { kinds: TEMPORARY, ..self }
    }

    /// The template, as often as it is wanted.
    pub(crate) fn whole_template(&self) -> String {
        if self.times == 1 {
            return self.template.to_owned();
        }
        (0..self.times).map(|nth| self.template.replace('#', &nth.to_string())).collect()
    }
}
