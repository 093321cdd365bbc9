//! Names of a secret that stands without its key ID: the words in every order, in every case style.

use akid::aws::fake;
use akid::detect::Detector;
use akid::rule::RuleSet;

/// What names AWS, or an older service of it.
const SERVICES: [&str; 5] = ["aws", "amazon", "s3", "ses", "iam"];

/// What names the secret.
const PARTS: [&[&str]; 5] = [
    &["secret"],
    &["secret", "key"],
    &["access", "secret"],
    &["access", "key", "secret"],
    &["secret", "access", "key"],
];

/// What may stand between, and says which credential it is.
const BETWEEN: [&str; 5] = ["", "test", "dev", "prod", "user"];

fn capitalised(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

/// The words in every case style.
fn styles(words: &[&str]) -> Vec<String> {
    let joined = |join: &str, form: &dyn Fn(usize, &str) -> String| {
        words.iter().enumerate().map(|(at, word)| form(at, word)).collect::<Vec<_>>().join(join)
    };
    let lower = |_: usize, word: &str| word.to_owned();
    let upper = |_: usize, word: &str| word.to_uppercase();
    let pascal = |_: usize, word: &str| capitalised(word);
    let camel = |at: usize, word: &str| if at == 0 { word.to_owned() } else { capitalised(word) };
    let mut styles = vec![joined("", &camel), joined("", &pascal)];
    for join in ["_", "-", ".", " "] {
        styles.extend([joined(join, &lower), joined(join, &upper), joined(join, &pascal)]);
    }
    styles
}

fn names() -> impl Iterator<Item = String> {
    let orders = SERVICES.into_iter().flat_map(|service| {
        let before = BETWEEN.into_iter().flat_map(move |between| {
            PARTS.map(|part| {
                let words = [&[service, between][..], part].concat();
                words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>()
            })
        });
        // Behind it, only a word that means nothing else.
        let behind = PARTS.into_iter().filter(|part| part[0] == "secret");
        before.chain(behind.map(move |part| [part, &[service]].concat()))
    });
    orders.flat_map(|words| styles(&words))
}

#[test]
fn a_named_secret_is_found_in_every_order_and_style() {
    let detector = Detector::new(&RuleSet::built_in());
    let mut missed = Vec::new();
    for (seed, name) in (1..).zip(names()) {
        let key = fake::pair(seed);
        let text = format!("{name} = '{}'\n", key.secret_text());
        let found = detector.detect(text.as_bytes()).found;
        if found.len() != 1 || found[0].credential.secret() != Some(key.secret()) {
            missed.push(name);
        }
    }
    assert!(missed.is_empty(), "{} missed: {}", missed.len(), missed.join(", "));
}

#[test]
fn a_secret_is_found_behind_what_describes_it() {
    let detector = Detector::new(&RuleSet::built_in());
    for layout in [
        "variable \"{NAME}\" {\n  type        = string\n  description = \"The secret of the deployment user\"\n  sensitive   = true\n  default     = \"{SECRET}\"\n}\n",
        "{NAME}:\n    Type: String\n    NoEcho: true\n    Description: The secret of the user, see the wiki\n    Default: {SECRET}\n",
        "  {NAME}:\n    description: 'The secret of the user'\n    required: true\n    default: {SECRET}\n",
        "parser.add_argument(\"--{NAME}\", help=\"the secret, for S3\", default=\"{SECRET}\")\n",
        "\"{NAME}\": {\"type\": \"string\", \"description\": \"secret, of the user\", \"default\": \"{SECRET}\"}\n",
        "- name: {NAME}\n  description: for the bucket\n  value: {SECRET}\n",
    ] {
        for name in ["aws_secret_access_key", "SecretAccessKey", "aws-secret-access-key"] {
            let key = fake::pair(7);
            let text = layout.replace("{NAME}", name).replace("{SECRET}", key.secret_text());
            let found = detector.detect(text.as_bytes()).found;
            assert_eq!(found.len(), 1, "{text}");
        }
    }
}
