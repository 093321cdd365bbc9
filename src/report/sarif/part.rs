//! What one run of a SARIF file is of: everything, or one of several repositories.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_sarif::sarif::VersionControlDetails;

use super::{Counted, Report};
use crate::finding::{Finding, RepositoryName};
use crate::redact::redact;

/// GitHub takes no more runs in one file.
pub(super) const MAX_RUNS: usize = 20;
/// What the runs of several repositories begin their category with.
const PREFIX: &str = "akid";

/// What one run is of.
pub(super) struct Part<'a> {
    /// What keeps this analysis apart from others of the same commit: GitHub reads it before the last slash, and refuses
    /// two runs that have the same.
    pub(super) category: String,
    /// Its repositories: `None` for everything there is.
    repositories: Option<&'a [Arc<RepositoryName>]>,
    /// The one repository that it is of, if it is one.
    only: Option<&'a RepositoryName>,
    /// Whether it is the first one, which also tells of the scan as a whole.
    pub(super) is_first: bool,
}

impl<'a> Part<'a> {
    /// One for each repository where there are several with findings of their own. What is more than a file may have is
    /// in another file, or shares the last one where all is in one file.
    pub(super) fn all(report: &Report<'a>) -> Vec<Self> {
        let repositories = &report.scan.repositories;
        if !report.scan.is_of_several {
            let only = Some(repositories).filter(|all| all.len() == 1).and_then(|all| all.first());
            let only = only.map(Arc::as_ref);
            let category = category(report, None);
            return vec![Self { category, repositories: None, only, is_first: true }];
        }
        let file = report.options.sarif_file;
        let is_too_much = file.is_none() && repositories.len() > MAX_RUNS;
        let alone = if is_too_much { MAX_RUNS - 1 } else { repositories.len() };
        let (alone, together) = repositories.split_at(alone);
        let mut names = Names::default();
        let mut parts: Vec<Self> = alone
            .iter()
            .map(|repository| Self {
                category: category(report, Some(&names.unique(&repository.name))),
                repositories: Some(std::slice::from_ref(repository)),
                only: Some(repository),
                is_first: false,
            })
            .collect();
        if !together.is_empty() {
            let category = category(report, Some(&names.unique("other-repositories")));
            parts.push(Self { category, repositories: Some(together), only: None, is_first: false });
        }
        if let Some(nth) = file {
            // The names are the same whatever is written.
            parts = parts.into_iter().skip(nth * MAX_RUNS).take(MAX_RUNS).collect();
        }
        if let Some(first) = parts.first_mut() {
            first.is_first = true;
        }
        parts
    }

    /// Whether a finding belongs to it.
    pub(super) fn holds(&self, finding: &Finding) -> bool {
        self.repositories.is_none_or(|repositories| {
            finding.repository.as_ref().is_some_and(|repository| repositories.contains(repository))
        })
    }

    /// Where the repository is fetched from, if that is a URL.
    pub(super) fn provenance(&self) -> Option<Vec<VersionControlDetails>> {
        let url = self.only?.url.as_ref().filter(|url| url.contains("://"))?;
        Some(vec![VersionControlDetails::builder().repository_uri(url).build()])
    }
}

/// Names that were given, to give none twice.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn unique(&mut self, name: &str) -> String {
        let name = name.replace('/', "-");
        let numbered = (2..).map(|number: u64| format!("{name}-{number}"));
        let mut free = std::iter::once(name.clone()).chain(numbered).filter(|name| !self.0.contains(name));
        let free = free.next().unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

/// The category, which is what GitHub reads before the last slash.
fn category(report: &Report<'_>, name: Option<&str>) -> String {
    let base = match (report.options.sarif_category.as_deref(), name) {
        (None | Some(""), Some(_)) => PREFIX.to_owned(),
        (None | Some(""), None) => match report.options.counted {
            Counted::Files => "akid/tree".to_owned(),
            Counted::Objects => "akid/history".to_owned(),
            Counted::FilesAndObjects => "akid/full".to_owned(),
        },
        // Masked before its slashes are cut: a secret may end in one.
        (Some(category), _) => redact(category.as_bytes()).trim_end_matches('/').to_owned(),
    };
    name.map_or_else(|| format!("{base}/"), |name| format!("{base}/{name}/"))
}
