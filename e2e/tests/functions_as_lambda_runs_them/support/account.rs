//! 3scale, and what it counted.

use e2e::Account;
use threescale_stub::{Application, Backend, Clock, Plan, Service, ServiceKind};

use super::SERVICE_TOKEN;

/// A user key that 3scale knows, and that nobody else may ever see.
pub(crate) const USER_KEY: &str = "CANARY-user-key-0";

/// More of them.
pub(crate) fn user_key(number: usize) -> String {
    format!("CANARY-user-key-{number}")
}

/// Serves a 3scale with one service, whose applications have no limits.
pub(crate) async fn account() -> Account {
    let unlimited = Plan::new("Unlimited");
    let service = Service::new("7", SERVICE_TOKEN, ServiceKind::UserKey).with_metric("hits");
    let service = (0..APPLICATIONS).fold(service, |service, number| {
        service.with_application(Application::by_user_key(&user_key(number), &unlimited))
    });
    Account::serve(Backend::new("CANARY-provider-key").with_service(service), Clock::system()).await
}

const APPLICATIONS: usize = 12;
