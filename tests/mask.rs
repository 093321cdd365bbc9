//! The laws of masking a stream, on every layout of the corpus and every form in which credentials are planted elsewhere.

use std::sync::{Arc, LazyLock};

use akid::aws::Credential;
use akid::aws::fake::{self, Fake, Random, service};
use akid::detect::Detector;
use akid::mask::{Masker, Options};
use akid::rule::RuleSet;
use proptest::prelude::*;

use crate::corpus::case::Case;
use crate::corpus::{layouts, negatives};
use crate::secrets::forms::FORMS;
use crate::secrets::needles::Needles;

static DETECTOR: LazyLock<Arc<Detector>> = LazyLock::new(|| Arc::new(Detector::new(&RuleSet::built_in())));

/// The text with its secrets masked, taken in pieces of the sizes that `sizes` gives in turn.
fn masked_in(options: Options, text: &[u8], mut sizes: impl FnMut() -> usize) -> Vec<u8> {
    let mut masker = Masker::new(Arc::clone(&DETECTOR), options);
    let (mut out, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(sizes().clamp(1, rest.len()));
        masker.push(piece, &mut out);
        rest = behind;
    }
    masker.finish(&mut out);
    out
}

fn masked(text: &[u8]) -> Vec<u8> {
    masked_in(Options::default(), text, || usize::MAX)
}

/// What is wrong with the masked form of `text`, in which `keys` are planted.
fn faults(keys: &[Fake], text: &[u8]) -> Vec<String> {
    let mut faults = Vec::new();
    let out = masked(text);
    let leaks = Needles::of(keys).found_in(&out);
    faults.extend(leaks.first().map(|leak| format!("{} leaks: {leak}", leaks.len())));
    if masked(&out) != out {
        let again = masked(&out);
        faults.push(format!("not the same twice: {} -> {}", show(&out), show(&again)));
    }
    for size in [1, 7, 100, 4096] {
        if masked_in(Options::default(), text, || size) != out {
            faults.push(format!("not the same in pieces of {size}"));
        }
    }
    let left = DETECTOR.detect(&out).found;
    let is_lone_id = |credential: &Credential| credential.secret().is_none() && credential.id().is_some();
    faults.extend(
        left.iter().filter(|found| !is_lone_id(&found.credential)).map(|found| format!("left: {found:?}")),
    );
    faults
}

fn show(text: &[u8]) -> String {
    String::from_utf8_lossy(&text[..text.len().min(2000)]).escape_debug().to_string()
}

/// Forms that no rule reads as a secret or a token.
const UNREAD: [&str; 2] = ["a comment with pieces", "a token of which the prefix is cut"];

#[test]
fn no_form_of_input_shows_a_secret() {
    let mut all = Vec::new();
    for (name, form) in FORMS.iter().filter(|(name, _)| !UNREAD.contains(name)) {
        for seed in 0..4 {
            let key = if seed % 2 == 0 { fake::temporary(seed) } else { fake::pair(seed) };
            let text = form(&key);
            let faults = faults(&[key], &text);
            all.extend(faults.first().map(|fault| format!("{name}: {fault}\n   {}", show(&masked(&text)))));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn no_layout_of_the_corpus_shows_a_secret() {
    let mut all = Vec::new();
    for (number, layout) in layouts::all().enumerate() {
        for nth in 0..2 {
            let case = Case::of(layout, (number * 1000 + nth) as u64, nth);
            let out = masked(&case.bytes);
            let mut leaks = Vec::new();
            for expected in &case.expected {
                let mut needles = Needles::default();
                #[expect(clippy::disallowed_methods, reason = "a test")]
                let secrets = [expected.credential.secret().map(|secret| secret.expose().to_vec())];
                secrets.into_iter().flatten().for_each(|secret| needles.add_secret(0, &secret));
                leaks.extend(needles.found_in(&out));
            }
            if let Some(leak) = leaks.first() {
                all.push(format!("{} {nth}: {leak}\n   {}", layout.name, show(&out)));
            }
            if masked(&out) != out {
                all.push(format!(
                    "{} {nth}: not the same twice\n {}\n {}",
                    layout.name,
                    show(&out),
                    show(&masked(&out))
                ));
            }
            if masked_in(Options::default(), &case.bytes, || 1) != out {
                all.push(format!("{} {nth}: not the same in pieces", layout.name));
            }
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// Kinds of documents that are masked in part: each has a value that is named as a secret, or could be one. One of another
/// length may be cut, or have something glued to it.
const DOUBTED: [&str; 8] = [
    "named secret of 20 characters",
    "named secret of 39 characters",
    "named secret of 41 characters",
    "named secret of 64 characters",
    "named secret that is a digest",
    "path of 40 characters beside secret",
    "forty lower-case letters beside secret",
    "forty characters with no name",
];

#[test]
fn what_only_looks_like_a_leak_stays() {
    for (number, negative) in negatives::all().enumerate().filter(|(_, it)| !DOUBTED.contains(&it.name)) {
        for nth in 0..8 {
            let text = negative.document((1_000_000 + number * 1000 + nth) as u64, nth);
            assert_eq!(show(&masked(&text)), show(&text), "{}", negative.name);
        }
    }
}

#[test]
fn only_what_is_certain_is_masked_on_request() {
    let certain = |text: &str| {
        let options = Options { only_certain: true, ..Options::default() };
        String::from_utf8(masked_in(options, text.as_bytes(), || 50)).unwrap()
    };
    let key = fake::pair(4);
    let (id, secret) = (key.id_text(), key.secret_text());
    for text in [
        format!("value {secret} end\n"),
        format!("aws_secret_access_key = {}\n", Random::new(1).text("0123456789abcdef", 40)),
    ] {
        assert_eq!(certain(&text), text);
        assert_ne!(masked(text.as_bytes()), text.as_bytes());
    }
    assert_eq!(certain(&format!("{id} {secret}\n")), format!("{id} ****\n"));
    assert_eq!(certain(&format!("aws_secret_key = {secret}\n")), "aws_secret_key = ****\n");
}

#[test]
fn labels_name_the_rule_and_the_fingerprint() {
    let key = fake::temporary(6);
    let text = format!(
        "id {} secret_key={} AWS_SESSION_TOKEN={}\n",
        key.id_text(),
        key.secret_text(),
        key.token_text()
    );
    let options = Options { label: true, key_ids: true, only_certain: false };
    let out = masked_in(options, text.as_bytes(), || 7);
    let (secret, token) = (key.secret().fingerprint(), key.token().unwrap().fingerprint());
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains(&format!("secret_key=<aws-secret-access-key:{secret}> ")), "{out}");
    assert!(out.contains(&format!("AWS_SESSION_TOKEN=<aws-session-token:{token}>\n")), "{out}");
    assert!(out.starts_with("id <aws-temporary-key-id:sha256:") && !out.contains(key.id_text()), "{out}");
    assert_eq!(masked_in(options, out.as_bytes(), || 7), out.as_bytes());
}

#[test]
fn examples_of_the_documentation_stay() {
    let id = ["AKIAIOSFODNN7", "EXAMPLE"].concat();
    let secret = ["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
    let text = format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let options = Options { key_ids: true, ..Options::default() };
    assert_eq!(masked_in(options, text.as_bytes(), || 9), text.as_bytes());
}

#[test]
fn base64_around_a_secret_can_still_be_decoded() {
    for seed in 0..30 {
        let key = fake::pair(seed);
        let gap = ".".repeat(usize::try_from(seed).unwrap() % 4);
        let inner = format!(
            "{gap}[default]\naws_access_key_id={}\naws_secret_access_key={}\nregion=eu-west-1\n",
            key.id_text(),
            key.secret_text()
        );
        let text = format!("data: {}\n", data_encoding::BASE64.encode(inner.as_bytes()));
        let out = masked(text.as_bytes());
        let encoded = out.strip_prefix(b"data: ").unwrap().trim_ascii_end();
        let decoded = String::from_utf8(data_encoding::BASE64.decode(encoded).unwrap()).unwrap();
        assert_eq!(decoded, inner.replace(key.secret_text(), &"*".repeat(40)));
    }
}

#[test]
fn a_secret_that_was_seen_is_masked_in_every_spelling_later() {
    let key = fake::pair(12);
    let secret = key.secret_text();
    let each = |spell: fn(u8) -> String| secret.bytes().map(spell).collect::<String>();
    let filler = "2026-11-27 11:22:33,123 INFO starting worker 17 of 20\n".repeat(2000);
    for spelled in [
        secret.to_owned(),
        format!("prefix{secret}suffix"),
        secret[5..30].to_owned(),
        data_encoding::BASE64.encode(secret.as_bytes()),
        data_encoding::BASE64.encode(format!("user:x{secret}y").as_bytes()),
        data_encoding::BASE64.encode(data_encoding::BASE64.encode(secret.as_bytes()).as_bytes()),
        data_encoding::HEXLOWER.encode(secret.as_bytes()),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| format!("{byte}, ")),
        each(|byte| format!("0x{byte:02x}, ")),
        each(|byte| format!("{}\0", char::from(byte))),
        format!("{}\" + \"{}", &secret[..20], &secret[20..]),
    ] {
        let text = format!("aws_secret_access_key = {secret}\n{filler}later: \"{spelled}\" end\n");
        let out = masked(text.as_bytes());
        let leaks = Needles::of([&key]).found_in(&out);
        assert!(leaks.is_empty(), "{spelled}: {leaks:?}");
        assert_eq!(masked_in(Options::default(), text.as_bytes(), || 61), out);
        assert!(
            out.starts_with(format!("aws_secret_access_key = ****\n{filler}later: ").as_bytes()),
            "{spelled}"
        );
    }
}

/// A line without an end, in which a secret stands at `at`.
fn long_line(key: &Fake, at: usize, len: usize, filler: &str) -> Vec<u8> {
    let mut text = filler.repeat(len / filler.len() + 1).into_bytes();
    text.truncate(len);
    let planted = format!(" \"aws_secret_access_key\": \"{}\" ", key.secret_text());
    text.splice(at..at, planted.into_bytes());
    text
}

#[test]
fn a_secret_in_a_line_of_any_length_is_masked() {
    let key = fake::pair(31);
    for at in [0, 65_480, 65_500, 65_520, 65_536, 98_280, 131_050, 199_000] {
        let text = long_line(&key, at, 200_000, "{\"level\": \"info\", \"n\": 17}, ");
        let out = masked(&text);
        let expected = String::from_utf8(text.clone()).unwrap().replace(key.secret_text(), "****");
        assert!(out == expected.as_bytes(), "{at}");
        for size in [1000, 65_536, 99_999] {
            assert!(masked_in(Options::default(), &text, || size) == out, "{at} {size}");
        }
    }
}

#[test]
fn wrapped_base64_of_any_length_is_read() {
    let key = fake::pair(32);
    for at in [0, 48_000, 49_140, 49_152, 73_700, 120_000] {
        let inner = long_line(&key, at, 150_000, "a line of text that is not secret\n");
        let encoded = data_encoding::BASE64.encode(&inner);
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let text = lines.join("\n");
        let out = masked(text.as_bytes());
        let unwrapped: Vec<u8> = out.iter().copied().filter(|byte| *byte != b'\n').collect();
        let decoded = data_encoding::BASE64.decode(&unwrapped).unwrap_or_else(|_| panic!("{at}"));
        let expected = String::from_utf8(inner).unwrap().replace(key.secret_text(), &"*".repeat(40));
        assert!(decoded == expected.as_bytes(), "{at}");
    }
}

#[test]
fn the_sign_before_a_secret_that_begins_with_digits_stays() {
    for seed in [4_080_038_146, 3_030].into_iter().chain(0..400) {
        let key = fake::pair(seed);
        let text = |secret| format!("{} AWS_SECRET_ACCESS_KEY={secret}\n", key.id_text());
        let shown = masked(text(key.secret_text()).as_bytes());
        assert_eq!(show(&shown), show(text("****").as_bytes()), "seed {seed}");
    }
}

/// Lines that are decided together, some longer than a segment, between lines of a log, with secrets here and there.
#[test]
fn lines_are_divided_in_the_same_way_however_many_come_at_once() {
    let mut random = Random::new(29);
    for round in 0..4 {
        let mut text = Vec::new();
        for part in 0..12 {
            let wrapped = [60, 76, 100][random.below(3)];
            let most = [10, 2600][random.below(2)];
            for _ in 0..random.below(most) {
                let line = if part % 2 == 0 {
                    format!("worker {} is ready\n", random.below(1000))
                } else {
                    format!("{}\n", random.text(ENCODED, wrapped))
                };
                text.extend_from_slice(line.as_bytes());
            }
            if random.below(2) == 0 {
                text.extend_from_slice(fake::pair(round * 100 + part).secret_text().as_bytes());
                text.push(b'\n');
            }
        }
        let whole = masked(&text);
        for limit in [100, 9_000, 200_000] {
            let pieces = masked_in(Options::default(), &text, || 1 + random.below(limit));
            assert!(pieces == whole, "round {round}, pieces of up to {limit} bytes");
        }
        let mut slow = Masker::without_gate(Arc::clone(&DETECTOR), Options::default());
        let mut out = Vec::new();
        text.chunks(1000).for_each(|bytes| slow.push(bytes, &mut out));
        slow.finish(&mut out);
        assert!(out == whole, "round {round}, line by line");
    }
}

const ENCODED: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Lines such as logs have, and what is hard to divide into lines.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "([a-z]{1,9} ){1,12}\n".prop_map(String::into_bytes),
        "[ -~\n]{0,200}".prop_map(String::into_bytes),
        "[A-Za-z0-9+/]{20,100}\n".prop_map(String::into_bytes),
        "([0-9a-f]{2} ){16}\n".prop_map(String::into_bytes),
        "\"[A-Za-z0-9]{8,20}\" \\+\n".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..200),
    ]
}

fn planted() -> impl Strategy<Value = Vec<u8>> {
    (any::<u32>(), 0..FORMS.len()).prop_map(|(seed, form)| {
        let key = if seed % 2 == 0 { fake::temporary(seed.into()) } else { fake::pair(seed.into()) };
        [&FORMS[form].1(&key), &b"\n"[..]].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_output_does_not_depend_on_how_the_input_comes(
        parts in prop::collection::vec(prop_oneof![3 => noise(), 1 => planted()], 1..12), seed in any::<u64>(),
    ) {
        let text = parts.concat();
        let whole = masked(&text);
        let mut random = Random::new(seed);
        let limit = [3, 100, 100_000][random.below(3)];
        let pieces = masked_in(Options::default(), &text, || 1 + random.below(limit));
        prop_assert_eq!(show(&pieces), show(&whole));
        prop_assert_eq!(pieces, whole);
    }

    #[test]
    fn the_lines_that_are_passed_over_are_those_with_nothing_to_mask(
        parts in prop::collection::vec(prop_oneof![3 => noise(), 1 => planted()], 1..12),
    ) {
        let text = parts.concat();
        let mut slow = Masker::without_gate(Arc::clone(&DETECTOR), Options::default());
        let mut out = Vec::new();
        text.iter().for_each(|byte| slow.push(std::slice::from_ref(byte), &mut out));
        slow.finish(&mut out);
        prop_assert_eq!(show(&masked(&text)), show(&out));
    }

    #[test]
    fn masking_twice_changes_nothing(parts in prop::collection::vec(prop_oneof![2 => noise(), 1 => planted()], 1..6)) {
        let once = masked(&parts.concat());
        let twice = masked(&once);
        prop_assert_eq!(show(&twice), show(&once));
    }

    #[test]
    fn nothing_but_the_secret_changes(
        key in any::<u32>().prop_map(|seed| fake::pair(seed.into())),
        before in prop::collection::vec("([a-z]{1,9}[ :=.]){1,12}\r?\n", 0..40),
        after in prop::collection::vec("([a-z]{1,9}[ :=.]){1,12}\r?\n", 0..40), size in 1_usize..5000,
    ) {
        let text = format!("{}{} AWS_SECRET_ACCESS_KEY={}\n{}", before.concat(), key.id_text(), key.secret_text(), after.concat());
        let out = masked_in(Options::default(), text.as_bytes(), || size);
        prop_assert_eq!(String::from_utf8(out).unwrap(), text.replace(key.secret_text(), "****"));
    }
}

/// What only one service takes, or only one request, with the value that is secret in it.
fn of_services(seed: u64) -> Vec<(String, String)> {
    let id = fake::pair(seed).id_text().to_owned();
    let (token, password) = (service::sso_token(seed), service::smtp_password(seed));
    let login = service::ecr_login(seed);
    let signature = data_encoding::HEXLOWER.encode(&Random::new(seed).bytes(32));
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={id}%2F20991231%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20991231T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}"
    );
    let url = format!("https://bucket.s3.amazonaws.com/key?{query}");
    let wide = |text: &str| text.chars().flat_map(|c| [c, '\0']).collect::<String>();
    let eks = data_encoding::BASE64URL_NOPAD.encode(format!("https://sts.amazonaws.com/?{query}").as_bytes());
    let (start, end) = url.split_at(url.len() - 30);
    vec![
        (
            format!(
                "{{\n  \"startUrl\": \"https://x.awsapps.com/start\",\n  \"accessToken\": \"{token}\"\n}}\n"
            ),
            token.clone(),
        ),
        (format!("{{\n\t\"refreshToken\": \"{token}\",\n\t\"dpopKey\": \"x\"\n}}\n"), token.clone()),
        (
            format!("password: {password}\nusername: {id}\nserver: email-smtp.us-east-1.amazonaws.com\n"),
            password,
        ),
        (
            format!("{{\"auths\":{{\"1.dkr.ecr.eu-west-1.amazonaws.com\":{{\"auth\":\"{login}\"}}}}}}\n"),
            login,
        ),
        (format!("token: k8s-aws-v1.{eks}\n"), eks),
        (
            format!("{}\n", data_encoding::BASE64.encode(url.as_bytes())),
            data_encoding::BASE64.encode(url.as_bytes()),
        ),
        (wide(&format!("see {url} there\r\n")), wide(&signature)),
        (format!("{start}\n{end}\n"), signature.clone()),
        (
            format!(
                "<input name=\"X-Amz-Credential\" value=\"{id}/20991231/us-east-1/s3/aws4_request\">\n<input name=\"X-Amz-Signature\" value=\"{signature}\">\n"
            ),
            signature,
        ),
    ]
}

#[test]
fn what_only_one_service_takes_is_masked_in_every_layout() {
    for seed in 0..20 {
        for (nth, (text, secret)) in of_services(seed).into_iter().enumerate() {
            let out = masked(text.as_bytes());
            let pieces = secret.as_bytes().chunks(16).filter(|piece| piece.len() == 16);
            let shown = pieces.filter(|piece| memchr::memmem::find(&out, piece).is_some()).count();
            assert_eq!(shown, 0, "{nth}: {text}\n{}", show(&out));
            assert_eq!(masked(&out), out, "{nth}: {text}");
            for size in [1, 7, 100] {
                assert_eq!(masked_in(Options::default(), text.as_bytes(), || size), out, "{nth}: {size}");
            }
        }
    }
}

#[test]
fn text_of_two_bytes_a_character_stays_aligned_in_either_order() {
    for key in (0..40).map(fake::pair) {
        let text = format!("name = x\nAWS_SECRET_ACCESS_KEY={}\nnext line\n", key.secret_text());
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let wide = |text: &str| text.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
            let expected = text.replace(key.secret_text(), "****");
            assert_eq!(masked(&wide(&text)), wide(&expected), "{text}");
        }
    }
}
