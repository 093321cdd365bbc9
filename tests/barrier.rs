//! A stage that panics costs nothing that another one found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use akid::aws::fake;
use akid::detect::Detector;
use akid::finding::RepositoryName;
use akid::origin::{Object, ObjectId, ObjectKind, Origin, RelativePath};
use akid::rule::RuleSet;
use akid::scan::{Policy, RepositorySources, Scan, Scanner, threads_each};
use akid::source::{Attribute, Attribution, Content, Event, Gap, Sink, Source, Stage, Subject};
use akid::stop::Stop;

/// Content with a credential, and the stages that panic.
struct Failing {
    text: String,
    at: &'static [&'static str],
}

impl Failing {
    fn enter(&self, stage: &str) {
        assert!(!self.at.contains(&stage), "made to fail");
    }
}

impl Source for Failing {
    fn run(&self, sink: &dyn Sink) {
        let id = ObjectId::from_bytes([7; 20]);
        let object = || Origin::Object(Object::new(ObjectKind::Blob, id));
        sink.take(Event::Input(&object, Content::Whole(self.text.as_bytes())));
        self.enter("run");
        let file = || Origin::File(RelativePath::from_bytes("later"));
        sink.take(Event::Input(&file, Content::Whole(self.text.as_bytes())));
    }

    fn history(&self) -> Option<&dyn Attribute> {
        Some(self)
    }
}

impl Attribute for Failing {
    fn locate(&self, _: &BTreeSet<ObjectId>, _: &Stop) -> BTreeMap<ObjectId, RelativePath> {
        self.enter("locate");
        BTreeMap::new()
    }

    fn attribute(&self, _: &BTreeSet<Subject>, _: &Stop) -> Attribution {
        self.enter("attribute");
        Attribution::default()
    }
}

fn scan(sources: &[&Failing]) -> Scan {
    let policy = Policy::default();
    let scanner = Scanner::new(Detector::new(&RuleSet::built_in()), policy, 1, Stop::default());
    let sources: Vec<&dyn Source> = sources.iter().map(|&source| source as &dyn Source).collect();
    scanner.scan(&sources)
}

fn stages(scan: &Scan) -> Vec<Stage> {
    let stage = |gap: &Gap| if let Gap::Stage(stage, _) = gap { *stage } else { panic!("{gap:?}") };
    scan.gaps.iter().map(stage).collect()
}

fn failing(nth: u64, at: &'static [&'static str]) -> Failing {
    let key = fake::pair(nth);
    Failing { text: format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text()), at }
}

#[test]
fn a_source_that_panics_costs_neither_what_it_found_nor_the_other_sources() {
    let whole = scan(&[&failing(1, &[]), &failing(2, &[])]);
    assert!(whole.findings.len() == 4 && whole.gaps.is_empty() && whole.is_complete());
    let scan = scan(&[&failing(1, &["run"]), &failing(2, &[])]);
    assert_eq!((scan.findings.len(), stages(&scan)), (3, vec![Stage::Source]));
    assert!(!scan.is_complete());
}

#[test]
fn attribution_that_panics_leaves_every_finding_without_a_path() {
    let scan = scan(&[&failing(1, &["attribute"]), &failing(2, &[])]);
    assert_eq!((scan.findings.len(), stages(&scan)), (4, vec![Stage::Attribution]));
    assert!(!scan.is_complete());
}

#[test]
fn a_later_stage_that_panics_leaves_the_findings() {
    for stage in [Stage::Acceptance, Stage::Owners] {
        let mut scan = scan(&[&failing(1, &[])]);
        scan.run_stage(stage, |scan| {
            scan.findings.retain(|_| panic!("made to fail"));
        });
        assert_eq!((scan.findings.len(), stages(&scan)), (2, vec![stage]));
    }
}

/// A repository of a scan of several.
fn one_of<'a>(name: &str, source: &'a dyn Source, threads: usize) -> RepositorySources<'a> {
    let name = Arc::new(RepositoryName::new(name.as_bytes(), b"folder", None));
    RepositorySources { name, sources: vec![source], threads, bytes: 0 }
}

#[test]
fn a_repository_that_panics_costs_none_of_those_beside_it() {
    let sources: Vec<Failing> =
        (0..12).map(|nth| failing(nth, if nth == 5 { &["run"] } else { &[] })).collect();
    let names: Vec<String> = (10..22).map(|nth| format!("r{nth}")).collect();
    let scan = |threads| {
        let policy = Policy::default();
        let scanner = Scanner::new(Detector::new(&RuleSet::built_in()), policy, threads, Stop::default());
        let each = names.iter().zip(&sources).zip(0..);
        let each: Vec<_> = each.map(|((name, source), nth)| one_of(name, source, 1 + nth % 2)).collect();
        scanner.scan_each(&each)
    };
    let (one, four) = (scan(1), scan(4));
    assert_eq!((one.findings.len(), one.inputs, one.gaps.len()), (23, 23, 1));
    assert_eq!(
        (&one.findings, &one.gaps, &one.repositories, one.bytes),
        (&four.findings, &four.gaps, &four.repositories, four.bytes)
    );
    let order: Vec<_> = four.repositories.iter().map(|name| name.label().to_owned()).collect();
    assert_eq!(order, names);
}

/// Stops the scan, and counts how many are run.
struct Stopping<'a> {
    stop: &'a Stop,
    runs: &'a AtomicUsize,
}

impl Source for Stopping<'_> {
    fn run(&self, sink: &dyn Sink) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.stop.stop();
        assert!(sink.is_stopped());
    }
}

#[test]
fn an_interrupt_ends_all_repositories_of_a_scan() {
    for (threads, each) in [(1, 1), (4, 1), (4, 4)] {
        let (stop, runs) = (Stop::default(), AtomicUsize::new(0));
        let source = Stopping { stop: &stop, runs: &runs };
        let policy = Policy::default();
        let scanner = Scanner::new(Detector::new(&RuleSet::built_in()), policy, threads, stop.clone());
        let repositories: Vec<_> = (0..50).map(|nth| one_of(&format!("r{nth}"), &source, each)).collect();
        let scan = scanner.scan_each(&repositories);
        assert!(scan.interrupted);
        // Each thread may have started one before it saw the switch.
        assert!((1..=threads).contains(&runs.load(Ordering::Relaxed)), "{runs:?}");
    }
}

#[test]
fn small_repositories_get_one_thread_each_and_the_others_all() {
    const MIB: u64 = 1 << 20;
    assert!(threads_each(&[], 4).is_empty());
    assert_eq!(threads_each(&[MIB], 4), [4]);
    assert_eq!(threads_each(&[400 * MIB, 100 * MIB, 101 * MIB, 0], 4), [4, 1, 4, 1]);
    assert_eq!(threads_each(&[33 * MIB, 32 * MIB, 33 * MIB], 4), [4, 1, 4]);
    assert_eq!(threads_each(&[400 * MIB, MIB], 1), [1, 1]);
}
