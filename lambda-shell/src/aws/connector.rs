//! The process's HTTP client, as the AWS SDK wants one.

use std::time::Duration;

use authz_core::threescale::Failure;
use aws_sdk_sns::config::http::{HttpRequest, HttpResponse};
use aws_sdk_sns::config::{HttpClient, RuntimeComponents};
use aws_sdk_sns::error::{BoxError, ConnectorError};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use reqwest::{Client, Method, Request, Url};
use tokio::time::timeout;

use super::MAX_BODY_BYTES;
use crate::http::{Answer, exchange};

/// A client whose connections are shared with everything else that the process sends.
///
/// Requests must be in memory, and answers are read whole, both of which suits SNS.
#[derive(Debug)]
pub(super) struct SharedClient(pub(super) Client);

impl HttpClient for SharedClient {
    /// The client connects when it has to, so the time to connect counts against the SDK's read limit, which runs "from
    /// the time the request is initiated"; a connect limit alone bounds the same span. Attempts are cut by the SDK.
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let time_limit = settings.read_timeout().or(settings.connect_timeout());
        SharedHttpConnector::new(Connector { client: self.0.clone(), time_limit })
    }
}

#[derive(Debug)]
struct Connector {
    client: Client,
    time_limit: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (client, time_limit) = (self.client.clone(), self.time_limit);
        HttpConnectorFuture::new(async move {
            let request = outgoing(&request).map_err(ConnectorError::user)?;
            let answer = match time_limit {
                Some(time_limit) => timeout(time_limit, exchange(&client, request, MAX_BODY_BYTES))
                    .await
                    .unwrap_or(Err(Failure::TimedOut)),
                None => exchange(&client, request, MAX_BODY_BYTES).await,
            };
            incoming(answer.map_err(failure)?).map_err(|error| ConnectorError::other(error, None))
        })
    }
}

fn outgoing(request: &HttpRequest) -> Result<Request, BoxError> {
    let mut outgoing = Request::new(Method::from_bytes(request.method().as_bytes())?, Url::parse(request.uri())?);
    for (name, value) in request.headers() {
        let name: reqwest::header::HeaderName = name.parse()?;
        outgoing.headers_mut().append(name, value.parse()?);
    }
    let body = request.body().bytes().ok_or("a request whose body is not in memory")?;
    *outgoing.body_mut() = Some(body.to_vec().into());
    Ok(outgoing)
}

fn incoming(answer: Answer) -> Result<HttpResponse, BoxError> {
    let mut incoming = HttpResponse::new(answer.status.try_into()?, answer.body.into());
    for (name, value) in &answer.headers {
        // The SDK takes text only, and reads no header that is not.
        if let Ok(value) = value.to_str() {
            incoming.headers_mut().try_append(name.as_str().to_owned(), value.to_owned())?;
        }
    }
    Ok(incoming)
}

/// The SDK tries again after time-outs and after errors of the connection.
fn failure(why: Failure) -> ConnectorError {
    match why {
        Failure::TimedOut => ConnectorError::timeout(why.into()),
        Failure::NotConnected | Failure::CutOff => ConnectorError::io(why.into()),
        Failure::TooLarge => ConnectorError::other(why.into(), None),
    }
}
