//! Where there is more than a scan lists: what is listed is the first of it by rank, and the rest is counted.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::cmp::Reverse;
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use akid::aws::fake;
use akid::detect::Detector;
use akid::finding::{Finding, Fingerprint, Suppression};
use akid::level::Severity;
use akid::origin::{Origin, RelativePath};
use akid::report::{Format, Options, Report, write};
use akid::rule::RuleSet;
use akid::scan::{Accepted, MAX_INPUTS, Policy, Scan, Scanner};
use akid::source::{Content, Event, Excluded, ExcludedBy, Gap, Sink, SkipReason, Skipped, Source};
use akid::stop::Stop;
use akid::suppress::{Baseline, KnownIn};

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);

/// Files that are pushed from as many threads.
struct Pushed<'a> {
    files: &'a [(String, String)],
    threads: usize,
}

impl Source for Pushed<'_> {
    fn run(&self, sink: &dyn Sink) {
        std::thread::scope(|scope| {
            for nth in 0..self.threads {
                scope.spawn(move || {
                    for (path, content) in self.files.iter().rev().skip(nth).step_by(self.threads) {
                        let origin = || Origin::File(RelativePath::from_bytes(path.as_str()));
                        sink.take(Event::Input(&origin, Content::Whole(content.as_bytes())));
                    }
                });
            }
        });
    }
}

fn listing(max_findings: usize) -> Policy {
    Policy { max_findings, ..Policy::default() }
}

fn scan(source: &dyn Source, policy: Policy) -> Scan {
    Scanner::new(Detector::new(&RULES), policy, 1, Stop::default()).scan(&[source])
}

/// A key ID that is made up, a line each.
fn ids(seeds: std::ops::Range<u64>) -> String {
    seeds.map(|seed| format!("{}\n", fake::pair(seed).id_text())).collect()
}

fn pair(seed: u64) -> String {
    let key = fake::pair(seed);
    format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", key.id_text(), key.secret_text())
}

/// Files of all kinds: lone IDs, some in tests, and among them pairs and examples.
fn files() -> Vec<(String, String)> {
    let file = |nth: u64| {
        let folder = if nth.is_multiple_of(3) { "tests/" } else { "" };
        let mut content = ids(nth * 20..nth * 20 + 10);
        match nth % 5 {
            0 => content.push_str(&format!("\n{}", pair(10_000 + nth))),
            1 => content.push_str(concat!("AKIAIOSFOD", "NN7EXAMPLE\n")),
            _ => {}
        }
        (format!("{folder}f{nth:03}"), content)
    };
    (0..40).map(file).collect()
}

/// The first `n` findings of a scan by suppression, severity, confidence and the order of reports, in that order.
fn first(scan: &Scan, n: usize) -> Vec<Finding> {
    let mut order: Vec<usize> = (0..scan.findings.len()).collect();
    order.sort_by_key(|&at| {
        let finding = &scan.findings[at];
        (finding.suppression, Reverse(finding.severity()), Reverse(finding.confidence.certainty()), at)
    });
    order.truncate(n);
    order.sort_unstable();
    order.into_iter().map(|at| scan.findings[at].clone()).collect()
}

fn assert_first(whole: &Scan, capped: &Scan, n: usize) {
    assert!(capped.findings == first(whole, n), "the first {n}");
    let left_out = capped.left_out.findings() + capped.left_out.suppressed();
    assert_eq!(capped.findings.len() as u64 + left_out, whole.findings.len() as u64);
    let suppressed = capped.findings.iter().filter(|finding| finding.suppression.is_some()).count() as u64;
    let all = whole.findings.iter().filter(|finding| finding.suppression.is_some()).count() as u64;
    assert_eq!(suppressed + capped.left_out.suppressed(), all);
}

#[test]
fn a_capped_scan_lists_the_first_findings_of_the_whole_at_any_number_of_threads() {
    let files = files();
    let whole = scan(&Pushed { files: &files, threads: 1 }, listing(100_000));
    assert!(whole.is_complete() && whole.left_out.findings() == 0);
    for n in [1, 7, 60, 200, whole.findings.len() - 1] {
        for threads in [1, 8] {
            assert_first(&whole, &scan(&Pushed { files: &files, threads }, listing(n)), n);
        }
    }
}

#[test]
fn a_scan_is_incomplete_where_findings_that_count_are_not_listed() {
    let files = [("a".to_owned(), ids(0..10))];
    let source = Pushed { files: &files, threads: 1 };
    assert!(scan(&source, listing(10)).is_complete());
    assert!(!scan(&source, listing(9)).is_complete());
}

#[test]
fn suppressed_findings_are_the_last_to_be_listed_and_make_no_scan_incomplete() {
    let example = concat!("AKIAIOSFOD", "NN7EXAMPLE\n").to_owned();
    let mut files: Vec<_> = (0..50).map(|nth| (format!("a{nth:02}"), example.clone())).collect();
    files.push(("z".to_owned(), ids(0..3)));
    let scan = scan(&Pushed { files: &files, threads: 2 }, listing(5));
    assert_eq!(scan.findings.iter().filter(|finding| finding.suppression.is_none()).count(), 3);
    assert_eq!((scan.findings.len(), scan.left_out.suppressed(), scan.left_out.findings()), (5, 48, 0));
    assert!(scan.is_complete());
}

#[test]
fn what_a_baseline_knows_takes_no_place_of_what_is_new() {
    let files = [("a".to_owned(), ids(0..50)), ("z".to_owned(), ids(50..53))];
    let source = Pushed { files: &files, threads: 1 };
    let known = scan(&Pushed { files: &files[..1], threads: 1 }, Policy::default());
    let baseline = Baseline::of(&known.findings, &RULES, KnownIn::Any);
    let accepted = Arc::new(Accepted { baseline, ..Accepted::default() });
    let policy = Policy { accepted, ..listing(5) };
    let mut scan = scan(&source, policy.clone());
    scan.accept(&policy.accepted, policy.now, false);
    let new: Vec<_> = scan.findings.iter().filter(|finding| finding.suppression.is_none()).collect();
    assert!(new.len() == 3 && new.iter().all(|finding| finding.origin.path() == b"z"));
    assert_eq!(scan.left_out.by_suppression.get(&Suppression::Baseline), Some(&48));
    assert!(scan.is_complete());
}

#[test]
fn members_of_an_archive_are_capped_like_files() {
    use crate::archives::build::{gzip, tar};
    let content = ids(0..40);
    let names: Vec<String> = (0..30).map(|nth| format!("m{nth:02}")).collect();
    let members: Vec<(&[u8], &[u8])> =
        names.iter().map(|name| (name.as_bytes(), content.as_bytes())).collect();
    let archive = gzip(&tar(&members));
    let source = crate::archives::Held(&archive);
    let whole = scan(&source, listing(100_000));
    assert_eq!(whole.findings.len(), 1200);
    assert_first(&whole, &scan(&source, listing(500)), 500);
}

/// Something to say of very many inputs.
struct Unreadable(usize);

impl Source for Unreadable {
    fn run(&self, sink: &dyn Sink) {
        for nth in 0..self.0 {
            let origin = Origin::File(RelativePath::from_bytes(format!("{nth:07}")));
            sink.take(Event::Skip(Skipped { origin: origin.clone(), reason: SkipReason::TooMany }));
            sink.take(Event::Exclude(Excluded { origin, by: ExcludedBy::Size }));
        }
    }
}

#[test]
fn inputs_that_are_skipped_or_excluded_are_listed_up_to_a_limit() {
    let scan = scan(&Unreadable(MAX_INPUTS + 5), Policy::default());
    assert_eq!((scan.skipped.len(), scan.excluded.len()), (MAX_INPUTS, MAX_INPUTS));
    assert_eq!((scan.left_out.skipped, scan.left_out.excluded), (5, 5));
    assert!(scan.skipped.last().unwrap().origin.path() == format!("{:07}", MAX_INPUTS - 1).as_bytes());
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Text) {
        let told = render(&scan, format);
        let is_told = told.contains("5 more skipped inputs") || told.contains("\"left_out\"");
        assert!(is_told || format == Format::Markdown, "{}", format.as_str());
    }
}

fn render(scan: &Scan, format: Format) -> String {
    let mut out = Vec::new();
    let report =
        Report { scan, rules: &RULES, now: jiff::Timestamp::UNIX_EPOCH, options: &Options::default() };
    write(format, &report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_report_says_how_much_it_does_not_list() {
    let files = [("a".to_owned(), ids(0..30))];
    let scan = scan(&Pushed { files: &files, threads: 1 }, listing(10));
    let text = "20 more findings not listed: the limit is 10";
    for format in [
        Format::Json,
        Format::Jsonl,
        Format::Sarif,
        Format::Csv,
        Format::Github,
        Format::Gitlab,
        Format::Junit,
        Format::Html,
        Format::Defectdojo,
        Format::Ocsf,
    ] {
        let told = render(&scan, format);
        let is_told = told.contains(text) || told.contains("\"left_out\"");
        assert!(is_told, "{}", format.as_str());
    }
    assert!(render(&scan, Format::Markdown).contains("20 more findings"));
    assert!(render(&scan, Format::Sarif).contains("\"executionSuccessful\":false"));
    let json: serde_json::Value = serde_json::from_str(&render(&scan, Format::Json)).unwrap();
    assert_eq!(json["summary"]["left_out"]["findings"], 20);
    assert_eq!(json["summary"]["findings"][Severity::Medium.as_str()], 30);
    assert_eq!(json["complete"], false);
    let options = Options::default();
    let report = Report { scan: &scan, rules: &RULES, now: jiff::Timestamp::UNIX_EPOCH, options: &options };
    let summary = akid::report::summary(&report, std::time::Duration::ZERO);
    assert!(
        summary.contains(&format!("incomplete: {text}")) && summary.contains("in 30 places"),
        "{summary}"
    );
}

#[cfg(feature = "git")]
mod history {
    use super::*;
    use crate::history::anchored;
    use crate::history::repo::{Folder, Repo};

    /// Commits a tree that has `blobs` under so many names each.
    fn commit(repo: &Repo, blobs: &[(&str, String, usize)]) {
        let hash = |output: Vec<u8>| String::from_utf8(output).unwrap().trim().to_owned();
        let mut entries = String::new();
        for (prefix, content, names) in blobs {
            let blob = hash(repo.git_with(&["hash-object", "-w", "--stdin"], content.as_bytes()));
            for nth in 0..*names {
                writeln!(entries, "100644 blob {blob}\t{prefix}{nth:04}").unwrap();
            }
        }
        let tree = hash(repo.git_with(&["mktree"], entries.as_bytes()));
        let commit = hash(repo.git(&["commit-tree", &tree, "-m", "m"]));
        repo.git(&["update-ref", "refs/heads/main", &commit]);
    }

    fn fingerprints(scan: &Scan) -> Vec<Fingerprint> {
        scan.findings.iter().map(Finding::fingerprint).collect()
    }

    #[test]
    fn a_capped_history_lists_the_first_findings_of_the_whole_at_any_number_of_threads() {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        commit(&repo, &[("a", ids(0..30), 20), ("test_b", ids(30..40), 20), ("c", pair(100), 5)]);
        let whole = scan(&anchored(repo.open(), 1), listing(100_000));
        for n in [3, 100, 700] {
            for threads in [1, 8] {
                assert_first(&whole, &scan(&anchored(repo.open(), threads), listing(n)), n);
            }
        }
    }

    #[test]
    fn a_real_pair_survives_200_000_planted_ids() {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        commit(&repo, &[("a", ids(0..200), 1000), ("z", pair(1000), 1)]);
        let one = scan(&anchored(repo.open(), 1), Policy::default());
        assert_eq!((one.findings.len(), one.left_out.findings()), (100_000, 100_001));
        let worst: Vec<_> = one.findings.iter().filter(|it| it.severity() == Severity::Critical).collect();
        assert!(worst.len() == 1 && worst[0].origin.path() == b"z0000");
        let eight = scan(&anchored(repo.open(), 8), Policy::default());
        assert!(fingerprints(&one) == fingerprints(&eight));
    }

    #[test]
    fn the_names_of_very_many_refs_are_counted() {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        repo.commit("a", pair(1));
        let head = String::from_utf8(repo.git(&["rev-parse", "HEAD"])).unwrap();
        let refs: String =
            (0..2000).map(|nth| format!("create refs/tags/t{nth:04} {}\n", head.trim())).collect();
        repo.git_with(&["update-ref", "--stdin"], refs.as_bytes());
        let scan = scan(&anchored(repo.open(), 1), Policy::default());
        let tips = &scan.findings[0].exposure.as_ref().unwrap().tips;
        // HEAD, the branch and the tags.
        assert_eq!(tips.len() as u64 + tips.more(), 2002);
        assert!(tips.len() < 200);
        assert!(render(&scan, Format::Json).contains("\"more_tips\": 1902"));
    }

    #[test]
    fn attribution_that_is_stopped_leaves_findings_as_they_are() {
        struct Stopping<'a>(&'a dyn Source, Stop);
        impl Source for Stopping<'_> {
            fn run(&self, sink: &dyn Sink) {
                self.0.run(sink);
            }

            fn history(&self) -> Option<&dyn akid::source::Attribute> {
                Some(self)
            }
        }
        impl akid::source::Attribute for Stopping<'_> {
            fn attribute(
                &self,
                subjects: &std::collections::BTreeSet<akid::source::Subject>,
                stop: &Stop,
            ) -> akid::source::Attribution {
                self.1.stop();
                self.0.history().unwrap().attribute(subjects, stop)
            }
        }
        let folder = Folder::new();
        let repo = folder.repo("repo");
        repo.commit("a", pair(1));
        let stop = Stop::default();
        let source = anchored(repo.open(), 1);
        let policy = Policy::default();
        let scanner = Scanner::new(Detector::new(&RULES), policy, 1, stop.clone());
        let scan = scanner.scan(&[&Stopping(&source, stop)]);
        assert!(scan.interrupted && !scan.is_complete());
        assert!(scan.findings.len() == 1 && scan.findings[0].exposure.is_none());
    }

    #[test]
    fn more_paths_than_are_followed_make_a_scan_incomplete() {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        commit(&repo, &[("a", pair(1), 1001)]);
        let scan = scan(&anchored(repo.open(), 1), Policy::default());
        assert!(scan.gaps.contains(&Gap::TooMany) && !scan.is_complete());
        assert_eq!(scan.findings.len(), 1000);
    }
}
