//! From what was sighted to credentials.
//!
//! Outcomes, as stated and tested: a key ID takes the one secret that is best for the whole text, a temporary one also
//! one token. A secret that has a name of its own and is left over is a finding by itself; one that is not, only if the
//! key ID near it took another. A long-term key ID never takes a token. Where one of a pair is a documented example and
//! the other is not, they part again, so that no real half hides behind an example.

use std::collections::BTreeMap;

use super::assign::assign;
use super::candidate::{Candidate, Part, Standing};
use super::context::{Sighting, Sightings};
use super::link::Link;
use super::{Detection, Found, Outcomes};
use crate::aws::{AccessKeyId, Credential, KeyKind, SecretAccessKey, SessionToken};
use crate::finding::{Place, SignedRequest};
use crate::level::{Certainty, Confidence, Doubt};
use crate::rule::RuleId;

/// More places of one credential than this are counted and not kept.
const MAX_PLACES: usize = 1000;

/// Pairs what was sighted.
pub(super) fn conclude(names: &Outcomes, sightings: Sightings) -> Detection {
    let Sightings { sighted, links, capped } = in_order(sightings);
    let held = Held::new(&sighted, &links);
    let mut found = Groups::default();
    // Pairs first: what is seen again by itself belongs to them.
    for (id, link) in &held.secret_of {
        found.pair(names, &sighted, *id, link, held.token_of.get(id).copied());
    }
    for (at, Sighting { candidate, .. }) in sighted.iter().enumerate() {
        match &candidate.part {
            Part::KeyId { id, signed } if !held.secret_of.contains_key(&at) => {
                let token = held.token_of.get(&at).copied();
                found.lone_id(names, &sighted, (at, *id, signed.as_ref()), token);
            }
            Part::Secret(secret) if !held.taken.contains(&at) => {
                found.lone_secret(&sighted, (at, secret), held.is_beside_pair(&links, at));
            }
            Part::Token(token) if !held.taken.contains(&at) && candidate.standing == Standing::Own => {
                let confidence = Confidence::new(candidate.certainty);
                found.add(
                    candidate.rule.clone(),
                    Credential::Token(token.clone()),
                    confidence,
                    None,
                    place(&sighted, [None, None, Some(at)]),
                );
            }
            _ => {}
        }
    }
    let mut found: Vec<Found> = found.groups.into_values().collect();
    found.iter_mut().for_each(|found| found.places.sort_by_key(Place::main));
    found.sort_by(|a, b| {
        let first = |found: &Found| found.places.first().map(Place::main);
        first(a)
            .cmp(&first(b))
            .then_with(|| a.rule.cmp(&b.rule))
            .then_with(|| a.credential.cmp(&b.credential))
    });
    Detection { found, capped, sighted: !sighted.is_empty() }
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
        capped: sightings.capped,
    }
}

/// The links that hold.
struct Held {
    secret_of: BTreeMap<usize, Link>,
    token_of: BTreeMap<usize, usize>,
    taken: std::collections::BTreeSet<usize>,
}

impl Held {
    fn new(sighted: &[Sighting], links: &[Link]) -> Self {
        let part = |at: usize| &sighted[at].candidate.part;
        let with = |accepts: &dyn Fn(&Link) -> bool| {
            assign(&links.iter().filter(|link| accepts(link)).copied().collect::<Vec<_>>())
        };
        let secrets = with(&|link| matches!(part(link.other), Part::Secret(_)));
        let tokens = with(&|link| {
            let temporary =
                matches!(part(link.id), Part::KeyId { id, .. } if id.kind() == KeyKind::Temporary);
            temporary && matches!(part(link.other), Part::Token(_))
        });
        let taken = secrets.iter().chain(&tokens).map(|link| link.other).collect();
        Self {
            secret_of: secrets.into_iter().map(|link| (link.id, link)).collect(),
            token_of: tokens.into_iter().map(|link| (link.id, link.other)).collect(),
            taken,
        }
    }

    /// Whether a key ID that this secret could have belonged to took another one.
    fn is_beside_pair(&self, links: &[Link], secret: usize) -> bool {
        links.iter().any(|link| link.other == secret && self.secret_of.contains_key(&link.id))
    }
}

/// What makes findings of one text the same. A token counts only where it is alone: it is renewed while its
/// credential stays.
type Key = (RuleId, Option<AccessKeyId>, Option<SecretAccessKey>, Option<SessionToken>);

#[derive(Default)]
struct Groups {
    groups: BTreeMap<Key, Found>,
    pair_of_id: BTreeMap<AccessKeyId, Key>,
    pair_of_secret: BTreeMap<SecretAccessKey, Key>,
}

impl Groups {
    fn pair(&mut self, names: &Outcomes, sighted: &[Sighting], at: usize, link: &Link, token: Option<usize>) {
        let (id_part, secret_part) = (&sighted[at].candidate, &sighted[link.other].candidate);
        let (Part::KeyId { id, signed }, Part::Secret(secret)) = (&id_part.part, &secret_part.part) else {
            return;
        };
        if id_part.is_example != secret_part.is_example {
            self.lone_id(names, sighted, (at, *id, signed.as_ref()), token);
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
        let credential =
            Credential::Pair { id: *id, secret: secret.clone(), token: token_at(sighted, token) };
        let key = self.add(
            rule.clone(),
            credential,
            confidence,
            None,
            place(sighted, [Some(at), Some(link.other), token]),
        );
        self.pair_of_id.entry(*id).or_insert_with(|| key.clone());
        self.pair_of_secret.entry(secret.clone()).or_insert(key);
    }

    fn lone_id(
        &mut self,
        names: &Outcomes,
        sighted: &[Sighting],
        (at, id, signed): (usize, AccessKeyId, Option<&SignedRequest>),
        token: Option<usize>,
    ) {
        let place = place(sighted, [Some(at), None, token]);
        if let Some(found) =
            self.pair_of_id.get(&id).filter(|_| signed.is_none()).and_then(|key| self.groups.get_mut(key))
        {
            found.see_again(place);
            return;
        }
        let candidate = &sighted[at].candidate;
        let rule = match (signed, id.kind()) {
            (Some(_), _) => &names.signed,
            (None, KeyKind::LongTerm) => &names.long_term_id,
            (None, KeyKind::Temporary) => &names.temporary_id,
        };
        let confidence = doubted(candidate);
        let credential = Credential::KeyId { id, token: token_at(sighted, token) };
        self.add(rule.clone(), credential, confidence, signed.cloned(), place);
    }

    fn lone_secret(
        &mut self,
        sighted: &[Sighting],
        (at, secret): (usize, &SecretAccessKey),
        beside_pair: bool,
    ) {
        let candidate = &sighted[at].candidate;
        let place = place(sighted, [None, Some(at), None]);
        if let Some(found) = self.pair_of_secret.get(secret).and_then(|key| self.groups.get_mut(key)) {
            found.see_again(place);
            return;
        }
        let confidence = match candidate.standing {
            Standing::Own => doubted(candidate),
            Standing::NamedNearId if !beside_pair => doubted(candidate).doubting(Doubt::GenericName),
            Standing::UnnamedNearId if !beside_pair => return,
            Standing::NamedNearId | Standing::UnnamedNearId => {
                doubted(candidate).doubting(Doubt::OtherSecretFits)
            }
        };
        self.add(candidate.rule.clone(), Credential::Secret(secret.clone()), confidence, None, place);
    }

    /// A secret whose key ID is an example while it is none, or the other way round.
    fn parted_secret(&mut self, sighted: &[Sighting], link: &Link, secret: &SecretAccessKey) {
        let candidate = &sighted[link.other].candidate;
        let start = if link.adjacent { Certainty::High } else { candidate.certainty };
        let confidence = candidate.doubts.iter().copied().fold(Confidence::new(start), Confidence::doubting);
        let place = place(sighted, [None, Some(link.other), None]);
        self.add(candidate.rule.clone(), Credential::Secret(secret.clone()), confidence, None, place);
    }

    fn add(
        &mut self,
        rule: RuleId,
        credential: Credential,
        confidence: Confidence,
        signed: Option<SignedRequest>,
        place: Place,
    ) -> Key {
        let alone = matches!(credential, Credential::Token(_));
        let token = credential.token().filter(|_| alone).cloned();
        let key = (rule.clone(), credential.id(), credential.secret().cloned(), token);
        match self.groups.get_mut(&key) {
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
                found.see_again(place);
            }
            None => {
                let found =
                    Found { rule, credential, confidence, signed, places: vec![place], occurrences: 1 };
                self.groups.insert(key.clone(), found);
            }
        }
        key
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
        Part::KeyId { .. } | Part::Secret(_) => None,
    }
}

/// The place of a credential whose key ID, secret and token were sighted there.
fn place(sighted: &[Sighting], parts: [Option<usize>; 3]) -> Place {
    let seen = parts.iter().flatten().map(|&at| &sighted[at]);
    let main = seen.clone().next();
    let location = |part: Option<usize>| part.map(|at| sighted[at].location);
    Place {
        key_id: location(parts[0]),
        secret: location(parts[1]),
        token: location(parts[2]),
        excerpt: main.map(|main| main.excerpt.clone()).unwrap_or_default(),
        line_hash: main.and_then(|main| main.line_hash.clone()),
        encodings: main.map(|main| main.candidate.encodings.clone()).unwrap_or_default(),
        allowed_inline: seen.clone().any(|seen| seen.allowed_inline),
    }
}
