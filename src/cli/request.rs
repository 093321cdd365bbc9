//! What a command asks of a scan.

use std::path::PathBuf;

use super::args::account::{AccountArgs, StatusOptions};
use super::args::suppress::BaselineArgs;
use super::args::{CommonArgs, ExcludeArgs, FailArgs, HowArgs, KnownArgs, ReportArgs};

/// What a command asks of a scan.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) paths: Vec<PathBuf>,
    pub(super) report: ReportArgs,
    pub(super) fail: FailArgs,
    pub(super) how: HowArgs,
    pub(super) exclude: ExcludeArgs,
    /// Whether to scan what `.gitignore` hides, too.
    pub(super) no_ignore: bool,
    pub(super) max_file_size: Option<u64>,
    pub(super) baseline: BaselineArgs,
    pub(super) status: StatusOptions,
    pub(super) accounts: AccountArgs,
}

impl Request {
    /// The current folder, quietly.
    pub(super) fn of_here(how: HowArgs) -> Self {
        let report = ReportArgs { quiet: true, ..ReportArgs::default() };
        Self::new(CommonArgs { report, fail: FailArgs::default(), how })
    }

    /// The same with what is known of findings.
    pub(super) fn with(self, known: KnownArgs) -> Self {
        let KnownArgs { baseline, status, accounts } = known;
        Self { baseline, status, accounts, ..self }
    }

    /// The current folder.
    pub(super) fn new(common: CommonArgs) -> Self {
        let CommonArgs { report, fail, how } = common;
        Self {
            paths: vec![PathBuf::from(".")],
            report,
            fail,
            status: StatusOptions::default(),
            accounts: AccountArgs::default(),
            how,
            exclude: ExcludeArgs::default(),
            no_ignore: false,
            max_file_size: None,
            baseline: BaselineArgs::default(),
        }
    }
}
