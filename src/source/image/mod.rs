//! Container images, as `docker save` writes them and as the OCI lays them out: which file is which layer, what made
//! it, and what later layers delete. The layers themselves are tars like any other.

pub(super) mod folder;

use std::collections::HashSet;

use serde_json::Value;

use super::Deleted;
use crate::finding::ImageLayer;

/// Larger texts are no manifest and no configuration.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// Texts that hold more values are no manifest and no configuration: each takes far more memory than its bytes.
const MAX_VALUES: usize = 50_000;

/// What an image may nest its manifests in.
const MAX_DEPTH: usize = 3;

/// So many manifests and configurations are read of one folder.
const MAX_TEXTS: usize = 500;

/// So many layers are told of one image; no builder makes as many.
const MAX_LAYERS: usize = 200;

/// The layers of an image, the lowest first: each with the name of its tar in the image's folder.
pub(super) type Image = Vec<(String, ImageLayer)>;

/// The images in a folder. `text` gives the text of that name there, if it may say what they are.
pub(super) fn images(text: &dyn Fn(&str) -> Option<Vec<u8>>) -> Vec<Image> {
    let mut images = Images { text, seen: HashSet::new() };
    let by_docker = images.read("manifest.json").map(|list| images.of_docker(&list));
    let of_docker = by_docker.filter(|found| found.iter().any(|image| !image.is_empty()));
    of_docker.unwrap_or_else(|| {
        let index = images.read("index.json");
        let mut found = Vec::new();
        if let Some(index) = index {
            images.of_index(&index, None, MAX_DEPTH, &mut found);
        }
        found
    })
}

/// Whether a file of this name says which images are in its folder.
pub(super) fn is_list(name: &[u8]) -> bool {
    matches!(name, b"manifest.json" | b"index.json")
}

struct Images<'a> {
    text: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// The names of texts that were read.
    seen: HashSet<String>,
}

impl Images<'_> {
    /// Reads the text of that name, if it was not read before.
    fn read(&mut self, name: &str) -> Option<Value> {
        let is_new = self.seen.len() < MAX_TEXTS && self.seen.insert(name.to_owned());
        let text = (self.text)(name).filter(|_| is_new)?;
        let values = text.iter().filter(|byte| matches!(byte, b',' | b'{' | b'[')).count();
        if values > MAX_VALUES { None } else { serde_json::from_slice(&text).ok() }
    }

    fn of_docker(&mut self, list: &Value) -> Vec<Image> {
        let images = list.as_array().into_iter().flatten().take(MAX_TEXTS);
        let image = |image: &Value| {
            let config = image["Config"].as_str().and_then(|config| self.read(config));
            numbered(strings(&image["Layers"]), config.as_ref(), strings(&image["RepoTags"]).next())
        };
        images.map(image).collect()
    }

    fn of_index(&mut self, index: &Value, name: Option<&str>, depth: usize, found: &mut Vec<Image>) {
        for entry in index["manifests"].as_array().into_iter().flatten() {
            let annotations = &entry["annotations"];
            let called = ["io.containerd.image.name", "org.opencontainers.image.ref.name"]
                .iter()
                .find_map(|key| annotations[key].as_str());
            let called = called.or(name);
            let Some(manifest) = blob(&entry["digest"]).and_then(|name| self.read(&name)) else {
                continue;
            };
            if manifest["manifests"].is_array() && depth > 0 {
                self.of_index(&manifest, called, depth - 1, found);
                continue;
            }
            let digests = manifest["layers"].as_array().into_iter().flatten();
            let names = digests.filter_map(|layer| blob(&layer["digest"]));
            let config = blob(&manifest["config"]["digest"]).and_then(|name| self.read(&name));
            found.push(numbered(names, config.as_ref(), called.map(str::to_owned)));
        }
    }
}

/// The name of the file that has this digest.
fn blob(digest: &Value) -> Option<String> {
    let (algorithm, digits) = digest.as_str()?.split_once(':')?;
    Some(format!("blobs/{algorithm}/{digits}"))
}

fn strings(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned)
}

/// The layers of one image, with what its configuration says of each.
fn numbered(names: impl Iterator<Item = String>, config: Option<&Value>, image: Option<String>) -> Image {
    let names: Vec<String> = names.take(MAX_LAYERS).collect();
    let of = names.len() as u64;
    let steps = config.and_then(|config| config["history"].as_array()).into_iter().flatten();
    let made = steps.filter(|step| step["empty_layer"] != true);
    let mut made = made.map(|step| step["created_by"].as_str().map(str::to_owned));
    let layer = |(number, name)| {
        let (image, made_by) = (image.clone(), made.next().flatten());
        (name, ImageLayer { number, of, image, made_by, is_deleted: false })
    };
    (1..).zip(names).map(layer).collect()
}

/// What a member of this name of a layer deletes in the layers below.
pub(super) fn deleted(name: &[u8]) -> Option<Deleted> {
    let cut = name.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    let (folder, last) = name.split_at(cut);
    let gone = last.strip_prefix(b".wh.")?;
    let is_opaque = gone == b".wh..opq";
    Some(Deleted { path: if is_opaque { folder.to_vec() } else { [folder, gone].concat() }, is_opaque })
}
