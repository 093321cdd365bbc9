//! A stage that panics costs nothing that another one found.

use std::collections::{BTreeMap, BTreeSet};

use akid::aws::fake;
use akid::detect::Detector;
use akid::origin::{Object, ObjectId, ObjectKind, Origin, RelativePath};
use akid::rule::RuleSet;
use akid::scan::{Policy, Scan, Scanner};
use akid::source::{Attribute, Attribution, Content, Gap, Sink, Source, Stage, Subject};
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
        sink.input(&object, Content::Whole(self.text.as_bytes()));
        self.enter("run");
        let file = || Origin::File(RelativePath::from_bytes("later"));
        sink.input(&file, Content::Whole(self.text.as_bytes()));
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
