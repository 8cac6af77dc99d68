/// Why a request or an application is turned away: 3scale's code, its message, and the status of an error answer.
///
/// Deliberately without `Debug`: most messages repeat a credential.
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// How a request fails before there is a verdict.
pub(crate) enum Failure {
    /// An `<error>` body, left out if the caller asked for no body.
    Refused(Refusal),
    /// An `<error>` body, whatever the caller asked for.
    Malformed(Refusal),
    /// 403 without a body.
    Halted,
    /// 500 with a plain text.
    Crashed,
    /// 500 without a body.
    CrashedSilently,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refused(refusal)
    }
}

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Refusal { status, code, message: message.into() }
    }

    fn denial(code: &'static str, message: impl Into<String>) -> Self {
        Refusal::new(409, code, message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Refusal::new(400, "bad_request", message)
    }

    pub(crate) fn not_valid_data() -> Self {
        Refusal::new(422, "not_valid_data", "all data must be valid UTF8")
    }

    pub(crate) fn end_users_no_longer_supported() -> Self {
        let message = "End-users are no longer supported, do not specify the user_id parameter";
        Refusal::new(400, "end_users_no_longer_supported", message)
    }

    pub(crate) fn credentials_required() -> Self {
        let message = "Provider key or service token are required";
        Refusal::new(403, "provider_key_or_service_token_required", message)
    }

    pub(crate) fn service_id_missing() -> Self {
        Refusal::new(422, "service_id_missing", "Service ID is missing")
    }

    pub(crate) fn service_token_invalid(token: &str, service_id: &str) -> Self {
        let message = format!(r#"service token "{token}" or service id "{service_id}" is invalid"#);
        Refusal::new(403, "service_token_invalid", message)
    }

    pub(crate) fn provider_key_invalid(key: &str) -> Self {
        Refusal::new(403, "provider_key_invalid", format!(r#"provider key "{key}" is invalid"#))
    }

    pub(crate) fn provider_key_invalid_or_service_missing(key: &str) -> Self {
        let message = format!(r#"provider key "{key}" invalid and/or service ID missing"#);
        Refusal::new(403, "provider_key_invalid_or_service_missing", message)
    }

    pub(crate) fn service_id_invalid(id: &str) -> Self {
        Refusal::new(403, "service_id_invalid", format!(r#"service id "{id}" is invalid"#))
    }

    pub(crate) fn authentication_error() -> Self {
        Refusal::new(403, "authentication_error", "either app_id or user_key is allowed, not both")
    }

    pub(crate) fn user_key_invalid(key: Option<&str>) -> Self {
        let message = quoted(key, "user key is missing", |key| format!(r#"user key "{key}" is invalid"#));
        Refusal::new(403, "user_key_invalid", message)
    }

    pub(crate) fn application_not_found(id: Option<&str>) -> Self {
        let found_not = |id: &str| format!(r#"application with id="{id}" was not found"#);
        Refusal::new(404, "application_not_found", quoted(id, "application id is missing", found_not))
    }

    pub(crate) fn metric_invalid(name: &str) -> Self {
        Refusal::new(404, "metric_invalid", format!(r#"metric "{name}" is invalid"#))
    }

    pub(crate) fn usage_value_invalid(metric: &str, value: Option<&str>) -> Self {
        let empty = format!(r#"usage value for metric "{metric}" can not be empty"#);
        let invalid = |value: &str| format!(r#"usage value "{value}" for metric "{metric}" is invalid"#);
        Refusal::new(403, "usage_value_invalid", quoted(value, &empty, invalid))
    }

    pub(crate) fn usage_value_out_of_range(metric: &str) -> Self {
        let message = format!(r#"usage value for metric "{metric}" does not fit its counter"#);
        Refusal::new(403, "usage_value_out_of_range", message)
    }

    pub(crate) fn timestamp_too_old() -> Self {
        let message = "reporting transactions older than 86400 seconds is not allowed";
        Refusal::new(403, "transaction_timestamp_too_old", message)
    }

    pub(crate) fn timestamp_too_new() -> Self {
        let message = "reporting transactions more than 3600 seconds in the future is not allowed";
        Refusal::new(403, "transaction_timestamp_too_new", message)
    }

    pub(crate) fn content_type_invalid(media_type: &str) -> Self {
        Refusal::new(400, "content_type_invalid", format!("invalid Content-Type: {media_type}"))
    }

    pub(crate) fn transactions_is_blank() -> Self {
        Refusal::new(400, "transactions_is_blank", "transactions parameter is blank")
    }

    pub(crate) fn transactions_format_invalid() -> Self {
        Refusal::new(400, "transactions_format_invalid", "transactions format is invalid")
    }

    pub(crate) fn transactions_has_nil_transaction() -> Self {
        Refusal::new(400, "transactions_has_nil_transaction", "transactions has a nil transaction")
    }

    pub(crate) fn oauth_not_enabled() -> Self {
        Refusal::denial("oauth_not_enabled", "oauth is not enabled")
    }

    pub(crate) fn application_key_invalid(key: Option<&str>) -> Self {
        let invalid = |key: &str| format!(r#"application key "{key}" is invalid"#);
        Refusal::denial("application_key_invalid", quoted(key, "application key is missing", invalid))
    }

    pub(crate) fn redirect_url_invalid(url: &str) -> Self {
        Refusal::denial("redirect_url_invalid", format!(r#"redirect_url "{url}" is invalid"#))
    }

    pub(crate) fn redirect_uri_invalid(uri: &str) -> Self {
        Refusal::denial("redirect_uri_invalid", format!(r#"redirect_uri "{uri}" is invalid"#))
    }

    pub(crate) fn referrer_not_allowed(referrer: Option<&str>) -> Self {
        let not_allowed = |referrer: &str| format!(r#"referrer "{referrer}" is not allowed"#);
        Refusal::denial("referrer_not_allowed", quoted(referrer, "referrer is missing", not_allowed))
    }

    pub(crate) fn application_not_active() -> Self {
        Refusal::denial("application_not_active", "application is not active")
    }

    pub(crate) fn service_not_active() -> Self {
        Refusal::denial("service_not_active", "service is not active")
    }

    pub(crate) fn limits_exceeded() -> Self {
        Refusal::denial(LIMITS_EXCEEDED, "usage limits are exceeded")
    }
}

fn quoted(value: Option<&str>, missing: &str, present: impl Fn(&str) -> String) -> String {
    match value {
        Some(value) if !value.trim().is_empty() => present(value),
        _ => missing.to_owned(),
    }
}

pub(crate) const LIMITS_EXCEEDED: &str = "limits_exceeded";
