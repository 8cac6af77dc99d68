//! What the functions are made of: settings and connections of their own, the common clock, and logs that are read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use authz_core::settings::Settings;
use authz_core::time::UnixTime;
use e2e::{Proxy, ProxyMode};
use lambda_shell::{Cache, Clock, Environment, Log, Sns, Threescale, http_client, tls};

use crate::world::{CREDENTIAL_SECRET, SERVICE_ID, SERVICE_TOKEN, World};

impl World {
    pub(crate) fn settings(&self, redis_port: u16) -> Arc<Settings> {
        let threescale = self.account.url();
        let variables = [
            ("THREESCALE_BACKEND_URL", threescale.as_str()),
            ("THREESCALE_SERVICE_ID", SERVICE_ID),
            ("THREESCALE_SERVICE_TOKEN", SERVICE_TOKEN),
            ("THREESCALE_TIMEOUT_MS", "1000"),
            ("CREDENTIAL_SECRET", CREDENTIAL_SECRET),
            ("ELASTICACHE_ENDPOINT", "127.0.0.1"),
            ("ELASTICACHE_PORT", &redis_port.to_string()),
            ("ELASTICACHE_TIMEOUT_MS", "5000"),
            ("SNS_TOPIC_ARN", &self.topic),
            ("FAIL_MODE", "open"),
        ];
        Arc::new(Settings::read(&texts(&variables)).unwrap())
    }

    pub(crate) fn threescale(&self) -> Threescale {
        Threescale::new(http_client(&tls(None).unwrap()).unwrap(), &self.account.url())
    }

    pub(crate) fn sns(&self) -> Sns {
        let endpoint = format!("http://127.0.0.1:{}", self.road_to_sns.settings().port);
        let variables = [
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL_SNS", &endpoint),
        ];
        let environment = Environment::read(&texts(&variables)).unwrap();
        let time_limit = Duration::from_secs(2);
        Sns::new(http_client(&tls(None).unwrap()).unwrap(), &environment, &self.topic, time_limit)
    }

    pub(crate) async fn road_to_redis(&self) -> Proxy {
        Proxy::before(&self.redis.lock().await.settings(), ProxyMode::Forward).await
    }

    pub(crate) fn clock(&self) -> Clock {
        let clock = self.clock.clone();
        Clock::from_fn(move || UnixTime::from_millis(clock.now_ms()))
    }

    pub(crate) fn authorizer_log(&self) -> Log {
        let books = Arc::clone(&self.books);
        Log::to(move |line| books.lock().unwrap().authorizer_says(line))
    }

    pub(crate) fn collector_log(&self) -> Log {
        let books = Arc::clone(&self.books);
        Log::to(move |line| books.lock().unwrap().collector_says(line))
    }
}

/// Connects to Redis by itself, when it is first asked.
pub(crate) fn cache(settings: &Settings) -> Cache {
    Cache::on(settings.cache.as_ref(), tls(None).unwrap())
}

fn texts(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}
