use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::authorize::{Call, Options};
use crate::clock::millis;
use crate::counters::Counters;
use crate::params::Params;
use crate::refusal::{Failure, Refusal};
use crate::report::Job;
use crate::{Application, Endpoint, Request, Response, Service, Voided};

/// A provider account of 3scale: what it holds, what it counted, and how it answers.
#[derive(Clone)]
pub struct Backend {
    pub(crate) provider_key: String,
    pub(crate) services: Vec<Service>,
    pub(crate) counters: Counters,
    pub(crate) queue: Vec<Job>,
    pub(crate) voided: Vec<Voided>,
    pub(crate) lag_ms: u64,
    requests: BTreeMap<Endpoint, u64>,
}

/// What a change was meant for does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No service has that id.
    #[error("no service has this id")]
    Service,
    /// No application of the service has that user key or application id.
    #[error("the service has no such application")]
    Application,
}

impl Backend {
    /// Creates an account without services, that counts at once.
    pub fn new(provider_key: &str) -> Self {
        Backend {
            provider_key: provider_key.to_owned(),
            services: Vec::new(),
            counters: Counters::default(),
            queue: Vec::new(),
            voided: Vec::new(),
            lag_ms: 0,
            requests: BTreeMap::new(),
        }
    }

    /// Adds a service. The first one is the default for calls with a provider key and no service id.
    #[must_use]
    pub fn with_service(mut self, service: Service) -> Self {
        self.services.push(service);
        self
    }

    /// Makes authreps and reports count only `lag` after they were accepted, as 3scale's workers do.
    #[must_use]
    pub fn with_lag(mut self, lag: Duration) -> Self {
        self.set_lag(lag);
        self
    }

    /// Changes the lag of what is accepted from now on.
    pub fn set_lag(&mut self, lag: Duration) {
        self.lag_ms = millis(lag);
    }

    /// Answers a request that arrives at `now_ms`, in Unix milliseconds.
    pub fn answer(&mut self, request: &Request, now_ms: u64) -> Response {
        self.apply_due(now_ms);
        let endpoint = Endpoint::of(request);
        *self.requests.entry(endpoint).or_default() += 1;
        let mut response = match endpoint {
            Endpoint::Authorize => self.answer_call(Call { counts: false, oauth: false }, request, now_ms),
            Endpoint::Authrep => self.answer_call(Call { counts: true, oauth: false }, request, now_ms),
            Endpoint::OauthAuthorize => self.answer_call(Call { counts: false, oauth: true }, request, now_ms),
            Endpoint::OauthAuthrep => self.answer_call(Call { counts: true, oauth: true }, request, now_ms),
            Endpoint::Report => self.answer_report(request, now_ms),
            Endpoint::Status => Response::typed(200, "application/json", STATUS),
            Endpoint::Check => Response::typed(200, "text/plain;charset=utf-8", "ok"),
            Endpoint::Available => Response::xml(200, ""),
            Endpoint::Preflight => Response::preflight(),
            Endpoint::Other => Response::unknown_path(),
        };
        self.apply_due(now_ms);
        if request.method == "HEAD" {
            response.body.clear();
        }
        response
    }

    /// Counts what was accepted and is due at `now_ms`. Every answer does this first.
    pub fn apply_due(&mut self, now_ms: u64) {
        let (due, later) = std::mem::take(&mut self.queue).into_iter().partition(|job| job.due_ms <= now_ms);
        self.queue = later;
        let due: Vec<Job> = due;
        for job in due {
            self.apply(&job);
        }
    }

    /// Returns what is counted in eternity, by user key (or application id) and metric; without what still lags.
    ///
    /// Equal keys of two services are added up. Deleted applications stay.
    pub fn counted(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        self.counters.totals()
    }

    /// Returns what will be counted in eternity once everything accepted so far is applied.
    pub fn counted_with_pending(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        let mut settled = self.clone();
        settled.apply_due(u64::MAX);
        settled.counted()
    }

    /// Returns the batches that were accepted with 202 and then not counted.
    pub fn voided(&self) -> &[Voided] {
        &self.voided
    }

    /// Returns how many requests for the endpoint were answered.
    pub fn requests(&self, endpoint: Endpoint) -> u64 {
        self.requests.get(&endpoint).copied().unwrap_or(0)
    }

    /// Adds an application to a service.
    pub fn add_application(&mut self, service_id: &str, application: Application) -> Result<(), Unknown> {
        self.service_mut(service_id)?.applications.push(application);
        Ok(())
    }

    /// Deletes the application with that user key or application id. What it used stays counted.
    pub fn delete_application(&mut self, service_id: &str, credential: &str) -> Result<(), Unknown> {
        let applications = &mut self.service_mut(service_id)?.applications;
        let index = applications.iter().position(|known| known.credential() == credential);
        applications.remove(index.ok_or(Unknown::Application)?);
        Ok(())
    }

    /// Suspends the application with that user key or application id.
    pub fn suspend_application(&mut self, service_id: &str, credential: &str) -> Result<(), Unknown> {
        self.application_mut(service_id, credential)?.active = false;
        Ok(())
    }

    /// Lets a suspended application in again.
    pub fn resume_application(&mut self, service_id: &str, credential: &str) -> Result<(), Unknown> {
        self.application_mut(service_id, credential)?.active = true;
        Ok(())
    }

    fn answer_call(&mut self, call: Call, request: &Request, now_ms: u64) -> Response {
        let query = match Params::parse(request.query.as_bytes()) {
            Ok(query) => query,
            Err(unreadable) => return Response::failure(&Failure::Malformed(unreadable.refusal()), false),
        };
        let Some(options) = Options::read(request) else {
            return Response::failure(&Failure::Crashed, false);
        };
        match self.authorize(call, &query, &options, now_ms) {
            Ok((response, job)) => {
                self.queue.extend(job);
                response
            }
            Err(failure) => Response::failure(&failure, options.no_body(&query)),
        }
    }

    /// Returns the provider key that is sent, or that the service token stands for.
    pub(crate) fn provider_key_of<'a>(
        &'a self,
        provider_key: Option<&'a str>,
        token: Option<&str>,
        service_id: Option<&str>,
    ) -> Result<&'a str, Refusal> {
        let token = token.filter(|token| !token.is_empty());
        let service_id = service_id.filter(|id| !id.is_empty());
        let mut services = self.services.iter();
        let known = services.any(|service| Some(&*service.token) == token && Some(&*service.id) == service_id);
        match (provider_key, token, service_id) {
            (None, _, _) if known => Ok(&self.provider_key),
            (Some(key), _, _) if !key.is_empty() => Ok(key),
            (_, None, _) => Err(Refusal::credentials_required()),
            (_, Some(_), None) => Err(Refusal::service_id_missing()),
            (_, Some(token), Some(service_id)) => Err(Refusal::service_token_invalid(token, service_id)),
        }
    }

    /// Finds the service; of an id with dashes the part after the last one is tried first.
    pub(crate) fn find_service(&self, provider_key: &str, service_id: Option<&str>) -> Result<&Service, Refusal> {
        let is_ours = provider_key == self.provider_key;
        let Some(id) = service_id.filter(|id| !id.is_empty()) else {
            let default = self.services.first().filter(|_| is_ours);
            return default.ok_or_else(|| Refusal::provider_key_invalid_or_service_missing(provider_key));
        };
        let by_id = |id: &str| self.services.iter().find(|service| service.id == id);
        let last_part = id.rsplit('-').find(|part| !part.is_empty());
        let service = last_part.and_then(by_id).or_else(|| by_id(id));
        let service = service.ok_or_else(|| Refusal::service_id_invalid(id))?;
        if is_ours { Ok(service) } else { Err(Refusal::provider_key_invalid(provider_key)) }
    }

    fn service_mut(&mut self, id: &str) -> Result<&mut Service, Unknown> {
        self.services.iter_mut().find(|service| service.id == id).ok_or(Unknown::Service)
    }

    fn application_mut(&mut self, service_id: &str, credential: &str) -> Result<&mut Application, Unknown> {
        let mut applications = self.service_mut(service_id)?.applications.iter_mut();
        applications.find(|known| known.credential() == credential).ok_or(Unknown::Application)
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend")
            .field("services", &self.services)
            .field("voided", &self.voided)
            .finish_non_exhaustive()
    }
}

const STATUS: &str = r#"{"status":"ok","version":{"backend":"3.4.3"}}"#;
