//! Bytes per second of each layer, on text made from a seed: `cargo bench --bench throughput`.

use std::sync::LazyLock;

use akid::anchor::Gate;
use akid::aws::fake::{self, Random};
use akid::detect::Detector;
use akid::rule::RuleSet;
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
