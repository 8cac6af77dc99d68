//! A call of the Service Management API, written out.

use std::fmt;

use form_urlencoded::Serializer;

use super::service::{Access, Service};
use super::usage::Usage;
use crate::credential::{Caller, Credential};
use crate::time::Minute;

/// One HTTP request to 3scale. It holds secrets, so its `Debug` form shows method and path only.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceCall {
    method: Method,
    path: &'static str,
    form: String,
}

/// The HTTP method of a [`ServiceCall`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The parameters are in the query.
    Get,
    /// The parameters are the body, `application/x-www-form-urlencoded`.
    Post,
}

/// Uses of one application in one minute, as 3scale is told of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Whose uses.
    pub credential: Credential,
    /// How much was used in all.
    pub usage: Usage,
    /// When.
    pub minute: Minute,
}

impl ServiceCall {
    /// The header that asks for limits and for the code of a refusal, on every GET: name and value.
    ///
    /// Source: `docs/extensions.md` of the 3scale backend.
    pub const OPTIONS: (&'static str, &'static str) = ("3scale-options", "rejection_reason_header=1&limit_headers=1");

    /// Asks whether a call may pass, and counts it if it may.
    pub fn authrep(service: &Service, caller: &Caller, usage: &Usage) -> Self {
        Self::get("/transactions/authrep.xml", service, caller, usage)
    }

    /// Asks whether a call would pass; counts nothing.
    pub fn authorize(service: &Service, caller: &Caller, usage: &Usage) -> Self {
        Self::get("/transactions/authorize.xml", service, caller, usage)
    }

    /// Tells of uses that were allowed earlier.
    ///
    /// 3scale wants the transactions numbered: `transactions[0][user_key]`, not `transactions[][user_key]`.
    pub fn report<'t>(service: &Service, transactions: impl IntoIterator<Item = &'t Transaction>) -> Self {
        let mut form = access(service);
        for (index, transaction) in transactions.into_iter().enumerate() {
            let (name, value) = transaction.credential.application();
            form.append_pair(&format!("transactions[{index}][{name}]"), value);
            for (metric, amount) in transaction.usage.iter() {
                form.append_pair(&format!("transactions[{index}][usage][{metric}]"), &amount.to_string());
            }
            let timestamp = transaction.minute.start().as_millis() / 1000;
            form.append_pair(&format!("transactions[{index}][timestamp]"), &timestamp.to_string());
        }
        Self { method: Method::Post, path: "/transactions.xml", form: form.finish() }
    }

    fn get(path: &'static str, service: &Service, caller: &Caller, usage: &Usage) -> Self {
        let mut form = access(service);
        form.extend_pairs(caller.parameters());
        for (metric, amount) in usage.iter() {
            form.append_pair(&format!("usage[{metric}]"), &amount.to_string());
        }
        Self { method: Method::Get, path, form: form.finish() }
    }

    /// Returns the HTTP method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Returns the URL at a backend, with the secrets of a GET in its query: never to be logged.
    pub fn url(&self, backend: &str) -> String {
        let backend = backend.trim_end_matches('/');
        match self.method {
            Method::Get => format!("{backend}{}?{}", self.path, self.form),
            Method::Post => format!("{backend}{}", self.path),
        }
    }

    /// Returns the body: the form of a POST, with its secrets.
    pub fn body(&self) -> Option<&str> {
        match self.method {
            Method::Get => None,
            Method::Post => Some(&self.form),
        }
    }
}

impl fmt::Debug for ServiceCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceCall({:?} {} ..)", self.method, self.path)
    }
}

/// 3scale prefers the provider key where both are sent, so just one is.
fn access(service: &Service) -> Serializer<'static, String> {
    let mut form = Serializer::new(String::new());
    let (name, secret) = match &service.access {
        Access::ServiceToken(token) => ("service_token", token),
        Access::ProviderKey(key) => ("provider_key", key),
    };
    form.append_pair(name, secret.expose()).append_pair("service_id", service.id.as_str());
    form
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{AppId, AppKey, Referrer, Secret, UserKey};
    use crate::threescale::ServiceId;

    fn service() -> Service {
        let access = Access::ServiceToken(Secret::new("CANARY-TOKEN"));
        Service { id: ServiceId::parse("7").unwrap(), access, rules: None }
    }

    fn credential() -> Credential {
        Credential::UserKey(UserKey::parse("CANARY &=é").unwrap())
    }

    fn caller() -> Caller {
        Caller { credential: credential(), referrer: None }
    }

    #[test]
    fn an_application_shows_its_key_when_it_asks_and_not_when_uses_are_told() {
        let credential =
            Credential::Application { id: AppId::parse("id").unwrap(), key: Some(AppKey::parse("CANARY").unwrap()) };
        let caller = Caller { credential: credential.clone(), referrer: Referrer::parse("example.com") };
        let url = ServiceCall::authorize(&service(), &caller, &Usage::hits(1)).url("http://b");
        assert!(url.ends_with("&app_id=id&app_key=CANARY&referrer=example.com&usage%5Bhits%5D=1"), "{url}");
        let transaction = Transaction { credential, usage: Usage::hits(1), minute: Minute::from_number(1) };
        let call = ServiceCall::report(&service(), &[transaction]);
        assert!(!call.body().unwrap().contains("app_key"));
    }

    #[test]
    fn an_authrep_carries_everything_in_its_query() {
        let usage = Usage::new([("hits".to_owned(), 1), ("GET_/a".to_owned(), 2)]).unwrap();
        assert_eq!(
            ServiceCall::authrep(&service(), &caller(), &usage).url("https://backend.test/"),
            "https://backend.test/transactions/authrep.xml?service_token=CANARY-TOKEN&service_id=7\
             &user_key=CANARY+%26%3D%C3%A9&usage%5BGET_%2Fa%5D=2&usage%5Bhits%5D=1"
        );
    }

    #[test]
    fn a_report_numbers_its_transactions_and_dates_them() {
        let transaction = |minute| Transaction {
            credential: credential(),
            usage: Usage::hits(3),
            minute: Minute::from_number(minute),
        };
        let call = ServiceCall::report(&service(), &[transaction(1), transaction(2)]);
        assert_eq!(call.url("http://b"), "http://b/transactions.xml");
        assert_eq!(
            call.body().unwrap().replace("%5B", "[").replace("%5D", "]"),
            "service_token=CANARY-TOKEN&service_id=7\
             &transactions[0][user_key]=CANARY+%26%3D%C3%A9&transactions[0][usage][hits]=3&transactions[0][timestamp]=60\
             &transactions[1][user_key]=CANARY+%26%3D%C3%A9&transactions[1][usage][hits]=3&transactions[1][timestamp]=120"
        );
    }

    #[test]
    fn its_debug_form_shows_no_secret() {
        let call = ServiceCall::authrep(&service(), &caller(), &Usage::hits(1));
        assert_eq!(format!("{call:?}"), "ServiceCall(Get /transactions/authrep.xml ..)");
    }
}
