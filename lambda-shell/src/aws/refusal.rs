//! AWS's way to say no.

use std::fmt;

/// AWS answered, and refused. It shows the code and the status, never the text, which may repeat what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsRefusal {
    /// The HTTP status.
    pub status: u16,
    /// The error code such as `AccessDeniedException`, if what was said looks like one.
    pub code: Option<String>,
}

impl AwsRefusal {
    pub(super) fn new(status: u16, code: Option<&str>) -> Self {
        let code = code.filter(|code| is_code(code)).map(str::to_owned);
        Self { status, code }
    }

    /// Too many requests. The codes are those that every AWS SDK knows ("Retry behavior"), and of SNS its `Throttled`.
    pub fn is_throttled(&self) -> bool {
        let known = ["RequestLimitExceeded", "TooManyRequestsException", "SlowDown"];
        self.status == 429 || self.code.as_deref().is_some_and(|code| code.contains("Throttl") || known.contains(&code))
    }

    /// The role may not do this, or its credentials are not valid ("Common error types"; SNS says
    /// `AuthorizationError`, and services that speak JSON answer 400).
    pub fn is_denied(&self) -> bool {
        matches!(self.status, 401 | 403) || self.code.as_deref().is_some_and(|code| code.contains("AccessDenied"))
    }

    /// The same request may succeed a moment later.
    pub(super) fn may_pass(&self) -> bool {
        self.is_throttled() || matches!(self.status, 500 | 502 | 503 | 504)
    }
}

impl fmt::Display for AwsRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "`{code}` (HTTP {})", self.status),
            None => write!(f, "HTTP {}", self.status),
        }
    }
}

/// Whatever answers in AWS's place must not get words of its own into a log.
fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_a_meaning() {
        let refusal = |status, code| AwsRefusal::new(status, Some(code));
        assert!(refusal(400, "ThrottlingException").is_throttled());
        assert!(refusal(429, "Throttled").is_throttled());
        assert!(refusal(400, "KMSThrottling").may_pass());
        assert!(refusal(400, "AccessDeniedException").is_denied());
        assert!(refusal(403, "AuthorizationError").is_denied());
        assert!(!refusal(400, "InvalidParameter").is_denied() && !refusal(400, "InvalidParameter").may_pass());
    }

    #[test]
    fn only_a_code_is_shown() {
        assert_eq!(AwsRefusal::new(404, Some("NotFound")).to_string(), "`NotFound` (HTTP 404)");
        assert_eq!(AwsRefusal::new(502, Some("what you sent: CANARY")).to_string(), "HTTP 502");
        assert_eq!(AwsRefusal::new(503, None).to_string(), "HTTP 503");
    }
}
