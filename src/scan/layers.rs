//! Which layer of a container image a finding is in. It is known only once everything was read.

use std::collections::HashMap;

use crate::finding::{Finding, ImageLayer};
use crate::origin::{Member, Origin};
use crate::source::Deleted;

/// Of what layers delete, so much is kept: it is told beside findings, and decides nothing.
const MAX_DELETED: usize = 10_000;

/// The layers of images that were met, by their paths.
#[derive(Default)]
pub(super) struct Layers {
    known: HashMap<Vec<u8>, Known>,
    /// What tars delete if they are layers, by their paths.
    deleted: HashMap<Vec<u8>, Vec<Deleted>>,
    held: usize,
}

struct Known {
    layer: ImageLayer,
    /// The paths of the layers above it.
    above: Vec<Vec<u8>>,
}

impl Layers {
    /// Takes note of a layer. Images in one place may share it: the first counts.
    pub(super) fn add(&mut self, layer: &Origin, what: ImageLayer, above: &[Origin]) {
        let above = || above.iter().map(|origin| origin.path().to_vec()).collect();
        self.known.entry(layer.path().to_vec()).or_insert_with(|| Known { layer: what, above: above() });
    }

    /// Takes note of what a tar deletes if it is a layer.
    pub(super) fn add_deleted(&mut self, layer: &Origin, deleted: Deleted) {
        if self.held < MAX_DELETED {
            self.held += 1;
            self.deleted.entry(layer.path().to_vec()).or_default().push(deleted);
        }
    }

    /// Tells of each finding in a layer which it is.
    pub(super) fn tell(&self, findings: &mut [Finding]) {
        if self.known.is_empty() {
            return;
        }
        for finding in findings {
            let Some(member) = finding.origin.member() else { continue };
            // The layer may be a member or, in a folder, the file itself.
            let layer = (0..=member.names().len()).find_map(|depth| {
                let known = self.known.get(path(member, depth).path())?;
                let file = member.names().get(depth);
                let is_deleted = file.is_some_and(|file| self.is_deleted(known, file));
                Some(ImageLayer { is_deleted, ..known.layer.clone() })
            });
            finding.layer = layer.or(finding.layer.take());
        }
    }

    fn is_deleted(&self, known: &Known, file: &[u8]) -> bool {
        let by_above = known.above.iter().filter_map(|above| self.deleted.get(above)).flatten();
        { by_above }.any(|deleted| deleted.has(file))
    }
}

/// The archive that is `depth` names below the outermost one.
fn path(member: &Member, depth: usize) -> Origin {
    match depth {
        0 => member.root().clone(),
        _ => Origin::Member(Member::new(member.root().clone(), member.names()[..depth].to_vec())),
    }
}
