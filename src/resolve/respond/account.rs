//! An account that can be asked.

use std::cell::OnceCell;

use super::{CallError, Iam, Trail, UserKey};

/// An account that can be asked.
pub struct Account {
    /// Its users and keys.
    pub iam: Box<dyn Iam>,
    /// Its events.
    pub trail: Box<dyn Trail>,
    /// The region that requests go to.
    pub region: String,
    /// The region that has the events of IAM.
    pub global_region: &'static str,
    /// All of its users' keys, once they were listed.
    pub(super) listing: OnceCell<Result<Listing, CallError>>,
}

/// All keys of all users of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// How many users there are.
    pub users: usize,
    /// Their keys, each with its user.
    pub keys: Vec<(String, UserKey)>,
}

/// What is to be learnt beside the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What was done with the key in the last 90 days.
    pub activity: bool,
    /// Regions whose events are read beside those of the home region, of IAM's and of the last use.
    pub regions: Vec<String>,
}

impl Account {
    /// An account behind these clients.
    pub fn new(
        iam: Box<dyn Iam>,
        trail: Box<dyn Trail>,
        region: impl Into<String>,
        global: &'static str,
    ) -> Self {
        Self { iam, trail, region: region.into(), global_region: global, listing: OnceCell::new() }
    }

    /// The regions whose events may tell of a key: each once.
    pub(super) fn regions(&self, wanted: &Wanted, used_in: Option<&str>) -> Vec<String> {
        let mut regions = vec![self.region.clone(), self.global_region.to_owned()];
        regions.extend(wanted.regions.iter().cloned());
        regions.extend(used_in.filter(|region| region.contains('-')).map(str::to_owned));
        let mut seen = std::collections::BTreeSet::new();
        regions.retain(|region| seen.insert(region.clone()));
        regions
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("region", &self.region).finish_non_exhaustive()
    }
}
