//! Bytes per second of each layer, on text made from a seed: `cargo bench --bench throughput`.

use std::io::Read;
use std::sync::LazyLock;

use akid::anchor::Gate;
use akid::aws::fake::{self, Random};
use akid::detect::Detector;
use akid::origin::Origin;
use akid::rule::RuleSet;
use akid::scan::{Policy, Scanner};
use akid::source::{Content, Event, Sink, Source};
use akid::stop::Stop;
use akid::text::LineIndex;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

const MEGABYTE: usize = 1 << 20;

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);
static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(&RULES));

fn main() {
    divan::main();
}

#[divan::bench]
fn gate_on_code(bencher: Bencher<'_, '_>) {
    let gate = Gate::new(&RULES);
    let text = code(1, 16 * MEGABYTE);
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| gate.hits(black_box(&text)));
}

#[divan::bench]
fn gate_on_keys(bencher: Bencher<'_, '_>) {
    let gate = Gate::new(&RULES);
    let text = keys(2, MEGABYTE);
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| gate.hits(black_box(&text)));
}

#[divan::bench]
fn detect_on_code(bencher: Bencher<'_, '_>) {
    detect(bencher, &code(3, 16 * MEGABYTE));
}

/// What most files are: a few KiB with nothing in them.
#[divan::bench]
fn detect_on_small_files(bencher: Bencher<'_, '_>) {
    let text = code(4, 16 * MEGABYTE);
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| {
        text.chunks(6000).map(|file| DETECTOR.detect(black_box(file)).found.len()).sum::<usize>()
    });
}

/// Code that speaks of secrets and holds none.
#[divan::bench]
fn detect_on_names(bencher: Bencher<'_, '_>) {
    let mut text = code(5, MEGABYTE);
    let line = b"secret_key = os.environ['AWS_SECRET_ACCESS_KEY']\n";
    for at in (0..text.len()).step_by(2000).rev() {
        text.splice(at..at, line.iter().copied());
    }
    detect(bencher, &text);
}

/// One key in a large file.
#[divan::bench]
fn detect_one_key(bencher: Bencher<'_, '_>) {
    let half = code(6, MEGABYTE);
    detect(bencher, &[half.clone(), keys(6, 1), half].concat());
}

/// Nothing but credentials.
#[divan::bench(sample_count = 20)]
fn detect_on_keys(bencher: Bencher<'_, '_>) {
    detect(bencher, &keys(7, MEGABYTE / 4));
}

/// The same in base64.
#[divan::bench(sample_count = 20)]
fn detect_on_encoded_keys(bencher: Bencher<'_, '_>) {
    detect(bencher, data_encoding::BASE64.encode(&keys(8, MEGABYTE / 8)).as_bytes());
}

/// What an archive costs at least: unpacking it, and looking at what comes out.
#[divan::bench(sample_count = 20)]
fn gunzip_and_detect(bencher: Bencher<'_, '_>) {
    let text = code(10, 16 * MEGABYTE);
    let packed = gzip(&text);
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| {
        let mut unpacked = Vec::new();
        let read = flate2::read::GzDecoder::new(black_box(packed.as_slice())).read_to_end(&mut unpacked);
        (read.is_ok(), DETECTOR.detect(&unpacked).found.len())
    });
}

/// What it does cost.
#[divan::bench(sample_count = 20)]
fn scan_gzip(bencher: Bencher<'_, '_>) {
    let text = code(10, 16 * MEGABYTE);
    let packed = gzip(&text);
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| scan(black_box(&packed)));
}

/// Small files in a tar, packed.
#[divan::bench(sample_count = 20)]
fn scan_small_files_in_tar_gz(bencher: Bencher<'_, '_>) {
    let text = code(11, 16 * MEGABYTE);
    let packed = gzip(&tar(&text));
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| scan(black_box(&packed)));
}

#[divan::bench]
fn line_index(bencher: Bencher<'_, '_>) {
    let text = code(9, 16 * MEGABYTE);
    bencher
        .counter(BytesCount::of_slice(&text))
        .bench_local(|| LineIndex::new(black_box(&text)).position(text.len() / 2));
}

fn detect(bencher: Bencher<'_, '_>, text: &[u8]) {
    bencher.counter(BytesCount::of_slice(text)).bench_local(|| DETECTOR.detect(black_box(text)).found.len());
}

/// Bytes as a source hands them over.
struct Held<'a>(&'a [u8]);

impl Source for Held<'_> {
    fn run(&self, sink: &dyn Sink) {
        sink.take(Event::Input(&|| Origin::Stdin, Content::Whole(self.0)));
    }
}

fn scan(bytes: &[u8]) -> usize {
    let policy = Policy::default();
    let scanner = Scanner::new(Detector::new(&RULES), policy, 1, Stop::default());
    let scan = scanner.scan(&[&Held(bytes)]);
    assert!(scan.skipped.is_empty() && scan.bytes > MEGABYTE as u64);
    scan.findings.len()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = flate2::read::GzEncoder::new(bytes, flate2::Compression::default());
    assert!(encoder.read_to_end(&mut packed).is_ok());
    packed
}

/// A tar of files of 6000 bytes.
fn tar(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (nth, content) in text.chunks(6000).enumerate() {
        let mut header = [0; 512];
        header[..12].copy_from_slice(format!("folder/{nth:05}").as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes
}

/// At least `len` bytes of text with the words and the punctuation of code.
fn code(seed: u64, len: usize) -> Vec<u8> {
    let words = [
        "return", "if", "value", "request", "region", "config", "self", "import", "client", "session",
        "password", "access", "public", "static", "void", "index", "length", "buffer", "0x7f", "42",
        "String", "const", "await",
    ];
    let signs = [" ", " = ", "(", ")", ".", ", ", ";\n    ", " {\n", "}\n", "\"", "_", "\n\n// "];
    let mut random = Random::new(seed);
    let mut text = String::with_capacity(len + 32);
    while text.len() < len {
        text += random.pick(&words);
        text += random.pick(&signs);
    }
    text.into_bytes()
}

/// At least `len` bytes of profiles, one after the other.
fn keys(seed: u64, len: usize) -> Vec<u8> {
    let mut text = String::new();
    for nth in 0.. {
        let key = fake::pair(seed * 1_000_000 + nth);
        let (id, secret) = (key.id_text(), key.secret_text());
        text += &format!("[p{nth}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n\n");
        if text.len() >= len {
            break;
        }
    }
    text.into_bytes()
}
