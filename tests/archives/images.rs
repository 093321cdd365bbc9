//! Container images: every layer, also what later layers delete, and which layer it is.

use crate::build::{gzip, tar};
use crate::{found, key_file, scan, troubles};

/// Layers: one brings a file, the next deletes it, the last brings another.
fn layers() -> [Vec<u8>; 3] {
    [
        tar(&[(b"app/.env", &key_file(1)), (b"app/kept", &key_file(2))]),
        tar(&[(b"app/.wh..env", b""), (b"run.sh", b"#!/bin/sh\n")]),
        tar(&[(b"etc/x", &key_file(3))]),
    ]
}

const CONFIG: &str = r#"{"config":{"Env":["PATH=/bin"]},"history":[
    {"created_by":"COPY . /app"},{"created_by":"ENV A=b","empty_layer":true},
    {"created_by":"RUN rm /app/.env"},{"created_by":"COPY x /etc"}]}"#;

fn told(bytes: &[u8]) -> Vec<String> {
    let scan = scan(bytes);
    assert_eq!(troubles(&scan), Vec::<String>::new());
    let layer = |finding: &akid::finding::Finding| {
        let layer = finding.layer.as_ref().unwrap();
        let gone = if layer.is_deleted { ", deleted" } else { "" };
        let (image, step) = (layer.image.as_deref().unwrap(), layer.made_by.as_deref().unwrap());
        format!("{} of {} of {image}: {step}{gone}", layer.number, layer.of)
    };
    scan.findings.iter().map(layer).collect()
}

const TOLD: [&str; 3] =
    ["1 of 3 of app:1: COPY . /app, deleted", "1 of 3 of app:1: COPY . /app", "3 of 3 of app:1: COPY x /etc"];

#[test]
fn an_image_that_docker_saved_is_told_by_its_layers() {
    let [a, b, c] = layers();
    let manifest =
        br#"[{"Config":"c.json","RepoTags":["app:1"],"Layers":["a/layer.tar","b/layer.tar","c/layer.tar"]}]"#;
    let image = tar(&[
        (b"a/layer.tar", &a),
        (b"b/layer.tar", &b),
        (b"c.json", CONFIG.as_bytes()),
        (b"c/layer.tar", &c),
        (b"manifest.json", manifest),
    ]);
    assert_eq!(
        found(&image),
        ["a/layer.tar!/app/.env:2:21", "a/layer.tar!/app/kept:2:21", "c/layer.tar!/etc/x:2:21"]
    );
    assert_eq!(told(&image), TOLD);
    assert_eq!(told(&gzip(&image)), TOLD);
}

#[test]
fn an_image_in_the_layout_of_the_oci_is_told_by_its_layers() {
    let packed = layers().map(|layer| gzip(&layer));
    let manifest = r#"{"config":{"digest":"sha256:c0"},"layers":[
        {"digest":"sha256:a0"},{"digest":"sha256:a1"},{"digest":"sha256:a2"}]}"#;
    let index = r#"{"manifests":[{"digest":"sha256:d0",
        "annotations":{"org.opencontainers.image.ref.name":"app:1"}}]}"#;
    let image = tar(&[
        (b"blobs/sha256/a0", &packed[0]),
        (b"blobs/sha256/a1", &packed[1]),
        (b"blobs/sha256/a2", &packed[2]),
        (b"blobs/sha256/c0", CONFIG.as_bytes()),
        (b"blobs/sha256/d0", manifest.as_bytes()),
        (b"index.json", index.as_bytes()),
        (b"oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#),
    ]);
    assert_eq!(told(&image), TOLD);
}

#[test]
fn what_the_configuration_of_an_image_holds_is_found() {
    let key = akid::aws::fake::pair(4);
    let env = format!(
        r#"{{"config":{{"Env":["AWS_ACCESS_KEY_ID={}","AWS_SECRET_ACCESS_KEY={}"]}}}}"#,
        key.id_text(),
        key.secret_text()
    );
    let image =
        tar(&[(b"c.json", env.as_bytes()), (b"manifest.json", br#"[{"Config":"c.json","Layers":[]}]"#)]);
    let scan = scan(&image);
    assert_eq!(scan.findings.len(), 1);
    assert!(scan.findings[0].credential.secret.is_some() && scan.findings[0].credential.key_id.is_some());
}

#[test]
fn manifests_of_any_shape_do_no_harm() {
    for manifest in
        [&b"[]"[..], b"{", b"[{\"Layers\":3}]", b"{\"manifests\":[{\"digest\":\"x\"}]}", b"[[[[", b"null"]
    {
        let image = tar(&[(b"manifest.json", manifest), (b"index.json", manifest), (b"a", &key_file(1))]);
        assert_eq!(found(&image), ["a:2:21"]);
    }
}
