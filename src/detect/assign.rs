//! Chooses which links hold, so that the whole is best: each key ID and each other part is in at most one.

use std::collections::BTreeSet;

use super::link::{ALONE, Link};

/// Key IDs that are weighed against each other at once: the work grows with the cube of this.
const MAX_GROUP: usize = 64;
/// Of those, how many are settled before the next come in.
const SETTLED: usize = MAX_GROUP / 2;
/// The links that hold, of all of `links`, whose parts are numbered in the order in which they stand; `links` are put into
/// another order.
///
/// The sum of their costs and of [`ALONE`] for each key ID left alone is the least there is, within a group. CommitHeader go to
/// what stands first.
pub(super) fn assign(links: &mut [Link]) -> Vec<Link> {
    let group = groups(links);
    links.sort_by_key(|link| (group[link.id], link.id));
    links.chunk_by(|a, b| group[a.id] == group[b.id]).flat_map(settle).collect()
}

/// The links that hold of a group, which may be a chain of key IDs through all of a long text: [`MAX_GROUP`] key IDs are
/// looked at together, the first [`SETTLED`] of them keep what they got, and the look moves on. What stands behind the
/// last of them waits for the next look: else, wherever a secret is missing or each comes first, all that follow would
/// shift by one for the sake of the last.
fn settle(group: &[Link]) -> Vec<Link> {
    let of_ids: Vec<&[Link]> = group.chunk_by(|a, b| a.id == b.id).collect();
    let (mut settled, mut taken) = (Vec::new(), BTreeSet::new());
    let mut at = 0;
    while at < of_ids.len() {
        let here = &of_ids[at..of_ids.len().min(at + MAX_GROUP)];
        let is_last = at + here.len() == of_ids.len();
        let Some(last) = here.iter().flat_map(|links| links.first()).map(|link| link.id).max() else { break };
        let is_free = |link: &&Link| !taken.contains(&link.other) && (is_last || link.other < last);
        let best = best(&here.iter().copied().flatten().filter(is_free).copied().collect::<Vec<_>>());
        let next = if is_last { of_ids.len() } else { at + SETTLED };
        let is_settled = |link: &Link| is_last || link.id < of_ids[next][0].id;
        for link in best.into_iter().filter(is_settled) {
            taken.insert(link.other);
            settled.push(link);
        }
        at = next;
    }
    settled
}

/// For each part the group that it is in; groups share no link.
fn groups(links: &[Link]) -> Vec<usize> {
    let parts = links.iter().map(|link| link.id.max(link.other) + 1).max().unwrap_or(0);
    let mut leader: Vec<usize> = (0..parts).collect();
    for link in links {
        let (a, b) = (find(&mut leader, link.id), find(&mut leader, link.other));
        leader[a.max(b)] = a.min(b);
    }
    (0..parts).map(|part| find(&mut leader, part)).collect()
}

fn find(leader: &mut [usize], mut part: usize) -> usize {
    while leader[part] != part {
        leader[part] = leader[leader[part]];
        part = leader[part];
    }
    part
}

/// The assignment of least cost, by the Hungarian method: rows are the key IDs, columns the other parts and, for each
/// key ID, the choice to stay alone.
fn best(links: &[Link]) -> Vec<Link> {
    let mut ids: Vec<usize> = links.iter().map(|link| link.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut others: Vec<usize> = links.iter().map(|link| link.other).collect();
    others.sort_unstable();
    others.dedup();
    let (rows, columns) = (ids.len(), others.len() + ids.len());
    let mut costs = vec![vec![FORBIDDEN; columns]; rows];
    for link in links {
        if let (Ok(row), Ok(column)) = (ids.binary_search(&link.id), others.binary_search(&link.other)) {
            costs[row][column] = costs[row][column].min(i64::from(link.cost));
        }
    }
    for (row, costs) in costs.iter_mut().enumerate() {
        costs[others.len() + row] = i64::from(ALONE);
    }
    let columns_of = hungarian(&costs);
    let holds = |link: &&Link| {
        ids.binary_search(&link.id).is_ok_and(|row| others.get(columns_of[row]) == Some(&link.other))
    };
    links.iter().filter(holds).copied().collect()
}

const FORBIDDEN: i64 = 1 << 40;

/// For each row its column, so that the sum of `costs` is least. There are at least as many columns as rows.
fn hungarian(costs: &[Vec<i64>]) -> Vec<usize> {
    let rows = costs.len();
    let columns = costs.first().map_or(0, Vec::len);
    // Row and column 0 stand for "none", as in the method's usual form with potentials.
    let (mut of_row, mut of_column) = (vec![0_i64; rows + 1], vec![0_i64; columns + 1]);
    let mut row_at = vec![0_usize; columns + 1];
    for row in 1..=rows {
        let mut way = vec![0_usize; columns + 1];
        let mut least = vec![i64::MAX; columns + 1];
        let mut used = vec![false; columns + 1];
        let mut column = 0;
        row_at[0] = row;
        while row_at[column] != 0 {
            used[column] = true;
            let from = row_at[column];
            let (mut delta, mut next) = (i64::MAX, 0);
            for to in (1..=columns).filter(|&to| !used[to]) {
                let reduced = costs[from - 1][to - 1] - of_row[from] - of_column[to];
                if reduced < least[to] {
                    least[to] = reduced;
                    way[to] = column;
                }
                if least[to] < delta {
                    delta = least[to];
                    next = to;
                }
            }
            for to in 0..=columns {
                if used[to] {
                    of_row[row_at[to]] += delta;
                    of_column[to] -= delta;
                } else if to > 0 {
                    least[to] -= delta;
                }
            }
            column = next;
        }
        while column != 0 {
            row_at[column] = row_at[way[column]];
            column = way[column];
        }
    }
    let mut columns_of = vec![usize::MAX; rows];
    for column in 1..=columns {
        if row_at[column] > 0 {
            columns_of[row_at[column] - 1] = column - 1;
        }
    }
    columns_of
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(id: usize, other: usize, cost: u32) -> Link {
        Link { id, other, cost, adjacent: false }
    }

    fn chosen(links: &[Link]) -> Vec<(usize, usize)> {
        let mut pairs: Vec<_> =
            assign(&mut links.to_vec()).iter().map(|link| (link.id, link.other)).collect();
        pairs.sort_unstable();
        pairs
    }

    #[test]
    fn the_whole_is_best_and_not_each_link() {
        // Secret first, twice: the cheapest link is the wrong one.
        let links = [link(1, 0, 25), link(1, 2, 20), link(3, 2, 25), link(3, 0, 400)];
        assert_eq!(chosen(&links), [(1, 0), (3, 2)]);
    }

    #[test]
    fn a_bad_link_is_worse_than_none() {
        assert_eq!(chosen(&[link(0, 1, ALONE + 1)]), []);
    }

    #[test]
    fn a_long_list_in_which_every_secret_comes_first_is_not_shifted() {
        let links: Vec<_> = (0..500)
            .flat_map(|i| [link(2 * i + 1, 2 * i, 60), link(2 * i + 1, 2 * i + 2, 20)])
            .filter(|link| link.other < 1000)
            .collect();
        // Only the last key ID has no secret behind it; what keeps the others from taking the next one is that the
        // first secret would be left over and the last key ID pay for it.
        let far = link(999, 0, 90_000);
        let pairs = chosen(&[links, vec![far]].concat());
        assert!(pairs.iter().all(|(id, other)| *id == other + 1), "{pairs:?}");
    }

    #[test]
    fn a_part_that_is_missing_shifts_no_other_in_a_long_list() {
        // Rows of a key ID and a secret, of which every seventeenth has no secret.
        let has_secret = |row: &usize| row % 17 != 5;
        let links: Vec<_> = (0..2000_usize)
            .flat_map(|row| {
                let near = row.saturating_sub(4)..2000.min(row + 5);
                near.filter(has_secret).map(move |other| {
                    let distance = u32::try_from(other.abs_diff(row) * 60).unwrap();
                    let first = if other < row { 48 } else { 0 };
                    link(2 * row, 2 * other + 1, 1 + distance + first)
                })
            })
            .collect();
        let pairs = chosen(&links);
        let right = |row: &usize| pairs.contains(&(2 * row, 2 * row + 1));
        let wrong: Vec<usize> = (0..2000).filter(has_secret).filter(|row| !right(row)).collect();
        assert_eq!(wrong, [0_usize; 0]);
    }

    #[test]
    fn a_long_chain_of_key_ids_is_assigned_in_linear_time() {
        let links: Vec<_> =
            (0..20_000).flat_map(|i| [link(2 * i, 2 * i + 1, 10), link(2 * i + 2, 2 * i + 1, 20)]).collect();
        assert_eq!(chosen(&links).len(), 20_000);
    }

    #[test]
    fn a_large_group_with_many_links_each_is_assigned_in_linear_time() {
        let cost = |i: usize, j: usize| 10 + u32::try_from(i.abs_diff(j)).unwrap();
        let near = |i: usize| (i.saturating_sub(24)..i + 24).map(move |j| link(2 * i, 2 * j + 1, cost(i, j)));
        let links: Vec<_> = (0..3000).flat_map(near).collect();
        assert_eq!(chosen(&links).len(), 3000);
    }

    /// The least cost by trying everything.
    fn least(ids: usize, links: &[Link], taken: &mut Vec<usize>) -> u32 {
        let Some(id) = ids.checked_sub(1) else { return 0 };
        let alone = ALONE + least(id, links, taken);
        links.iter().filter(|link| link.id == id).fold(alone, |best, link| {
            if taken.contains(&link.other) {
                return best;
            }
            taken.push(link.other);
            let cost = link.cost + least(id, links, taken);
            taken.pop();
            best.min(cost)
        })
    }

    proptest! {
        #[test]
        fn no_other_choice_costs_less(costs in prop::collection::vec(prop::option::of(0_u32..1500), 20)) {
            let links: Vec<_> = costs.iter().enumerate()
                .filter_map(|(at, cost)| cost.map(|cost| link(at / 5, 100 + at % 5, cost))).collect();
            let chosen = assign(&mut links.clone());
            let alone = (0..4).filter(|id| chosen.iter().all(|link| link.id != *id)).count();
            let cost = chosen.iter().map(|link| link.cost).sum::<u32>() + ALONE * u32::try_from(alone).unwrap();
            prop_assert_eq!(cost, least(4, &links, &mut Vec::new()));
        }
    }
}
