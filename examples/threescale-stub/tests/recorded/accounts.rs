use threescale_stub::{Application, Backend, Period, Plan, Service, ServiceKind};

/// The account of set A, in the state of its first case.
pub(crate) fn account_of_set_a() -> Backend {
    Backend::new("pk")
        .with_service(user_keys_of_set_a())
        .with_service(app_ids_of_set_a())
        .with_service(clients_of_set_a())
        .with_service(suspended_of_set_a())
        .with_service(referrers_of_set_a())
}

fn user_keys_of_set_a() -> Service {
    let free = Plan::new("Basic");
    let limited = Plan::new("Gold & \"Silver\" <x>")
        .limit("hits", Period::Minute, 5)
        .limit("hits", Period::Hour, 20)
        .limit("hits", Period::Day, 100)
        .limit("hits", Period::Week, 500)
        .limit("hits", Period::Month, 2_000)
        .limit("hits", Period::Year, 20_000)
        .limit("hits", Period::Eternity, 100_000);
    let over = Plan::new("Basic").limit("hits", Period::Day, 4).limit("hits", Period::Month, 10);
    let off = Plan::new("Basic").limit("off", Period::Eternity, 0);
    let tree = Plan::new("Basic").limit("hits", Period::Day, 10).limit("list", Period::Day, 3).limit(
        "list",
        Period::Month,
        30,
    );
    with_metrics_of_set_a(Service::new("100", "tok100", ServiceKind::UserKey))
        .with_application(Application::by_user_key("uk1", &free).with_id("a1"))
        .with_application(Application::by_user_key("uk2", &limited).with_id("a2"))
        .with_application(Application::by_user_key("uk3", &free).with_id("a3").suspended())
        .with_application(Application::by_user_key("uk4", &over).with_id("a4"))
        .with_application(Application::by_user_key("uk5", &off).with_id("a5"))
        .with_application(Application::by_user_key("uk6", &tree).with_id("a6"))
}

fn app_ids_of_set_a() -> Service {
    let free = Plan::new("Basic");
    with_metrics_of_set_a(Service::new("200", "tok200", ServiceKind::AppId))
        .with_application(Application::by_id("b0", &free))
        .with_application(Application::by_id("b1", &free).with_key("secret1").with_key("s<2>&\"x\""))
        .with_application(Application::by_id("b\"<2>", &free))
}

fn clients_of_set_a() -> Service {
    let free = Plan::new("Basic");
    let with_redirect = Application::by_id("c1", &free).with_redirect_url("https://x.example/cb?a=1&b=2");
    with_metrics_of_set_a(Service::new("300", "tok300", ServiceKind::Oauth))
        .with_application(with_redirect.with_key("csecret"))
        .with_application(Application::by_id("c2", &free))
}

fn suspended_of_set_a() -> Service {
    let application = Application::by_user_key("ukd", &Plan::new("Basic")).with_id("d1");
    Service::new("400", "tok400", ServiceKind::UserKey).suspended().with_application(application)
}

fn referrers_of_set_a() -> Service {
    let application = Application::by_id("r1", &Plan::new("Basic"));
    let application = application.with_referrer_filter("*.example.com").with_referrer_filter("10.1.*");
    with_metrics_of_set_a(Service::new("500", "tok500", ServiceKind::AppId))
        .requiring_referrers()
        .with_application(application)
}

fn with_metrics_of_set_a(service: Service) -> Service {
    let service = service.with_metric("hits").with_child("list", "hits").with_child("create", "hits");
    service.with_metric("bytes").with_metric("off")
}

/// The account of set B, in the state of its first case.
pub(crate) fn account_of_set_b() -> Backend {
    let basic = Plan::new("Basic");
    let suspended_service = with_metrics_of_set_b(Service::new("400", "tok_400", ServiceKind::UserKey)).suspended();
    Backend::new("pk_demo")
        .with_service(user_keys_of_set_b())
        .with_service(app_ids_of_set_b())
        .with_service(clients_of_set_b())
        .with_service(suspended_service.with_application(Application::by_user_key("uk_ok", &basic)))
}

fn user_keys_of_set_b() -> Service {
    let (basic, tight) = (Plan::new("Basic"), tight());
    let no_write = Plan::new("NoWrite").limit("write", Period::Eternity, 0);
    let eternity = Plan::new("Eternity").limit("hits", Period::Eternity, 3);
    let grand = Plan::new("Grand").limit("search_images", Period::Day, 2);
    with_metrics_of_set_b(Service::new("100", "tok_100", ServiceKind::UserKey))
        .with_application(Application::by_user_key("uk_ok", &basic))
        .with_application(Application::by_user_key("uk_gold", &gold()))
        .with_application(Application::by_user_key("uk_tight", &tight))
        .with_application(Application::by_user_key("uk_exceeded", &tight))
        .with_application(Application::by_user_key("uk_write0", &no_write))
        .with_application(Application::by_user_key("uk_eternity", &eternity))
        .with_application(Application::by_user_key("uk_grand", &grand))
        .with_application(Application::by_user_key("uk_suspended", &basic).suspended())
        .with_application(Application::by_user_key("uk/ with space+&=é", &basic))
}

fn app_ids_of_set_b() -> Service {
    let basic = Plan::new("Basic");
    let filtered = Application::by_id("a_ref", &basic).with_key("secret1");
    let filtered = filtered.with_referrer_filter("*.example.com").with_referrer_filter("partner.test");
    with_metrics_of_set_b(Service::new("200", "tok_200", ServiceKind::AppId))
        .requiring_referrers()
        .with_application(Application::by_id("a_nokey", &basic))
        .with_application(Application::by_id("a_key", &basic).with_key("secret1"))
        // Listed in the order in which the recorded store, which keeps a set, gave them out.
        .with_application(Application::by_id("a_twokeys", &gold()).with_key("secret2").with_key("secret1"))
        .with_application(Application::by_id("a_susp", &basic).with_key("secret1").suspended())
        .with_application(Application::by_id("a_hostile", &basic).with_key("k\"><x/>&"))
        .with_application(filtered)
}

fn clients_of_set_b() -> Service {
    let client = Application::by_id("client_1", &gold()).with_key("cs_1");
    with_metrics_of_set_b(Service::new("300", "tok_300", ServiceKind::Oauth))
        .with_application(client.with_redirect_url("http://127.0.0.1/cb?a=1&b=2"))
        .with_application(Application::by_id("client_noredirect", &Plan::new("Basic")).with_key("cs_1"))
}

fn gold() -> Plan {
    Plan::new("Gold")
        .limit("hits", Period::Minute, 60)
        .limit("hits", Period::Hour, 1_000)
        .limit("hits", Period::Day, 5_000)
        .limit("hits", Period::Week, 20_000)
        .limit("hits", Period::Month, 50_000)
        .limit("hits", Period::Year, 400_000)
        .limit("hits", Period::Eternity, 1_000_000)
        .limit("search", Period::Day, 30)
        .limit("bytes", Period::Month, 100_000)
}

fn tight() -> Plan {
    Plan::new("Tight").limit("hits", Period::Day, 2)
}

fn with_metrics_of_set_b(service: Service) -> Service {
    let service = service.with_metric("hits").with_child("search", "hits").with_child("search_images", "search");
    service.with_child("write", "hits").with_metric("bytes")
}
