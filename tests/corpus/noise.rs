//! Text such as surrounds keys in real files: code, prose, logs, settings, and data that is hard on scanners.

use akid::aws::fake::Random;

use crate::corpus::words::WORDS;

/// What the text around a key is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Noise {
    Code,
    Prose,
    Log,
    Settings,
    Digests,
}

pub(crate) const EVERY: [Noise; 5] = [Noise::Code, Noise::Prose, Noise::Log, Noise::Settings, Noise::Digests];

impl Noise {
    /// At least `len` bytes in whole lines.
    pub(crate) fn text(self, random: &mut Random, len: usize) -> String {
        let mut text = String::new();
        while text.len() < len {
            text.push_str(&self.line(random));
            text.push('\n');
        }
        text
    }

    fn line(self, random: &mut Random) -> String {
        match self {
            Self::Code => code(random),
            Self::Prose => sentence(random),
            Self::Log => log(random),
            Self::Settings => setting(random),
            Self::Digests => digests(random),
        }
    }
}

/// One word.
pub(crate) fn word(random: &mut Random) -> &'static str {
    WORDS[random.below(WORDS.len())]
}

/// One word with a capital.
pub(crate) fn capital(random: &mut Random) -> String {
    let word = word(random);
    word[..1].to_uppercase() + &word[1..]
}

/// `len` lower-case hex digits.
pub(crate) fn hex(random: &mut Random, len: usize) -> String {
    random.text("0123456789abcdef", len)
}

/// A random UUID.
pub(crate) fn uuid(random: &mut Random) -> String {
    [8, 4, 4, 4, 12].map(|len| hex(random, len)).join("-")
}

/// A moment of some day.
pub(crate) fn date(random: &mut Random) -> String {
    let mut two = |low: usize, high: usize| low + random.below(high - low);
    let (month, day, hour, minute) = (two(1, 13), two(1, 29), two(0, 24), two(0, 60));
    format!("2025-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", two(0, 60))
}

/// A sentence of prose.
pub(crate) fn sentence(random: &mut Random) -> String {
    let len = 5 + random.below(9);
    let words: Vec<_> = (1..len).map(|_| word(random)).collect();
    format!("{} {}.", capital(random), words.join(" "))
}

fn code(random: &mut Random) -> String {
    let (a, b, c) = (word(random), word(random), word(random));
    let (upper, n) = (capital(random), random.below(1000));
    match random.below(8) {
        0 => format!("    let {a}_{b} = {c}.{b}({n});"),
        1 => format!("def {a}_{b}({c}, {b}=None):"),
        2 => format!("    if ({a}.{b} != null && {c} > {n}) {{ return new {upper}({b}); }}"),
        3 => format!("    // {}", sentence(random)),
        4 => format!("    {a}.get{upper}(\"{b}/{c}\", {n});"),
        5 => format!("import {{ {upper} }} from './{a}/{b}-{c}';"),
        6 => format!("    self.{a}[\"{b}\"] = '{c}-{n}'"),
        _ => String::new(),
    }
}

fn log(random: &mut Random) -> String {
    let level = random.pick(&["INFO", "WARN", "DEBUG", "ERROR"]);
    let (a, b, n) = (word(random), word(random), random.below(100_000));
    let date = date(random);
    match random.below(3) {
        0 => format!("{date} {level} [{a}-{n}] {b}: {}", sentence(random)),
        1 => format!("{date} {level} request_id={} {a}={n} {b}_ms={}", uuid(random), random.below(900)),
        _ => format!("10.{}.3.{} - - [{date}] \"GET /{a}/{b}?page={n} HTTP/1.1\" 200 {n}", n % 256, n % 199),
    }
}

fn setting(random: &mut Random) -> String {
    let (a, b, c) = (word(random), word(random), word(random));
    match random.below(4) {
        0 => format!("{a}.{b} = {c}"),
        1 => format!("{a}_{b}: {}", random.below(5000)),
        2 => format!("# {}", sentence(random)),
        _ => format!("{}_{}={c}", a.to_uppercase(), b.to_uppercase()),
    }
}

fn digests(random: &mut Random) -> String {
    match random.below(5) {
        0 => format!("commit {}", hex(random, 40)),
        1 => format!("index {}..{} 100644", hex(random, 40), hex(random, 40)),
        2 => format!("{}  {}/{}.tar.gz", hex(random, 64), word(random), word(random)),
        3 => format!("    id: {}", uuid(random)),
        _ => sentence(random),
    }
}
