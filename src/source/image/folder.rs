//! An image that lies in a folder: the layout of the OCI, or the unpacked tar of `docker save`.

use std::io::Read;
use std::path::{Component, Path};

use super::{Image, MAX_TEXT, images};
use crate::source::files::open_plain;

/// Whether a file at `path` is the one by which the images of its folder are met: there is one for each folder.
pub(in crate::source) fn is_entrance(path: &Path) -> bool {
    match path.file_name().and_then(|name| name.to_str()) {
        Some("manifest.json") => true,
        Some("index.json") => !path.with_file_name("manifest.json").is_file(),
        _ => false,
    }
}

/// The images in `folder`, as far as their layers are there.
pub(in crate::source) fn images_in(folder: &Path) -> Vec<Image> {
    let mut images = images(&|name| text(folder, name));
    images.iter_mut().for_each(|image| image.retain(|(name, _)| is_inside(folder, name)));
    images
}

/// The text at `name` in `folder`, if it is a small file in there that may be a list, a manifest or a configuration.
fn text(folder: &Path, name: &str) -> Option<Vec<u8>> {
    let mut file = open_plain(&folder.join(name)).ok().filter(|_| is_inside(folder, name))?;
    let size = file.metadata().ok().filter(|metadata| metadata.is_file())?.len();
    if size > MAX_TEXT as u64 {
        return None;
    }
    let mut text = Vec::new();
    file.by_ref().take(MAX_TEXT as u64).read_to_end(&mut text).ok()?;
    let is_list = !super::is_list(name.as_bytes()) || names_layers(&text);
    is_list.then_some(text)
}

/// Whether it is worth parsing: other things are called `index.json`, too, and there may be thousands.
fn names_layers(text: &[u8]) -> bool {
    [&b"\"Layers\""[..], b"\"manifests\""].iter().any(|word| memchr::memmem::find(text, word).is_some())
}

/// Whether `name` leads to something in `folder`, by no link: a manifest is not to say what is read elsewhere.
fn is_inside(folder: &Path, name: &str) -> bool {
    let name = Path::new(name);
    let mut place = folder.to_path_buf();
    name.components().all(|part| {
        place.push(part);
        matches!(part, Component::Normal(_)) && place.symlink_metadata().is_ok_and(|it| !it.is_symlink())
    })
}
