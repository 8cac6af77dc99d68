//! What is right value by value and wrong together.

use std::time::Duration;

use authz_core::policy::PolicyScope;
use authz_core::settings::Settings;

use super::Subject;
use crate::report::Problem;

/// API Gateway's own cache repeats an answer for other paths and app keys, and hides calls from the authorizer.
pub(super) fn gateway_cache(subject: &Subject<'_>, settings: &Settings) -> Vec<Problem> {
    let ttl = subject.deployment.gateway.ttl_secs;
    if ttl == 0 {
        return Vec::new();
    }
    let has_rules = settings.services.iter().any(|service| service.rules.is_some());
    let has_app_keys = settings.sources.credential.iter().any(|source| source.key_name.is_some());
    let trap = if has_app_keys {
        "to whoever shows the same identity source: it has one, and an app id and its app key are two"
    } else if settings.policy_scope == PolicyScope::Exact {
        "for every path, with `POLICY_SCOPE` = `exact`, so a caller is refused on every other path meanwhile"
    } else if has_rules {
        "for every path, with mapping rules, so calls of other paths are counted for none of their metrics"
    } else {
        let message = format!("API Gateway repeats each answer for {ttl} s, and 3scale is not told of those calls");
        return vec![subject.at(TTL, Problem::warning("gateway-cache-metering", message).help("0 counts every call"))];
    };
    let message = format!("API Gateway would repeat each answer for {ttl} s {trap}");
    vec![subject.at(TTL, Problem::error("gateway-cache", message).help("set it to 0: Redis answers in a millisecond"))]
}

/// Uses must reach 3scale while the grant that allowed them still counts them.
pub(super) fn slow_queue(subject: &Subject<'_>, settings: &Settings) -> Vec<Problem> {
    let (delay, grant) = (subject.deployment.collect_delay_secs(), settings.lifetimes.grant.as_secs());
    if delay == 0 || u64::from(delay) * 2 < grant {
        return Vec::new();
    }
    let message = format!("the queue holds messages for up to {delay} s, and `CACHE_GRANT_TTL_SECS` is {grant}");
    let name = if subject.deployment.queue.as_ref().is_some_and(|queue| queue.delay_secs >= queue.batch_window_secs) {
        "deployment.queue.delay_secs"
    } else {
        "deployment.queue.batch_window_secs"
    };
    vec![
        subject.at(name, Problem::error("slow-queue", message).help("delay and batch window must be under half of it")),
    ]
}

/// The authorizer asks 3scale and then publishes within one invocation.
pub(super) fn authorizer_time(subject: &Subject<'_>, settings: &Settings) -> Vec<Problem> {
    let publish = settings.topic.as_ref().map_or(Duration::ZERO, |topic| topic.timeout);
    let needed = settings.threescale_timeout.saturating_add(publish);
    let name = "deployment.authorizer.timeout_secs";
    let parts = "`THREESCALE_TIMEOUT_MS` and `SNS_TIMEOUT_MS`";
    time(subject, name, subject.deployment.authorizer.timeout_secs, needed, parts)
}

/// `authrep-async` asks 3scale and then reports within one invocation.
pub(super) fn authrep_async_time(subject: &Subject<'_>, settings: &Settings) -> Vec<Problem> {
    if settings.cache.is_none() {
        return Vec::new();
    }
    let needed = settings.threescale_timeout.saturating_mul(2);
    let name = "deployment.authrep_async.timeout_secs";
    time(subject, name, subject.deployment.authrep_async.timeout_secs, needed, "two calls of `THREESCALE_TIMEOUT_MS`")
}

/// A cache of ElastiCache can be reached from its own network alone.
pub(super) fn cache_without_vpc(subject: &Subject<'_>, settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    match (&subject.deployment.vpc, &settings.cache) {
        (None, Some(cache)) if cache.host.contains(".cache.amazonaws.") => {
            let message = "the cache is in a network, and the functions are in none".to_owned();
            problems.push(Problem::error("cache-without-vpc", message).help("set `deployment.vpc`"));
        }
        (None, Some(cache)) if cache.host != "localhost" && !cache.host.starts_with("127.") => {
            let message = "the functions are in no network: the cache must be reachable from the internet".to_owned();
            problems.push(Problem::warning("cache-without-vpc", message).help("set `deployment.vpc`"));
        }
        (Some(vpc), _) if vpc.security_group_ids.is_empty() || vpc.subnet_ids.is_empty() => {
            let message = "`deployment.vpc` needs security groups and subnets".to_owned();
            let name = if vpc.subnet_ids.is_empty() { "subnet_ids" } else { "security_group_ids" };
            let problem = Problem::error("incomplete-vpc", message).help(format!("set `deployment.vpc.{name}` too"));
            return vec![subject.at(&format!("deployment.vpc.{name}"), problem)];
        }
        _ => {}
    }
    problems.into_iter().map(|problem| subject.at("ELASTICACHE_ENDPOINT", problem)).collect()
}

/// A topic of another region is most often one of another stage.
pub(super) fn topic_elsewhere(subject: &Subject<'_>, settings: &Settings) -> Vec<Problem> {
    let here = &subject.deployment.region;
    let region = settings.topic.as_ref().and_then(|topic| topic.arn.split(':').nth(3));
    match region.filter(|region| !here.is_empty() && *region != here.as_str()) {
        Some(region) => {
            let message = format!("the topic is in `{region}`, and the functions are in `{here}`");
            vec![
                subject
                    .at("SNS_TOPIC_ARN", Problem::warning("topic-elsewhere", message).help("is it another stage's?")),
            ]
        }
        None => Vec::new(),
    }
}

fn time(subject: &Subject<'_>, name: &str, limit_secs: u32, needed: Duration, parts: &str) -> Vec<Problem> {
    if needed < Duration::from_secs(limit_secs.into()) {
        return Vec::new();
    }
    let message = format!("Lambda ends the function after {limit_secs} s, and {parts} allow {} ms", needed.as_millis());
    vec![subject.at(name, Problem::error("time-limit", message).help("give it more, or wait less"))]
}

const TTL: &str = "deployment.gateway.ttl_secs";
