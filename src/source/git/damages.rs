//! What is wrong with packs, in bounded memory: a pack may be damaged at each of its entries.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Damage, Part};

/// Damages of packs, each with the number of its pack: the first ones in order, and what others there are of each kind.
/// The same, whatever the order in which they were met.
#[derive(Debug, Default)]
pub(super) struct Damages {
    first: BTreeSet<(usize, Damage)>,
    rest: BTreeMap<(usize, &'static str), Damage>,
}

/// As many damages are told apart.
const MAX: usize = 1000;

impl Damages {
    pub(super) fn add(&mut self, pack: usize, damage: Damage) {
        self.first.insert((pack, damage));
        if self.first.len() > MAX
            && let Some((pack, last)) = self.first.pop_last()
        {
            self.add_rest(pack, last);
        }
    }

    fn add_rest(&mut self, pack: usize, damage: Damage) {
        let whole = Damage { part: Part::Whole, fault: damage.fault, lost: 0 };
        let rest = self.rest.entry((pack, damage.fault.as_str())).or_insert(whole);
        rest.fault = rest.fault.min(damage.fault);
        rest.lost = rest.lost.saturating_add(damage.lost);
    }

    pub(super) fn merge(&mut self, other: Self) {
        other.first.into_iter().for_each(|(pack, damage)| self.add(pack, damage));
        other.rest.into_iter().for_each(|((pack, _), damage)| self.add_rest(pack, damage));
    }

    /// All of them, in order.
    pub(super) fn into_all(self) -> impl Iterator<Item = (usize, Damage)> {
        let rest = self.rest.into_iter().map(|((pack, _), damage)| (pack, damage));
        self.first.into_iter().chain(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Fault;

    #[test]
    fn damages_beyond_the_first_ones_are_counted_by_kind_whatever_the_order() {
        let damage = |number: u64| {
            let fault = if number.is_multiple_of(2) { Fault::Header } else { Fault::Delta };
            Damage { part: Part::Entry { offset: number, id: None }, fault, lost: number }
        };
        let in_order = |numbers: &mut dyn Iterator<Item = u64>| {
            let mut parts = [Damages::default(), Damages::default()];
            numbers.for_each(|number| parts[usize::from(number / 700 % 2 == 1)].add(0, damage(number)));
            let [mut all, other] = parts;
            all.merge(other);
            all.into_all().collect::<Vec<_>>()
        };
        let all = in_order(&mut (0..3000));
        assert_eq!(all, in_order(&mut (0..3000).rev()));
        assert_eq!(all.len(), MAX + 2);
        assert_eq!(all.iter().map(|(_, damage)| damage.lost).sum::<u64>(), (0..3000).sum::<u64>());
        assert!(all[..MAX].iter().zip(0..).all(|((_, found), number)| *found == damage(number)));
    }
}
