//! Container images, as `docker save` writes them and as the OCI lays them out in a tar: which member is which layer,
//! what made it, and what later layers delete. The layers themselves are tars like any other.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tap::Tap;
use crate::finding::ImageLayer;

/// The texts of an image that say what its layers are, by their names in its tar.
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

/// Larger texts are no manifest and no configuration.
const MAX_TEXT: usize = 1 << 20;

/// All texts of an image are held up to this size.
const MAX_HELD: usize = 8 << 20;

/// What an image may nest its manifests in.
const MAX_DEPTH: usize = 3;

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
        name.ends_with(b".json") || name.starts_with(b"blobs/sha256/")
    }

    /// Takes a member.
    pub(super) fn add(&mut self, name: &[u8], kept: Kept) {
        if !kept.is_over && self.held + kept.bytes.len() <= MAX_HELD {
            self.held += kept.bytes.len();
            self.texts.insert(name.to_vec(), kept.bytes);
        }
    }

    /// The layers, by the names of their members, the first of each image first.
    pub(super) fn layers(&self) -> Vec<(Vec<u8>, ImageLayer)> {
        let by_docker = self.read(b"manifest.json").map(|images| self.of_docker(&images));
        let of_docker = by_docker.filter(|layers| !layers.is_empty());
        of_docker.unwrap_or_else(|| {
            self.read(b"index.json").map(|index| self.of_index(&index, None, MAX_DEPTH)).unwrap_or_default()
        })
    }

    fn read(&self, name: &[u8]) -> Option<Value> {
        serde_json::from_slice(self.texts.get(name)?).ok()
    }

    fn of_docker(&self, images: &Value) -> Vec<(Vec<u8>, ImageLayer)> {
        let images = images.as_array().into_iter().flatten();
        let layers = images.flat_map(|image| {
            let names = strings(&image["Layers"]);
            let config = image["Config"].as_str().and_then(|config| self.read(config.as_bytes()));
            numbered(&names, config.as_ref(), strings(&image["RepoTags"]).first())
        });
        layers.collect()
    }

    fn of_index(&self, index: &Value, name: Option<&String>, depth: usize) -> Vec<(Vec<u8>, ImageLayer)> {
        let mut layers = Vec::new();
        for entry in index["manifests"].as_array().into_iter().flatten() {
            let annotations = &entry["annotations"];
            let called = ["io.containerd.image.name", "org.opencontainers.image.ref.name"]
                .iter()
                .find_map(|key| annotations[key].as_str().map(str::to_owned));
            let called = called.as_ref().or(name);
            let Some(manifest) = blob(&entry["digest"]).and_then(|name| self.read(name.as_bytes())) else {
                continue;
            };
            if manifest["manifests"].is_array() && depth > 0 {
                layers.extend(self.of_index(&manifest, called, depth - 1));
                continue;
            }
            let digests = manifest["layers"].as_array().into_iter().flatten();
            let names: Vec<String> = digests.filter_map(|layer| blob(&layer["digest"])).collect();
            let config = blob(&manifest["config"]["digest"]).and_then(|name| self.read(name.as_bytes()));
            layers.extend(numbered(&names, config.as_ref(), called));
        }
        layers
    }
}

/// The name of the member that has this digest.
fn blob(digest: &Value) -> Option<String> {
    let (algorithm, digits) = digest.as_str()?.split_once(':')?;
    Some(format!("blobs/{algorithm}/{digits}"))
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The layers of one image, with what its configuration says of each.
fn numbered(names: &[String], config: Option<&Value>, image: Option<&String>) -> Vec<(Vec<u8>, ImageLayer)> {
    let steps = config.and_then(|config| config["history"].as_array()).into_iter().flatten();
    let made = steps.filter(|step| step["empty_layer"] != true);
    let mut made = made.map(|step| step["created_by"].as_str().map(str::to_owned));
    let layer = |(nth, name): (usize, &String)| {
        let layer = ImageLayer {
            number: nth as u64 + 1,
            of: names.len() as u64,
            image: image.cloned(),
            made_by: made.next().flatten(),
            is_deleted: false,
        };
        (name.clone().into_bytes(), layer)
    };
    names.iter().enumerate().map(layer).collect()
}

/// What a member of a layer deletes in those below it: a path, and whether only what is below that path.
pub(super) fn deleted(name: &[u8]) -> Option<(Vec<u8>, bool)> {
    let cut = name.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    let (folder, last) = name.split_at(cut);
    let gone = last.strip_prefix(b".wh.")?;
    if gone == b".wh..opq" { Some((folder.to_vec(), true)) } else { Some(([folder, gone].concat(), false)) }
}
