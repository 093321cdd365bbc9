//! Repositories of each hash and each storage of refs that git has: of the same content, akid reports the same but for
//! the IDs of objects.

use std::hash::{DefaultHasher, Hash, Hasher};

use akid::origin::{Object, ObjectKind, Origin};
use serde_json::Value;

use crate::history::repo::Repo;
use crate::work::{AKID, Folder, Said, Work, id, leak};

/// The formats of objects and of refs.
const FORMATS: [[&str; 2]; 4] =
    [["sha1", "files"], ["sha1", "reftable"], ["sha256", "files"], ["sha256", "reftable"]];

/// Makes each repository anew: branches, a merge, tags, a stash, commits that only a reflog has, objects that nothing
/// has, a linked worktree, a submodule, a bundle, something staged.
const HISTORY: &str = r#"
set -e
at=1767225600
tick() { at=$((at + 60)); export GIT_AUTHOR_DATE="@$at +0000" GIT_COMMITTER_DATE="@$at +0000"; }
commit() { tick; git add -A; git commit -qm "$1"; }
leak() { cat "../leak$1"; }
mkdir -p sub/deep
leak 1 > a.env; commit 'add a'
echo gone > a.env; leak 2 > sub/deep/b.env; seq 500 > large; commit 'add b'
git checkout -qb side; leak 3 > side.env; seq 400 > large; commit 'on the side'
git checkout -q main; echo main > c; commit 'on main'
tick; git merge -q --no-ff -m merge side
tick; git tag -a -F ../leak4 v1; git tag light
git bundle create -q release.bundle main; commit bundle
git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),module; tick; git commit -qm submodule
leak 5 > stashed.env; git add stashed.env; tick; git stash -q
leak 6 > reset.env; commit 'to be reset'; git reset -q --hard HEAD~
git hash-object -w ../leak7 > ../unreachable
tick; git notes add -F ../leak8
git worktree add -q ../linked -b linked; leak 9 > ../linked/w.env; git -C ../linked add w.env
git update-ref refs/keep/blob $(git hash-object -w ../leak10)
leak 11 > sub/staged.env; git add sub/staged.env; echo newer > sub/staged.env
"#;

/// One after the other, on the same repository: each leaves the objects stored in another way.
const STORED: [&str; 5] = [
    "true",
    "git repack -adq --depth=50 && git pack-refs --all",
    "git unpack-objects -q < $(ls .git/objects/pack/*.pack | head -1); leak > more; git hash-object -w more | git pack-objects -q .git/objects/pack/pack; rm more",
    "git multi-pack-index write && rm .git/objects/pack/*.idx .git/objects/pack/*.rev",
    "mkdir ../store && mv .git/objects/* ../store && mkdir .git/objects/info && echo ../../../store > .git/objects/info/alternates",
];

/// What is asked of each, all of history first.
const COMMANDS: [&str; 7] = [
    "history",
    "history --range v1~1..main",
    "history --range 'light^!'",
    "history --since 2026-01-01T00:04:30Z",
    "history --ref 'keep/*' --ref heads/side",
    "history --range 'main@{1}..main'",
    "history --range $(git rev-parse --short=8 HEAD~3 2>/dev/null)..",
];

/// Has `act` work on a repository of each format, and compares what it says.
#[track_caller]
fn in_each(act: impl Fn(&Folder, [&str; 2], &Work) -> Vec<String>) {
    let mut expected: Option<Vec<String>> = None;
    for formats in FORMATS {
        let folder = Folder::new();
        (1..12).for_each(|seed| std::fs::write(folder.top.join(format!("leak{seed}")), leak(seed)).unwrap());
        let repo = folder.repo_of("repo", formats);
        let all = act(&folder, formats, &repo);
        for (nth, (text, expected)) in all.iter().zip(expected.iter().flatten()).enumerate() {
            for (line, expected) in text.lines().zip(expected.lines()) {
                assert_eq!(line, expected, "{formats:?}, {nth}");
            }
            assert_eq!(text.len(), expected.len(), "{formats:?}, {nth}");
        }
        assert!(all.iter().all(|text| !text.is_empty()));
        expected.get_or_insert(all);
    }
}

/// Puts something in place of the IDs of objects that all formats have in common.
struct Hide(Vec<(String, String)>);

impl Hide {
    /// For the objects that `repo` has now.
    fn of(repo: &Work) -> Self {
        let object = |(origin, content): (Origin, Vec<u8>)| {
            let Origin::Object(object) = origin else { unreachable!() };
            (object.id.to_string(), label(&object, &content))
        };
        let mut pairs = vec![(repo.top.parent().unwrap().to_str().unwrap().to_owned(), "TOP".to_owned())];
        let objects = Repo { top: repo.top.clone() }.objects();
        for (id, label) in objects.into_iter().map(object) {
            let short = id[..10].to_owned();
            pairs.extend([(id, label.clone()), (short, label)]);
        }
        Self(pairs)
    }

    fn ids_of(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (id, label)| text.replace(id, label))
    }
}

fn label(object: &Object, content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let mut hasher = DefaultHasher::new();
    match object.kind {
        ObjectKind::Blob if text.starts_with("# v") => "bundle".hash(&mut hasher),
        ObjectKind::Blob => content.hash(&mut hasher),
        // What git says of a stash has an ID in it.
        _ => {
            let (header, message) = text.split_once("\n\n").unwrap();
            (header.rsplit_once('>').unwrap().1, message.split(' ').next()).hash(&mut hasher);
        }
    }
    format!("{}-{:x}", object.kind, hasher.finish())
}

/// A report as JSON Lines without what depends on the length or the value of IDs, in order of its lines.
fn report(repo: &Work, hide: &Hide, arguments: &str) -> String {
    let said = repo.sh(&format!("{AKID} {arguments} -q -f jsonl"));
    assert!(said.code != Some(2), "{arguments}: {}", said.text);
    let line = |line: &str| {
        // What is said beside the report.
        let Ok(mut line) = serde_json::from_str::<Value>(line) else { return line.to_owned() };
        let fields = line.as_object_mut().unwrap();
        if let Some(summary) = fields.get_mut("summary").and_then(Value::as_object_mut) {
            summary.remove("bytes");
        }
        fields.remove("time");
        for credential in fields.get_mut("credentials").and_then(Value::as_array_mut).into_iter().flatten() {
            credential["best_place"].as_object_mut().unwrap().remove("fingerprint");
        }
        // What has no path is known by its ID, and a note is at the ID of what it is about.
        let path = fields.get("path").and_then(Value::as_str).unwrap_or_default();
        if path.starts_with('<') || path.starts_with("commit-") {
            ["fingerprint", "places"].iter().for_each(|name| drop(fields.remove(*name)));
        }
        line.to_string()
    };
    let mut lines: Vec<String> = hide.ids_of(&said.text).lines().map(line).collect();
    lines.sort();
    lines.join("\n")
}

#[test]
fn every_command_reports_the_same() {
    in_each(|_, _, repo| {
        repo.sh(HISTORY).ok();
        let hide = Hide::of(repo);
        let mut all = vec![report(repo, &hide, "scan"), report(repo, &hide, "staged")];
        repo.sh(&format!("{AKID} history -q --write-baseline known; {AKID} history -q --baseline known"))
            .ok();
        all.push(repo.akid(&["baseline", "prune", "known"]).ok());
        assert!(all[2].starts_with("known: 0 taken out"), "{}", all[2]);
        for (nth, store) in STORED.iter().enumerate() {
            repo.sh(&format!("leak() {{ cat ../leak1; }}; {store}")).ok();
            for arguments in COMMANDS {
                all.push(report(repo, &hide, arguments));
            }
            let whole = &all[all.len() - COMMANDS.len()];
            assert!((1..12).all(|seed| whole.contains(&id(seed))), "{nth}: {whole}");
        }
        all
    });
}

#[test]
fn a_repository_that_keeps_ids_of_both_hashes_is_read_by_its_own() {
    let folder = Folder::new();
    let repo = folder.repo_of("repo", ["sha256", "files"]);
    repo.git(&["config", "extensions.compatObjectFormat", "sha1"]).ok();
    repo.commit("a.env", leak(1));
    repo.commit("b.env", leak(2));
    let range = |id: &str| repo.akid(&["history", "--range", &format!("{}^!", id.trim())]);
    let told = range(&repo.git(&["rev-parse", "HEAD"]).ok());
    assert!(
        told.code == Some(1) && told.text.contains(&id(2)) && !told.text.contains(&id(1)),
        "{}",
        told.text
    );
    assert!(repo.akid(&["history"]).stopped().contains(&id(1)));
    let other = repo.git(&["rev-parse", "--output-object-format=sha1", "HEAD"]);
    // Older ones of git do not keep them.
    if other.code == Some(0) {
        let told = range(&other.text);
        assert!(told.code == Some(2) && told.text.contains("ID of another hash"), "{}", told.text);
    }
}

/// What is said, with its outcome.
fn all_of(said: Said) -> String {
    format!("{:?}\n{}", said.code, said.text)
}

#[test]
fn every_hook_stops_the_same() {
    in_each(|folder, formats, repo| {
        let server = folder.bare_of("server", formats);
        server.write_hook("hooks/pre-receive", &format!("exec '{AKID}' hook pre-receive"));
        repo.git(&["remote", "add", "origin", server.top.to_str().unwrap()]).ok();
        repo.akid(&["hook", "install"]).ok();
        let commit = |message: &str| {
            let dates = "export GIT_AUTHOR_DATE='@1767225600 +0000' GIT_COMMITTER_DATE='@1767225600 +0000'";
            repo.sh(&format!("{dates}; git add -A && git commit -q {message}"))
        };
        let mut all = Vec::new();
        repo.write("clean", "clean\n");
        commit("-m clean").ok();
        repo.git(&["push", "-q", "origin", "main"]).ok();
        repo.write("a.env", leak(1));
        all.push(all_of(commit("-m stopped")));
        commit("--no-verify -m leak").ok();
        repo.write("clean", "changed\n");
        commit("-m after").ok();
        all.push(all_of(repo.git(&["push", "-q", "origin", "main"])));
        all.push(all_of(repo.git(&["push", "-q", "--no-verify", "origin", "main"])));
        repo.git(&["reset", "-q", "--hard", "origin/main"]).ok();
        repo.write("clean", "changed\n");
        commit("-m again").ok();
        repo.git(&["push", "-q", "origin", "main"]).ok();
        assert!(all.iter().all(|text| text.contains(&id(1)) && text.starts_with("Some(1)")), "{all:?}");
        let hide = Hide::of(repo);
        all.iter().map(|text| hide.ids_of(text)).collect()
    });
}
