//! Container images: every layer, also what later layers delete, and which layer it is.

use std::fs;

use akid::finding::Finding;
use akid::scan::Scan;
use akid::source::Limits;
use akid::source::{Files, FilesOptions};

use crate::archives::build::{gzip, tar};
use crate::archives::{found, key_file, scan, scan_within, troubles};

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
    told_of(&scan(bytes))
}

fn told_of(scan: &Scan) -> Vec<String> {
    assert_eq!(troubles(scan), Vec::<String>::new());
    let layer = |finding: &Finding| {
        let layer = finding.layer.as_deref().unwrap();
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

/// The files of an image in the layout of the OCI.
fn oci_layout() -> Vec<(&'static str, Vec<u8>)> {
    let [a, b, c] = layers().map(|layer| gzip(&layer));
    let manifest = r#"{"config":{"digest":"sha256:c0"},"layers":[
        {"digest":"sha256:a0"},{"digest":"sha256:a1"},{"digest":"sha256:a2"}]}"#;
    let index = r#"{"manifests":[{"digest":"sha256:d0",
        "annotations":{"org.opencontainers.image.ref.name":"app:1"}}]}"#;
    vec![
        ("blobs/sha256/a0", a),
        ("blobs/sha256/a1", b),
        ("blobs/sha256/a2", c),
        ("blobs/sha256/c0", CONFIG.into()),
        ("blobs/sha256/d0", manifest.into()),
        ("index.json", index.into()),
        ("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#.into()),
    ]
}

#[test]
fn an_image_in_the_layout_of_the_oci_is_told_by_its_layers() {
    // With the names that `tar` gives to what is in its folder, and to a folder.
    for folder in ["", "./", "some/image/"] {
        for algorithm in ["sha256", "sha512"] {
            let files = oci_layout().into_iter().map(|(name, content)| {
                let content = match String::from_utf8(content) {
                    Ok(text) => text.replace("sha256", algorithm).into_bytes(),
                    Err(other) => other.into_bytes(),
                };
                ([folder, name].concat().replace("sha256", algorithm), content)
            });
            let files: Vec<_> = files.collect();
            let members = files.iter().map(|(name, content)| (name.as_bytes(), &content[..]));
            assert_eq!(told(&tar(&members.collect::<Vec<_>>())), TOLD, "{folder}{algorithm}");
        }
    }
}

#[test]
fn an_image_that_lies_in_a_folder_is_told_by_its_layers() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in oci_layout() {
        let path = folder.path().join("images/app").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let files = Files::new(&[folder.path().to_path_buf()], FilesOptions::default());
    let scan = scan_within(&files, Limits::default());
    assert_eq!(told_of(&scan), TOLD);
    assert_eq!(scan.findings[0].origin.path(), b"images/app/blobs/sha256/a0!/app/.env");
}

#[test]
fn a_manifest_in_a_folder_reads_nothing_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("image")).unwrap();
    fs::write(at("secret.json"), CONFIG).unwrap();
    fs::write(at("image/a.tar"), &layers()[0]).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(at("secret.json"), at("image/linked.json")).unwrap();
    for config in ["../secret.json", at("secret.json").to_str().unwrap(), "linked.json"] {
        let manifest = format!(r#"[{{"Config":"{config}","RepoTags":["app:1"],"Layers":["a.tar"]}}]"#);
        fs::write(at("image/manifest.json"), manifest).unwrap();
        let files = Files::new(&[at("image")], FilesOptions::default());
        let scan = scan_within(&files, Limits::default());
        let made_by = |finding: &Finding| finding.layer.as_deref().map(|layer| layer.made_by.clone());
        assert_eq!(
            scan.findings.iter().map(made_by).collect::<Vec<_>>(),
            [Some(None), Some(None)],
            "{config}"
        );
    }
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
    assert!(scan.findings[0].credential.any_secret().is_some() && scan.findings[0].credential.id().is_some());
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

#[test]
fn a_manifest_that_names_far_too_much_costs_little() {
    let names = vec!["\"a.tar\""; 100_000].join(",");
    let many = format!(r#"[{{"Config":"c","Layers":[{names}]}}]"#);
    let entry = r#"{"digest":"sha256:d0"}"#;
    let nested = format!(r#"{{"manifests":[{}]}}"#, vec![entry; 5000].join(","));
    let itself = tar(&[
        (b"index.json", nested.as_bytes()),
        (b"blobs/sha256/d0", nested.as_bytes()),
        (b"blobs/sha512/d0", &layers()[0]),
    ]);
    let started = std::time::Instant::now();
    assert_eq!(
        scan(&tar(&[(b"a.tar", &layers()[0]), (b"manifest.json", many.as_bytes())])).findings.len(),
        2
    );
    assert_eq!(scan(&itself).findings.len(), 2);
    // Less than a second; what is quadratic takes minutes.
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn a_file_counts_as_deleted_only_where_no_image_has_it() {
    let [a, b, _] = layers();
    let image = |name: &str, layers: &str| {
        format!(r#"{{"Config":"c.json","RepoTags":["{name}"],"Layers":[{layers}]}}"#)
    };
    let (one, base) = (image("one:1", r#""a.tar","b.tar""#), image("base:1", r#""a.tar""#));
    for manifest in [format!("[{one},{base}]"), format!("[{base},{one}]")] {
        let members: [(&[u8], &[u8]); 3] =
            [(b"a.tar", &a), (b"b.tar", &b), (b"manifest.json", manifest.as_bytes())];
        let scan = scan(&tar(&members));
        let finding = scan.findings.iter().find(|finding| finding.origin.path().ends_with(b".env")).unwrap();
        let layer = finding.layer.as_deref().unwrap();
        assert_eq!((layer.image.as_deref(), layer.is_deleted), (Some("base:1"), false));
    }
}
