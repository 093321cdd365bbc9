//! What is different in one tree from what others have under the same names.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use crate::origin::{ObjectFormat, ObjectId};
use crate::source::git::tree::{self, TREE, TreeEntry, entry_at};

/// Mode and target of an entry of a tree.
pub(super) type Target<'a> = (&'a [u8], ObjectId);

/// Mode, name and target of an entry, and what other trees have under its name.
pub(super) type Differing<'a> = (&'a [u8], &'a [u8], ObjectId, Vec<Target<'a>>);

/// The entries of `tree` whose target none of `others` has under the same name. All have IDs of `format`.
pub(super) fn differing<'a>(
    tree: &'a [u8],
    others: &'a [impl Deref<Target = Vec<u8>>],
    format: ObjectFormat,
) -> Vec<Differing<'a>> {
    let Some((first, others)) = others.split_first() else {
        return tree::entries(tree, format).map(|(mode, name, id)| (mode, name, id, Vec::new())).collect();
    };
    let mut found: BTreeMap<usize, (TreeEntry<'a>, Vec<Target<'a>>)> = (unlike(tree, first, format)
        .into_iter())
    .map(|(at, (entry, before))| (at, (entry, before.into_iter().collect())))
    .collect();
    for other in others {
        let unlike = unlike(tree, other, format);
        found.retain(|at, (_, before)| {
            let also = unlike.get(at);
            before.extend(also.and_then(|(_, target)| *target));
            also.is_some()
        });
    }
    found.into_values().map(|((mode, name, id), before)| (mode, name, id, before)).collect()
}

/// The entries of `tree` whose target `other` does not have under the same name, by where they start, and what it has
/// there.
///
/// Trees are sorted, and two versions of one are alike: most entries are the same bytes, and most others are found by
/// going through both at once. What is left is new, or became a folder, which is sorted elsewhere, or the tree is not
/// sorted as it should be.
fn unlike<'a>(
    tree: &'a [u8],
    other: &'a [u8],
    format: ObjectFormat,
) -> BTreeMap<usize, (TreeEntry<'a>, Option<Target<'a>>)> {
    let (mut mine, mut theirs) = (tree, other);
    let mut found = BTreeMap::new();
    while let Some((entry, len)) = entry_at(mine, format) {
        let at = tree.len() - mine.len();
        let bytes;
        (bytes, mine) = mine.split_at(len);
        if let Some(rest) = theirs.strip_prefix(bytes) {
            theirs = rest;
            continue;
        }
        let mut target = None;
        while let Some((their, len)) = entry_at(theirs, format) {
            let is_same = their.1 == entry.1;
            if !is_same && order(&their, &entry).is_ge() {
                break;
            }
            theirs = &theirs[len..];
            if is_same {
                target = Some((their.0, their.2));
                break;
            }
        }
        found.insert(at, (entry, target));
    }
    let missing: BTreeSet<&[u8]> =
        found.values().filter(|(_, target)| target.is_none()).map(|(entry, _)| entry.1).collect();
    if !missing.is_empty() {
        let named = tree::entries(other, format).filter(|(_, name, _)| missing.contains(name));
        let by_name: BTreeMap<&[u8], Target<'_>> = named.map(|(mode, name, id)| (name, (mode, id))).collect();
        for (entry, target) in found.values_mut().filter(|(_, target)| target.is_none()) {
            *target = by_name.get(entry.1).copied();
        }
    }
    found.retain(|_, (entry, target)| target.is_none_or(|(_, id)| id != entry.2));
    found
}

/// The order of entries in a tree: a folder's name counts with a `/` after it.
fn order(a: &TreeEntry<'_>, b: &TreeEntry<'_>) -> Ordering {
    let end = |entry: &TreeEntry<'_>, from: usize| -> Vec<u8> {
        entry.1[from..].iter().copied().chain((entry.0 == TREE).then_some(b'/')).collect()
    };
    // Nearly all names differ before the shorter one ends.
    let shared = a.1.len().min(b.1.len());
    a.1[..shared].cmp(&b.1[..shared]).then_with(|| end(a, shared).cmp(&end(b, shared)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        let entry = |(mode, name, id): &(&str, &str, u8)| {
            [format!("{mode} {name}\0").as_bytes(), &[*id; 20]].concat()
        };
        entries.iter().flat_map(entry).collect()
    }

    /// The names that differ, with the targets that the others have there.
    fn differing_in(tree: &[u8], others: &[&Vec<u8>]) -> Vec<(String, Vec<u8>)> {
        let found = differing(tree, others, ObjectFormat::Sha1).into_iter();
        let shown = |(_, name, _, before): Differing<'_>| {
            let before = before.into_iter().map(|(_, id)| id.as_bytes()[0]).collect();
            (String::from_utf8_lossy(name).into_owned(), before)
        };
        found.map(shown).collect()
    }

    fn found(entries: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
        entries.iter().map(|(name, before)| ((*name).to_owned(), before.to_vec())).collect()
    }

    #[test]
    fn each_entry_is_found_by_its_name_however_trees_are_sorted() {
        let old = tree(&[("100644", "a", 1), ("100644", "a.b", 2), ("40000", "d", 3), ("100644", "z", 4)]);
        assert_eq!(differing_in(&old, &[&old]), []);
        // One is new, one is gone, a file became a folder.
        let new = tree(&[("100644", "a.b", 5), ("40000", "a", 6), ("100644", "c", 7), ("100644", "z", 4)]);
        assert_eq!(differing_in(&new, &[&old]), found(&[("a.b", &[2]), ("a", &[1]), ("c", &[])]));
        let reversed =
            tree(&[("100644", "z", 4), ("40000", "d", 3), ("100644", "a.b", 2), ("100644", "a", 1)]);
        assert_eq!(differing_in(&reversed, &[&old]), []);
        assert_eq!(differing_in(&old, &[&reversed]), []);
        let all: &[(&str, &[u8])] = &[("a", &[]), ("a.b", &[]), ("d", &[]), ("z", &[])];
        assert_eq!(differing_in(&old, &[&Vec::new()]), found(all));
        assert_eq!(differing_in(&old, &[]), found(all));
        // A mode alone is no change.
        assert_eq!(differing_in(&tree(&[("100755", "a", 1)]), &[&old]), []);
    }

    #[test]
    fn what_one_of_several_has_is_no_change() {
        let new = tree(&[("100644", "a", 1), ("100644", "b", 2), ("100644", "c", 3)]);
        let one = tree(&[("100644", "a", 1), ("100644", "b", 8)]);
        let two = tree(&[("100644", "a", 7), ("100644", "b", 9), ("100644", "c", 3)]);
        assert_eq!(differing_in(&new, &[&one, &two]), found(&[("b", &[8, 9])]));
        assert_eq!(differing_in(&new, &[&two, &one]), found(&[("b", &[9, 8])]));
    }

    /// Trees as git sorts them, of few names and targets.
    fn sorted() -> impl Strategy<Value = Vec<u8>> {
        let entry = (any::<bool>(), 0_u8..4);
        prop::collection::btree_map("[ab.]{1,3}", entry, 0..12).prop_map(|entries| {
            let mut entries: Vec<(&str, String, u8)> = (entries.into_iter())
                .map(|(name, (is_tree, id))| (if is_tree { "40000" } else { "100644" }, name, id))
                .collect();
            let key = |(mode, name, _): &(&str, String, u8)| {
                if *mode == "40000" { format!("{name}/") } else { name.clone() }
            };
            entries.sort_by_key(key);
            let borrowed: Vec<_> = entries.iter().map(|(mode, name, id)| (*mode, &name[..], *id)).collect();
            tree(&borrowed)
        })
    }

    proptest! {
        #[test]
        fn what_differs_is_what_a_look_at_each_name_shows(new in sorted(), others in prop::collection::vec(sorted(), 0..3)) {
            let others: Vec<&Vec<u8>> = others.iter().collect();
            let of = |tree: &[u8]| -> Vec<(Vec<u8>, u8)> {
                tree::entries(tree, ObjectFormat::Sha1).map(|(_, name, id)| (name.to_vec(), id.as_bytes()[0])).collect()
            };
            let mut expected = Vec::new();
            for (name, id) in of(&new) {
                let before = others.iter().filter_map(|other| of(other).into_iter().find(|(their, _)| *their == name));
                let before: Vec<u8> = before.map(|(_, id)| id).collect();
                if !before.contains(&id) {
                    expected.push((String::from_utf8_lossy(&name).into_owned(), before));
                }
            }
            prop_assert_eq!(differing_in(&new, &others), expected);
        }
    }
}
