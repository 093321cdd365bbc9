//! The credentials by severity, account, repository and owner: tables to read, and what the filters offer.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use crate::finding::Finding;
use crate::level::Severity;
use crate::owner::Ownership;
use crate::report::numbers::grouped;
use crate::report::{Credential, words};

/// So many lines of a table are shown at once, and so many of the rest when it is unfolded.
const SHOWN: usize = 6;
const FOLDED: usize = 500;

/// The credentials by each of four things.
pub(super) struct Breakdown {
    by: [Groups; 4],
}

/// What credentials can have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Severity,
    Account,
    Repository,
    Owner,
}

/// The credentials by one thing.
pub(super) struct Groups {
    by: By,
    /// Those with most to do first.
    pub(super) groups: Vec<Group>,
    /// Where each is in that order, by its key.
    order: BTreeMap<String, usize>,
}

/// Credentials that have something in common.
#[derive(Default)]
pub(super) struct Group {
    key: String,
    pub(super) name: String,
    /// What else there is to say of it, to copy.
    note: Option<String>,
    pub(super) credentials: u64,
    failing: u64,
    findings: u64,
}

impl Breakdown {
    pub(super) fn of(credentials: &[Credential<'_>]) -> Self {
        let by = [By::Severity, By::Account, By::Repository, By::Owner];
        Self { by: by.map(|by| Groups::of(by, credentials)) }
    }

    pub(super) fn all(&self) -> &[Groups] {
        &self.by
    }

    /// How many repositories and scanned folders have findings.
    pub(super) fn repositories(&self) -> usize {
        self.by.iter().find(|groups| groups.by == By::Repository).map_or(0, |groups| groups.groups.len())
    }

    /// The tables.
    pub(super) fn section(&self) -> Markup {
        html! {
            @if self.repositories() > 0 {
                section aria-labelledby="breakdown" {
                    h2 id="breakdown" { "Where and whose" }
                    div.breakdown { @for groups in self.all() { (groups.table()) } }
                }
            }
        }
    }
}

impl By {
    /// The word for it, in captions and in the script.
    fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Account => "account",
            Self::Repository => "repository",
            Self::Owner => "owner",
        }
    }

    /// The group that a finding of `credential` belongs to, still empty.
    fn group(self, credential: &Credential<'_>, finding: &Finding) -> Group {
        match self {
            Self::Severity => {
                let word = credential.severity().as_str();
                Group::named(word, word.to_owned())
            }
            Self::Account => account(finding),
            Self::Repository => repository(finding),
            Self::Owner => owner(finding),
        }
    }
}

impl Groups {
    fn of(by: By, credentials: &[Credential<'_>]) -> Self {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for credential in credentials {
            let mut own = BTreeSet::new();
            for finding in &credential.findings {
                let found = by.group(credential, finding);
                let group = groups.entry(found.key.clone()).or_insert(found);
                group.findings += 1;
                if own.insert(group.key.clone()) {
                    group.credentials += 1;
                    group.failing += u64::from(credential.fails);
                }
            }
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        let severity = |group: &Group| Severity::ALL.iter().position(|it| it.as_str() == group.key);
        groups.sort_by_key(|group| {
            (Reverse(severity(group)), Reverse(group.failing), Reverse(group.credentials), group.key.clone())
        });
        let order = groups.iter().enumerate().map(|(nth, group)| (group.key.clone(), nth)).collect();
        Self { by, groups, order }
    }

    /// The word for what they have in common.
    pub(super) fn by(&self) -> &'static str {
        self.by.as_str()
    }

    /// The numbers of the groups that a credential is in, as the filter has them.
    pub(super) fn numbers(&self, credential: &Credential<'_>) -> String {
        let keys = credential.findings.iter().map(|finding| self.by.group(credential, finding).key);
        let numbers: BTreeSet<usize> = keys.filter_map(|key| self.order.get(&key).copied()).collect();
        numbers.into_iter().map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
    }

    fn table(&self) -> Markup {
        let by = self.by();
        let (shown, rest) = self.groups.split_at(self.groups.len().min(SHOWN));
        let folded = &rest[..rest.len().min(FOLDED)];
        let unlisted = rest.len() - folded.len();
        html! {
            div {
                table {
                    caption { "By " (by) }
                    (columns(by, false))
                    tbody { @for (nth, group) in shown.iter().enumerate() { (group.row(by, nth)) } }
                }
                @if !folded.is_empty() {
                    details {
                        summary { (grouped(rest.len() as u64)) " more" }
                        table {
                            caption.hidden-text { "By " (by) ", continued" }
                            (columns(by, true))
                            tbody { @for (nth, group) in folded.iter().enumerate() { (group.row(by, SHOWN + nth)) } }
                        }
                        @if unlisted > 0 {
                            p { "and " (grouped(unlisted as u64)) " more, which the JSON report lists" }
                        }
                    }
                }
            }
        }
    }
}

fn columns(by: &str, is_hidden: bool) -> Markup {
    html! {
        thead.hidden-text[is_hidden] {
            tr {
                th scope="col" { (by) }
                th.number scope="col" { "credentials" }
                th.number scope="col" { "fail" }
                th.number scope="col" { "findings" }
            }
        }
    }
}

impl Group {
    fn named(key: &str, name: String) -> Self {
        Self { key: key.to_owned(), name, ..Self::default() }
    }

    fn row(&self, by: &str, number: usize) -> Markup {
        html! {
            tr {
                th scope="row" {
                    span.filter data-by=(by) data-number=(number) { (self.name) }
                    @if let Some(note) = &self.note { " " span.note { span.copy { (note) } } }
                }
                td.number { (grouped(self.credentials)) }
                td.number.fails[self.failing > 0] { (grouped(self.failing)) }
                td.number { (grouped(self.findings)) }
            }
        }
    }
}

fn account(finding: &Finding) -> Group {
    let Some(account) = finding.account else { return Group::named("", "unknown".to_owned()) };
    let id = account.id.to_string();
    let known_for = words::account_label(account);
    let name = finding.owner.name.as_deref().or(known_for).map(|name| format!("{id} {name}"));
    Group::named(&id, name.unwrap_or_else(|| id.clone()))
}

fn repository(finding: &Finding) -> Group {
    let Some(repository) = &finding.repository else {
        return Group::named("", "standard input".to_owned());
    };
    let identity = repository.identity();
    let note = (repository.name != identity).then(|| identity.to_owned());
    Group { note, ..Group::named(identity, repository.name.clone()) }
}

fn owner(finding: &Finding) -> Group {
    let ownership = finding.owner.ownership;
    let name = match ownership {
        Ownership::Own => "yours",
        Ownership::Canary => "canary tokens",
        Ownership::Example => "examples",
        Ownership::Foreign => "not yours",
        Ownership::Unknown => "unknown",
    };
    Group::named(ownership.as_str(), name.to_owned())
}
