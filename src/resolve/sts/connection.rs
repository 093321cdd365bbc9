//! How AWS is reached.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_sts::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_sts::config::timeout::TimeoutConfig;
use aws_sdk_sts::config::{ConfigBag, Intercept, RuntimeComponents, SharedHttpClient};
use aws_sdk_sts::error::BoxError;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take to begin.
const READ: Duration = Duration::from_secs(10);
/// How long one try may take in all; the SDK tries three times unless it is told otherwise.
const ATTEMPT: Duration = Duration::from_secs(15);
/// How much of an answer is read, in bytes: most of AWS's own have a few hundred, a credential report of 5,000 users 2 MB.
pub(super) const MAX_ANSWER: usize = 8 << 20;

/// The limits of each request. The SDK by itself would wait for an answer for ever.
pub(super) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .operation_attempt_timeout(ATTEMPT)
        .build()
}

/// A client with the system's certificates and the proxies of the environment, which the SDK's own ignores. It reads no
/// answer past [`MAX_ANSWER`].
pub(super) fn http_client() -> SharedHttpClient {
    SharedHttpClient::new(Bounded(unbounded_http_client()))
}

fn unbounded_http_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        if let Some(settings) = settings {
            connector = connector.connector_settings(settings.clone());
        }
        if let Some(sleep) = components.and_then(RuntimeComponents::sleep_impl) {
            connector = connector.sleep_impl(sleep);
        }
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    })
}

/// A client or a connector of which no answer is read past [`MAX_ANSWER`].
#[derive(Debug)]
struct Bounded<T>(T);

impl HttpClient for Bounded<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Bounded(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for Bounded<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            Ok(answer.await?.map(|body| SdkBody::from_body_1_x(Limited::new(body, MAX_ANSWER))))
        })
    }
}

/// Remembers where requests went, whatever decided that: the environment, a profile, a partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Endpoint(Arc<Mutex<Option<String>>>);

impl Endpoint {
    /// Whether requests went to AWS itself, and nowhere that somebody put in its place.
    pub(super) fn is_aws(&self) -> bool {
        let endpoint = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        endpoint.as_deref().is_some_and(is_aws)
    }
}

impl Intercept for Endpoint {
    fn name(&self) -> &'static str {
        "endpoint"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut endpoint = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *endpoint = Some(context.request().uri().to_owned());
        Ok(())
    }
}

fn is_aws(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::is_aws;

    #[test]
    fn only_the_endpoints_of_aws_are_aws() {
        for uri in ["https://sts.us-east-1.amazonaws.com/", "https://sts.cn-north-1.amazonaws.com.cn"] {
            assert!(is_aws(uri), "{uri}");
        }
        for uri in [
            "http://sts.us-east-1.amazonaws.com/",
            "https://127.0.0.1:5000/",
            "https://amazonaws.com.example.net/",
            "https://example.net/sts.amazonaws.com",
            "https://me@example.net?.amazonaws.com",
            "https://sts.amazonaws.com:8443@example.net/",
        ] {
            assert!(!is_aws(uri), "{uri}");
        }
    }
}
