//! A repository of one pack, written byte by byte.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use akid::anchor::Anchors;
use akid::detect::Detector;
use akid::finding::{Finding, Place};
use akid::origin::Origin;
use akid::rule::RuleSet;
use akid::scan::{Policy, Scanner};
use akid::source::git::{History, Repository};
use akid::source::{Content, Event, Sink, SkipReason, Skipped, Source};
use akid::stop::Stop;

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    let policy = Policy::default();
    Scanner::new(Detector::new(&RuleSet::built_in()), policy, 1, Stop::default())
});
static ANCHORS: LazyLock<Anchors> = LazyLock::new(|| Detector::new(&RuleSet::built_in()).anchors());
/// Written anew for each input. It is in the folder for temporary files, which whoever runs this clears.
static TOP: LazyLock<PathBuf> = LazyLock::new(|| {
    let top = std::env::temp_dir().join(format!("akid-fuzz-{}", std::process::id()));
    fs::create_dir_all(top.join("objects/pack")).expect("a folder for temporary files");
    fs::create_dir_all(top.join("refs")).expect("a folder for temporary files");
    write("HEAD", b"ref: refs/heads/main\n", &top);
    top
});

fn write(name: &str, content: &[u8], top: &std::path::Path) {
    fs::write(top.join(name), content).expect("a folder for temporary files");
}

/// The formats of objects, by git's names.
pub const FORMATS: [&str; 2] = ["sha1", "sha256"];

fn configure(format: &str) {
    write("config", format!("[extensions]\nobjectFormat = {format}\n").as_bytes(), &TOP);
}

/// Makes the repository hold these, whose objects are named by `format`, and opens it.
pub fn store(pack: &[u8], index: &[u8], format: &str) -> Repository {
    configure(format);
    write("objects/pack/pack-1.pack", pack, &TOP);
    write("objects/pack/pack-1.idx", index, &TOP);
    Repository::open(&TOP).expect("what was just written")
}

/// A repository without commits whose git index is this.
pub fn staged(index: &[u8], format: &str) -> Repository {
    configure(format);
    write("index", index, &TOP);
    Repository::open(&TOP).expect("what was just written")
}

/// What is found by what each object adds to the one that it is made from, and what is found in each as a whole.
pub fn both_ways(pack: &[u8], index: &[u8], format: &str) -> [Vec<Finding>; 2] {
    let fast = History::new(store(pack, index, format), 1, Some(ANCHORS.clone()));
    let slow = Whole::all_of(&History::new(store(pack, index, format), 1, None));
    [scan(&Unattributed(&fast)), scan(&slow)]
}

/// What is found in a source.
pub fn scan(source: &dyn Source) -> Vec<Finding> {
    let mut scan = SCANNER.scan(&[source]);
    let panicked = |skipped: &Skipped| matches!(skipped.reason, SkipReason::Panic(_));
    assert!(!scan.skipped.iter().any(panicked), "{:?}", scan.skipped);
    // In history no line is followed by its hash.
    for finding in &mut scan.findings {
        let places = finding.places.iter().cloned();
        finding.places = places.map(|place| Place { line_hash: None, ..place }).collect();
    }
    scan.findings
}

/// The objects of a source, and not where they are.
struct Unattributed<'a>(&'a dyn Source);

impl Source for Unattributed<'_> {
    fn run(&self, sink: &dyn Sink) {
        self.0.run(sink);
    }
}

/// Objects as they are handed on.
#[derive(Default)]
struct Whole(Mutex<Vec<(Origin, Vec<u8>)>>);

impl Whole {
    fn all_of(source: &dyn Source) -> Self {
        let whole = Self::default();
        source.run(&whole);
        whole
    }
}

impl Source for Whole {
    fn run(&self, sink: &dyn Sink) {
        for (origin, content) in &*self.0.lock().expect("one thread") {
            sink.take(Event::Input(&|| origin.clone(), Content::Whole(content)));
        }
    }
}

impl Sink for Whole {
    fn take(&self, event: Event<'_, '_>) -> bool {
        if let Event::Input(origin, content) | Event::Member(origin, content, _) = event {
            let bytes = match content {
                Content::Whole(bytes) | Content::Anchored(bytes, _) => bytes.to_vec(),
                Content::Stream(reader) => {
                    let mut bytes = Vec::new();
                    // What comes before damage counts.
                    drop(reader.take(1 << 20).read_to_end(&mut bytes));
                    bytes
                }
            };
            self.0.lock().expect("one thread").push((origin(), bytes));
        }
        false
    }

    fn is_stopped(&self) -> bool {
        false
    }
}
