use crate::authorize::Options;
use crate::calendar::parse_timestamp;
use crate::limits::whole_secs;
use crate::params::{Param, Params, Unreadable};
use crate::refusal::{Failure, Refusal};
use crate::usage::{Change, Changes, SentUsage};
use crate::{Application, Backend, Request, Response, Service};

/// A batch that was accepted with 202, and of which nothing was counted because of one bad transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voided {
    /// When the batch was to be counted, in Unix milliseconds.
    pub at_ms: u64,
    /// How many transactions were lost.
    pub transactions: usize,
    /// 3scale's code of the first error, such as `transaction_timestamp_too_old`.
    pub why: &'static str,
}

/// Accepted transactions that wait to be counted.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) due_ms: u64,
    pub(crate) service_id: String,
    pub(crate) flat_usage: bool,
    pub(crate) transactions: Vec<Transaction>,
}

#[derive(Clone)]
pub(crate) struct Transaction {
    pub(crate) app_id: Option<String>,
    pub(crate) user_key: Option<String>,
    pub(crate) usage: Option<SentUsage>,
    pub(crate) timestamp: Option<String>,
}

impl Backend {
    pub(crate) fn answer_report(&mut self, request: &Request, now_ms: u64) -> Response {
        let query = match Params::parse(request.query.as_bytes()) {
            Ok(query) => query,
            Err(unreadable) => return Response::failure(&Failure::Malformed(unreadable.refusal()), false),
        };
        let Some(options) = Options::read(request) else {
            return Response::failure(&Failure::Crashed, false);
        };
        match self.report(&query, &options, request, now_ms) {
            Ok(job) => {
                self.queue.extend(job);
                Response::xml(202, "")
            }
            Err(failure) => Response::failure(&failure, options.no_body(&query)),
        }
    }

    /// Counts the job, all of it or nothing.
    pub(crate) fn apply(&mut self, job: &Job) {
        let service = self.services.iter().find(|service| service.id == job.service_id);
        let service = service.ok_or_else(|| Refusal::service_id_invalid(&job.service_id));
        match service.and_then(|service| checked(service, job)) {
            Ok(entries) => {
                for entry in entries {
                    self.counters.count(&job.service_id, entry.application, &entry.changes, entry.at_secs);
                }
            }
            Err(refusal) => {
                let transactions = job.transactions.len();
                self.voided.push(Voided { at_ms: job.due_ms, transactions, why: refusal.code });
            }
        }
    }

    /// Accepts a batch; here only its form and the service are checked.
    fn report(
        &self,
        query: &Params,
        options: &Options,
        request: &Request,
        now_ms: u64,
    ) -> Result<Option<Job>, Failure> {
        let params = query.clone().overlaid_with(form_of(request)?);
        let service_id = params.text("service_id");
        let provider_key =
            self.provider_key_of(params.text("provider_key"), params.text("service_token"), service_id)?;
        if params.has_broken_text() {
            return Err(Failure::Malformed(Refusal::not_valid_data()));
        }
        let transactions = transactions_of(&params)?;
        let service = self.find_service(provider_key, service_id)?;
        let transactions = transactions.iter().map(|(_, param)| Transaction::read(param));
        let transactions: Vec<Transaction> = transactions.collect::<Result<_, _>>()?;
        let job = Job {
            due_ms: now_ms.saturating_add(self.lag_ms),
            service_id: service.id.clone(),
            flat_usage: options.is_on("flat_usage"),
            transactions: transactions.into_iter().filter_map(Transaction::without_zeros).collect(),
        };
        Ok(Some(job).filter(|job| !job.transactions.is_empty()))
    }
}

impl Transaction {
    fn read(param: &Param) -> Result<Transaction, Failure> {
        let Param::Map(params) = param else { return Err(Failure::Crashed) };
        let usage = match params.find("usage") {
            None | Some(Param::Missing) => None,
            Some(Param::Map(usage)) => Some(SentUsage::read(usage)),
            Some(Param::Text(_) | Param::List) => return Err(Failure::Crashed),
        };
        let text = |name: &str| params.text(name).map(str::to_owned);
        Ok(Transaction { app_id: text("app_id"), user_key: text("user_key"), usage, timestamp: text("timestamp") })
    }

    /// Drops usage of 0, and the transaction if that was all. One without any usage stays: its application is checked.
    fn without_zeros(mut self) -> Option<Transaction> {
        self.usage = self.usage.map(SentUsage::without_zeros);
        let is_zero = self.usage.as_ref().is_some_and(SentUsage::is_empty);
        (!is_zero).then_some(self)
    }

    fn application_of<'a>(&self, service: &'a Service) -> Result<&'a Application, Refusal> {
        match (self.app_id.as_deref(), self.user_key.as_deref()) {
            (Some(_), Some(_)) => Err(Refusal::authentication_error()),
            (Some(id), None) => service.application_by_id(id).ok_or_else(|| Refusal::application_not_found(Some(id))),
            (None, Some(key)) => {
                service.application_by_user_key(key).ok_or_else(|| Refusal::user_key_invalid(Some(key)))
            }
            (None, None) => Err(Refusal::application_not_found(None)),
        }
    }

    /// Returns when it happened; an unreadable time is now.
    fn at_secs(&self, now_secs: i64) -> Result<i64, Refusal> {
        let at_secs = self.timestamp.as_deref().and_then(parse_timestamp).unwrap_or(now_secs);
        match at_secs.saturating_sub(now_secs) {
            age if age < -MAX_AGE_SECS => Err(Refusal::timestamp_too_old()),
            lead if lead > MAX_LEAD_SECS => Err(Refusal::timestamp_too_new()),
            _ => Ok(at_secs),
        }
    }
}

/// A transaction that may be counted.
struct Entry<'a> {
    application: &'a Application,
    changes: Changes,
    at_secs: i64,
}

/// Checks all applications, then all usage, then all times.
fn checked<'a>(service: &'a Service, job: &Job) -> Result<Vec<Entry<'a>>, Refusal> {
    let applications = job.transactions.iter().map(|transaction| transaction.application_of(service));
    let applications: Vec<&Application> = applications.collect::<Result<_, _>>()?;
    let mut entries = Vec::new();
    for (transaction, application) in job.transactions.iter().zip(applications) {
        if let Some(usage) = &transaction.usage {
            let changes = usage.changes(service)?;
            let changes = if job.flat_usage { changes } else { changes.propagated(service) };
            entries.push((transaction, application, changes));
        }
    }
    let now_secs = whole_secs(job.due_ms);
    let entries = entries.into_iter().map(|(transaction, application, changes)| {
        let at_secs = transaction.at_secs(now_secs)?;
        check_range(&changes)?;
        Ok(Entry { application, changes, at_secs })
    });
    entries.collect()
}

/// Refuses what does not fit a counter of the store, a signed 64-bit number.
fn check_range(changes: &Changes) -> Result<(), Refusal> {
    let fits = |change: Change| i64::try_from(change.onto(0)).is_ok();
    let unfit = changes.iter().find(|(_, change)| !fits(*change));
    unfit.map_or(Ok(()), |(metric, _)| Err(Refusal::usage_value_out_of_range(metric)))
}

fn form_of(request: &Request) -> Result<Params, Failure> {
    let content_type = request.header("content-type").unwrap_or_default();
    let media_type = content_type.split([';', ',']).next().unwrap_or_default().trim().to_lowercase();
    match media_type.as_str() {
        "" | "application/x-www-form-urlencoded" => match Params::parse(&request.body) {
            // Unlike in a query, 3scale does not survive this in a form.
            Err(Unreadable::PercentEncoding) => Err(Failure::CrashedSilently),
            Err(unreadable) => Err(Failure::Malformed(unreadable.refusal())),
            Ok(form) => Ok(form),
        },
        "multipart/form-data" => Ok(Params::default()),
        other => Err(Refusal::content_type_invalid(other).into()),
    }
}

fn transactions_of(params: &Params) -> Result<&Params, Refusal> {
    let transactions = match params.find("transactions") {
        None | Some(Param::Missing) => return Err(Refusal::transactions_is_blank()),
        Some(Param::Text(text)) if text.is_empty() => return Err(Refusal::transactions_is_blank()),
        Some(Param::Text(_) | Param::List) => return Err(Refusal::transactions_format_invalid()),
        Some(Param::Map(transactions)) => transactions,
    };
    if transactions.len() == 0 {
        return Err(Refusal::transactions_is_blank());
    }
    if transactions.iter().any(|(_, param)| matches!(param, Param::Missing)) {
        return Err(Refusal::transactions_has_nil_transaction());
    }
    let names_user = |param: &Param| matches!(param, Param::Map(params) if params.is_given("user_id"));
    if transactions.iter().any(|(_, param)| names_user(param)) {
        return Err(Refusal::end_users_no_longer_supported());
    }
    Ok(transactions)
}

const MAX_AGE_SECS: i64 = 24 * 60 * 60;
const MAX_LEAD_SECS: i64 = 60 * 60;
