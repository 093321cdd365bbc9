//! Which links hold, of all that may: each key ID and each other part is in at most one of each kind.

use std::collections::{BTreeMap, BTreeSet};

use super::assign::assign;
use super::candidate::{Missing, Part};
use super::context::Sighting;
use super::link::Link;
use crate::aws::KeyKind;

/// The links that hold.
pub(super) struct Held {
    pub(super) secret_of: BTreeMap<usize, Link>,
    pub(super) token_of: BTreeMap<usize, usize>,
    /// Secrets and tokens that are part of a credential.
    pub(super) taken: BTreeSet<usize>,
    /// Secrets of other services.
    pub(super) of_others: BTreeSet<usize>,
    /// Secrets that could have belonged to a key ID that took another one.
    pub(super) beside_pair: BTreeSet<usize>,
    /// Key IDs beside a field for their secret that does not hold it.
    pub(super) elsewhere: BTreeSet<usize>,
    /// For the password of a service the key ID that is its user name.
    pub(super) user_of: BTreeMap<usize, usize>,
    /// Key IDs that are no more than user names.
    pub(super) users: BTreeSet<usize>,
}

impl Held {
    pub(super) fn new(sighted: &[Sighting], links: Vec<Link>) -> Self {
        let part = |at: usize| &sighted[at].candidate.part;
        let (mut to_services, links): (Vec<Link>, Vec<Link>) =
            links.into_iter().partition(|link| matches!(part(link.other), Part::Service(_)));
        let user_of: BTreeMap<usize, usize> =
            assign(&mut to_services).into_iter().map(|link| (link.other, link.id)).collect();
        let (mut to_secrets, mut to_tokens): (Vec<Link>, Vec<Link>) =
            links.into_iter().partition(|link| !matches!(part(link.other), Part::Token(_)));
        to_tokens.retain(
            |link| matches!(part(link.id), Part::KeyId { id, .. } if id.kind() == KeyKind::Temporary),
        );
        let is_there = |at: usize| !matches!(part(at), Part::Missing(_));
        let owned = owned_elsewhere(&to_secrets, &|id| !is_there(id));
        let of_others = owned.iter().filter(|(_, id)| *part(**id) == Part::Missing(Missing::OtherKeyId));
        let of_others = of_others.map(|(&other, _)| other).collect();
        to_secrets.retain(|link| is_there(link.id) && !owned.contains_key(&link.other));
        let mut secrets = assign(&mut to_secrets);
        // An empty field that is best for a key ID says that its secret is somewhere else.
        let elsewhere = secrets.extract_if(.., |link| !is_there(link.other)).map(|link| link.id).collect();
        let tokens = assign(&mut to_tokens);
        let taken: BTreeSet<usize> = secrets.iter().chain(&tokens).map(|link| link.other).collect();
        let secret_of: BTreeMap<usize, Link> = secrets.into_iter().map(|link| (link.id, link)).collect();
        let beside = to_secrets.iter().filter(|link| secret_of.contains_key(&link.id));
        Self {
            beside_pair: beside.map(|link| link.other).filter(|other| !taken.contains(other)).collect(),
            token_of: tokens.into_iter().map(|link| (link.id, link.other)).collect(),
            users: user_of.values().copied().filter(|id| !secret_of.contains_key(id)).collect(),
            elsewhere,
            user_of,
            secret_of,
            of_others,
            taken,
        }
    }
}

/// What is nearer to a field that holds no key ID than to any key ID belongs to that field.
fn owned_elsewhere(links: &[Link], is_field: &dyn Fn(usize) -> bool) -> BTreeMap<usize, usize> {
    let mut nearest: BTreeMap<usize, &Link> = BTreeMap::new();
    for link in links {
        let best = nearest.entry(link.other).or_insert(link);
        if link.cost < best.cost {
            *best = link;
        }
    }
    let is_owned = |link: &&&Link| is_field(link.id) && link.cost <= OF_FIELD;
    nearest.values().filter(is_owned).map(|link| (link.other, link.id)).collect()
}

/// What belongs to a field that holds no key ID costs at most this: it is in the same section.
const OF_FIELD: u32 = 1000;
