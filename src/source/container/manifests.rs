//! The texts that say what the layers of an image are, kept on their way through a tar.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::Memory;
use super::place::tidy;
use super::tap::Tap;
use super::visit::Visit;
use crate::source::image::{Image, MAX_TEXT, images, is_list};

/// The texts that were met, by their names in the tar.
pub(super) struct Manifests<'v> {
    visit: &'v Visit<'v>,
    texts: BTreeMap<Vec<u8>, Vec<u8>>,
    held: usize,
    memory: Option<Memory<'v>>,
}

/// A member's content, kept on its way if it may be such a text.
#[derive(Default)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    is_over: bool,
}

/// All texts of a tar are held up to this size.
const MAX_HELD: usize = 8 << 20;

/// Steps to read a byte of such a text.
const READ: u64 = 30;

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

impl<'v> Manifests<'v> {
    pub(super) fn new(visit: &'v Visit<'v>) -> Self {
        Self { visit, texts: BTreeMap::new(), held: 0, memory: visit.budget.hold(0).ok() }
    }

    /// Whether a member of this name may be one of the texts.
    pub(super) fn wants(name: &[u8]) -> bool {
        name.ends_with(b".json") || memchr::memmem::find(name, b"blobs/").is_some()
    }

    /// Takes a member.
    pub(super) fn add(&mut self, name: &[u8], kept: Kept) {
        let len = kept.bytes.len();
        let mut has_memory = || self.memory.as_mut().is_some_and(|memory| memory.grow(len as u64).is_ok());
        if !kept.is_over && self.held + len <= MAX_HELD && has_memory() {
            self.held += len;
            self.texts.insert(tidy(name).to_vec(), kept.bytes);
        }
    }

    /// The images, by the folders that they are in; those end with a slash, or are the top.
    pub(super) fn images(&self) -> Vec<(&[u8], Image)> {
        let text = |folder: &[u8], name: &str| {
            let text = self.texts.get(&[folder, name.as_bytes()].concat())?;
            self.visit.charge(READ * text.len() as u64);
            (!self.visit.is_over()).then(|| text.clone())
        };
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
