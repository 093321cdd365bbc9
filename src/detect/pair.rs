//! From what was sighted to credentials.
//!
//! Outcomes, as stated and tested: a key ID takes the one secret that is best for the whole text, a temporary one also
//! one token. A secret that has a name of its own and is left over is a finding by itself; one that is not, only if the
//! key ID near it took another. A long-term key ID never takes a token. Where one of a pair is a documented example and
//! the other is not, they part again, so that no real half hides behind an example.

use std::collections::BTreeMap;
use std::mem;

use super::candidate::{Candidate, Part, Standing};
use super::context::{Sighting, Sightings};
use super::held::Held;
use super::link::Link;
use super::{Detection, Found, Outcomes};
use crate::aws::sign::{self, Artefact};
use crate::aws::{
    AccessKeyId, Credential, CredentialParts, KeyKind, SecretAccessKey, ServiceSecretKind, SessionToken,
};
use crate::finding::{Claims, Place, SignedRequest};
use crate::known::KnownSecrets;
use crate::level::{Certainty, Confidence, Doubt};
use crate::rule::RuleId;
use crate::text::Excerpt;

/// More places of one credential than this are counted and not kept.
const MAX_PLACES: usize = 1000;

/// The parts of a credential, by their numbers among what was sighted.
type Sighted = CredentialParts<usize, usize, usize, usize>;

/// Pairs what was sighted.
pub(super) fn conclude(names: &Outcomes, sightings: Sightings) -> Detection {
    let Sightings { mut sighted, links, cut, packed, mut artefacts, work } = in_order(sightings);
    let known = known(&sighted);
    let held = Held::new(&sighted, links);
    let mut found = Groups::default();
    // Pairs first: what is seen again by itself belongs to them.
    for (id, link) in &held.secret_of {
        found.pair(names, &mut sighted, *id, link, held.token_of.get(id).copied());
    }
    for at in 0..sighted.len() {
        match &sighted[at].candidate.part {
            Part::KeyId { .. } if held.users.contains(&at) => {}
            Part::KeyId { .. } if !held.secret_of.contains_key(&at) => {
                found.lone_id(names, &mut sighted, at, held.token_of.get(&at).copied());
            }
            Part::Secret(_) if held.taken.contains(&at) => {}
            Part::Secret(_) if held.of_others.contains(&at) || sighted[at].candidate.owner.is_some() => {
                found.again(&mut sighted, at);
            }
            Part::Secret(_) => {
                found.lone_secret(&mut sighted, at, held.beside_pair.contains(&at));
            }
            Part::Token(_) if !held.taken.contains(&at) => found.lone_token(&mut sighted, at),
            Part::Service(_) => found.service(&mut sighted, at, held.user_of.get(&at).copied()),
            _ => {}
        }
    }
    artefacts.extend(found.found.iter().filter_map(smtp_password));
    let key_id = |&at: &usize| match sighted[at].candidate.part {
        Part::KeyId { id, .. } => Some(id),
        _ => None,
    };
    let elsewhere = held.elsewhere.iter().filter_map(key_id).collect();
    let sighted = !sighted.is_empty() || !packed.is_empty();
    Detection { sighted, found: found.in_order(), elsewhere, known, cut, packed, artefacts, work }
}

/// A password for SMTP, which is made from a secret.
fn smtp_password(found: &Found) -> Option<Artefact> {
    let secret = found.credential.service()?;
    let is_password = secret.kind() == ServiceSecretKind::SesSmtpPassword;
    #[expect(clippy::disallowed_methods, reason = "only a digest of a secret is compared with it")]
    let value = secret.expose();
    is_password.then(|| sign::smtp_password(found.credential.id(), value)).flatten()
}

/// The secrets and tokens among what was sighted.
fn known(sighted: &[Sighting]) -> KnownSecrets {
    let mut known = KnownSecrets::default();
    for sighting in sighted {
        match &sighting.candidate.part {
            Part::Secret(secret) => known.add_secret(secret),
            Part::Token(token) => known.add_token(token),
            Part::Service(part) => known.add_service(&part.secret),
            Part::KeyId { .. } | Part::Missing(_) => {}
        }
    }
    known
}

/// The same sightings, numbered in the order in which they stand.
fn in_order(sightings: Sightings) -> Sightings {
    let mut order: Vec<usize> = (0..sightings.sighted.len()).collect();
    order.sort_by_key(|&at| sightings.sighted[at].location);
    let mut number = vec![0; order.len()];
    order.iter().enumerate().for_each(|(new, &old)| number[old] = new);
    let links = sightings.links.into_iter();
    let mut sighted: Vec<Option<Sighting>> = sightings.sighted.into_iter().map(Some).collect();
    Sightings {
        links: links.map(|link| Link { id: number[link.id], other: number[link.other], ..link }).collect(),
        sighted: order.into_iter().filter_map(|old| sighted[old].take()).collect(),
        cut: sightings.cut,
        packed: sightings.packed,
        artefacts: sightings.artefacts,
        work: sightings.work,
    }
}

/// What a credential, or its name, says of it.
#[derive(Default)]
struct Told {
    signed: Option<SignedRequest>,
    claims: Option<Claims>,
    label: Option<Box<str>>,
}

/// What was found, each credential once.
#[derive(Default)]
struct Groups {
    found: Vec<Found>,
    /// By rule and credential, the latter without its token.
    known: BTreeMap<(RuleId, Credential), usize>,
    pair_of_id: BTreeMap<AccessKeyId, usize>,
    pair_of_secret: BTreeMap<SecretAccessKey, usize>,
}

impl Groups {
    fn pair(
        &mut self,
        names: &Outcomes,
        sighted: &mut [Sighting],
        at: usize,
        link: &Link,
        token: Option<usize>,
    ) {
        let (id_part, secret_part) = (&sighted[at].candidate, &sighted[link.other].candidate);
        let (Part::KeyId { id, .. }, Part::Secret(secret)) = (&id_part.part, &secret_part.part) else {
            return;
        };
        let (id, secret) = (*id, secret.clone());
        if id_part.is_example != secret_part.is_example {
            self.lone_id(names, sighted, at, token);
            self.parted_secret(sighted, link, secret);
            return;
        }
        let start = if link.adjacent { Certainty::High } else { secret_part.certainty };
        let doubts = id_part.doubts.iter().chain(&secret_part.doubts).copied();
        let confidence = doubts
            .filter(|doubt| *doubt != Doubt::GenericName)
            .fold(Confidence::new(start), Confidence::doubting);
        let rule = match id.kind() {
            KeyKind::LongTerm => &names.long_term_pair,
            KeyKind::Temporary => &names.temporary_pair,
        };
        let credential = Credential::Pair { id, secret: secret.clone(), token: token_at(sighted, token) };
        let place = place(sighted, &Sighted::Pair { id: at, secret: link.other, token });
        let label = sighted[at].label.take().or_else(|| sighted[link.other].label.take());
        let told = Told { label, ..Told::default() };
        let found = self.add(rule.clone(), credential, confidence, told, place);
        self.pair_of_id.entry(id).or_insert(found);
        self.pair_of_secret.entry(secret).or_insert(found);
    }

    fn lone_id(&mut self, names: &Outcomes, sighted: &mut [Sighting], at: usize, token: Option<usize>) {
        let Part::KeyId { id, signed } = sighted[at].candidate.part.clone() else { return };
        let place = place(sighted, &Sighted::KeyId { id: at, token });
        if let Some(&pair) = self.pair_of_id.get(&id).filter(|_| signed.is_none()) {
            self.found[pair].see_again(place);
            return;
        }
        let rule = match (&signed, id.kind()) {
            (Some(_), _) => &names.signed,
            (None, KeyKind::LongTerm) => &names.long_term_id,
            (None, KeyKind::Temporary) => &names.temporary_id,
        };
        let confidence = doubted(&sighted[at].candidate);
        let credential = Credential::KeyId { id, token: token_at(sighted, token) };
        let told = Told { signed, claims: None, label: sighted[at].label.take() };
        self.add(rule.clone(), credential, confidence, told, place);
    }

    /// Takes note of one more place of a secret that is in a pair, and is named here as if it were none of AWS.
    fn again(&mut self, sighted: &mut [Sighting], at: usize) {
        let Part::Secret(secret) = &sighted[at].candidate.part else { return };
        if let Some(&pair) = self.pair_of_secret.get(secret) {
            self.found[pair].see_again(place(sighted, &Sighted::Secret(at)));
        }
    }

    fn lone_secret(&mut self, sighted: &mut [Sighting], at: usize, beside_pair: bool) {
        let Part::Secret(secret) = sighted[at].candidate.part.clone() else { return };
        if let Some(&pair) = self.pair_of_secret.get(&secret) {
            self.found[pair].see_again(place(sighted, &Sighted::Secret(at)));
            return;
        }
        let candidate = &sighted[at].candidate;
        let confidence = match candidate.standing {
            Standing::Own => doubted(candidate),
            Standing::NamedNearId if !beside_pair => doubted(candidate).doubting(Doubt::GenericName),
            Standing::UnnamedNearId if !beside_pair => return,
            Standing::Inside => return,
            Standing::NamedNearId | Standing::UnnamedNearId => {
                doubted(candidate).doubting(Doubt::OtherSecretFits)
            }
        };
        self.add_secret(sighted, at, secret, confidence);
    }

    /// A secret whose key ID is an example while it is none, or the other way round.
    fn parted_secret(&mut self, sighted: &mut [Sighting], link: &Link, secret: SecretAccessKey) {
        let candidate = &sighted[link.other].candidate;
        let start = if link.adjacent { Certainty::High } else { candidate.certainty };
        let confidence = candidate.doubts.iter().copied().fold(Confidence::new(start), Confidence::doubting);
        self.add_secret(sighted, link.other, secret, confidence);
    }

    fn add_secret(
        &mut self,
        sighted: &mut [Sighting],
        at: usize,
        secret: SecretAccessKey,
        confidence: Confidence,
    ) {
        let rule = sighted[at].candidate.rule.clone();
        let place = place(sighted, &Sighted::Secret(at));
        let told = Told { label: sighted[at].label.take(), ..Told::default() };
        self.add(rule, Credential::Secret(secret), confidence, told, place);
    }

    fn lone_token(&mut self, sighted: &mut [Sighting], at: usize) {
        let candidate = &sighted[at].candidate;
        let Part::Token(token) = &candidate.part else { return };
        if candidate.standing != Standing::Own {
            return;
        }
        let (rule, credential) = (candidate.rule.clone(), Credential::Token(token.clone()));
        let confidence = Confidence::new(candidate.certainty);
        let place = place(sighted, &Sighted::Token(at));
        self.add(rule, credential, confidence, Told::default(), place);
    }

    /// The secret of a service, and the key ID that is its user name.
    fn service(&mut self, sighted: &mut [Sighting], at: usize, user: Option<usize>) {
        let candidate = &sighted[at].candidate;
        let Part::Service(part) = &candidate.part else { return };
        if part.is_beside_another {
            return;
        }
        let id = part.key_id.or_else(|| match &sighted[user?].candidate.part {
            Part::KeyId { id, .. } => Some(*id),
            _ => None,
        });
        let credential = Credential::Service { id, secret: part.secret.clone() };
        let claims = Some(part.claims.clone());
        let (rule, confidence) = (candidate.rule.clone(), doubted(candidate));
        let place = place(sighted, &Sighted::Service { id: user, secret: at });
        self.add(rule, credential, confidence, Told { claims, ..Told::default() }, place);
    }

    /// Adds a credential, or one more place of it, and tells where it is among those found.
    fn add(
        &mut self,
        rule: RuleId,
        credential: Credential,
        confidence: Confidence,
        told: Told,
        place: Place,
    ) -> usize {
        let Told { signed, claims, label } = told;
        let key = (rule.clone(), credential.clone().without_token());
        let next = self.found.len();
        let at = *self.known.entry(key).or_insert(next);
        match self.found.get_mut(at) {
            Some(found) => {
                if confidence.certainty() > found.confidence.certainty() {
                    found.confidence = confidence;
                }
                // Of several signed requests the one that works longest is told.
                let ends = |signed: &Option<SignedRequest>| {
                    signed.as_ref().map(|signed| (signed.expires_at.is_none(), signed.expires_at))
                };
                if ends(&signed) > ends(&found.signed) {
                    found.signed = signed;
                }
                found.label = found.label.take().or(label);
                found.see_again(place);
            }
            None => {
                let places = vec![place];
                let occurrences = 1;
                self.found.push(Found {
                    rule,
                    credential,
                    confidence,
                    signed,
                    claims,
                    label,
                    places,
                    occurrences,
                });
            }
        }
        at
    }

    /// What was found, in order of its first place.
    fn in_order(self) -> Vec<Found> {
        let mut found = self.found;
        found.iter_mut().for_each(|found| found.places.sort_by_key(Place::main));
        found.sort_by(|a, b| {
            let first = |found: &Found| found.places.first().map(Place::main);
            first(a)
                .cmp(&first(b))
                .then_with(|| a.rule.cmp(&b.rule))
                .then_with(|| a.credential.cmp(&b.credential))
        });
        found
    }
}

impl Found {
    fn see_again(&mut self, place: Place) {
        self.occurrences += 1;
        if self.places.len() < MAX_PLACES {
            self.places.push(place);
        }
    }
}

fn doubted(candidate: &Candidate) -> Confidence {
    candidate.doubts.iter().copied().fold(Confidence::new(candidate.certainty), Confidence::doubting)
}

fn token_at(sighted: &[Sighting], at: Option<usize>) -> Option<SessionToken> {
    match &sighted[at?].candidate.part {
        Part::Token(token) => Some(token.clone()),
        Part::KeyId { .. } | Part::Secret(_) | Part::Service(_) | Part::Missing(_) => None,
    }
}

/// The place of a credential whose parts were sighted there. A sighting belongs to one place, which takes from it what it
/// shows.
fn place(sighted: &mut [Sighting], parts: &Sighted) -> Place {
    // A key ID may be meant to be there, and its secret not.
    let (id, secret, token) = (parts.id(), parts.any_secret(), parts.token().copied());
    let telling = secret.or(token).or(id);
    let allowed_inline = telling.and_then(|at| sighted[at].allowed_inline.clone());
    let mut place = Place {
        parts: parts.each(|at| sighted[at].location),
        excerpt: Excerpt::default(),
        line_hash: None,
        encodings: Vec::new(),
        allowed_inline,
    };
    if let Some(main) = id.or(secret).or(token) {
        let main = &mut sighted[main];
        place.excerpt = mem::take(&mut main.excerpt);
        place.line_hash = main.line_hash.take();
        place.encodings = mem::take(&mut main.candidate.encodings);
    }
    place
}
