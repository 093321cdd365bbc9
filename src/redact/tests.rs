//! Laws of what is shown: no secret in any spelling, and ordinary lines as they are.

use std::fmt::Write as _;

use data_encoding::{BASE32, BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use proptest::prelude::*;

use super::*;
use crate::aws::fake::{self, Random, SECRET_ALPHABET};

/// A way to write a secret, by name.
type Spelling = (&'static str, fn(&str) -> String);

fn pieces(secret: &str, len: usize, between: &str) -> String {
    let pieces: Vec<&str> =
        (0..secret.len()).step_by(len).map(|at| &secret[at..secret.len().min(at + len)]).collect();
    pieces.join(between)
}

fn each(secret: &str, spell: impl Fn(u8) -> String) -> String {
    secret.bytes().map(spell).collect()
}

const SPELLINGS: [Spelling; 38] = [
    ("plain", str::to_owned),
    ("backwards", |secret| secret.chars().rev().collect()),
    ("for URLs", |secret| secret.replace('+', "-").replace('/', "_")),
    ("percent", |secret| secret.replace('+', "%2B").replace('/', "%2f")),
    ("percent twice", |secret| secret.replace('+', "%252B").replace('/', "%252F")),
    ("all percent", |secret| each(secret, |byte| format!("%{byte:02X}"))),
    ("base64", |secret| BASE64.encode(secret.as_bytes())),
    ("base64 for URLs", |secret| BASE64URL.encode(secret.as_bytes())),
    ("base64 twice", |secret| BASE64.encode(BASE64.encode(secret.as_bytes()).as_bytes())),
    ("base32", |secret| BASE32.encode(secret.as_bytes())),
    ("hex", |secret| HEXLOWER.encode(secret.as_bytes())),
    ("upper hex", |secret| HEXUPPER.encode(secret.as_bytes())),
    ("hex of UTF-16", |secret| each(secret, |byte| format!("{byte:02x}00"))),
    ("xxd", |secret| pieces(&HEXLOWER.encode(secret.as_bytes()), 4, " ")),
    ("hex words", |secret| pieces(&HEXLOWER.encode(secret.as_bytes()), 8, ", 0x")),
    ("hex pairs", |secret| pieces(&HEXLOWER.encode(secret.as_bytes()), 2, ":")),
    ("0x", |secret| each(secret, |byte| format!("0x{byte:02x}, "))),
    ("\\x", |secret| each(secret, |byte| format!("\\x{byte:02x}"))),
    ("\\u", |secret| each(secret, |byte| format!("\\u{byte:04x}"))),
    ("octal", |secret| each(secret, |byte| format!("\\{byte:o}"))),
    ("decimals", |secret| each(secret, |byte| format!("{byte}, "))),
    ("codes", |secret| each(secret, |byte| format!("chr({byte}) + "))),
    ("three digits", |secret| each(secret, |byte| format!("{byte:03}"))),
    ("binary", |secret| each(secret, |byte| format!("{byte:08b} "))),
    ("entities", |secret| each(secret, |byte| format!("&#{byte};"))),
    ("quoted-printable", |secret| each(secret, |byte| format!("={byte:02X}"))),
    ("UTF-16", |secret| each(secret, |byte| format!("{}\0", char::from(byte)))),
    ("full width", |secret| {
        each(secret, |byte| char::from_u32(0xfee0 + u32::from(byte)).unwrap().to_string())
    }),
    ("zero width", |secret| each(secret, |byte| format!("{}\u{200b}", char::from(byte)))),
    ("<wbr>", |secret| each(secret, |byte| format!("{}<wbr>", char::from(byte)))),
    ("soft hyphens", |secret| each(secret, |byte| format!("{}&shy;", char::from(byte)))),
    ("threes with <wbr>", |secret| pieces(secret, 3, "<wbr>")),
    ("elements", |secret| pieces(secret, 1, "','")),
    ("pairs", |secret| pieces(secret, 2, " ")),
    ("threes", |secret| pieces(secret, 3, "-")),
    ("fours", |secret| pieces(secret, 4, " ")),
    ("sevens", |secret| pieces(secret, 7, "\" + \"")),
    ("eights", |secret| pieces(secret, 8, ".")),
];

const PREFIXES: [&str; 14] = [
    "",
    "secret=",
    "key",
    "https://example.com/api/v1/users/",
    "https://vault.internal/v1/secret/data/production/",
    "s3://my-bucket/backup/",
    "/home/deploy/.aws/credentials/",
    "C:\\Users\\deploy\\secrets\\",
    "production_secret_access_key_",
    "--header=x-api-key-",
    "refs/heads/feature/remove-",
    "arn_aws_secretsmanager_us-east-1_",
    "{\"value\": \"",
    "the key is ",
];

const SUFFIXES: [&str; 5] = ["", "/file.txt", "_production", "\", \"next\": 1}", " and more"];

/// The characters that a reader would put together again.
fn joined(text: &str) -> String {
    text.replace("****", "*")
        .chars()
        .filter(|c| !c.is_ascii_punctuation() || "+*".contains(*c))
        .filter(|c| !c.is_whitespace())
        .collect()
}

/// Whether `shown` has what spells `characters` in a row of the forty that `spelled` spells.
fn shows(shown: &str, spelled: &str, characters: usize) -> bool {
    let (shown, spelled) = (joined(shown), joined(&Escaped(spelled.as_bytes()).to_string()));
    let spelled: Vec<char> = spelled.chars().collect();
    let window = spelled.len() * characters / 40;
    spelled.windows(window).any(|window| shown.contains(&window.iter().collect::<String>()))
}

fn planted() -> impl Iterator<Item = (&'static str, String, String)> {
    let mut random = Random::new(12);
    (0..3).flat_map(|_| SPELLINGS).flat_map(|spelling| PREFIXES.map(|prefix| (spelling, prefix))).map(
        move |((name, spell), prefix)| {
            let spelled = spell(&random.text(SECRET_ALPHABET, 40));
            let suffix = SUFFIXES[random.below(SUFFIXES.len())];
            (name, format!("{prefix}{spelled}{suffix}"), spelled)
        },
    )
}

#[test]
fn no_message_shows_eight_characters_of_a_secret_in_any_spelling() {
    for (name, text, spelled) in planted() {
        let id = fake::pair(3);
        let line = format!("{} {text}", id.id_text());
        for text in [&text, &line] {
            let shown = words(text.as_bytes());
            assert!(!shows(&shown, &spelled, 8), "{name}: {text}\n{shown}");
        }
        assert!(words(line.as_bytes()).starts_with(id.id_text()));
    }
}

#[test]
fn no_name_shows_sixteen_characters_of_a_secret_in_any_spelling() {
    for (name, text, spelled) in planted() {
        let shown = redact(text.as_bytes());
        assert!(!shows(&shown, &spelled, 16), "{name}: {text}\n{shown}");
    }
}

#[test]
fn a_piece_of_a_secret_that_stands_alone_is_masked_from_eight_characters_on() {
    let mut random = Random::new(13);
    for len in 8..40 {
        let piece = |random: &mut Random| random.text(SECRET_ALPHABET, len).replace(['+', '/'], "x");
        let shown = (0..2000).filter(|_| !words(piece(&mut random).as_bytes()).contains("****")).count();
        assert_eq!(shown, 0, "{len}");
    }
}

#[test]
fn the_signs_of_a_short_piece_count_as_its_characters() {
    let mut random = Random::new(15);
    let mut piece = || random.text(SECRET_ALPHABET, 8);
    let pieces = (0..20_000).map(|_| piece()).filter(|piece| piece[1..7].contains('+'));
    let (mut shown, mut all) = (0, 0);
    for text in pieces.map(|piece| format!("s3://my-bucket/backup/{piece}")) {
        all += 1;
        shown += usize::from(words(text.as_bytes()) == text);
    }
    // The rest reads like a word or a folder.
    assert!(shown * 10 < all, "{shown} of {all}");
    assert_eq!(words(b"s3://my-bucket/backup/v/+YX7tB"), "s3://my-bucket/backup/****");
}

#[test]
fn a_part_is_judged_with_what_stands_around_it() {
    let key = fake::pair(4);
    let secret = key.secret_text();
    let text = format!("was {}\nthen {}", &secret[..6], &secret[6..]);
    let end = text.find('\n').unwrap();
    let shown: Vec<String> = parts(text.as_bytes(), [0..end, end + 1..text.len()]).collect();
    assert_eq!(shown, ["was ****", "then ****"]);
}

#[test]
fn ordinary_lines_are_shown_as_they_are() {
    for line in include_str!("ordinary.txt").lines() {
        let line = line.replace("{{key-id}}", fake::pair(1).id_text());
        assert_eq!(words(line.as_bytes()), line);
    }
}

#[test]
fn what_stands_around_a_secret_is_shown_where_it_is_syntax() {
    let key = fake::pair(2);
    let encoded = BASE64.encode(key.id_text().as_bytes());
    for line in [
        "docker run -e AWS_SECRET_ACCESS_KEY={{hidden}} -v /srv/data:/data registry.example.com/backup",
        "curl -H \"x-amz-secret: {{hidden}}\" -X POST https://ingest.example.com/upload",
        "</code></td></tr><tr><td>Secret</td><td><code>{{hidden}}</code></td>",
        "spark.conf.set(\"fs.s3a.secret.key\", \"{{hidden}}\"); spark.read.parquet(\"s3a://lake/raw/\")",
        "AWS_ACCESS_KEY_ID: {{encoded}}",
        "0 3 * * * mysqldump -u backup --password={{hidden}} sales | rsync - host:/srv/payroll # {{hidden}}",
    ] {
        let text = line.replace("{{hidden}}", key.secret_text()).replace("{{encoded}}", &encoded);
        assert_eq!(
            words(text.as_bytes()),
            line.replace("{{hidden}}", "****").replace("{{encoded}}", "****=")
        );
    }
}

#[test]
fn ordinary_names_are_shown_as_they_are() {
    let mut random = Random::new(14);
    let digest = HEXLOWER.encode(&random.bytes(32));
    let (id, sha1) = (fake::pair(1), &digest[..40]);
    for name in include_str!("names.txt").lines() {
        let name =
            name.replace("{{key-id}}", id.id_text()).replace("{{sha256}}", &digest).replace("{{sha1}}", sha1);
        assert_eq!(redact(name.as_bytes()), name);
    }
}

#[test]
fn a_secret_in_a_path_is_masked_and_the_path_kept() {
    let key = fake::pair(21);
    let path = format!("backup/{}/{}.txt", key.id_text(), key.secret_text());
    assert_eq!(redact(path.as_bytes()), format!("backup/{}/****.txt", key.id_text()));
}

#[test]
fn a_digest_is_shown_and_text_in_its_form_is_not() {
    for len in [20, 32, 48, 64] {
        let digest = HEXLOWER.encode(&Random::new(len as u64).bytes(len));
        let name = format!("blobs/sha256/{digest}");
        assert_eq!((redact(name.as_bytes()), words(name.as_bytes())), (name.clone(), name));
    }
    let text = format!("key={}", fake::pair(24).secret_text());
    let hex = HEXLOWER.encode(&text.as_bytes()[..32]);
    assert_eq!((redact(hex.as_bytes()), words(hex.as_bytes())), ("****".to_owned(), "****".to_owned()));
}

#[test]
fn a_digest_that_is_called_a_signature_is_masked() {
    let digest = HEXLOWER.encode(&Random::new(5).bytes(32));
    let url = format!(
        "https://b.s3.amazonaws.com/k?X-Amz-Expires=900&X-Amz-Signature={digest}&X-Amz-Date=20260131T120000Z"
    );
    assert_eq!(words(url.as_bytes()), url.replace(&digest, "****"));
}

#[test]
fn a_session_token_is_masked_whole() {
    let key = fake::temporary(23);
    let shown = words(format!("token: {} end", key.token_text()).as_bytes());
    assert_eq!(shown, "token: **** end");
}

#[test]
fn no_end_of_a_session_token_is_shown_in_a_path() {
    // The first ones end in letters that look like words.
    for seed in [3716, 3881, 5483, 6597, 13605, 14290, 26919].into_iter().chain(0..300) {
        let key = fake::temporary(seed);
        let shown = redact(format!("backup/{}.txt", key.token_text()).as_bytes());
        assert!(!shows(&shown, key.token_text(), 8), "{seed}: {shown}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_shown_without_a_panic_or_a_control_character(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for shown in [redact(&bytes), words(&bytes)] {
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }

    #[test]
    fn no_secret_is_shown_beside_anything(seed in 0_u64..100_000, before in "[ -~]{0,30}", after in "[ -~]{0,30}") {
        let secret = Random::new(seed).text(SECRET_ALPHABET, 40);
        let text = format!("{before}{secret}{after}");
        prop_assert!(!shows(&words(text.as_bytes()), &secret, 8));
        prop_assert!(!shows(&redact(text.as_bytes()), &secret, 16));
    }
}

#[test]
fn a_list_of_bytes_is_masked_as_one() {
    let mut list = String::new();
    for byte in fake::pair(2).secret_text().bytes() {
        write!(list, "{byte}, ").unwrap();
    }
    assert_eq!(words(format!("key = [{list}0]").as_bytes()), "key = [****]");
}
