//! `akid hook pre-push`: the wiring.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use akid::finding::{CredentialId, Finding, TipKind};
use akid::report::HookEvent;
use akid::source::git::{Push, Receiver};

use super::args::PrePushArgs;
use super::{Pushed, Seen, lines};
use crate::cli::Exit;
use crate::cli::environment::variable;
use crate::cli::repository::of_environment;
use crate::cli::repository::top;
use crate::cli::request::Request;
use crate::cli::run::stop_on_interrupt;
use crate::cli::staged::settings_at;

/// Scans what is pushed and the other side lacks.
pub(super) fn run(args: PrePushArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    // Git names the remote, pre-commit does not.
    let push = match of_pre_commit().filter(|_| args.remote.is_none()) {
        Some(push) => push,
        None => {
            let name = args.remote.clone().or_else(|| args.url.clone()).unwrap_or_default();
            lines::of_pre_push(lines::stdin()?, Receiver::Remote(name))?
        }
    };
    let repository = of_environment()?;
    let settings = settings_at(&top(&repository), Request::from(args.hook), None)?;
    let stop = stop_on_interrupt()?;
    let Pushed { scan, options, outputs } = Pushed::scan(&settings, repository, &push, None, &stop)?;
    let seen = Seen { settings: &settings, scan: &scan, options: &options, started };
    let published = published(&seen.failing());
    let Receiver::Remote(remote) = &push.receiver else { unreachable!("a push goes to a remote") };
    seen.report(HookEvent::Push { remote }, &published, outputs)
}

/// What pre-commit says is pushed. It has read standard input itself, and tells of the first ref only.
fn of_pre_commit() -> Option<Push> {
    let text = |name: &str| variable(name)?.into_string().ok();
    text("PRE_COMMIT")?;
    let to = text("PRE_COMMIT_TO_REF").or_else(|| text("PRE_COMMIT_LOCAL_BRANCH"));
    Some(Push {
        // By hand, with `pre-commit run`, there is no push to tell of.
        tips: vec![to.unwrap_or_else(|| "HEAD".to_owned())],
        names: text("PRE_COMMIT_REMOTE_BRANCH").map(String::into_bytes).into_iter().collect(),
        known: text("PRE_COMMIT_FROM_REF").into_iter().collect(),
        receiver: Receiver::Remote(text("PRE_COMMIT_REMOTE_NAME").unwrap_or_default()),
    })
}

/// The remote branches that have one of `findings` already.
fn published(findings: &[&Finding]) -> BTreeMap<CredentialId, BTreeSet<String>> {
    let remote = |finding: &Finding| {
        let tips = finding.exposure.iter().flat_map(|exposure| exposure.tips.iter());
        tips.filter(|tip| tip.kind == TipKind::Remote).map(|tip| tip.name.clone()).collect()
    };
    findings.iter().map(|finding| (finding.credential_id(), remote(finding))).collect()
}
