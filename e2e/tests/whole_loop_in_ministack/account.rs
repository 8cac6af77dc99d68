//! The account at 3scale. Every secret of it, and of ours, begins with [`CANARY`].

use std::time::Duration;

use threescale_stub::{Application, Backend, Fault, Period, Plan, Service, ServiceKind};

pub(crate) const CANARY: &str = "CANARY";
pub(crate) const SERVICE_ID: &str = "2555417700000";
pub(crate) const SERVICE_TOKEN: &str = "CANARY-service-token";
/// A second service, which knows [`PARTNER`] alone.
pub(crate) const PARTNERS_ID: &str = "2555417700001";
pub(crate) const PARTNERS_TOKEN: &str = "CANARY-partners-token";
pub(crate) const CREDENTIAL_SECRET: &str = "CANARY-credential-secret";
pub(crate) const CACHE_TOKEN: &str = "CANARY-cache-token";

/// Without limits.
pub(crate) const GOLD: &str = "CANARY-gold";
/// One call, and then never again.
pub(crate) const ONCE: &str = "CANARY-once";
pub(crate) const SUSPENDED: &str = "CANARY-suspended";
pub(crate) const PARTNER: &str = "CANARY-partner";
pub(crate) const UNKNOWN: &str = "CANARY-unknown";

pub(crate) fn account() -> Backend {
    let gold = Plan::new("Gold");
    let once = Plan::new("Once").limit("hits", Period::Eternity, 1);
    let service = Service::new(SERVICE_ID, SERVICE_TOKEN, ServiceKind::UserKey)
        .with_metric("hits")
        .with_child("reads", "hits")
        .with_child("writes", "hits")
        .with_application(Application::by_user_key(GOLD, &gold))
        .with_application(Application::by_user_key(ONCE, &once))
        .with_application(Application::by_user_key(SUSPENDED, &gold).suspended());
    let partners = Service::new(PARTNERS_ID, PARTNERS_TOKEN, ServiceKind::UserKey)
        .with_metric("hits")
        .with_metric("orders")
        .with_application(Application::by_user_key(PARTNER, &gold));
    Backend::new("CANARY-provider-key").with_service(service).with_service(partners)
}

/// 3scale takes so long for a report that two collections meet now and then.
pub(crate) fn slow_reports(by: Duration) -> Fault {
    Fault::delay(by).on_path("/transactions.xml")
}
