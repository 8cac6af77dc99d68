//! Publishing to a topic of Amazon SNS.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use authz_core::threescale::Failure;
use aws_sdk_sns::config::http::HttpResponse;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::config::timeout::TimeoutConfig;
use aws_sdk_sns::config::{BehaviorVersion, Config, Region};
use aws_sdk_sns::error::SdkError;
use aws_sdk_sns::operation::publish::PublishError as SdkPublishError;
use reqwest::Client;
use thiserror::Error;

use super::connector::SharedClient;
use super::environment::{Environment, Service, region_of};
use super::refusal::AwsRefusal;

/// Publishes to one topic.
#[derive(Clone)]
pub struct Sns {
    client: aws_sdk_sns::Client,
    topic_arn: String,
}

impl Sns {
    /// Makes a publisher; nothing is connected yet. `time_limit` is that of a message: of both attempts to publish it,
    /// each of which may take half of it.
    ///
    /// A topic is called in the region that its ARN names.
    pub fn new(client: Client, environment: &Environment, topic_arn: &str, time_limit: Duration) -> Self {
        let attempt_limit = time_limit / 2;
        let time_limits = TimeoutConfig::builder()
            .connect_timeout(attempt_limit)
            .read_timeout(attempt_limit)
            .operation_attempt_timeout(attempt_limit)
            .operation_timeout(time_limit)
            .build();
        let pause = time_limit / 20;
        let retries = RetryConfig::standard().with_max_attempts(2).with_initial_backoff(pause).with_max_backoff(pause);
        let region = region_of(topic_arn).unwrap_or(&environment.region);
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(region.to_owned()))
            .credentials_provider(environment.credentials.clone())
            .http_client(SharedClient(client))
            .timeout_config(time_limits)
            .retry_config(retries);
        config.set_endpoint_url(environment.endpoint(Service::Sns).map(ToString::to_string));
        Self { client: aws_sdk_sns::Client::from_conf(config.build()), topic_arn: topic_arn.to_owned() }
    }

    /// Publishes a message (SNS API, `Publish`). After an error it may have been published all the same, and a message
    /// whose first attempt got no answer may be published twice.
    pub async fn publish(&self, message: &str) -> Result<(), PublishError> {
        let request = self.client.publish().topic_arn(&self.topic_arn).message(message);
        request.send().await.map(drop).map_err(|error| PublishError::from(&error))
    }
}

impl fmt::Debug for Sns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sns").field("topic_arn", &self.topic_arn).finish_non_exhaustive()
    }
}

/// Why a message was not published, or may not have been. It shows neither the message nor credentials.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PublishError {
    /// Both attempts, or the time limit, ended without an answer.
    #[error("SNS {0}")]
    NoAnswer(Failure),
    /// There are more messages than SNS takes of this account.
    #[error("SNS throttles: {0}")]
    Throttled(AwsRefusal),
    /// The role may not publish to the topic, or not use its key.
    #[error("SNS denies access: {0}; the function's role needs `sns:Publish` on the topic")]
    Denied(AwsRefusal),
    /// Anything else that SNS did not like.
    #[error("SNS refuses: {0}")]
    Refused(AwsRefusal),
    /// SNS's answer of this status, or what pretended to be one, is not to be understood.
    #[error("SNS's answer of status {0} can't be read")]
    Unreadable(u16),
    /// No request could be made of the message and the topic.
    #[error("no request to SNS can be made")]
    NotSent,
}

impl From<&SdkError<SdkPublishError, HttpResponse>> for PublishError {
    fn from(error: &SdkError<SdkPublishError, HttpResponse>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::NoAnswer(Failure::TimedOut),
            SdkError::DispatchFailure(failure) => {
                let why = failure.as_connector_error().and_then(|error| error.source()?.downcast_ref());
                why.map_or(Self::NotSent, |why| Self::NoAnswer(*why))
            }
            SdkError::ResponseError(answer) => Self::Unreadable(answer.raw().status().as_u16()),
            SdkError::ServiceError(answer) => match answer.raw().status() {
                status if status.is_success() => Self::Unreadable(status.as_u16()),
                status => Self::refused(AwsRefusal::new(status.as_u16(), answer.err().meta().code())),
            },
            // Whatever else the SDK knows, or comes to know, happens before anything is sent.
            _ => Self::NotSent,
        }
    }
}

impl PublishError {
    fn refused(refusal: AwsRefusal) -> Self {
        match refusal {
            refusal if refusal.is_throttled() => Self::Throttled(refusal),
            refusal if refusal.is_denied() => Self::Denied(refusal),
            refusal => Self::Refused(refusal),
        }
    }
}
