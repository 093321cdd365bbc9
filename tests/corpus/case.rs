//! One labelled document.

use akid::aws::fake::Random;
use akid::aws::{AccessKeyId, Credential, SecretAccessKey, SessionToken};

use crate::corpus::key::{Key, Kind};
use crate::corpus::layout::{Layout, Outcome};
use crate::corpus::noise::{self, Noise};
use crate::corpus::template::{Part, Piece, pieces};
use crate::corpus::words::REGIONS;

/// A document and what is to be found in it.
pub(crate) struct Case {
    pub(crate) seed: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: Vec<Expected>,
}

/// One credential of a document.
pub(crate) struct Expected {
    pub(crate) rule: &'static str,
    pub(crate) credential: Credential,
    pub(crate) id: Option<Form>,
    pub(crate) secret: Option<Form>,
    pub(crate) token: Option<Form>,
}

/// How a part is written in the document.
#[derive(Clone)]
pub(crate) struct Form {
    pub(crate) bytes: Vec<u8>,
    /// Whether its span is known to the byte, or only to lie inside these bytes.
    pub(crate) is_exact: bool,
}

/// Where in the file the credential stands.
#[derive(Clone, Copy)]
enum Position {
    Alone,
    Start,
    Middle,
    End,
}

/// What was written for one credential so far.
#[derive(Default)]
struct Written {
    id: Option<(String, String)>,
    secret: Option<(String, String)>,
    token: Option<(String, String)>,
}

impl Case {
    /// The `nth` document of a layout: kinds, positions and noises take turns.
    pub(crate) fn of(layout: &Layout, seed: u64, nth: usize) -> Self {
        let mut random = Random::new(seed);
        let template = layout.whole_template();
        let kind = layout.kinds[nth % layout.kinds.len()];
        let mut body = Body {
            layout,
            seed,
            kind,
            with_token: with_token(layout, &template),
            random: &mut random,
            written: Vec::new(),
        };
        let text = layout.inner.text(&body.fill(&template));
        let expected = body.expected(&text);
        let bytes = layout.outer.file(&surround(layout, &text, nth, &mut random));
        Self { seed, bytes, expected }
    }
}

/// The numbers of the credentials that have a token: these are temporary.
fn with_token(layout: &Layout, template: &str) -> Vec<usize> {
    let numbers = pieces(template).filter_map(|piece| match piece {
        Piece::Part(Part::Token, number) => Some(number),
        _ => None,
    });
    if layout.outcome == Outcome::Apart { Vec::new() } else { numbers.collect() }
}

fn surround(layout: &Layout, text: &str, nth: usize, random: &mut Random) -> String {
    let positions = [Position::Alone, Position::Start, Position::Middle, Position::End];
    let position = positions[(nth / 2) % positions.len()];
    let noise = noise::EVERY[nth % noise::EVERY.len()];
    let mut around = |noise: Noise| {
        let len = [200, 900, 3000, 12_000][random.below(4)];
        noise.text(random, len)
    };
    match position {
        Position::Alone => text.to_owned(),
        Position::Start => text.to_owned() + &around(noise),
        _ if layout.is_top => text.to_owned() + &around(noise),
        Position::Middle => around(noise) + text + &around(noise),
        Position::End => around(noise) + text.trim_end_matches('\n'),
    }
}

/// A template being filled.
struct Body<'a> {
    layout: &'a Layout,
    seed: u64,
    kind: Kind,
    with_token: Vec<usize>,
    random: &'a mut Random,
    written: Vec<Written>,
}

impl Body<'_> {
    fn fill(&mut self, template: &str) -> String {
        pieces(template)
            .map(|piece| match piece {
                Piece::Text(text) => text.to_owned(),
                Piece::Part(part, number) => self.part(part, number),
                Piece::Random(name) => self.drawn(name),
            })
            .collect()
    }

    fn part(&mut self, part: Part, number: usize) -> String {
        let kind = if self.with_token.contains(&number) { Kind::Temporary } else { self.kind };
        let key = Key::of(kind, self.seed.wrapping_mul(1000).wrapping_add(number as u64));
        if self.written.len() <= number {
            self.written.resize_with(number + 1, Written::default);
        }
        let written = &mut self.written[number];
        let (value, style, place) = match part {
            Part::Id => (key.id, self.layout.id, &mut written.id),
            Part::Secret => (key.secret, self.layout.secret, &mut written.secret),
            Part::Token => (key.token, self.layout.token, &mut written.token),
        };
        let value = if value.is_empty() { Key::of(Kind::Temporary, self.seed).token } else { value };
        let form = style.write(&value, self.random);
        *place = Some((value, form.clone()));
        form
    }

    fn drawn(&mut self, name: &str) -> String {
        let random = &mut *self.random;
        match name {
            "word" => noise::word(random).to_owned(),
            "Word" => noise::capital(random),
            "n" => random.below(1000).to_string(),
            "date" => noise::date(random),
            "region" => random.pick(REGIONS).to_owned(),
            "uuid" => noise::uuid(random),
            "hex" => noise::hex(random, 40),
            "account" => (100_000_000_000 + random.bits() % 899_999_999_999).to_string(),
            "settings" => {
                (0..40).map(|_| format!("{} = {}\n", noise::word(random), noise::word(random))).collect()
            }
            _ => panic!("no placeholder is called {name}"),
        }
    }

    fn expected(&self, text: &str) -> Vec<Expected> {
        let form = |part: &Option<(String, String)>, is_exact: bool| {
            let (_, form) = part.as_ref()?;
            let bytes = if self.layout.inner.hides_values() {
                self.layout.outer.value(text.trim_end())
            } else {
                let inner = self.layout.inner.value(form);
                self.layout.outer.value(std::str::from_utf8(&inner).ok()?)
            };
            Some(Form { bytes, is_exact: is_exact && !self.layout.inner.hides_values() })
        };
        let each = self.written.iter().flat_map(|written| {
            let id = form(&written.id, self.layout.id.is_exact());
            let secret = form(&written.secret, self.layout.secret.is_exact());
            let token = form(&written.token, self.layout.token.is_exact());
            if self.layout.outcome == Outcome::Apart {
                let mut alone = vec![
                    (credential(&written.id, &None, &None), id, None, None),
                    (credential(&None, &written.secret, &None), None, secret, None),
                    (credential(&None, &None, &written.token), None, None, token),
                ];
                alone.retain(|(credential, ..)| credential.is_some());
                alone
            } else {
                vec![(credential(&written.id, &written.secret, &written.token), id, secret, token)]
            }
        });
        each.filter_map(|(credential, id, secret, token)| {
            let credential = credential?;
            Some(Expected { rule: rule(&credential, self.layout.outcome), credential, id, secret, token })
        })
        .collect()
    }
}

type Value = Option<(String, String)>;

fn credential(id: &Value, secret: &Value, token: &Value) -> Option<Credential> {
    let text = |value: &Value| value.as_ref().map(|(value, _)| value.clone());
    let id = text(id).map(|id| AccessKeyId::parse(id.as_bytes()).expect("a key ID"));
    let secret = text(secret).map(|secret| SecretAccessKey::parse(secret.as_bytes()).expect("a secret"));
    let token = text(token).map(|token| SessionToken::parse(token.as_bytes()).expect("a token"));
    Some(match (id, secret, token) {
        (Some(id), Some(secret), token) => Credential::Pair { id, secret, token },
        (Some(id), None, token) => Credential::KeyId { id, token },
        (None, Some(secret), _) => Credential::Secret(secret),
        (None, None, Some(token)) => Credential::Token(token),
        (None, None, None) => return None,
    })
}

fn rule(credential: &Credential, outcome: Outcome) -> &'static str {
    let is_long_term = credential.id().is_some_and(|id| id.as_str().starts_with("AKIA"));
    match credential {
        _ if outcome == Outcome::Signed => "aws-presigned-url",
        Credential::Pair { .. } if is_long_term => "aws-access-key",
        Credential::Pair { .. } => "aws-temporary-credentials",
        Credential::KeyId { .. } if is_long_term => "aws-access-key-id",
        Credential::KeyId { .. } => "aws-temporary-key-id",
        Credential::Secret(_) => "aws-secret-access-key",
        Credential::Token(_) => "aws-session-token",
        Credential::Service { .. } => unreachable!("layouts of services have a test of their own"),
    }
}
