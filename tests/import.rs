//! `akid baseline import`: what other tools know of is known to akid, and nothing else is.

#![expect(clippy::unwrap_used, reason = "a test")]

use akid::aws::fake;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::work::{Folder, Said, Work, id, keeps_secret, leak};

const KNOWN: &str = "known";

/// A repository with a key at the tip, and another one in a file that a later commit changed.
fn repo(folder: &Folder) -> Work {
    let repo = folder.repo("repo");
    repo.commit("sub/a.env", format!("# first\n{}", leak(1)));
    repo.commit("b.env", leak(2));
    repo.commit("b.env", format!("\n\n\n\n{}", leak(3)));
    repo
}

fn secret(seed: u64) -> String {
    fake::pair(seed).secret_text().to_owned()
}

/// The commit that wrote the first version of `path`.
fn first_commit(repo: &Work, path: &str) -> String {
    repo.git(&["log", "--format=%H", "--diff-filter=A", "--", path]).ok().trim().to_owned()
}

/// Imports a file with this content, which lies outside: it may be a leak itself.
fn import(repo: &Work, text: impl AsRef<[u8]>) -> Said {
    repo.write("../report", text);
    let said = repo.akid(&["baseline", "import", "../report", "--file", KNOWN]);
    assert!((1..=9).all(|seed| keeps_secret(&said.text, seed)), "{}", said.text);
    said
}

/// The seeds of the keys that the baseline does not know, of those in files and history.
fn unknown(repo: &Work) -> Vec<u64> {
    let report = repo.akid(&["history", "-qf", "json", "--baseline", KNOWN]).text;
    let report: Value = serde_json::from_str(&report).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let counts = |seed: &u64| {
        findings.iter().any(|finding| finding["key_id"] == id(*seed) && finding["suppressed"].is_null())
    };
    (1..=9).filter(counts).collect()
}

fn gitleaks(path: &str, line: u64, commit: &str, secret: &str) -> Value {
    json!({
        "RuleID": "aws-access-token", "Description": "", "StartLine": line, "EndLine": line, "StartColumn": 1,
        "EndColumn": 9, "Match": secret, "Secret": secret, "File": path, "SymlinkFile": "", "Commit": commit,
        "Entropy": 3.5, "Author": "A", "Email": "a@example.com", "Date": "", "Message": "", "Tags": [], "Fingerprint": "",
    })
}

#[test]
fn each_tool_names_a_finding_in_its_own_way() {
    let folder = Folder::new();
    let repo = repo(&folder);
    let [a, b] = ["sub/a.env", "b.env"].map(|path| first_commit(&repo, path));
    let digest = |text: &str| HEXLOWER.encode(&Sha1::digest(text.as_bytes()));
    let detect_secrets = |text: &str| {
        let found = json!({
            "type": "AWS Access Key", "filename": "sub/a.env", "hashed_secret": digest(text), "is_verified": false,
            "line_number": 77,
        });
        json!({"version": "1.5.0", "plugins_used": [], "results": {"sub/a.env": [found]}, "generated_at": ""})
    };
    let kingfisher = |place: Value| {
        let mut finding = json!({"snippet": secret(1), "fingerprint": "1", "line": 3});
        finding.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
        json!({"rule": {"name": "AWS", "id": "kingfisher.aws.2"}, "finding": finding})
    };
    let by_path = kingfisher(json!({"path": "/tmp/clone/sub/a.env", "git_metadata": null}));
    let by_git =
        kingfisher(json!({"path": "", "git_metadata": {"commit": {"id": a}, "file": {"path": "sub/a.env"}}}));
    let sarif = |uri: &str, snippet: &str| {
        let region = json!({"startLine": 2, "endLine": 2, "snippet": {"text": snippet}});
        let place = json!({"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}});
        json!({"version": "2.1.0", "runs": [{"results": [{"ruleId": "r", "locations": [place]}]}]})
    };
    let truffle = |raw: &str, raw_v2: &str| {
        let place = json!({"Data": {"Git": {"commit": a, "file": "sub/a.env", "line": 2}}});
        json!({"SourceMetadata": place, "DetectorName": "AWS", "Raw": raw, "RawV2": raw_v2, "Redacted": raw})
    };
    let csv = format!(
        "RuleID,Commit,File,SymlinkFile,Secret,Match,StartLine,EndLine\n\
         r,{a},sub/a.env,,{},\"x, \"\"{}\"\"\",2,2\n",
        secret(1),
        secret(1)
    );
    let mut betterleaks = gitleaks("", 2, "", &id(1));
    betterleaks["Attributes"] = json!({"path": "sub/a.env", "git.sha": a});
    // Betterleaks 2, in clear and masked.
    let hash = |text: &str| HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    let match_ = |text: &str, shown: &str| json!({"full": shown, "value": shown, "fingerprint": hash(text)});
    let parted = |own: Value, part: Value, path: &str| {
        let component = json!({"rule_id": "aws-secret-access-key", "match": part});
        json!({
            "rule_id": "aws-access-token", "match": own, "component_sets": [{"components": [component]}],
            "location": {"path": path, "start_line": 2, "end_line": 2}, "attributes": {"git.sha": a},
        })
    };
    let clear = parted(match_(&id(1), &id(1)), match_(&secret(1), &secret(1)), "sub/a.env");
    let masked = parted(match_(&id(1), "REDACTED"), match_(&secret(1), "REDACTED"), "sub/a.env");
    let keyed =
        json!({"full": "REDACTED", "value": "REDACTED", "fingerprint": format!("hmac-sha256:{}", hash("x"))});
    let keyed = parted(keyed.clone(), keyed, "sub/a.env");
    let end = json!({"schema_version": "1", "scan": {"state": "complete"}});
    let texts = [
        json!({"schema_version": "1", "findings": [clear], "scan": {}}).to_string(),
        json!({"schema_version": "1", "findings": [masked], "scan": {}}).to_string(),
        format!("{}\n{end}\n", json!({"schema_version": "1", "finding": keyed})),
        format!("{}\n", hash(&secret(1))),
        format!("# why\n{}\n", hash(&id(1))),
        format!("{}\n{}\n", by_git, json!({"audit": {"schema": "kingfisher.repository-audit.v1"}})),
        json!([gitleaks("sub/a.env", 2, &a, &id(1))]).to_string(),
        json!([gitleaks("sub/a.env", 2, &a, "REDACTED")]).to_string(),
        json!([gitleaks(".\\sub\\a.env", 2, "", "REDACTED")]).to_string(),
        json!([gitleaks("sub/a.env", 2, "", &secret(1))]).to_string(),
        json!([betterleaks]).to_string(),
        csv,
        // A report of a scan of files may name them in full.
        json!([gitleaks(repo.top.join("sub/a.env").to_str().unwrap(), 2, "", "REDACTED")]).to_string(),
        // A part of the secret is left, also in what is around it.
        {
            let mut cut = gitleaks("sub/a.env", 3, "", &format!("{}...", &secret(1)[..8]));
            cut["Match"] = format!("KEY={}...", &secret(1)[..8]).into();
            json!([cut]).to_string()
        },
        format!("# why\n{a}:sub/a.env:aws-access-token:2\n"),
        format!("{}:sub/a.env:aws-access-token:3\n", &a[..7]),
        "sub\\a.env:aws-access-token:2\r\n".to_owned(),
        detect_secrets(&id(1)).to_string(),
        detect_secrets(&secret(1)).to_string(),
        json!([{"id": "kingfisher.aws.2", "matches": [by_path]}]).to_string(),
        json!({"findings": [by_path], "access_map": []}).to_string(),
        format!("{by_git}\n{by_path}\n"),
        truffle(&id(1), &format!("{}:{}", id(1), secret(1))).to_string(),
        truffle(&id(1), "").to_string(),
        sarif("sub/a.env", &secret(1)).to_string(),
        sarif("file:///tmp/clone/sub/a.env", &id(1)).to_string(),
        sarif(&format!("https://example.com/o/r/blob/{a}/sub/a.env#L2"), "").to_string(),
    ];
    for text in texts {
        assert_eq!(import(&repo, &text).ok(), format!("wrote 1 finding to {KNOWN}\n"), "{text}");
        assert_eq!(unknown(&repo), [2, 3], "{text}");
        std::fs::remove_file(repo.top.join(KNOWN)).unwrap();
    }
    // A line of a commit, where the tip has another key in the same file.
    import(&repo, format!("{b}:b.env:aws-access-token:1\n")).ok();
    assert_eq!(unknown(&repo), [1, 3]);
    import(&repo, format!("{b}:b.env:aws-access-token:2\n")).ok();
    assert_eq!(unknown(&repo), [1, 3]);
    import(&repo, "b.env:aws-access-token:5\n").ok();
    assert_eq!(unknown(&repo), [1]);
    // What is at the path that is named is meant, and not what is at one that ends like it.
    repo.commit("sub/b.env", leak(4));
    repo.commit("b.env", leak(4));
    std::fs::remove_file(repo.top.join(KNOWN)).unwrap();
    assert_eq!(
        import(&repo, json!([gitleaks("b.env", 1, "", &id(4))]).to_string()).ok(),
        "wrote 1 finding to known\n"
    );
    assert_eq!(unknown(&repo), [1, 2, 3, 4]);
}

#[test]
fn what_matches_nothing_is_listed_with_the_reason() {
    let folder = Folder::new();
    let repo = repo(&folder);
    let commit = first_commit(&repo, "b.env");
    let digest = HEXLOWER.encode(&Sha1::digest(secret(4).as_bytes()));
    // The key in the line is another one than the tool knows: it came later.
    let replaced =
        json!({"results": {"sub/a.env": [{"hashed_secret": digest, "line_number": 2}]}, "generated_at": ""});
    let no_such = "akid finds no such access key in the files or their history";
    let other = "0".repeat(40);
    for (text, reasons) in [
        (replaced.to_string(), vec![format!("result 1: sub/a.env:2: {no_such}")]),
        (
            json!([gitleaks("sub/a.env", 2, "", &id(4)), gitleaks("sub/a.env", 2, "", "ghp_0123456789")])
                .to_string(),
            vec![
                format!("finding 1: sub/a.env:2: {}: {no_such}", id(4)),
                "finding 2: sub/a.env:2: not an AWS access key".to_owned(),
            ],
        ),
        (
            json!([gitleaks("b.env", 2, "", &id(1))]).to_string(),
            vec![format!("b.env:2: {}: akid finds this access key only in other files", id(1))],
        ),
        (
            format!("{commit}:b.env:r:9\n{commit}:c.env:r:1\n{other}:b.env:r:1\nb.env:r:9\nmain:b.env:r:5\n"),
            vec![
                "line 1: b.env:9: akid finds no access key in this line of the commit".to_owned(),
                "line 2: c.env:1: the file is not in this commit".to_owned(),
                "line 3: b.env:1: this commit of the file cannot be read here".to_owned(),
                "line 4: b.env:9: akid finds no access key in this line".to_owned(),
                "line 5: main:b.env:5: akid finds no access key in this line".to_owned(),
            ],
        ),
    ] {
        let said = import(&repo, &text);
        assert_eq!(said.code, Some(1), "{}", said.text);
        let count = reasons.len();
        assert!(said.text.contains("wrote 0 findings"), "{}", said.text);
        assert!(said.text.contains(&format!("not imported: {count} of {count} entries\n")), "{}", said.text);
        for reason in reasons {
            assert!(said.text.contains(&format!("{reason}\n")), "{reason}: {}", said.text);
        }
        assert_eq!(unknown(&repo), [1, 2, 3]);
    }
}

#[test]
fn a_file_of_no_tool_is_refused_and_nothing_of_it_is_shown() {
    let folder = Folder::new();
    let repo = repo(&folder);
    for text in [
        format!("{{\"secret\": \"{}\"", secret(5)),
        format!("{{\"secret\": \"{}\"}}", secret(5)),
        format!("secret = {}\n", secret(5)),
        "\u{0}\u{1}".to_owned(),
    ] {
        let said = import(&repo, &text);
        assert_eq!(said.code, Some(2), "{}", said.text);
        assert!(!repo.has(KNOWN), "{}", said.text);
    }
    import(&repo, format!("RuleID,Commit,File,Secret\nr,,a,\"{}\n", secret(5))).stopped();
    let said = repo.akid(&["baseline", "import", "nowhere", "--file", KNOWN]);
    assert!(said.code == Some(2) && said.text.contains("nowhere: cannot be read"), "{}", said.text);
}

#[test]
fn paths_may_start_at_the_current_folder() {
    let folder = Folder::new();
    let repo = repo(&folder);
    repo.write("../ignored", "a.env:aws-access-token:2\n");
    let sub = repo.at("sub");
    sub.akid(&["baseline", "import", "../../ignored", "--file", "../known"]).ok();
    assert_eq!(unknown(&repo), [2, 3]);
}
