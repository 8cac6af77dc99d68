use std::collections::BTreeMap;
use std::fmt;

use crate::Period;

/// How the applications of a service identify themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    /// By `user_key` (backend version 1).
    UserKey,
    /// By `app_id` and, if the application has keys, `app_key` (backend version 2).
    AppId,
    /// By `app_id`, the client of an OAuth or OIDC server (backend version `oauth`).
    Oauth,
}

/// A product: its token, metrics and applications.
#[derive(Clone)]
pub struct Service {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) kind: ServiceKind,
    pub(crate) active: bool,
    pub(crate) referrer_filters_required: bool,
    metrics: Vec<Metric>,
    pub(crate) applications: Vec<Application>,
}

#[derive(Clone)]
struct Metric {
    name: String,
    parent: Option<String>,
}

impl Service {
    /// Creates an active service without metrics and applications.
    pub fn new(id: &str, token: &str, kind: ServiceKind) -> Self {
        Service {
            id: id.to_owned(),
            token: token.to_owned(),
            kind,
            active: true,
            referrer_filters_required: false,
            metrics: Vec::new(),
            applications: Vec::new(),
        }
    }

    /// Suspends the service: everything is denied with `service_not_active`.
    #[must_use]
    pub fn suspended(mut self) -> Self {
        self.active = false;
        self
    }

    /// Makes applications that have referrer filters be called from there only.
    #[must_use]
    pub fn requiring_referrers(mut self) -> Self {
        self.referrer_filters_required = true;
        self
    }

    /// Adds a top-level metric. Usage reports follow the order of addition.
    #[must_use]
    pub fn with_metric(mut self, name: &str) -> Self {
        self.metrics.push(Metric { name: name.to_owned(), parent: None });
        self
    }

    /// Adds a metric whose usage also counts for `parent`, and for the parent's parents. A parent that was not added
    /// before is ignored.
    #[must_use]
    pub fn with_child(mut self, name: &str, parent: &str) -> Self {
        let parent = self.has_metric(parent).then(|| parent.to_owned());
        self.metrics.push(Metric { name: name.to_owned(), parent });
        self
    }

    /// Adds an application.
    #[must_use]
    pub fn with_application(mut self, application: Application) -> Self {
        self.applications.push(application);
        self
    }

    pub(crate) fn has_metric(&self, name: &str) -> bool {
        self.metrics.iter().any(|metric| metric.name == name)
    }

    pub(crate) fn metric_names(&self) -> impl Iterator<Item = &str> {
        self.metrics.iter().map(|metric| metric.name.as_str())
    }

    pub(crate) fn children_of(&self, parent: &str) -> impl Iterator<Item = &str> {
        let children = self.metrics.iter().filter(move |metric| metric.parent.as_deref() == Some(parent));
        children.map(|metric| metric.name.as_str())
    }

    /// Returns the metric's parent, then the parent's parent, and so on.
    pub(crate) fn ancestors_of(&self, name: &str) -> impl Iterator<Item = &str> {
        std::iter::successors(self.parent_of(name), |parent| self.parent_of(parent))
    }

    fn parent_of(&self, name: &str) -> Option<&str> {
        // The first of that name wins, and a parent is always added before its children: no cycles.
        self.metrics.iter().find(|metric| metric.name == name)?.parent.as_deref()
    }

    pub(crate) fn application_by_id(&self, id: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.id == id)
    }

    pub(crate) fn application_by_user_key(&self, user_key: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.user_key.as_deref() == Some(user_key))
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let applications = self.applications.len();
        f.debug_struct("Service")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("applications", &applications)
            .finish_non_exhaustive()
    }
}

/// A plan: how much of which metric an application may use in which period.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) name: String,
    limits: BTreeMap<(String, Period), u64>,
}

impl Plan {
    /// Creates a plan without limits.
    pub fn new(name: &str) -> Self {
        Plan { name: name.to_owned(), limits: BTreeMap::new() }
    }

    /// Allows at most `max` of the metric in every period of that kind; 0 disables the metric.
    #[must_use]
    pub fn limit(mut self, metric: &str, period: Period, max: u64) -> Self {
        self.limits.insert((metric.to_owned(), period), max);
        self
    }

    pub(crate) fn limit_of(&self, metric: &str, period: Period) -> Option<u64> {
        self.limits.get(&(metric.to_owned(), period)).copied()
    }
}

/// A client of a service.
#[derive(Clone)]
pub struct Application {
    pub(crate) id: String,
    pub(crate) user_key: Option<String>,
    pub(crate) plan: Plan,
    pub(crate) active: bool,
    pub(crate) keys: Vec<String>,
    pub(crate) referrer_filters: Vec<String>,
    pub(crate) redirect_url: Option<String>,
}

impl Application {
    /// Creates an active application of a [`ServiceKind::UserKey`] service. Its id is the user key, too.
    pub fn by_user_key(user_key: &str, plan: &Plan) -> Self {
        Application { user_key: Some(user_key.to_owned()), ..Application::by_id(user_key, plan) }
    }

    /// Creates an active application of a [`ServiceKind::AppId`] or [`ServiceKind::Oauth`] service.
    pub fn by_id(app_id: &str, plan: &Plan) -> Self {
        Application {
            id: app_id.to_owned(),
            user_key: None,
            plan: plan.clone(),
            active: true,
            keys: Vec::new(),
            referrer_filters: Vec::new(),
            redirect_url: None,
        }
    }

    /// Gives an application with a user key an id of its own, by which it may be reported, too.
    #[must_use]
    pub fn with_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// Adds an `app_key`; for OAuth the first one is the client's secret.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        self.keys.push(key.to_owned());
        self
    }

    /// Adds a referrer filter such as `*.example.com`.
    #[must_use]
    pub fn with_referrer_filter(mut self, filter: &str) -> Self {
        self.referrer_filters.push(filter.to_owned());
        self
    }

    /// Sets the redirect URL of an OAuth client.
    #[must_use]
    pub fn with_redirect_url(mut self, url: &str) -> Self {
        self.redirect_url = Some(url.to_owned());
        self
    }

    /// Suspends the application: it is denied with `application_not_active`.
    #[must_use]
    pub fn suspended(mut self) -> Self {
        self.active = false;
        self
    }

    /// Returns the user key, or the application id if there is none.
    pub(crate) fn credential(&self) -> &str {
        self.user_key.as_deref().unwrap_or(&self.id)
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("plan", &self.plan.name)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}
