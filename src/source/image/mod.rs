//! Container images, as `docker save` writes them and as the OCI lays them out: which file is which layer, what made
//! it, and what later layers delete. The layers themselves are tars like any other.

pub(super) mod folder;

use serde_json::Value;

use super::Deleted;
use crate::finding::ImageLayer;

/// Larger texts are no manifest and no configuration.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// What an image may nest its manifests in.
const MAX_DEPTH: usize = 3;

/// A layer, by the name of its tar in the image's folder.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) what: ImageLayer,
    /// The names of the layers above it.
    pub(super) above: Vec<String>,
}

/// The layers of the images in a folder. `text` gives the text of that name there, if it may say what they are.
pub(super) fn layers(text: &dyn Fn(&str) -> Option<Vec<u8>>) -> Vec<Layer> {
    let images = Images { text };
    let by_docker = images.read("manifest.json").map(|list| images.of_docker(&list));
    let of_docker = by_docker.filter(|layers| !layers.is_empty());
    of_docker.unwrap_or_else(|| {
        images.read("index.json").map(|index| images.of_index(&index, None, MAX_DEPTH)).unwrap_or_default()
    })
}

/// Whether a file of this name says which images are in its folder.
pub(super) fn is_list(name: &[u8]) -> bool {
    matches!(name, b"manifest.json" | b"index.json")
}

struct Images<'a> {
    text: &'a dyn Fn(&str) -> Option<Vec<u8>>,
}

impl Images<'_> {
    fn read(&self, name: &str) -> Option<Value> {
        serde_json::from_slice(&(self.text)(name)?).ok()
    }

    fn of_docker(&self, images: &Value) -> Vec<Layer> {
        let images = images.as_array().into_iter().flatten();
        let layers = images.flat_map(|image| {
            let names = strings(&image["Layers"]);
            let config = image["Config"].as_str().and_then(|config| self.read(config));
            numbered(&names, config.as_ref(), strings(&image["RepoTags"]).first())
        });
        layers.collect()
    }

    fn of_index(&self, index: &Value, name: Option<&String>, depth: usize) -> Vec<Layer> {
        let mut layers = Vec::new();
        for entry in index["manifests"].as_array().into_iter().flatten() {
            let annotations = &entry["annotations"];
            let called = ["io.containerd.image.name", "org.opencontainers.image.ref.name"]
                .iter()
                .find_map(|key| annotations[key].as_str().map(str::to_owned));
            let called = called.as_ref().or(name);
            let Some(manifest) = blob(&entry["digest"]).and_then(|name| self.read(&name)) else {
                continue;
            };
            if manifest["manifests"].is_array() && depth > 0 {
                layers.extend(self.of_index(&manifest, called, depth - 1));
                continue;
            }
            let digests = manifest["layers"].as_array().into_iter().flatten();
            let names: Vec<String> = digests.filter_map(|layer| blob(&layer["digest"])).collect();
            let config = blob(&manifest["config"]["digest"]).and_then(|name| self.read(&name));
            layers.extend(numbered(&names, config.as_ref(), called));
        }
        layers
    }
}

/// The name of the file that has this digest.
fn blob(digest: &Value) -> Option<String> {
    let (algorithm, digits) = digest.as_str()?.split_once(':')?;
    Some(format!("blobs/{algorithm}/{digits}"))
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The layers of one image, with what its configuration says of each.
fn numbered(names: &[String], config: Option<&Value>, image: Option<&String>) -> Vec<Layer> {
    let steps = config.and_then(|config| config["history"].as_array()).into_iter().flatten();
    let made = steps.filter(|step| step["empty_layer"] != true);
    let mut made = made.map(|step| step["created_by"].as_str().map(str::to_owned));
    let layer = |(nth, name): (usize, &String)| Layer {
        name: name.clone(),
        what: ImageLayer {
            number: nth as u64 + 1,
            of: names.len() as u64,
            image: image.cloned(),
            made_by: made.next().flatten(),
            is_deleted: false,
        },
        above: names[nth + 1..].to_vec(),
    };
    names.iter().enumerate().map(layer).collect()
}

/// What a member of this name of a layer deletes in the layers below.
pub(super) fn deleted(name: &[u8]) -> Option<Deleted> {
    let cut = name.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    let (folder, last) = name.split_at(cut);
    let gone = last.strip_prefix(b".wh.")?;
    let is_opaque = gone == b".wh..opq";
    Some(Deleted { path: if is_opaque { folder.to_vec() } else { [folder, gone].concat() }, is_opaque })
}
