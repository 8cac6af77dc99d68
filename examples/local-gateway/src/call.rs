//! What a client sent, as the gateway takes it.

use std::net::IpAddr;

use authz_core::gateway::Call;
use axum::http::request::Parts;

/// Reads a request. The names of its headers are in lower case, whatever the client wrote.
pub(crate) fn call(request: &Parts, from: IpAddr) -> Call {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Call {
        method: request.method.to_string(),
        path: request.uri.path().to_owned(),
        query: request.uri.query().unwrap_or_default().to_owned(),
        headers: request.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        source_ip: from.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::http::Request;

    use super::*;

    #[test]
    fn a_call_is_taken_as_it_was_sent() {
        let request =
            Request::post("/dev/a%20b/c:d?x=%2A&x").header("ApiKey", "k").header("ApiKey", b"\xff".as_slice());
        let call = call(&request.body(()).unwrap().into_parts().0, Ipv4Addr::LOCALHOST.into());
        assert_eq!(
            (call.method.as_str(), call.path.as_str(), call.query.as_str()),
            ("POST", "/dev/a%20b/c:d", "x=%2A&x")
        );
        let headers = [("apikey", "k"), ("apikey", "\u{fffd}")];
        assert_eq!(call.headers, headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(call.source_ip, "127.0.0.1");
    }
}
