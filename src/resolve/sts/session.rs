//! A caller of AWS who has said who they are.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use std::time::{Duration, Instant};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::{
    Builder, Credentials, ProvideCredentials, SharedCredentialsProvider, SharedHttpClient,
};
use tokio::runtime::Runtime;

use super::base::learn;
use super::connection::{Endpoint, http_client, timeouts};
use super::error::{ResolveError, causes, says};
use super::identity::{identify, partition, powerless_session};
use super::lookup::{Deadline, Reply, ask_all};
use super::mfa::MfaCode;
use super::profiles::{Profiles, Start};
use super::roles::{Prompt, Role, assume};
use crate::aws::AccessKeyId;
use crate::known::SharedSecrets;
use crate::resolve::{Answer, Cache, Caller};
use crate::stop::Stop;

/// Who is to ask. What is `None` is taken from the environment and the configuration files, as by every tool of AWS.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The profile whose credentials are used, even where the environment has others.
    pub profile: Option<String>,
    /// The region; its partition is what matters.
    pub region: Option<String>,
    /// A role to assume first.
    pub role: Option<Role>,
    /// The code of the MFA device, if it is known already.
    pub code: Option<MfaCode>,
    /// How long all of it may take, but for the time in which a person types a code.
    pub timeout: Duration,
    /// Whether the environment has credentials, which win over those of a profile that is not named.
    pub has_environment_credentials: bool,
    /// Takes the secrets that requests are signed with: what answers may repeat them.
    pub known: SharedSecrets,
}

/// A caller of AWS who has said who they are, and can ask.
#[derive(Debug)]
pub struct Session {
    /// There until the session is dropped.
    runtime: Option<Runtime>,
    opened: Opened,
    endpoint: Endpoint,
    /// How much of its time is left: between opening and asking, none goes by.
    left: Duration,
    timeout: Duration,
}

/// What a session asks with.
#[derive(Debug)]
struct Opened {
    client: Client,
    caller: Caller,
    /// Why this caller may not ask, as far as can be told beforehand.
    powerless: Option<ResolveError>,
    deadline: Deadline,
    /// What clients of other services are made of.
    #[cfg(feature = "respond")]
    base: super::Base,
}

/// What came of asking about some keys.
#[derive(Debug, Default)]
pub struct Asked {
    /// What AWS said of each.
    pub answers: BTreeMap<AccessKeyId, Answer>,
    /// What kept it from answering, one of each sort, and for how many keys.
    pub troubles: Vec<(ResolveError, usize)>,
}

impl Session {
    /// Finds the caller's credentials, assumes roles, and asks AWS who the caller is. A person is asked for the code of
    /// an MFA device by `prompt`, if it is needed and not given.
    ///
    /// # Errors
    ///
    /// Why the caller cannot ask.
    pub fn open(asker: &Asker, prompt: Prompt<'_>) -> Result<Self, ResolveError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| ResolveError::Unreachable(causes(&error)))?;
        let endpoint = Endpoint::default();
        let deadline = Deadline { at: Instant::now() + asker.timeout, after: asker.timeout };
        let opening = Opening { asker, prompt, http: http_client(), endpoint: endpoint.clone(), deadline };
        let opened = runtime.block_on(opening.open());
        match opened {
            Ok(opened) => {
                let left = opened.deadline.at.saturating_duration_since(Instant::now());
                Ok(Self { runtime: Some(runtime), opened, endpoint, left, timeout: asker.timeout })
            }
            Err(trouble) => {
                // A name that is being looked up would be waited for.
                runtime.shutdown_background();
                Err(trouble)
            }
        }
    }

    /// A session whose AWS is `client`, which tells `endpoint` where it asks.
    #[cfg(test)]
    pub(super) fn replayed(client: Client, endpoint: Endpoint, caller: Caller) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let timeout = Duration::from_secs(5);
        runtime.block_on(identify(&client, "aws")).unwrap();
        let deadline = Deadline { at: Instant::now() + timeout, after: timeout };
        let opened = Opened {
            client,
            caller,
            powerless: None,
            deadline,
            #[cfg(feature = "respond")]
            base: super::Base::of_nobody(),
        };
        Self { runtime: Some(runtime), opened, endpoint, left: timeout, timeout }
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.opened.caller
    }

    /// Asks about each of `ids` that `cache` does not know, and ends the session. What AWS itself answered goes into
    /// the cache; what an endpoint said that somebody put in its place neither goes there nor comes from there.
    pub fn ask(self, ids: &BTreeSet<AccessKeyId>, cache: Option<&Cache>, stop: &Stop) -> Asked {
        self.look_up(ids, cache, stop)
    }

    fn runtime(&self) -> &Runtime {
        let Some(runtime) = &self.runtime else { unreachable!("only `drop` takes it") };
        runtime
    }

    /// What the session consists of, for asking other services.
    #[cfg(feature = "respond")]
    pub(in crate::resolve) fn base(&self) -> (&Runtime, &super::Base) {
        (self.runtime(), &self.opened.base)
    }

    /// The same as [`ask`](Self::ask) without an end of the session.
    pub fn look_up(&self, ids: &BTreeSet<AccessKeyId>, cache: Option<&Cache>, stop: &Stop) -> Asked {
        let cache = cache.filter(|_| self.endpoint.is_aws());
        let known = cache.map(Cache::load).unwrap_or_default();
        let mut asked = Asked::default();
        let (cached, new): (BTreeSet<_>, BTreeSet<_>) = ids.iter().partition(|id| known.contains_key(id));
        asked.answers.extend(cached.iter().map(|id| (*id, Answer::Account(known[id]))));
        let replies = match &self.opened.powerless {
            Some(trouble) => new.iter().map(|id| (*id, Err(trouble.clone()))).collect(),
            None => {
                let deadline = Deadline { at: Instant::now() + self.left, after: self.timeout };
                let asking = ask_all(&self.opened.client, &self.opened.caller.arn, &new, deadline, stop);
                self.runtime().block_on(asking)
            }
        };
        asked.take(replies);
        if let Some(cache) = cache {
            let told = |id: &AccessKeyId| match asked.answers.get(id) {
                Some(Answer::Account(account)) => Some((*id, *account)),
                _ => None,
            };
            cache.store(&new.iter().filter_map(told).collect());
        }
        asked
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A name that is being looked up would be waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Asked {
    fn take(&mut self, replies: BTreeMap<AccessKeyId, Reply>) {
        for (id, reply) in replies {
            let answer = reply.unwrap_or_else(|trouble| {
                let answer = Answer::Failed(trouble.to_string());
                // One of a sort stands for all: each has a request ID of its own.
                let is_alike = |known: &ResolveError| discriminant(known) == discriminant(&trouble);
                match self.troubles.iter_mut().find(|(known, _)| is_alike(known)) {
                    Some((_, keys)) => *keys += 1,
                    None => self.troubles.push((trouble, 1)),
                }
                answer
            });
            self.answers.insert(id, answer);
        }
    }
}

/// A session that is being opened.
struct Opening<'a> {
    asker: &'a Asker,
    prompt: Prompt<'a>,
    http: SharedHttpClient,
    endpoint: Endpoint,
    deadline: Deadline,
}

impl Opening<'_> {
    async fn open(mut self) -> Result<Opened, ResolveError> {
        let profiles = Profiles::load(self.asker.profile.as_deref()).await?;
        let uses_profile = self.asker.profile.is_some() || !self.asker.has_environment_credentials;
        let profile = uses_profile.then(|| profiles.selected());
        if let Some(name) = profile.filter(|name| *name != "default" || self.asker.profile.is_some()) {
            profiles.get(name)?;
        }
        let chain = match profile {
            Some(name) if profiles.get(name).is_ok() => profiles.chain(name)?,
            _ => None,
        };
        let start = chain.as_ref().map(|chain| &chain.start);
        let config = self.within(self.config()).await?;
        // A variable that is set to nothing, as CI systems do where there is no value, is not set.
        let region = config.region().map(ToString::to_string).filter(|region| !region.is_empty());
        let region = region.ok_or(ResolveError::NoRegion)?;
        let partition = partition(&region);
        let mut credentials = match start {
            Some(Start::Key(key)) => key.clone(),
            _ => {
                let provider = self.provider(&config, start).ok_or(ResolveError::NoCredentials)?;
                self.within(credentials(&provider, &profiles, profile)).await??
            }
        };
        let mut signers = vec![credentials.access_key_id().to_owned()];
        let roles = chain.into_iter().flat_map(|chain| chain.roles).chain(self.asker.role.clone());
        for role in roles {
            let code = self.code(&role)?;
            let client = self.client(&config, credentials);
            credentials = self.within(assume(&client, &role, code.as_ref(), partition)).await??;
            signers.push(credentials.access_key_id().to_owned());
        }
        let has_token = credentials.session_token().is_some();
        #[cfg(feature = "respond")]
        let base = super::Base {
            config: config.clone(),
            credentials: credentials.clone(),
            region,
            partition,
            known: self.asker.known.clone(),
        };
        let client = self.client(&config, credentials);
        let identity = self.within(identify(&client, partition)).await??;
        let powerless = powerless_session(&identity.arn, has_token)
            .map(|operation| ResolveError::Session { caller: identity.arn.clone(), operation });
        let key_ids = signers.iter().filter_map(|id| AccessKeyId::parse(id.as_bytes())).collect();
        let caller = Caller { account: identity.account, arn: identity.arn, key_ids };
        Ok(Opened {
            client,
            caller,
            powerless,
            deadline: self.deadline,
            #[cfg(feature = "respond")]
            base,
        })
    }

    /// Waits for the end of `work`, or of the time there is.
    async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, ResolveError> {
        let left = self.deadline.at.saturating_duration_since(Instant::now());
        tokio::time::timeout(left, work).await.map_err(|_elapsed| ResolveError::TimedOut(self.deadline.after))
    }

    /// The SDK's configuration.
    async fn config(&self) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .timeout_config(timeouts());
        if let Some(region) = &self.asker.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &self.asker.profile {
            loader = loader.profile_name(profile);
        }
        loader.load().await
    }

    /// What has the credentials that all starts from. Left to itself, the SDK takes those of the environment even where
    /// a profile is named.
    fn provider(&self, config: &SdkConfig, start: Option<&Start>) -> Option<SharedCredentialsProvider> {
        let profile = match start {
            Some(Start::Profile(profile)) => Some(profile),
            _ => self.asker.profile.as_ref(),
        };
        let Some(profile) = profile else { return config.credentials_provider() };
        let region = config.region().cloned();
        let config = ProviderConfig::without_region().with_http_client(self.http.clone()).with_region(region);
        let provider =
            ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile).build();
        Some(SharedCredentialsProvider::new(provider))
    }

    fn client(&self, config: &SdkConfig, credentials: Credentials) -> Client {
        learn(&self.asker.known, &credentials);
        let config =
            Builder::from(config).credentials_provider(credentials).interceptor(self.endpoint.clone());
        Client::from_conf(config.build())
    }

    /// The code for a role that has a device. The time in which it is typed does not count.
    fn code(&mut self, role: &Role) -> Result<Option<MfaCode>, ResolveError> {
        let Some(serial) = &role.mfa else { return Ok(None) };
        if let Some(code) = &self.asker.code {
            return Ok(Some(code.clone()));
        }
        let asked = Instant::now();
        let code = (self.prompt)(serial);
        self.deadline.at += asked.elapsed();
        code.map(Some)
    }
}

/// The caller's credentials, from wherever they come.
async fn credentials(
    provider: &SharedCredentialsProvider,
    profiles: &Profiles,
    profile: Option<&str>,
) -> Result<Credentials, ResolveError> {
    let error = match provider.provide_credentials().await {
        Ok(credentials) => return Ok(credentials),
        Err(error) => error,
    };
    if let Some(profile) = profile.and_then(|name| profiles.logs_in(name)) {
        return Err(ResolveError::Login(profile));
    }
    // The SDK has no name for a sign-in that is missing or over. Anything but these is one.
    let others =
        ["dispatch failure", "timed out", "timeout", "TooManyRequests", "Forbidden", "ResourceNotFound"];
    let is_signed_out = || {
        !matches!(error, CredentialsError::InvalidConfiguration(_))
            && !others.iter().any(|word| says(&error, word))
    };
    if let Some((profile, session)) =
        profile.and_then(|name| profiles.signs_in(name)).filter(|_| is_signed_out())
    {
        return Err(ResolveError::SignIn { profile, session });
    }
    Err(match &error {
        CredentialsError::CredentialsNotLoaded(_)
            if profile.is_none_or(|name| profiles.get(name).is_err()) =>
        {
            ResolveError::NoCredentials
        }
        CredentialsError::CredentialsNotLoaded(_) if !says(&error, "profile") => ResolveError::NoCredentials,
        CredentialsError::InvalidConfiguration(_) => ResolveError::Configuration(causes(&error)),
        _ => ResolveError::Credentials(causes(&error)),
    })
}
