//! What Lambda tells of its account: region, credentials, endpoints.

use std::collections::BTreeMap;
use std::fmt;

use authz_core::settings::{Problem, SettingsError};
use aws_sdk_sns::config::Credentials;
use reqwest::Url;

/// The AWS side of the environment.
///
/// | variable | meaning | default |
/// |---|---|---|
/// | `AWS_REGION` | the region, where an ARN names no other | required; Lambda sets it |
/// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` | the credentials of the function's role | required; Lambda sets them |
/// | `AWS_SESSION_TOKEN` | belongs to credentials that expire | none; Lambda sets it |
/// | `AWS_ENDPOINT_URL_SNS`, `AWS_ENDPOINT_URL_SSM`, `AWS_ENDPOINT_URL_SECRETS_MANAGER` | where a service is, if not at AWS | `AWS_ENDPOINT_URL` |
/// | `AWS_ENDPOINT_URL` | where all of them are | the region's own endpoints |
///
/// The names are those of Lambda ("Defined runtime environment variables") and of the AWS SDKs ("Service-specific
/// endpoints"). It does not show its credentials.
#[derive(Clone)]
pub struct Environment {
    pub(super) region: String,
    pub(super) credentials: Credentials,
    sns: Option<Url>,
    ssm: Option<Url>,
    secrets_manager: Option<Url>,
}

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Sns,
    Ssm,
    SecretsManager,
}

impl Service {
    /// Its name in host names, in signatures, in ARNs, in IAM actions and in references.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sns => "sns",
            Self::Ssm => "ssm",
            Self::SecretsManager => "secretsmanager",
        }
    }
}

impl Environment {
    /// Reads the variables, and says everything that is wrong with them at once, in the order of the table. An empty one
    /// is as good as none.
    pub fn read(variables: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        let mut reader = Reader { variables, problems: Vec::new() };
        let region = reader.region();
        let key_id = reader.required("AWS_ACCESS_KEY_ID");
        let key = reader.required("AWS_SECRET_ACCESS_KEY");
        let token = reader.text("AWS_SESSION_TOKEN").map(str::to_owned);
        let sns = reader.endpoint("AWS_ENDPOINT_URL_SNS");
        let ssm = reader.endpoint("AWS_ENDPOINT_URL_SSM");
        let secrets_manager = reader.endpoint("AWS_ENDPOINT_URL_SECRETS_MANAGER");
        let anywhere = reader.endpoint("AWS_ENDPOINT_URL");
        match (region, key_id, key) {
            (Some(region), Some(key_id), Some(key)) if reader.problems.is_empty() => Ok(Self {
                region: region.to_owned(),
                credentials: Credentials::new(key_id, key, token, None, "Environment"),
                sns: sns.or_else(|| anywhere.clone()),
                ssm: ssm.or_else(|| anywhere.clone()),
                secrets_manager: secrets_manager.or(anywhere),
            }),
            _ => Err(SettingsError { problems: reader.problems }),
        }
    }

    /// Where a service is, if the environment says so.
    pub(super) fn endpoint(&self, service: Service) -> Option<&Url> {
        match service {
            Service::Sns => self.sns.as_ref(),
            Service::Ssm => self.ssm.as_ref(),
            Service::SecretsManager => self.secrets_manager.as_ref(),
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("region", &self.region).finish_non_exhaustive()
    }
}

/// Returns the region that an ARN names: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
pub(super) fn region_of(arn: &str) -> Option<&str> {
    let mut fields = arn.splitn(6, ':');
    let region = (fields.next() == Some("arn")).then(|| fields.nth(2))??;
    // Behind it come the account and what the ARN is about.
    (is_region(region) && fields.nth(1).is_some()).then_some(region)
}

/// A region becomes part of a host name, so it must not lead elsewhere.
fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

struct Reader<'v> {
    variables: &'v BTreeMap<String, String>,
    problems: Vec<Problem>,
}

impl<'v> Reader<'v> {
    fn text(&self, variable: &str) -> Option<&'v str> {
        self.variables.get(variable).map(String::as_str).filter(|text| !text.is_empty())
    }

    fn wrong(&mut self, variable: &'static str, message: &str) {
        self.problems.push(Problem { variable, message: message.to_owned() });
    }

    fn required(&mut self, variable: &'static str) -> Option<&'v str> {
        let text = self.text(variable);
        if text.is_none() {
            self.wrong(variable, "is missing: Lambda sets it, and elsewhere you do");
        }
        text
    }

    fn region(&mut self) -> Option<&'v str> {
        const VARIABLE: &str = "AWS_REGION";
        let region = self.required(VARIABLE);
        if region.is_some_and(|region| !is_region(region)) {
            self.wrong(VARIABLE, "must be the name of a region such as `us-east-1`");
        }
        region
    }

    fn endpoint(&mut self, variable: &'static str) -> Option<Url> {
        let text = self.text(variable)?;
        let url = Url::parse(text).ok().filter(is_plain);
        if url.is_none() {
            self.wrong(variable, "must be a URL such as `http://127.0.0.1:4566`, without user, query and fragment");
        }
        url
    }
}

fn is_plain(url: &Url) -> bool {
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let user = !url.username().is_empty() || url.password().is_some();
    web && !user && url.query().is_none() && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMBDA: [(&str, &str); 4] = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIACANARY"),
        ("AWS_SECRET_ACCESS_KEY", "SECRETCANARY"),
        ("AWS_SESSION_TOKEN", "TOKENCANARY"),
    ];

    fn read(variables: &[(&str, &str)]) -> Result<Environment, SettingsError> {
        Environment::read(&variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn what_lambda_sets_suffices_and_is_not_shown() {
        let environment = read(&LAMBDA).unwrap();
        assert_eq!(environment.credentials.session_token(), Some("TOKENCANARY"));
        assert_eq!(environment.endpoint(Service::Sns), None);
        assert_eq!(format!("{environment:?}"), r#"Environment { region: "us-east-1", .. }"#);
    }

    #[test]
    fn an_endpoint_of_a_service_goes_before_the_one_of_all() {
        let endpoints = [("AWS_ENDPOINT_URL_SSM", "http://[::1]:1"), ("AWS_ENDPOINT_URL", "https://localhost:2")];
        let environment = read(&[LAMBDA.as_slice(), endpoints.as_slice()].concat()).unwrap();
        let endpoint = |service| environment.endpoint(service).map(Url::as_str);
        assert_eq!(endpoint(Service::Sns), Some("https://localhost:2/"));
        assert_eq!(endpoint(Service::Ssm), Some("http://[::1]:1/"));
        assert_eq!(endpoint(Service::SecretsManager), Some("https://localhost:2/"));
    }

    #[test]
    fn mistakes_are_told_at_once_and_without_values() {
        let wrong = [
            ("AWS_REGION", "evil.example/CANARY"),
            ("AWS_ACCESS_KEY_ID", ""),
            ("AWS_ENDPOINT_URL_SNS", "ftp://CANARY"),
            ("AWS_ENDPOINT_URL", "http://user:CANARY@localhost"),
        ];
        let error = read(&wrong).unwrap_err();
        let variables: Vec<_> = error.problems.iter().map(|problem| problem.variable).collect();
        let all = "AWS_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_ENDPOINT_URL_SNS AWS_ENDPOINT_URL";
        assert_eq!(variables.join(" "), all);
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }

    #[test]
    fn an_arn_names_its_region() {
        assert_eq!(region_of("arn:aws:sns:eu-west-1:123456789012:uses"), Some("eu-west-1"));
        assert_eq!(region_of("arn:aws:ssm:cn-north-1:123456789012:parameter/a:b"), Some("cn-north-1"));
        for text in ["uses", "arn:aws:sns::123456789012:uses", "arn:aws:sns:evil.com/:1:x", "arn:aws:sns:us-east-1"] {
            assert_eq!(region_of(text), None, "{text}");
        }
    }
}
