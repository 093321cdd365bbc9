//! Any bytes as an archive: no panic, no more read than the limits allow, and the same however it is read.
#![no_main]

use std::io::{self, Read};
use std::sync::LazyLock;

use akid::aws::fake;
use akid::detect::Detector;
use akid::origin::Origin;
use akid::rule::RuleSet;
use akid::scan::{Policy, Scan, Scanner};
use akid::source::Limits;
use akid::source::{Content, Event, Sink, SkipReason, Source};
use akid::stop::Stop;
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits { depth: 4, ratio: 2000, bytes: 4 << 20, members: 1000, work: 8000 };

/// As long as what it stands for, so that no size in a seed is wrong when it is filled in.
const KEY_ID: &[u8; 20] = b"{{the-key-id-is-so}}";

struct Held<'a>(&'a [u8]);

impl Source for Held<'_> {
    fn run(&self, sink: &dyn Sink) {
        sink.take(Event::Input(&|| Origin::Stdin, Content::Whole(self.0)));
    }
}

/// Reads a few bytes at a time.
struct Dripping<'a>(&'a [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let step = out.len().min(1 + self.0.len() % 7);
        self.0.read(&mut out[..step])
    }
}

struct Streamed<'a>(&'a [u8]);

impl Source for Streamed<'_> {
    fn run(&self, sink: &dyn Sink) {
        sink.take(Event::Input(&|| Origin::Stdin, Content::Stream(&mut Dripping(self.0))));
    }
}

/// Made once: that takes longer than a scan.
static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    let policy = Policy::default();
    let detector = Detector::new(&RuleSet::built_in());
    Scanner::new(detector, policy, 1, Stop::default()).with_limits(LIMITS)
});

/// Scans, and tells how many bytes were searched for it.
fn scan(source: &dyn Source) -> (Scan, u64) {
    let scan = SCANNER.scan(&[source]);
    let bytes = scan.bytes;
    (scan, bytes)
}

/// What can be compared.
fn told(scan: &Scan) -> Vec<String> {
    let findings = scan.findings.iter().map(|finding| {
        let at = finding.places[0].main();
        format!("{:?} {} {:?}", finding.origin.path(), finding.rule, at)
    });
    let skipped = scan.skipped.iter().map(|skipped| {
        assert!(!matches!(skipped.reason, SkipReason::Panic(_)), "{:?}", skipped.reason);
        format!("{:?} {:?}", skipped.origin.path(), skipped.reason)
    });
    findings.chain(skipped).collect()
}

/// Whether only the end tells that it is an archive, which a stream does not show before it comes.
fn is_told_by_its_end(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|word| word == b"PK\x05\x06")
}

fuzz_target!(|input: &[u8]| {
    let id = fake::pair(1);
    let mut bytes = input.to_vec();
    for at in 0..bytes.len().saturating_sub(KEY_ID.len() - 1) {
        if bytes[at..].starts_with(KEY_ID) {
            bytes[at..at + KEY_ID.len()].copy_from_slice(id.id_text().as_bytes());
        }
    }
    let (held, searched) = scan(&Held(&bytes));
    // What is plain in the input on top of what comes out of it.
    assert!(searched <= 2 * LIMITS.bytes + 8 * bytes.len() as u64);
    if !is_told_by_its_end(&bytes) {
        assert_eq!(told(&held), told(&scan(&Streamed(&bytes)).0));
    }
});
