//! What clients of other services, and of other accounts, are made of.

use aws_config::SdkConfig;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::{Builder, Credentials, SharedCredentialsProvider};

use super::error::ResolveError;
use super::mfa::MfaCode;
use super::roles::{Role, assume};
use crate::aws::{SecretAccessKey, SessionToken};
use crate::known::SharedSecrets;

/// Keeps what requests are signed with from being shown.
pub(super) fn learn(known: &SharedSecrets, credentials: &Credentials) {
    known.add(
        SecretAccessKey::parse(credentials.secret_access_key().as_bytes()).as_ref(),
        credentials.session_token().and_then(|token| SessionToken::parse(token.as_bytes())).as_ref(),
    );
}

/// A caller's configuration and credentials.
#[derive(Clone, Debug)]
pub(in crate::resolve) struct Base {
    pub(super) config: SdkConfig,
    pub(super) credentials: Credentials,
    pub(in crate::resolve) region: String,
    pub(in crate::resolve) partition: &'static str,
    pub(super) known: SharedSecrets,
}

impl Base {
    /// The SDK's configuration, with the caller's credentials.
    pub(in crate::resolve) fn config(&self) -> SdkConfig {
        let provider = SharedCredentialsProvider::new(self.credentials.clone());
        self.config.clone().into_builder().credentials_provider(provider).build()
    }

    /// The same caller as a role.
    pub(in crate::resolve) async fn assume(
        &self,
        role: &Role,
        code: Option<&MfaCode>,
    ) -> Result<Self, ResolveError> {
        let config = Builder::from(&self.config).credentials_provider(self.credentials.clone());
        let client = Client::from_conf(config.build());
        let credentials = assume(&client, role, code, self.partition).await?;
        learn(&self.known, &credentials);
        Ok(Self { credentials, ..self.clone() })
    }

    /// The region that has the events of IAM, of which each partition has one.
    pub(in crate::resolve) fn global_region(&self) -> &'static str {
        match self.partition {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            "aws-iso" => "us-iso-east-1",
            "aws-iso-b" => "us-isob-east-1",
            "aws-iso-e" => "eu-isoe-west-1",
            "aws-iso-f" => "us-isof-south-1",
            "aws-eusc" => "eusc-de-east-1",
            _ => "us-east-1",
        }
    }

    /// A caller who asks nobody.
    #[cfg(test)]
    pub(super) fn of_nobody() -> Self {
        Self {
            config: SdkConfig::builder().build(),
            credentials: Credentials::new("", "", None, None, "test"),
            region: "us-east-1".to_owned(),
            partition: "aws",
            known: SharedSecrets::default(),
        }
    }
}
