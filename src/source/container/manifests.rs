//! The texts that say what the layers of an image are, kept on their way through a tar.

use std::collections::{BTreeMap, BTreeSet};

use super::tap::Tap;
use super::visit::tidy;
use crate::source::image::{Image, MAX_TEXT, images, is_list};

/// The texts that were met, by their names in the tar.
#[derive(Default)]
pub(super) struct Manifests {
    texts: BTreeMap<Vec<u8>, Vec<u8>>,
    held: usize,
}

/// A member's content, kept on its way if it may be such a text.
#[derive(Default)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    is_over: bool,
}

/// All texts of a tar are held up to this size.
const MAX_HELD: usize = 8 << 20;

/// In so many folders of a tar images are looked for.
const MAX_FOLDERS: usize = 100;

impl Tap for Kept {
    fn push(&mut self, bytes: &[u8]) {
        let first = self.bytes.first().or(bytes.first());
        self.is_over |=
            self.bytes.len() + bytes.len() > MAX_TEXT || !matches!(first, None | Some(b'{' | b'['));
        if self.is_over {
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

impl Manifests {
    /// Whether a member of this name may be one of the texts.
    pub(super) fn wants(name: &[u8]) -> bool {
        name.ends_with(b".json") || memchr::memmem::find(name, b"blobs/").is_some()
    }

    /// Takes a member.
    pub(super) fn add(&mut self, name: &[u8], kept: Kept) {
        if !kept.is_over && self.held + kept.bytes.len() <= MAX_HELD {
            self.held += kept.bytes.len();
            self.texts.insert(tidy(name).to_vec(), kept.bytes);
        }
    }

    /// The images, by the folders that they are in; those end with a slash, or are the top.
    pub(super) fn images(&self) -> Vec<(&[u8], Image)> {
        let text = |folder: &[u8], name: &str| self.texts.get(&[folder, name.as_bytes()].concat()).cloned();
        let folders: BTreeSet<&[u8]> = self.texts.keys().filter_map(|name| folder_of_list(name)).collect();
        let in_folder =
            |folder| images(&|name| text(folder, name)).into_iter().map(move |image| (folder, image));
        folders.into_iter().take(MAX_FOLDERS).flat_map(in_folder).collect()
    }
}

/// The folder that a file of this name says the images of.
fn folder_of_list(name: &[u8]) -> Option<&[u8]> {
    let cut = name.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    is_list(&name[cut..]).then_some(&name[..cut])
}
