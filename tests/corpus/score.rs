//! How well a layout is read: precision, recall, pairing, spans.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use akid::aws::Credential;
use akid::detect::Found;
use akid::finding::{Location, Place, Suppression};
use akid::suppress::Suppressor;
use jiff::Timestamp;

use crate::corpus::case::{Case, Expected, Form};

/// Right ones among all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Share {
    pub(crate) right: usize,
    pub(crate) all: usize,
}

/// The score of one layout.
#[derive(Debug, Default)]
pub(crate) struct Score {
    pub(crate) cases: usize,
    /// Of what was found, what is there.
    pub(crate) precision: Share,
    /// Of what is there, what was found under the right rule.
    pub(crate) recall: Share,
    /// Of the key IDs that have a secret, those that got their own.
    pub(crate) pairing: Share,
    /// Of the spans of all parts, those told to the byte.
    pub(crate) spans: Share,
    /// What went wrong, a line each.
    pub(crate) misses: Vec<String>,
}

impl Share {
    fn count(&mut self, is_right: bool) {
        self.all += 1;
        self.right += usize::from(is_right);
    }

    /// From 0 to 1; nothing at all is all right.
    pub(crate) fn value(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts of some thousands")]
        let ratio = |right: usize, all: usize| right as f64 / all as f64;
        if self.all == 0 { 1.0 } else { ratio(self.right, self.all) }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.right += other.right;
        self.all += other.all;
    }
}

impl Score {
    /// Adds one document's result.
    pub(crate) fn judge(&mut self, case: &Case, found: &[Found]) {
        self.cases += 1;
        let counted: Vec<_> = found.iter().filter(|found| suppression(found).is_none()).collect();
        for found in &counted {
            let is_there = case.expected.iter().any(|expected| expected.is(found));
            self.precision.count(is_there);
            if !is_there {
                self.miss(case, "not there", found.rule.as_str(), &found.credential);
            }
        }
        for expected in &case.expected {
            let hit = counted.iter().find(|found| expected.is(found));
            self.recall.count(hit.is_some());
            if hit.is_none() {
                self.miss(case, "missed", expected.rule, &expected.credential);
            }
            self.judge_pairing(expected, &counted);
            if let Some(hit) = hit {
                self.judge_spans(case, expected, hit);
            }
        }
    }

    fn judge_pairing(&mut self, expected: &Expected, found: &[&Found]) {
        let Credential::Pair { id, secret, .. } = &expected.credential else { return };
        let same =
            |found: &&Found| found.credential.id() == Some(*id) && found.credential.secret() == Some(secret);
        self.pairing.count(found.iter().any(same));
    }

    fn judge_spans(&mut self, case: &Case, expected: &Expected, found: &Found) {
        type Part = fn(&Place) -> Option<Location>;
        let parts: [(&str, &Option<Form>, Part); 3] = [
            ("key ID", &expected.id, |place| place.key_id()),
            ("secret", &expected.secret, |place| place.secret()),
            ("token", &expected.token, |place| place.token()),
        ];
        for (name, form, part) in parts {
            let Some(form) = form else { continue };
            let told = found.places.iter().filter_map(part);
            let told: BTreeSet<_> = told.map(|at| (at.span.start, at.span.end)).collect();
            let right = form.spans_in(&case.bytes);
            let is_right =
                if form.is_exact { told == right } else { !told.is_empty() && inside(&told, &right) };
            self.spans.count(is_right);
            if !is_right {
                let what = format!("{name} at {told:?}, not {right:?}");
                self.miss(case, &what, expected.rule, &expected.credential);
            }
        }
    }

    fn miss(&mut self, case: &Case, what: &str, rule: &str, credential: &Credential) {
        self.misses.push(format!("seed {}: {what}: {rule} {credential:?}", case.seed));
    }

    /// The worst of the four shares.
    pub(crate) fn worst(&self) -> f64 {
        [self.precision, self.recall, self.pairing, self.spans]
            .map(Share::value)
            .into_iter()
            .fold(1.0, f64::min)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.precision.add(other.precision);
        self.recall.add(other.recall);
        self.pairing.add(other.pairing);
        self.spans.add(other.spans);
    }
}

/// Why a find does not count, if it does not. To this clock nothing has expired.
pub(crate) fn suppression(found: &Found) -> Option<Suppression> {
    Suppressor { now: Timestamp::UNIX_EPOCH, inline_allow: true }
        .reason(found, false)
        .map(|(reason, _)| reason)
}

impl Expected {
    fn is(&self, found: &Found) -> bool {
        found.rule.as_str() == self.rule && found.credential == self.credential
    }
}

type Spans = BTreeSet<(u64, u64)>;

impl Form {
    fn spans_in(&self, bytes: &[u8]) -> Spans {
        memchr::memmem::find_iter(bytes, &self.bytes)
            .map(|at| (at as u64, (at + self.bytes.len()) as u64))
            .collect()
    }
}

fn inside(told: &Spans, right: &Spans) -> bool {
    told.iter().all(|inner| right.iter().any(|outer| outer.0 <= inner.0 && inner.1 <= outer.1))
}

/// The scores as an aligned table, the whole last.
pub(crate) fn table(rows: &[(&str, Score)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(6);
    let mut text = format!("{:width$}  cases  precision  recall  pairing   spans\n", "layout");
    let mut whole = Score::default();
    for (name, score) in rows {
        whole.add(score);
        row(&mut text, width, name, score);
    }
    row(&mut text, width, "all", &whole);
    text
}

fn row(text: &mut String, width: usize, name: &str, score: &Score) {
    let [precision, recall, pairing, spans] =
        [score.precision, score.recall, score.pairing, score.spans].map(Share::value);
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        "{name:width$}  {:>5}  {precision:>9.3}  {recall:>6.3}  {pairing:>7.3}  {spans:>6.3}",
        score.cases
    );
}
