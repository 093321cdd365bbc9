//! Which layer of a container image a finding is in. It is known only once everything was read.

use std::collections::HashMap;

use crate::finding::{Finding, ImageLayer};
use crate::origin::Origin;
use crate::source::Deleted;

/// Of what layers delete, so much is kept: it is told beside findings, and decides nothing.
const MAX_DELETED: usize = 10_000;

/// The layers of images that were met, by their paths.
#[derive(Default)]
pub(super) struct Layers {
    images: Vec<Vec<(Vec<u8>, ImageLayer)>>,
    /// Where each is: its image, and its place in that. Images may share one.
    known: HashMap<Vec<u8>, Vec<(usize, usize)>>,
    /// What tars delete if they are layers, by their paths.
    deleted: HashMap<Vec<u8>, Vec<Deleted>>,
    held: usize,
}

impl Layers {
    /// Takes note of an image.
    pub(super) fn add(&mut self, layers: Vec<(Origin, ImageLayer)>) {
        let layers: Vec<_> =
            layers.into_iter().map(|(origin, layer)| (origin.path().to_vec(), layer)).collect();
        for (place, (path, _)) in layers.iter().enumerate() {
            self.known.entry(path.clone()).or_default().push((self.images.len(), place));
        }
        self.images.push(layers);
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
                let places = self.known.get(member.ancestor(depth).path())?;
                self.layer(places, member.names().nth(depth).unwrap_or_default())
            });
            finding.layer = layer.map(Box::new).or(finding.layer.take());
        }
    }

    /// The layer at one of `places`: of the first image in which the file is still there, or else of the first one.
    fn layer(&self, places: &[(usize, usize)], file: &[u8]) -> Option<ImageLayer> {
        let layer = |&(image, place): &(usize, usize)| {
            let layers = &self.images[image];
            let is_deleted = layers[place + 1..].iter().any(|(above, _)| self.deletes(above, file));
            ImageLayer { is_deleted, ..layers[place].1.clone() }
        };
        let places = &places[..places.len().min(MAX_IMAGES)];
        let there = places.iter().map(layer).find(|layer| !layer.is_deleted);
        there.or_else(|| places.first().map(layer))
    }

    fn deletes(&self, layer: &[u8], file: &[u8]) -> bool {
        self.deleted.get(layer).is_some_and(|deleted| deleted.iter().any(|deleted| deleted.has(file)))
    }
}

/// Of the images that share a layer, so many are looked at.
const MAX_IMAGES: usize = 10;
