//! 3scale: its applications, and what it does with each request.

use std::sync::{Arc, Mutex};

use e2e::Account;
use threescale_stub::{Application, Backend, Clock, Endpoint, Period, Plan, Request, Service, ServiceKind};

use crate::books::Books;
use crate::faults::{Strike, Strikes};
use crate::world::{KEYS, SERVICE_ID, SERVICE_TOKEN, user_key};

/// Half of the applications have a limit that nobody meets.
fn backend() -> Backend {
    let plans = [Plan::new("Unlimited"), Plan::new("Large").limit("hits", Period::Day, 1_000_000)];
    let mut service = Service::new(SERVICE_ID, SERVICE_TOKEN, ServiceKind::UserKey).with_metric("hits");
    for (number, plan) in (0..KEYS).zip(plans.iter().cycle()) {
        service = service.with_application(Application::by_user_key(&user_key(number), plan));
    }
    Backend::new("provider-key").with_service(service)
}

/// Serves them. Whoever asks is written down, together with what becomes of it.
pub(crate) async fn serve(clock: Clock, books: Arc<Mutex<Books>>, seed: u64) -> Account {
    let account = Account::serve(backend(), clock).await;
    let mut strikes = Strikes::new(seed);
    account.choose_faults(move |request| {
        let (endpoint, mut books) = (Endpoint::of(request), books.lock().unwrap());
        let strike = strikes.next(books.weather.threescale, endpoint);
        books.request(endpoint, &uses(request), strike);
        strike.map(Strike::fault)
    });
    account
}

/// Reads whose uses a request is about, and how many.
fn uses(request: &Request) -> Vec<(String, u64)> {
    let form = if request.body.is_empty() { request.query.as_bytes() } else { request.body.as_slice() };
    let pairs: Vec<(String, String)> = form_urlencoded::parse(form).into_owned().collect();
    let values = |of: &'static str| {
        pairs.iter().filter(move |(name, _)| name.trim_end_matches(']').ends_with(of)).map(|(_, value)| value)
    };
    values("user_key").cloned().zip(values("[hits").map(|uses| uses.parse().unwrap())).collect()
}
