//! Identity and Access Management.

mod policies;
mod report;

use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::config::Builder;
use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::types::{ReportStateType, StatusType, SummaryKeyType, Tag};
use jiff::Timestamp;

use super::Link;
use super::link::{Clock, not_aws, timestamp};
use crate::aws::{AccessKeyId, SecretAccessKey};
use crate::owner::{KeyState, LastUse};
use crate::redact::redact;
use crate::resolve::respond::{CallError, CreatedKey, Holder, Iam, KeyUse, RootKey, User, UserKey};
use crate::resolve::sts::Base;

/// More pages than this are not read: AWS's own quotas end before.
const MAX_PAGES: usize = 1_000;
/// How often it is asked whether the credential report is ready, and how long to wait in between.
const REPORT_TRIES: u32 = 10;
const REPORT_PAUSE: Duration = Duration::from_secs(2);

/// A client for one account.
#[derive(Debug)]
pub(in crate::resolve::respond) struct IamClient {
    link: Link,
    client: Client,
    clock: Clock,
}

impl IamClient {
    pub(in crate::resolve::respond) fn new(link: Link, base: &Base) -> Self {
        let clock = Clock::default();
        let config = Builder::from(&base.config()).interceptor(clock.clone()).build();
        Self { link, client: Client::from_conf(config), clock }
    }

    /// Reads page after page: `page` gets the marker of one, and gives what is on it with the marker of the next.
    fn pages<T>(
        action: &'static str,
        mut page: impl FnMut(Option<String>) -> Result<(Vec<T>, Option<String>), CallError>,
    ) -> Result<Vec<T>, CallError> {
        let (mut all, mut marker) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let (more, next) = page(marker)?;
            all.extend(more);
            match next {
                Some(next) => marker = Some(next),
                None => return Ok(all),
            }
        }
        Err(not_aws(action))
    }
}

impl Iam for IamClient {
    fn key_use(&self, id: AccessKeyId) -> Result<KeyUse, CallError> {
        let action = "iam:GetAccessKeyLastUsed";
        let request = self.client.get_access_key_last_used().access_key_id(id.as_str());
        let answer = self.link.call(action, request.send())?;
        // Only a complete answer is a fact: an empty one would read as a key that was never used.
        let used = answer.access_key_last_used().ok_or_else(|| not_aws(action))?;
        let last = match used.last_used_date().and_then(timestamp) {
            None => LastUse::Never,
            Some(at) if used.service_name() == "N/A" && used.region() == "N/A" => LastUse::Untracked(at),
            Some(at) => LastUse::Used {
                at,
                service: redact(used.service_name().as_bytes()),
                region: redact(used.region().as_bytes()),
            },
        };
        Ok(KeyUse { user: answer.user_name().map(str::to_owned), last })
    }

    fn access_keys(&self, user: &str) -> Result<Vec<UserKey>, CallError> {
        let action = "iam:ListAccessKeys";
        Self::pages(action, |marker| {
            let request = self.client.list_access_keys().user_name(user).set_marker(marker);
            let answer = self.link.call(action, request.send())?;
            let key = |key: &aws_sdk_iam::types::AccessKeyMetadata| {
                Some(UserKey {
                    id: AccessKeyId::parse(key.access_key_id()?.as_bytes())?,
                    state: match key.status()? {
                        StatusType::Active => KeyState::Active,
                        StatusType::Inactive => KeyState::Inactive,
                        StatusType::Expired => KeyState::Expired,
                        _ => KeyState::Unknown,
                    },
                    created_at: key.create_date().and_then(timestamp),
                })
            };
            // A list with a hole is no complete list.
            let keys: Option<Vec<_>> = answer.access_key_metadata().iter().map(key).collect();
            Ok((keys.ok_or_else(|| not_aws(action))?, next(answer.is_truncated(), answer.marker())))
        })
    }

    fn user(&self, user: &str) -> Result<User, CallError> {
        let action = "iam:GetUser";
        let answer = self.link.call(action, self.client.get_user().user_name(user).send())?;
        let found = answer.user().ok_or_else(|| not_aws(action))?;
        Ok(User {
            arn: found.arn().to_owned(),
            path: found.path().to_owned(),
            created_at: timestamp(found.create_date()),
        })
    }

    fn user_tags(&self, user: &str) -> Result<Vec<(String, String)>, CallError> {
        let action = "iam:ListUserTags";
        Self::pages(action, |marker| {
            let request = self.client.list_user_tags().user_name(user).set_marker(marker);
            let answer = self.link.call(action, request.send())?;
            let tags = answer.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
            Ok((tags.collect(), next(answer.is_truncated(), answer.marker())))
        })
    }

    fn attached_policies(&self, user: &str) -> Result<Vec<String>, CallError> {
        let action = "iam:ListAttachedUserPolicies";
        Self::pages(action, |marker| {
            let request = self.client.list_attached_user_policies().user_name(user).set_marker(marker);
            let answer = self.link.call(action, request.send())?;
            let policies = answer.attached_policies().iter();
            let names = policies.filter_map(|policy| Some(redact(policy.policy_name()?.as_bytes())));
            Ok((names.collect(), next(answer.is_truncated(), answer.marker())))
        })
    }

    fn users(&self) -> Result<Vec<String>, CallError> {
        let action = "iam:ListUsers";
        Self::pages(action, |marker| {
            let request = self.client.list_users().set_marker(marker);
            let answer = self.link.call(action, request.send())?;
            let names = answer.users().iter().map(|user| user.user_name().to_owned());
            Ok((names.collect(), next(answer.is_truncated(), answer.marker())))
        })
    }

    fn has_root_keys(&self) -> Result<bool, CallError> {
        let action = "iam:GetAccountSummary";
        let answer = self.link.call(action, self.client.get_account_summary().send())?;
        let keys = answer.summary_map().and_then(|map| map.get(&SummaryKeyType::AccountAccessKeysPresent));
        keys.map(|keys| *keys != 0).ok_or_else(|| not_aws(action))
    }

    fn root_keys(&self) -> Result<Vec<RootKey>, CallError> {
        let action = "iam:GenerateCredentialReport";
        for nth in 0..REPORT_TRIES {
            if nth > 0 {
                self.link.pause(REPORT_PAUSE);
            }
            let answer = self.link.call(action, self.client.generate_credential_report().send())?;
            if answer.state() == Some(&ReportStateType::Complete) {
                break;
            }
        }
        let action = "iam:GetCredentialReport";
        let answer = self.link.call(action, self.client.get_credential_report().send())?;
        let content = answer.content().ok_or_else(|| not_aws(action))?;
        report::root_keys(&String::from_utf8_lossy(content.as_ref())).ok_or_else(|| not_aws(action))
    }

    fn has_password(&self, user: &str) -> Result<bool, CallError> {
        let request = self.client.get_login_profile().user_name(user);
        match self.link.call("iam:GetLoginProfile", request.send()) {
            Ok(_) => Ok(true),
            Err(error) if error.is_absent() => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn set_active(&self, user: &str, id: AccessKeyId, active: bool) -> Result<(), CallError> {
        let status = if active { StatusType::Active } else { StatusType::Inactive };
        let request = self.client.update_access_key().user_name(user).access_key_id(id.as_str());
        self.link.call("iam:UpdateAccessKey", request.status(status).send()).map(drop)
    }

    fn delete_key(&self, user: &str, id: AccessKeyId) -> Result<(), CallError> {
        let request = self.client.delete_access_key().user_name(user).access_key_id(id.as_str());
        self.link.call("iam:DeleteAccessKey", request.send()).map(drop)
    }

    fn create_key(&self, user: &str) -> Result<CreatedKey, CallError> {
        let action = "iam:CreateAccessKey";
        let once = Builder::new().retry_config(RetryConfig::disabled());
        let request = self.client.create_access_key().user_name(user).customize().config_override(once);
        let answer = self.link.finish(action, request.send())?;
        let key = answer.access_key().and_then(|key| {
            let id = AccessKeyId::parse(key.access_key_id().as_bytes())?;
            let secret = SecretAccessKey::parse(key.secret_access_key().as_bytes())?;
            Some(CreatedKey { id, secret })
        });
        key.ok_or_else(|| not_aws(action))
    }

    fn tag_user(&self, user: &str, key: &str, value: &str) -> Result<(), CallError> {
        let action = "iam:TagUser";
        let tag = Tag::builder().key(key).value(value).build().map_err(|_incomplete| not_aws(action))?;
        self.link.call(action, self.client.tag_user().user_name(user).tags(tag).send()).map(drop)
    }

    fn inline_policy(&self, holder: &Holder, name: &str) -> Result<Option<String>, CallError> {
        self.read_policy(holder, name)
    }

    fn inline_policies(&self, holder: &Holder) -> Result<Vec<String>, CallError> {
        self.list_policies(holder)
    }

    fn put_policy(&self, holder: &Holder, name: &str, document: &str) -> Result<(), CallError> {
        self.write_policy(holder, name, document)
    }

    fn delete_policy(&self, holder: &Holder, name: &str) -> Result<(), CallError> {
        self.remove_policy(holder, name)
    }

    fn clock(&self) -> Option<Timestamp> {
        self.clock.last()
    }
}

/// The marker of the next page, if there is one.
fn next(is_truncated: bool, marker: Option<&str>) -> Option<String> {
    marker.filter(|_| is_truncated).map(str::to_owned)
}
