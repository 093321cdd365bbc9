//! Scans put together by hand.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use akid::aws::fake::{self, Fake};
use akid::finding::{
    Commit, CredentialName, Encoding, Exposure, Finding, Location, Locations, Place, Reachability,
    SignedRequest, Suppression, Tips,
};
use akid::level::{Certainty, Confidence, Doubt, Severity};
use akid::origin::{ObjectId, Origin, RelativePath};
use akid::owner::{Account, KnownBy, Owner};
use akid::rule::RuleId;
use akid::scan::Scan;
use akid::source::{Excluded, ExcludedBy, SkipReason, Skipped};
use akid::text::{Excerpt, LineHasher, LineIndex, Span};
use jiff::Timestamp;

/// The finding of a pair that stands as `id = …` and `secret = …` on two lines, `times` over.
pub(crate) fn pair_finding(path: &str, key: &Fake, times: usize) -> Finding {
    let pair = format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text());
    let text = pair.repeat(times);
    let ids = text.match_indices(key.id_text()).map(|(at, id)| at..at + id.len());
    let secrets = text.match_indices(key.secret_text()).map(|(at, secret)| at..at + secret.len());
    let mut lines = LineIndex::new(text.as_bytes());
    let mut hasher = LineHasher::default();
    let places = ids.zip(secrets).map(|(id, secret)| {
        let line = lines.line_around(id.start);
        let in_line = id.start - line.start..id.end - line.start;
        let line = &text.as_bytes()[line];
        Place {
            parts: Locations::Pair {
                id: location(&mut lines, &id),
                secret: location(&mut lines, &secret),
                token: None,
            },
            excerpt: Excerpt::cut(line, &in_line, &[], std::slice::from_ref(&in_line)),
            line_hash: Some(hasher.next_line(&String::from_utf8_lossy(line))),
            encodings: Vec::new(),
            allowed_inline: None,
        }
    });
    Finding {
        rule: RuleId::parse("aws-access-key").unwrap(),
        credential: CredentialName::Pair { id: key.id(), secret: key.secret().fingerprint(), token: None },
        origin: file(path),
        rule_severity: Severity::Critical,
        confidence: Confidence::new(Certainty::High),
        places: places.collect(),
        occurrences: times as u64,
        account: key.id().account().map(|id| Account { id, known_by: KnownBy::KeyId, otherwise: None }),
        owner: Owner::default(),
        signed: None,
        claims: None,
        lone: None,
        exposure: None,
        repository: None,
        layer: None,
        reported_as: None,
        seen: Vec::new(),
        novelty: None,
        suppression: None,
        justification: None,
    }
}

fn location(lines: &mut LineIndex<'_>, range: &Range<usize>) -> Location {
    Location { span: Span::at(0, range), start: lines.position(range.start), end: lines.position(range.end) }
}

pub(crate) fn file(path: &str) -> Origin {
    Origin::File(RelativePath::from_bytes(path))
}

/// A finding of history that a commit with this subject brought.
pub(crate) fn exposed(subject: &str, at_head: bool) -> Finding {
    let commit = Arc::new(Commit {
        id: ObjectId::from_bytes([0xab; 20]),
        author: "Ada <ada@example.com>".to_owned(),
        authored: None,
        committed: Timestamp::from_second(1_600_000_000).ok(),
        subject: subject.to_owned(),
    });
    let exposure = Exposure {
        other_objects: Vec::new(),
        object: Some(ObjectId::from_bytes([1; 20])),
        last: Some(Arc::clone(&commit)),
        removed: Some(Arc::clone(&commit)),
        first: Some(commit),
        versions: 1,
        reachability: Reachability::Past,
        tips: Tips::default(),
        at_head,
    };
    Finding {
        origin: Origin::Version(RelativePath::from_bytes("old/prod.env")),
        exposure: Some(Box::new(exposure)),
        ..pair_finding("", &fake::pair(6), 1)
    }
}

/// A scan with something of everything.
pub(crate) fn full_scan() -> Scan {
    let signed = Finding {
        rule: RuleId::parse("aws-presigned-url").unwrap(),
        rule_severity: Severity::Low,
        confidence: Confidence::new(Certainty::High).doubting(Doubt::TestPath),
        signed: Some(Box::new(SignedRequest {
            signed_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            expires_at: Some("2026-01-01T00:15:00Z".parse().unwrap()),
            region: Some("us-east-1".to_owned()),
            service: Some("s3".to_owned()),
        })),
        ..pair_finding("docs/a b.md", &fake::pair(2), 1)
    };
    let mut encoded = pair_finding("k8s/secret.yaml", &fake::pair(4), 1);
    Arc::make_mut(&mut encoded.places)[0].encodings = vec![Encoding::Base64, Encoding::Utf16];
    Arc::make_mut(&mut encoded.places)[0].line_hash = None;
    Scan {
        findings: vec![
            signed,
            encoded,
            pair_finding("src/deploy.sh", &fake::pair(1), 3),
            Finding {
                suppression: Some(Suppression::Inline),
                ..pair_finding("tests/it.rs", &fake::pair(3), 1)
            },
        ],
        skipped: vec![Skipped {
            origin: file("locked"),
            reason: SkipReason::Io(io::Error::from(io::ErrorKind::PermissionDenied)),
        }],
        excluded: vec![Excluded { origin: file("big.bin"), by: ExcludedBy::Size }],
        inputs: 1234,
        bytes: 5_600_000,
        ..Scan::default()
    }
}
