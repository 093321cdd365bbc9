//! Asking AWS whose keys are, as the options and the environment say.

#[cfg(feature = "respond")]
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use akid::aws::AccessKeyId;
use akid::known::SharedSecrets;
use akid::owner::Account;
use akid::resolve::sts::{Asker, ResolveError, Role, Session};
#[cfg(feature = "respond")]
use akid::resolve::sts::{MfaCode, MfaSerial};
use akid::resolve::{Accounts, Answer, Cache, Resolution};
use akid::stop::Stop;

use super::args::account::{AskArgs, Which};
use super::remedy::Remedied;
use super::{environment, folders, prompt};

/// How long asking may take, unless the user says.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What AWS is to be asked, and how.
#[derive(Debug)]
pub(super) struct Question {
    which: Which,
    asker: Asker,
    cache: Option<Cache>,
}

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) answers: BTreeMap<AccessKeyId, Answer>,
    pub(super) resolution: Resolution,
    /// The session that was asked with.
    pub(super) session: Option<Session>,
}

impl Question {
    pub(super) fn new(which: Which, args: &AskArgs) -> Self {
        let role = args.role_arn.clone().map(|arn| Role {
            arn,
            mfa: args.mfa_serial.clone(),
            duration: args.duration_seconds,
            ..Role::default()
        });
        let asker = Asker {
            profile: args.profile.clone(),
            region: args.region.first().cloned(),
            role,
            code: args.mfa_code.clone(),
            timeout: args.resolve_timeout.map_or(TIMEOUT, Duration::from_secs),
            has_environment_credentials: environment::variable("AWS_ACCESS_KEY_ID").is_some(),
            known: SharedSecrets::default(),
        };
        let cache = if args.no_cache { None } else { folders::cache().map(Cache::new) };
        Self { which, asker, cache }
    }

    /// The secrets of the caller.
    #[cfg(feature = "respond")]
    pub(super) fn known(&self) -> akid::known::KnownSecrets {
        self.asker.known.known()
    }

    /// How a person is asked for the code of a role's device. A code that was given with the options, and is not for the
    /// caller's own role, is for the first one.
    #[cfg(feature = "respond")]
    pub(super) fn prompt(&self, stop: &Stop) -> impl Fn(&MfaSerial) -> Result<MfaCode, ResolveError> {
        let given = self.asker.code.clone().filter(|_| self.asker.role.is_none());
        let (given, stop) = (Cell::new(given), stop.clone());
        move |serial| given.take().map_or_else(|| prompt::code(serial, &stop), Ok)
    }

    /// Signs in before all else if an MFA code was given with the options: it is good for a minute or so.
    pub(super) fn sign_in_early(&self, stop: &Stop) -> Option<Result<Session, ResolveError>> {
        self.asker.code.is_some().then(|| self.sign_in(stop))
    }

    pub(super) fn sign_in(&self, stop: &Stop) -> Result<Session, ResolveError> {
        Session::open(&self.asker, &|serial| prompt::code(serial, stop))
    }

    /// Asks about those of `ids` that are to be asked about, and adds the caller's account to the user's own. With no
    /// key there is nothing to ask, and nobody is asked.
    pub(super) fn ask(
        &self,
        keys: &BTreeMap<AccessKeyId, Option<Account>>,
        session: Option<Result<Session, ResolveError>>,
        accounts: &mut Accounts,
        stop: &Stop,
    ) -> Outcome {
        let mut outcome = self.answers(keys, session, accounts, stop);
        outcome.resolution.known = self.asker.known.known();
        outcome
    }

    fn answers(
        &self,
        keys: &BTreeMap<AccessKeyId, Option<Account>>,
        session: Option<Result<Session, ResolveError>>,
        accounts: &mut Accounts,
        stop: &Stop,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let wanted: BTreeSet<_> =
            keys.iter().filter(|(id, account)| self.wants(**id, **account)).map(|(id, _)| *id).collect();
        // Who asks is of use where an account is known, too: it tells whose that is.
        if keys.keys().copied().all(is_nobodys) {
            return outcome;
        }
        let session = match session.unwrap_or_else(|| self.sign_in(stop)) {
            Ok(session) => session,
            Err(trouble) => {
                let failed = |id: &AccessKeyId| (*id, Answer::Failed(trouble.to_string()));
                outcome.answers = wanted.iter().map(failed).collect();
                outcome.resolution.failures.push(trouble.with_help());
                return outcome;
            }
        };
        let caller = session.caller().clone();
        accounts.own.insert(caller.account);
        let leaked = caller.key_ids.iter().filter(|id| keys.contains_key(id));
        outcome.resolution.notes = leaked.map(|id| leak(*id)).collect();
        outcome.resolution.caller = Some(caller);
        let asked = session.look_up(&wanted, self.cache.as_ref(), stop);
        outcome.session = Some(session);
        outcome.answers = asked.answers;
        outcome.resolution.failures = asked
            .troubles
            .iter()
            .map(|(trouble, keys)| {
                let plural = if *keys == 1 { "" } else { "s" };
                format!("{keys} key ID{plural}: {}", trouble.with_help())
            })
            .collect();
        outcome
    }

    fn wants(&self, id: AccessKeyId, account: Option<Account>) -> bool {
        (self.which == Which::All || account.is_none()) && !is_nobodys(id)
    }
}

/// Documented examples and placeholders are nobody's, whatever they look like.
pub(super) fn is_nobodys(id: AccessKeyId) -> bool {
    id.is_example() || id.is_placeholder()
}

fn leak(id: AccessKeyId) -> String {
    format!(
        "{id}, the key that AWS was asked with, is itself among these keys. If that place is not yours alone, it has \
         leaked: akid explain {id}"
    )
}
