//! Which layer of a container image a finding is in. It is known only once the whole image was read.

use std::collections::HashMap;

use crate::finding::{Finding, ImageLayer};
use crate::origin::{Member, Origin};
use crate::source::Deleted;

/// The layers of images that were met, by their paths.
#[derive(Default)]
pub(super) struct Layers(HashMap<Vec<u8>, (ImageLayer, Vec<Deleted>)>);

impl Layers {
    /// Takes note of a layer. Images in one file may share it: the first counts.
    pub(super) fn add(&mut self, layer: &Origin, what: ImageLayer, deleted: &[Deleted]) {
        self.0.entry(layer.path().to_vec()).or_insert_with(|| (what, deleted.to_vec()));
    }

    /// Tells of each finding in a layer which it is.
    pub(super) fn tell(&self, findings: &mut [Finding]) {
        if self.0.is_empty() {
            return;
        }
        for finding in findings {
            let Some(member) = finding.origin.member() else { continue };
            let names = member.names();
            let known = (1..=names.len()).find_map(|depth| {
                let layer = Member::new(member.root().clone(), names[..depth].to_vec());
                Some((depth, self.0.get(Origin::Member(layer).path())?))
            });
            if let Some((depth, (layer, deleted))) = known {
                let is_gone = |path: &Vec<u8>| deleted.iter().any(|deleted| deleted.has(path));
                let is_deleted = names.get(depth).is_some_and(is_gone);
                finding.layer = Some(ImageLayer { is_deleted, ..layer.clone() });
            }
        }
    }
}
