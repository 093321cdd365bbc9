//! The law: no eight characters in a row of a secret, however it is spelled, whatever stands before it and wherever that
//! is, in any format. Scans and reports run in process, many cases at once; each case has a secret of its own, so that
//! a leak names its case.

use std::collections::BTreeMap;
use std::sync::Arc;

use akid::aws::fake::{self, Fake};
use akid::detect::Detector;
use akid::finding::RepositoryName;
use akid::known::Masked;
use akid::origin::{Member, Origin, RelativePath};
use akid::redact;
use akid::report::{self, Format, Options, Report};
use akid::resolve::Refusal;
use akid::rule::{Rule, RuleSet, toml_message};
use akid::scan::{Policy, RepositorySources, Scan, Scanner};
use akid::source::{Content, Event, Sink, Source};
use akid::stop::Stop;
use jiff::Timestamp;

use super::needles::Needles;
use super::spellings::{AS_A_WHOLE, BY_CHARACTER, PREFIXES, SUFFIXES, Spelling};
use super::{committed, configured, packed};
use crate::history::repo::Folder;

/// The row of what was masked by the last filter alone, in all formats together.
const LEFT_TO_THE_FILTER: &str = "left to the filter";

/// Where a secret stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stand {
    /// Beside a key ID.
    Content,
    /// Beside a key ID, in a file that has the secret as a finding, too.
    Detected,
    /// In the path of a file.
    Path,
    /// In the name of a member of an archive.
    Member,
    /// In the subject of a commit.
    Subject,
    /// In the name of a commit's author.
    Author,
    /// In the name of a branch.
    Ref,
    /// In a message of a service.
    Service,
    /// In an argument that is refused.
    Argument,
    /// In an error of a configuration.
    Configuration,
    /// In the texts of a rule, or in an error of one.
    Rule,
    /// In the reason that a line gives for what it holds.
    Reason,
    /// In the name of a variable whose value is a key ID.
    Variable,
    /// In the step of a build that made a layer of a container image.
    Step,
    /// In the name of a container image.
    Image,
    /// In the path and the URL of a repository.
    Repository,
    /// In the values and keys of a repository's configuration.
    Setting,
    /// Beside a key ID in the comment of a zip.
    Comment,
    /// Beside a key ID in a name of a PDF.
    PdfName,
    /// Beside a key ID in what is compressed and then written in base64.
    Packed,
}

/// Places in files and in what git has.
const STORED: [Stand; 8] = [
    Stand::Content,
    Stand::Detected,
    Stand::Variable,
    Stand::Path,
    Stand::Member,
    Stand::Subject,
    Stand::Author,
    Stand::Ref,
];

/// Places in what users, services and repositories say.
const SAID: [Stand; 7] = [
    Stand::Service,
    Stand::Argument,
    Stand::Configuration,
    Stand::Rule,
    Stand::Reason,
    Stand::Repository,
    Stand::Setting,
];

/// Places in what is packed.
const PACKED: [Stand; 5] = [Stand::Step, Stand::Image, Stand::Comment, Stand::PdfName, Stand::Packed];

impl Stand {
    /// Names are shown with up to 15 characters that no rule knows.
    fn is_name(self) -> bool {
        matches!(self, Self::Author | Self::Ref | Self::Image | Self::Repository)
    }
}

/// One secret, spelled in one way behind one prefix.
pub(super) struct Case {
    pub(super) key: Fake,
    spelling: &'static str,
    pub(super) text: String,
}

fn spellings() -> Vec<Spelling> {
    [BY_CHARACTER, AS_A_WHOLE].concat()
}

/// Every spelling behind every prefix, or one of `share` of these, another one for each `seed`.
fn cases(seed: usize, share: usize) -> Vec<Case> {
    let all = spellings().into_iter().enumerate().flat_map(|(nth, spelling)| {
        PREFIXES.iter().enumerate().map(move |(at, prefix)| (nth, spelling, at, *prefix))
    });
    let is_drawn =
        |(nth, _, at, _): &(usize, Spelling, usize, &str)| (nth * 3 + at + seed).is_multiple_of(share);
    let case = |(nth, (name, spell), at, prefix): (usize, Spelling, usize, &str)| {
        let key = fake::pair((1_000_000 + 10_000 * seed + 100 * nth + at) as u64);
        let suffix = SUFFIXES[(nth + at) % SUFFIXES.len()];
        let text = format!("{prefix}{}{suffix}", spell(key.secret_text()));
        Case { key, spelling: name, text }
    };
    all.filter(is_drawn).map(case).collect()
}

/// Pushes each case as a file of its own.
struct Planted<'a> {
    cases: &'a [Case],
    stand: Stand,
}

impl Source for Planted<'_> {
    fn run(&self, sink: &dyn Sink) {
        for (nth, case) in self.cases.iter().enumerate() {
            let (id, secret, text) = (case.key.id_text(), case.key.secret_text(), &case.text);
            let plain = format!("key {id}\n");
            let (path, content) = match self.stand {
                Stand::Content => (format!("{nth}.txt"), format!("# a\n{id} {text}\n# b\n")),
                Stand::Detected => (
                    format!("{nth}.txt"),
                    format!("aws_secret_access_key={secret}\naws_access_key_id={id} # {text}\n"),
                ),
                Stand::Reason => {
                    let line: String = text.split(['\r', '\n']).collect();
                    (format!("{nth}.txt"), format!("{id} # akid:allow {line}\n"))
                }
                Stand::Variable => {
                    (format!("{nth}.txt"), format!("export {}={id}\n", text.replace(['\r', '\n'], "")))
                }
                Stand::Path => (format!("{nth} {text}/f"), plain),
                Stand::Member => (format!("{nth}.zip"), plain),
                _ => (format!("{nth}.txt"), plain),
            };
            let packed = packed::file(self.stand, id, text).unwrap_or(content.into_bytes());
            let file = Origin::File(RelativePath::from_bytes(path));
            let content = Content::Whole(&packed);
            if self.stand == Stand::Member {
                let member = Member::new(file, vec![text.clone().into_bytes()]);
                sink.take(Event::Member(&|| Origin::Member(member.clone()), content, &|_| u64::MAX));
            } else {
                sink.take(Event::Input(&|| file.clone(), content));
            }
        }
    }
}

/// What akid says of the cases where none of them is scanned.
fn messages(cases: &[Case], stand: Stand) -> Vec<String> {
    if stand == Stand::Rule {
        return texts_of_rules(cases);
    }
    if stand == Stand::Setting {
        let folder = Folder::new();
        return configured::repositories(&folder.top, cases).1;
    }
    let message = |case: &Case| match stand {
        Stand::Service => Some(Refusal::new(Some("Denied"), Some(&case.text), None).to_string()),
        Stand::Argument => Some(redact::words(case.text.as_bytes())),
        Stand::Configuration => {
            Some(toml_message(&format!("unknown field `{}`, expected `fail-on`", case.text)))
        }
        _ => None,
    };
    cases.iter().filter_map(message).collect()
}

/// The texts of rules that say in each of them what a case does, and the errors of rules that do so where they are wrong.
fn texts_of_rules(cases: &[Case]) -> Vec<String> {
    // More rules than this are refused.
    cases.chunks(200).flat_map(texts_of_some_rules).collect()
}

fn texts_of_some_rules(cases: &[Case]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    for (nth, case) in cases.iter().enumerate() {
        let text = toml::Value::String(case.text.clone());
        let rule = format!(
            "title = {text}\nsummary = {text}\nseverity = \"high\"\nyields = \"secret\"\nnext-step = {text}\nhelp = {text}\n\
             anchors = [\"ACME_UP\"]\nexamples = [\"ACME_UP={{{{secret}}}}\"]\ncounter-examples = [\"ACME_UP=x\"]\n\
             [[pattern]]\nregex = 'ACME_UP={{{{secret}}}}'\ncertainty = \"high\"\n"
        );
        std::fs::write(folder.path().join(format!("case-{nth:05}.toml")), &rule).unwrap();
        for wrong in
            [format!("{text} = 1\n{rule}"), rule.replace("\"high\"\nyields", &format!("{text}\nyields"))]
        {
            said.push(RuleSet::of_text("case", "case.toml", &wrong).unwrap_err().to_string());
        }
    }
    let rules = RuleSet::built_in().with_folder(folder.path()).unwrap();
    let texts = |rule: &Rule| [&rule.title, &rule.summary, &rule.next_step, &rule.help].map(Clone::clone);
    let own = rules.iter().filter(|rule| rule.id.as_str().starts_with("case-"));
    said.extend(own.flat_map(texts));
    assert_eq!(said.len(), 6 * cases.len());
    said
}

/// All formats, of all cases at one place, and how much only the last filter masked.
fn shown(cases: &[Case], stand: Stand) -> (Vec<u8>, Masked) {
    let rules = RuleSet::built_in();
    let now = Timestamp::UNIX_EPOCH;
    let policy = Policy { now, ..Policy::default() };
    let scanner = Scanner::new(Detector::new(&rules), policy, 1, Stop::default());
    let folder = Folder::new();
    let mut scan: Scan = match stand {
        Stand::Subject | Stand::Author | Stand::Ref => {
            scanner.scan(&[&committed::history(&folder, cases, stand)])
        }
        Stand::Repository => {
            let cases: Vec<&[Case]> = cases.chunks(1).collect();
            let planted: Vec<Planted<'_>> = cases.iter().map(|cases| Planted { cases, stand }).collect();
            let name = |planted: &Planted<'_>| {
                let text = &planted.cases[0].text;
                Arc::new(RepositoryName::new(text.as_bytes(), b"folder", Some(text)))
            };
            let one = |planted| RepositorySources {
                name: name(planted),
                sources: vec![planted as &dyn Source],
                threads: 1,
                bytes: 0,
            };
            scanner.scan_each(&planted.iter().map(one).collect::<Vec<_>>())
        }
        Stand::Setting => {
            let (repositories, _) = configured::repositories(&folder.top, cases);
            scanner.scan(&repositories.iter().map(|one| one as &dyn Source).collect::<Vec<_>>())
        }
        _ => scanner.scan(&[&Planted { cases, stand }]),
    };
    scan.resolution.failures = messages(cases, stand);
    let options = Options { sarif_suppressed: true, ..Options::default() };
    let report = Report { scan: &scan, rules: &rules, now, options: &options };
    let (mut shown, mut masked) = (Vec::new(), Masked::default());
    for format in Format::ALL {
        masked.add(report::write(format, &report, &mut shown).unwrap());
    }
    (shown, masked)
}

/// What of each secret must not be shown: pieces of `len` characters in each spelling, and which case it is of.
fn needles(cases: &[Case], len: usize) -> Needles {
    let mut needles = Needles::default();
    for (_, spell) in BY_CHARACTER {
        let spelled: Vec<String> = (0..128).map(|code: u8| spell(&char::from(code).to_string())).collect();
        for (nth, case) in cases.iter().enumerate() {
            for piece in case.key.secret_text().as_bytes().windows(len) {
                let piece: String = piece.iter().map(|&byte| &*spelled[usize::from(byte)]).collect();
                needles.add(nth, piece.trim_matches([' ', ',', ':', '\0']).as_bytes());
            }
        }
    }
    needles
}

/// How many cases of each spelling leak at one place, with an example of each.
fn leaks(cases: &[Case], stand: Stand) -> BTreeMap<&'static str, (usize, String)> {
    let (output, masked) = shown(cases, stand);
    let text = String::from_utf8_lossy(&output);
    let unescaped =
        text.replace("\\\\", "\\").replace("\\u0000", "\0").replace("\\x00", "\0").replace("&amp;", "&");
    let len = if stand.is_name() { 16 } else { 8 };
    let needles = needles(cases, len);
    let mut leaks: BTreeMap<usize, String> = BTreeMap::new();
    for reading in [&*text, &unescaped] {
        for (nth, example) in needles.found_as_is(reading.as_bytes()) {
            leaks.entry(nth).or_insert(example);
        }
    }
    // What can be read from base64, and from pieces that are put together.
    for (nth, example) in Needles::of(cases.iter().map(|case| &case.key)).of_keys_in(&output) {
        leaks.entry(nth).or_insert(example);
    }
    // A name may show one piece of a secret that was cut: it is shorter than what a name hides.
    leaks.retain(|&nth, _| len == 8 || !cases[nth].spelling.starts_with("pieces"));
    let mut by_spelling: BTreeMap<&'static str, (usize, String)> = BTreeMap::new();
    for (nth, example) in leaks {
        let entry = by_spelling.entry(cases[nth].spelling).or_default();
        *entry = (entry.0 + 1, example);
    }
    // Names are shown with what may be part of a secret; elsewhere the filter has nothing left to do.
    if masked.long > 0 && !stand.is_name() && !matches!(stand, Stand::Path | Stand::Member) {
        by_spelling.insert(LEFT_TO_THE_FILTER, (masked.long.try_into().unwrap_or(usize::MAX), String::new()));
    }
    by_spelling
}

/// The leaks of a sample of the product at some places.
fn sampled(stands: &[Stand]) -> Vec<String> {
    let mut told = Vec::new();
    for &stand in stands {
        // Each place has a sample of its own.
        let seed = stand as usize;
        for (spelling, (count, example)) in leaks(&cases(seed, 7), stand) {
            told.push(format!("{stand:?}, {spelling}: {count}: {example}"));
        }
    }
    told
}

#[test]
fn no_spelling_of_a_detected_secret_is_shown() {
    let mut told = sampled(&[Stand::Detected, Stand::Configuration]);
    told.retain(|leak| !leak.contains(LEFT_TO_THE_FILTER));
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn no_spelling_behind_any_prefix_is_shown_of_what_is_stored() {
    let told = sampled(&STORED);
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn no_spelling_behind_any_prefix_is_shown_of_what_is_said() {
    let told = sampled(&SAID);
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn no_spelling_behind_any_prefix_is_shown_of_what_is_packed() {
    let told = sampled(&PACKED);
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// Runs the whole product and prints how many of 50 prefixes leak for each spelling and place:
/// `cargo test --release --test tests secrets::law::the_whole_product -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes without optimisation"]
fn the_whole_product() {
    let stands = [&STORED[..], &SAID, &PACKED].concat();
    let columns: Vec<_> = stands.iter().map(|&stand| leaks(&cases(0, 1), stand)).collect();
    let heads = stands.iter().map(|stand| format!("{:>14}", format!("{stand:?}")));
    println!("{:<22}{}", "", heads.collect::<String>());
    let names = spellings().into_iter().map(|(name, _)| name);
    for name in names.chain([LEFT_TO_THE_FILTER]) {
        let counts = columns.iter().map(|column| column.get(name).map_or(0, |leak| leak.0));
        println!("{name:<22}{}", counts.map(|count| format!("{count:>14}")).collect::<String>());
    }
    for (stand, column) in stands.iter().zip(&columns) {
        for (name, (_, example)) in column {
            println!("{stand:?}, {name}: {example}");
        }
    }
    assert!(columns.iter().all(BTreeMap::is_empty));
}
