//! Organizations.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::config::Builder;
use aws_sdk_organizations::types::AccountStatus;

use super::Link;
use super::link::not_aws;
use crate::aws::AccountId;
use crate::resolve::respond::{CallError, Organization};
use crate::resolve::sts::Base;

const ACTION: &str = "organizations:ListAccounts";
/// More pages than this are not read: an organization has at most some 10,000 accounts, 20 a page.
const MAX_PAGES: usize = 1_000;

/// A client for the caller's organization.
#[derive(Debug)]
pub(in crate::resolve::respond) struct OrganizationClient {
    link: Link,
    client: Client,
}

impl OrganizationClient {
    pub(in crate::resolve::respond) fn new(link: Link, base: &Base) -> Self {
        Self { link, client: Client::from_conf(Builder::from(&base.config()).build()) }
    }
}

impl Organization for OrganizationClient {
    fn accounts(&self) -> Result<Vec<AccountId>, CallError> {
        let (mut accounts, mut token) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let answer = self.link.call(ACTION, self.client.list_accounts().set_next_token(token).send())?;
            let is_active = |account: &&aws_sdk_organizations::types::Account| {
                account.status().is_none_or(|status| *status == AccountStatus::Active)
            };
            let active = answer.accounts().iter().filter(is_active);
            accounts.extend(active.filter_map(|account| AccountId::parse(account.id()?)));
            token = answer.next_token().map(str::to_owned);
            if token.is_none() {
                return Ok(accounts);
            }
        }
        Err(not_aws(ACTION))
    }
}
