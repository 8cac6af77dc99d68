use crate::limits::{Limit, limits_of, tightest, whole_secs};
use crate::params::{Param, Params};
use crate::refusal::{Failure, LIMITS_EXCEEDED, Refusal};
use crate::report::{Job, Transaction};
use crate::usage::{SentUsage, is_padding};
use crate::xml::Status;
use crate::{Application, Backend, Request, Response, Service, ServiceKind};

/// Which of the four authorizing endpoints is called.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    /// Authrep: an authorized call is counted.
    pub(crate) counts: bool,
    pub(crate) oauth: bool,
}

/// The `3scale-options` of a request.
pub(crate) struct Options(Params);

/// What a call is judged by.
struct Case<'a> {
    call: Call,
    query: &'a Params,
    usage: Option<&'a SentUsage>,
    flat_usage: bool,
    service: &'a Service,
    application: &'a Application,
    limits: &'a [Limit<'a>],
}

impl Backend {
    /// Answers a call; the job is what an authorized authrep counts.
    pub(crate) fn authorize(
        &self,
        call: Call,
        query: &Params,
        options: &Options,
        now_ms: u64,
    ) -> Result<(Response, Option<Job>), Failure> {
        let (service, usage) = self.service_and_usage(query)?;
        let usage = usage.as_ref();
        let application = find_application(service, call, query)?;
        if options.no_body(query) {
            // Without a body only the limits of the named metrics are loaded, and that needs exact names.
            check_names(usage, service)?;
        }
        let limits = limits_of(service, application, &self.counters, whole_secs(now_ms));
        let flat_usage = options.is_on("flat_usage");
        let case = Case { call, query, usage, flat_usage, service, application, limits: &limits };
        let denial = case.first_denial()?;
        let job = if denial.is_none() { case.job(now_ms.saturating_add(self.lag_ms)) } else { None };
        let counted = call.counts && denial.is_none();
        let reports = limits
            .into_iter()
            .map(|limit| if counted { limit.reported_after(usage, service) } else { limit.reported(usage, service) });
        let status = Status {
            service,
            application,
            denial,
            redirect_name: call.oauth.then(|| redirect_name(service, application, query)),
            reports: reports.collect(),
            list_app_keys: options.is_on("list_app_keys"),
            hierarchy: options.is_on("hierarchy"),
            now_ms,
        };
        Ok((respond(&status, usage, options, query), job))
    }

    /// Finds the service of a call and reads its usage, with the checks that come before everything else.
    fn service_and_usage(&self, query: &Params) -> Result<(&Service, Option<SentUsage>), Failure> {
        if query.has_broken_text() {
            return Err(Failure::Malformed(Refusal::not_valid_data()));
        }
        let service_id = given(query, "service_id");
        let provider_key =
            self.provider_key_of(given(query, "provider_key"), query.text("service_token"), service_id)?;
        if query.is_given("user_id") {
            return Err(Refusal::end_users_no_longer_supported().into());
        }
        let usage = match query.find("usage") {
            None | Some(Param::Missing) => None,
            Some(Param::Map(usage)) => Some(SentUsage::read(usage)),
            Some(Param::Text(_) | Param::List) => return Err(Failure::Halted),
        };
        Ok((self.find_service(provider_key, service_id)?, usage))
    }
}

impl Options {
    /// Reads the options; `None` if they are malformed, which 3scale does not survive.
    pub(crate) fn read(request: &Request) -> Option<Options> {
        let header = request.header("3scale-options").unwrap_or_default();
        Params::parse(header.as_bytes()).ok().map(Options)
    }

    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.0.text(name) == Some("1")
    }

    /// Returns whether the caller wants no body: by option, or by the older parameter.
    pub(crate) fn no_body(&self, query: &Params) -> bool {
        let given = [&self.0, query].into_iter().find(|params| params.is_given("no_body"));
        given.is_some_and(|params| !matches!(params.text("no_body"), Some("0" | "false")))
    }
}

impl Case<'_> {
    /// Makes the checks in 3scale's order; the first that fails is the reason of the denial.
    fn first_denial(&self) -> Result<Option<Refusal>, Refusal> {
        let denial = self.check_kind().or_else(|| self.check_app_key());
        let denial = denial.or_else(|| self.check_redirect()).or_else(|| self.check_referrer());
        let denial = denial.or_else(|| (!self.application.active).then(Refusal::application_not_active));
        let denial = denial.or_else(|| (!self.service.active).then(Refusal::service_not_active));
        match denial {
            Some(denial) => Ok(Some(denial)),
            None => self.check_limits(),
        }
    }

    fn check_kind(&self) -> Option<Refusal> {
        (self.call.oauth && self.service.kind != ServiceKind::Oauth).then(Refusal::oauth_not_enabled)
    }

    fn check_app_key(&self) -> Option<Refusal> {
        let sent = self.query.text("app_key").map(|key| key.trim_matches(is_padding));
        let keys = &self.application.keys;
        let fits = sent.is_some_and(|sent| !sent.is_empty() && keys.iter().any(|key| key == sent));
        let accepted = match self.service.kind {
            ServiceKind::UserKey => true,
            ServiceKind::AppId => keys.is_empty() || fits,
            ServiceKind::Oauth => sent.is_none() || fits,
        };
        (!accepted).then(|| Refusal::application_key_invalid(sent))
    }

    fn check_redirect(&self) -> Option<Refusal> {
        if !self.call.oauth {
            return None;
        }
        let registered = self.application.redirect_url.as_deref();
        let differs = |sent: &&str| !sent.is_empty() && registered != Some(sent);
        if self.query.find("redirect_url").is_some() {
            self.query.text("redirect_url").filter(differs).map(Refusal::redirect_url_invalid)
        } else {
            self.query.text("redirect_uri").filter(differs).map(Refusal::redirect_uri_invalid)
        }
    }

    fn check_referrer(&self) -> Option<Refusal> {
        let filters = &self.application.referrer_filters;
        if !self.service.referrer_filters_required || filters.is_empty() {
            return None;
        }
        let sent = self.query.text("referrer");
        let allowed = sent.is_some_and(|sent| sent == "*" || filters.iter().any(|filter| matches_filter(filter, sent)));
        (!allowed).then(|| Refusal::referrer_not_allowed(sent))
    }

    fn check_limits(&self) -> Result<Option<Refusal>, Refusal> {
        let changes = self.usage.map(|usage| usage.changes(self.service)).transpose()?;
        let changes = changes.map(|changes| if self.flat_usage { changes } else { changes.propagated(self.service) });
        let allowed = self.limits.iter().all(|limit| limit.allows(changes.as_ref()));
        Ok((!allowed).then(Refusal::limits_exceeded))
    }

    /// Makes the report of an authorized authrep, if there is usage to count.
    fn job(&self, due_ms: u64) -> Option<Job> {
        let usage = self.usage.filter(|_| self.call.counts)?.clone().without_zeros();
        let transaction = Transaction {
            app_id: Some(self.application.id.clone()),
            user_key: None,
            usage: Some(usage).filter(|usage| !usage.is_empty()),
            timestamp: None,
        };
        transaction.usage.is_some().then(|| Job {
            due_ms,
            service_id: self.service.id.clone(),
            flat_usage: self.flat_usage,
            transactions: vec![transaction],
        })
    }
}

fn find_application<'a>(service: &'a Service, call: Call, query: &Params) -> Result<&'a Application, Refusal> {
    let (app_id, user_key) = (given(query, "app_id"), given(query, "user_key"));
    if call.oauth && app_id.is_none() {
        return Err(Refusal::application_not_found(None));
    }
    if app_id.is_some() && user_key.is_some() {
        return Err(Refusal::authentication_error());
    }
    match service.kind {
        ServiceKind::UserKey => user_key
            .and_then(|key| service.application_by_user_key(key))
            .ok_or_else(|| Refusal::user_key_invalid(user_key)),
        ServiceKind::AppId | ServiceKind::Oauth => {
            app_id.and_then(|id| service.application_by_id(id)).ok_or_else(|| Refusal::application_not_found(app_id))
        }
    }
}

fn check_names(usage: Option<&SentUsage>, service: &Service) -> Result<(), Refusal> {
    let unknown = usage.and_then(|usage| usage.names().find(|name| !service.has_metric(name)));
    unknown.map_or(Ok(()), |name| Err(Refusal::metric_invalid(name)))
}

/// Names the element of the redirect URL: as the parameter that was checked, if it came to that.
fn redirect_name(service: &Service, application: &Application, query: &Params) -> &'static str {
    let sent_key = query.text("app_key").map(|key| key.trim_matches(is_padding));
    let key_accepted = sent_key.is_none_or(|sent| application.keys.iter().any(|key| key == sent));
    let checked = service.kind == ServiceKind::Oauth && key_accepted;
    let uri_only = query.find("redirect_url").is_none() && query.find("redirect_uri").is_some();
    if checked && uri_only { "redirect_uri" } else { "redirect_url" }
}

fn respond(status: &Status<'_>, usage: Option<&SentUsage>, options: &Options, query: &Params) -> Response {
    let body = if options.no_body(query) { String::new() } else { status.to_xml() };
    let code = status.denial.as_ref().map(|denial| denial.code);
    let mut response = Response::xml(if code.is_none() { 200 } else { 409 }, &body);
    if let Some(code) = code.filter(|_| options.is_on("rejection_reason_header")) {
        response = response.with_header("3scale-rejection-reason", code);
    }
    if options.is_on("limit_headers") && code.is_none_or(|code| code == LIMITS_EXCEEDED) {
        let tightest = tightest(&status.reports, usage, status.service, status.now_ms);
        response = response
            .with_header("3scale-limit-remaining", &tightest.remaining.to_string())
            .with_header("3scale-limit-reset", &tightest.reset_secs.to_string());
        if let Some(max) = tightest.max {
            response = response.with_header("3scale-limit-max-value", &max.to_string());
        }
    }
    response
}

/// Returns the parameter if it is a text that is not blank. It is not trimmed.
fn given<'a>(query: &'a Params, name: &str) -> Option<&'a str> {
    query.text(name).filter(|text| !text.trim_matches(is_padding).is_empty())
}

/// Returns whether the whole value fits the filter, where `*` stands for anything but a line break.
fn matches_filter(filter: &str, value: &str) -> bool {
    let Some((start, rest)) = filter.split_once('*') else { return filter == value };
    let Some(mut value) = value.strip_prefix(start).filter(|value| !value.contains('\n')) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let end = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match value.split_once(piece) {
            Some((_, after)) => value = after,
            None => return false,
        }
    }
    value.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::matches_filter;

    #[test]
    fn a_referrer_filter_fits_the_whole_value() {
        for (filter, value) in [
            ("*.example.com", "www.example.com"),
            ("*.example.com", "https://evil.test/.example.com"),
            ("10.1.*", "10.1."),
            ("a*b*c", "a-b-b-c"),
            ("*", ""),
            ("partner.test", "partner.test"),
        ] {
            assert!(matches_filter(filter, value), "{filter} {value}");
        }
        for (filter, value) in [
            ("*.example.com", "example.com"),
            ("*.example.com", "www.example.com/"),
            ("10.1.*", "10.2.1.1"),
            ("a*a", "a"),
            ("*.com", "a\nb.com"),
            ("partner.test", "partnerXtest"),
        ] {
            assert!(!matches_filter(filter, value), "{filter} {value}");
        }
    }
}
