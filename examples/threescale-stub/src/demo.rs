use crate::{Application, Backend, Period, Plan, Service, ServiceKind};

/// The service id of [`demo`].
pub const DEMO_SERVICE_ID: &str = "2555417700000";
/// The service token of [`demo`].
pub const DEMO_SERVICE_TOKEN: &str = "demo-service-token";
/// A user key of [`demo`] without limits.
pub const DEMO_USER_KEY: &str = "demo-key";
/// A user key of [`demo`] with 5 hits a minute.
pub const DEMO_TRIAL_USER_KEY: &str = "trial-key";
/// The user key of a suspended application of [`demo`].
pub const DEMO_SUSPENDED_USER_KEY: &str = "suspended-key";

/// Creates an account to play with: one service with one metric, `hits`, and three applications.
pub fn demo() -> Backend {
    let unlimited = Plan::new("Unlimited");
    let trial = Plan::new("Trial").limit("hits", Period::Minute, 5);
    let service = Service::new(DEMO_SERVICE_ID, DEMO_SERVICE_TOKEN, ServiceKind::UserKey)
        .with_metric("hits")
        .with_application(Application::by_user_key(DEMO_USER_KEY, &unlimited))
        .with_application(Application::by_user_key(DEMO_TRIAL_USER_KEY, &trial))
        .with_application(Application::by_user_key(DEMO_SUSPENDED_USER_KEY, &unlimited).suspended());
    Backend::new("demo-provider-key").with_service(service)
}
