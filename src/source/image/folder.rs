//! An image that lies in a folder: the layout of the OCI, or the unpacked tar of `docker save`.

use std::path::Path;

use super::{Image, MAX_TEXT, images};
use crate::source::beneath::{Folder, Kind};

/// Whether the file `name` is the one by which the images of `folder` are met: there is one for each folder.
pub(in crate::source) fn is_entrance(folder: &Folder, name: &[u8]) -> bool {
    match name {
        b"manifest.json" => true,
        b"index.json" => !is_file(folder, "manifest.json"),
        _ => false,
    }
}

/// The images in `folder`, as far as their layers are there. What a manifest names elsewhere, or through a link, is not
/// opened.
pub(in crate::source) fn images_in(folder: &Folder, is_stopped: &dyn Fn() -> bool) -> Vec<Image> {
    let mut images = images(&|name| text(folder, name, is_stopped));
    images.iter_mut().for_each(|image| image.retain(|(name, _)| is_file(folder, name)));
    images
}

fn is_file(folder: &Folder, name: &str) -> bool {
    folder.stat(Path::new(name)).is_ok_and(|stat| stat.kind == Kind::File)
}

/// The text at `name` in `folder`, if it is a small file in there that may be a list, a manifest or a configuration.
fn text(folder: &Folder, name: &str, is_stopped: &dyn Fn() -> bool) -> Option<Vec<u8>> {
    let text = folder.read(Path::new(name), MAX_TEXT as u64, is_stopped).ok()?;
    let is_list = !super::is_list(name.as_bytes()) || names_layers(&text);
    is_list.then_some(text)
}

/// Whether it is worth parsing: other things are called `index.json`, too, and there may be thousands.
fn names_layers(text: &[u8]) -> bool {
    [&b"\"Layers\""[..], b"\"manifests\""].iter().any(|word| memchr::memmem::find(text, word).is_some())
}
