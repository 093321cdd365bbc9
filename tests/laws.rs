//! The laws of detection: what holds for any text, whatever is in it.

#![expect(clippy::expect_used, reason = "a test")]

use akid::aws::fake::{self, Fake};
use akid::aws::{AccessKeyId, AccountId, Credential, SecretAccessKey, SessionToken};
use akid::detect::{Detector, Found};
use akid::finding::{Location, Place};
use akid::rule::{RuleId, RuleSet};
use akid::text::LineIndex;
use proptest::prelude::*;

thread_local! {
    static DETECTOR: Detector = Detector::new(&RuleSet::built_in());
}

fn found_in(text: &[u8]) -> Vec<Found> {
    DETECTOR.with(|detector| detector.detect(text).found)
}

fn settings(key: &Fake) -> String {
    format!("\naws_access_key_id = {}\naws_secret_access_key = {}\n", key.id_text(), key.secret_text())
}

fn fake() -> impl Strategy<Value = Fake> {
    prop_oneof![
        any::<u32>().prop_map(|seed| fake::pair(seed.into())),
        any::<u32>().prop_map(|seed| fake::temporary(seed.into()))
    ]
}

/// Bytes of any kind, and text such as files hold.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        "[ -~\n]{0,300}".prop_map(String::into_bytes),
        "\\PC{0,100}".prop_map(String::into_bytes),
        "\\PC{0,100}".prop_map(|text| like_utf16(&text)),
        Just(b"\xff\xfe".to_vec()),
        Just(b"\xfe\xff\0".to_vec()),
    ]
}

/// What begins like UTF-16: text, or a table of small numbers.
fn like_utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Something that ends whatever was before it.
fn delimiter() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["\n", " ", "\"", "'", "=", "\t", "<", ">", "(", ",", ";", "\r\n", "[", "\n\n"])
}

/// Whether a place has this part at exactly `start..end`.
fn stands_at(found: &[Found], part: fn(&Place) -> Option<Location>, start: usize, end: usize) -> bool {
    let mut parts = found.iter().flat_map(|found| &found.places).filter_map(part);
    parts.any(|at| (at.span.start, at.span.end) == (start as u64, end as u64))
}

/// Rule, credential and the spans of its places.
type Told = (String, Credential, Vec<(u64, u64)>);

/// What was found, by what of it lies before `limit`.
fn told(found: &[Found], limit: usize) -> Vec<Told> {
    let spans = |found: &Found| -> Vec<_> {
        let mains = found.places.iter().map(|place| place.main().span);
        mains.map(|span| (span.start, span.end)).filter(|span| span.1 <= limit as u64).collect()
    };
    let told = found.iter().map(|found| (found.rule.to_string(), found.credential.clone(), spans(found)));
    told.filter(|(_, _, spans)| !spans.is_empty()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_key_id_is_found_at_its_exact_span_in_any_noise(
        key in fake(), before in noise(), left in delimiter(), right in delimiter(), after in noise(),
    ) {
        let text = [&before, left.as_bytes(), key.id_text().as_bytes(), right.as_bytes(), &after].concat();
        let start = before.len() + left.len();
        prop_assert!(stands_at(&found_in(&text), |place| place.key_id(), start, start + AccessKeyId::LEN));
    }

    #[test]
    fn a_pair_is_found_at_its_exact_spans_in_any_noise(key in fake(), before in noise(), after in noise()) {
        let planted = settings(&key);
        let text = [&before, planted.as_bytes(), &after].concat();
        let found = found_in(&text);
        let at = |part: &str| before.len() + planted.find(part).expect("planted");
        let (id, secret) = (at(key.id_text()), at(key.secret_text()));
        prop_assert!(stands_at(&found, |place| place.key_id(), id, id + AccessKeyId::LEN));
        prop_assert!(stands_at(&found, |place| place.secret(), secret, secret + SecretAccessKey::LEN));
        let is_pair = |found: &Found| {
            found.credential.id() == Some(key.id()) && found.credential.secret() == Some(key.secret())
        };
        prop_assert!(found.iter().any(is_pair));
    }

    #[test]
    fn a_pair_is_found_at_any_offset(key in fake(), offset in 0_usize..70_000, filler in "[a-z]{1,9}[ \n]") {
        let mut text = filler.repeat(offset / filler.len() + 1);
        text.truncate(offset);
        text += &settings(&key);
        let found = found_in(text.as_bytes());
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].credential.id(), Some(key.id()));
        prop_assert_eq!(found[0].credential.secret(), Some(key.secret()));
    }

    #[test]
    fn what_is_far_away_changes_nothing(
        near in prop::collection::vec(fake(), 0..3), far in prop::collection::vec(fake(), 0..3),
        before in noise(), after in noise(), gap in 20_480_usize..90_000,
    ) {
        let planted: Vec<_> = near.iter().map(settings).collect();
        let mut text = [&before, planted.concat().as_bytes(), b"\n"].concat();
        let limit = text.len();
        text.extend(b"lorem ipsum\n".iter().cycle().take(gap));
        let alone = told(&found_in(&text), limit);
        text.extend_from_slice(far.iter().map(settings).collect::<String>().as_bytes());
        text.extend_from_slice(&after);
        prop_assert_eq!(told(&found_in(&text), limit), alone);
    }

    #[test]
    fn a_plain_span_holds_what_was_found(keys in prop::collection::vec(fake(), 1..4), between in noise()) {
        let planted: Vec<_> = keys.iter().map(|key| settings(key).into_bytes()).collect();
        let text = planted.join(&between[..]);
        for found in found_in(&text) {
            for place in found.places.iter().filter(|place| place.encodings.is_empty()) {
                let Some(at) = place.key_id() else { continue };
                let held = &text[usize::try_from(at.span.start)?..usize::try_from(at.span.end)?];
                prop_assert_eq!(AccessKeyId::parse(held), found.credential.id());
            }
        }
    }

    #[test]
    fn positions_are_those_of_the_spans(keys in prop::collection::vec(fake(), 1..3), before in "[a-zé€ \n]{0,200}") {
        let text = before + &keys.iter().map(settings).collect::<String>();
        let mut index = LineIndex::new(text.as_bytes());
        for found in found_in(text.as_bytes()) {
            for at in found.places.iter().flat_map(|place| [place.key_id(), place.secret(), place.token()]).flatten() {
                prop_assert_eq!(at.start, index.position(usize::try_from(at.span.start)?));
                prop_assert_eq!(at.end, index.position(usize::try_from(at.span.end)?));
            }
        }
    }

    #[test]
    fn the_same_text_gives_the_same_result(before in noise(), key in fake()) {
        let text = [&before[..], settings(&key).as_bytes()].concat();
        prop_assert_eq!(told(&found_in(&text), text.len()), told(&found_in(&text), text.len()));
    }

    #[test]
    fn noise_alone_is_read_without_a_panic(noise in prop::collection::vec(any::<u8>(), 0..2000)) {
        found_in(&noise);
    }

    #[test]
    fn parts_are_read_back_as_they_are_written(key in fake()) {
        prop_assert_eq!(AccessKeyId::parse(key.id().to_string().as_bytes()), Some(key.id()));
        let secret = SecretAccessKey::parse(key.secret_text().as_bytes());
        prop_assert_eq!(secret.as_ref(), Some(key.secret()));
        let token = SessionToken::parse(key.token_text().as_bytes());
        prop_assert_eq!(token.as_ref(), key.token());
    }

    #[test]
    fn names_are_read_back_as_they_are_written(account in 0_u64..=999_999_999_999, id in "[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,3}") {
        let account = AccountId::new(account).expect("twelve digits");
        prop_assert_eq!(AccountId::parse(&account.to_string()), Some(account));
        let id = RuleId::parse(&id).expect("a rule ID");
        prop_assert_eq!(RuleId::parse(id.as_str()), Some(id));
    }
}
