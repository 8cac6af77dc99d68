//! A timeline as the simulator reads it.

use serde_json::{Value, json};

use super::{Act, Cache, CallerNumber, Kind, Mode, Moment, Says, Scope, Timeline};

impl Timeline {
    pub(super) fn scenario(&self) -> Value {
        let mut at = 0.0;
        let moments = self.moments.iter().take(24).map(|moment| {
            at += f64::from(moment.tenths) / 10.0;
            self.moment(moment, at)
        });
        let timeline: Vec<_> = moments.collect();
        json!({ "settings": self.settings(), "api": self.api(), "timeline": timeline })
    }

    fn settings(&self) -> Value {
        let mut settings = json!({
            "THREESCALE_SERVICE_TOKEN": "CANARY-token",
            "FAIL_MODE": if self.fails_open { "open" } else { "closed" },
            "POLICY_SCOPE": match self.scope {
                Scope::Stage => "stage",
                Scope::Exact => "exact",
                Scope::Api => "api",
            },
            "THREESCALE_AUTH_TYPE": if self.mode == Mode::Application { "app_id" } else { "user_key" },
            "CREDENTIAL_SOURCES": match self.mode {
                Mode::UserKey => "header:apikey",
                Mode::Bearer => "bearer",
                Mode::Basic => "basic",
                // A TOKEN authorizer sees no query.
                Mode::Query if self.api == Kind::RestToken => "header:apikey",
                Mode::Query => "query:user_key",
                Mode::Application => "header:app_id/app_key",
            },
        });
        if self.has_rules {
            settings["MAPPING_RULES"] = json!([
                { "http_method": "GET", "pattern": "/a", "metric": "hits" },
                { "http_method": "ANY", "pattern": "/{any}/b$", "metric": "deep", "delta": 2, "last": true },
            ]);
        }
        settings
    }

    fn api(&self) -> Value {
        let (kind, place) = match self.api {
            Kind::RestToken => ("rest-token", "method.request.header"),
            Kind::RestRequest => ("rest-request", "method.request.header"),
            Kind::Http1 => ("http-1.0", "$request.header"),
            Kind::Http2 => ("http-2.0", "$request.header"),
            Kind::Websocket => ("websocket", "route.request.header"),
        };
        let ttl = if self.api == Kind::Websocket { 0 } else { self.ttl };
        let mut api = json!({ "kind": kind, "authorizer_ttl_secs": ttl });
        if self.mode == Mode::Application && self.api != Kind::RestToken {
            // Without the key among them, API Gateway would replay the answer to a right key for a wrong one.
            api["identity_sources"] = json!([format!("{place}.app_id"), format!("{place}.app_key")]);
        }
        api
    }

    fn moment(&self, moment: &Moment, at: f64) -> Value {
        let cache = match moment.cache {
            Cache::Up => "up",
            Cache::Down => "down",
            Cache::None => "none",
        };
        let mut written = json!({ "at": at, "cache": cache, "threescale": moment.says.script() });
        match moment.act {
            Act::Call { caller, path, method } => written["call"] = self.call(caller, path, method),
            Act::Collect { says } => written["collect"] = json!({ "report": says.script() }),
        }
        written
    }

    fn call(&self, caller: CallerNumber, path: u8, method: u8) -> Value {
        let [key, in_query, basic] = caller.key();
        let path = PATHS[usize::from(path) % PATHS.len()];
        let (path, headers) = match self.mode {
            Mode::UserKey => (path.to_owned(), json!({ "apikey": key })),
            Mode::Query if self.api == Kind::RestToken => (path.to_owned(), json!({ "apikey": key })),
            Mode::Bearer => (path.to_owned(), json!({ "Authorization": format!("Bearer {key}") })),
            Mode::Basic => (path.to_owned(), json!({ "Authorization": format!("Basic {basic}") })),
            Mode::Query => (format!("{path}?user_key={in_query}"), json!({})),
            Mode::Application => (path.to_owned(), json!({ "app_id": caller.id(), "app_key": key })),
        };
        let method = METHODS[usize::from(method) % METHODS.len()];
        json!({ "method": method, "path": path, "headers": headers })
    }

    /// What 3scale is shown of a caller: a TOKEN event has one header, so an application comes without its key.
    pub(super) fn credential(&self, caller: CallerNumber) -> [&'static str; 2] {
        match (self.mode, self.api) {
            (Mode::Application, Kind::RestToken) => [caller.id(), ""],
            (Mode::Application, _) => [caller.id(), caller.key()[0]],
            (Mode::UserKey | Mode::Bearer | Mode::Basic | Mode::Query, _) => ["", caller.key()[0]],
        }
    }
}

impl CallerNumber {
    fn key(self) -> [&'static str; 3] {
        KEYS[usize::from(self.0) % KEYS.len()]
    }

    fn id(self) -> &'static str {
        ["one", "two"][usize::from(self.0) / KEYS.len() % 2]
    }
}

impl Says {
    fn script(self) -> Value {
        let text = |number: Option<u8>| number.map_or_else(|| "-1".to_owned(), |number| number.to_string());
        match self {
            Self::Yes { remaining, reset } => json!({ "status": 200, "headers": {
                "3scale-limit-remaining": text(remaining), "3scale-limit-reset": text(reset)
            } }),
            Self::Limited { reset } => json!({ "status": 409, "headers": {
                "3scale-rejection-reason": "limits_exceeded",
                "3scale-limit-remaining": "0",
                "3scale-limit-reset": text(reset)
            } }),
            Self::Refused => {
                json!({ "status": 403, "body": "<error code=\"user_key_invalid\">CANARY-text</error>" })
            }
            Self::OurFault => {
                json!({ "status": 403, "body": "<error code=\"service_token_invalid\">CANARY-text</error>" })
            }
            Self::Broken(status) => json!({ "status": status, "body": "CANARY-text" }),
            Self::Fails(how) => {
                let ways = ["not-connected", "timed-out", "cut-off", "too-large"];
                json!({ "fails": ways[usize::from(how) % ways.len()] })
            }
            Self::Late => json!({ "after_ms": 60_000 }),
        }
    }
}

/// The secrets of four callers, and how they are written in a query and as the user name of Basic authentication. One is
/// the beginning of another.
const KEYS: [[&str; 3]; 4] = [
    ["CANARY-key", "CANARY-key", "Q0FOQVJZLWtleTo="],
    ["CANARY-key-two", "CANARY-key-two", "Q0FOQVJZLWtleS10d286"],
    ["CANARY-a b&%41c=%", "CANARY-a%20b%26%2541c%3D%25", "Q0FOQVJZLWEgYiYlNDFjPSU6"],
    ["CANARY-{\"<>\\}", "CANARY-%7B%22%3C%3E%5C%7D", "Q0FOQVJZLXsiPD5cfTo="],
];

const PATHS: [&str; 6] = ["/dev/a", "/dev/a/b", "/dev/x", "/dev/x/../a", "/dev/a/*", "/dev"];

const METHODS: [&str; 2] = ["GET", "POST"];
