//! AWS Signature Version 4, computed anew from what arrived (IAM User Guide, "Create a signed AWS API request").

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::fake_aws::{ACCESS_KEY_ID, Recorded, SECRET_ACCESS_KEY, SESSION_TOKEN};

/// Asserts that a request is signed by the credentials of the environment, for a service in a region, headers that
/// matter included.
pub(crate) fn assert_signed(request: &Recorded, region: &str, service: &str, headers: &[&str]) {
    let time = request.header("x-amz-date");
    let scope = format!("{}/{region}/{service}/aws4_request", time.get(..8).unwrap());
    let (signed_headers, signature) = authorization(request, &scope);
    for header in ["host", "x-amz-date", "x-amz-security-token"].iter().chain(headers) {
        assert!(signed_headers.split(';').any(|name| name == *header), "{header} is not in {signed_headers}");
    }
    assert_eq!(request.header("x-amz-security-token"), SESSION_TOKEN);
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(&canonical(request, &signed_headers)));
    let key = scope.split('/').fold(format!("AWS4{SECRET_ACCESS_KEY}").into_bytes(), |key, part| hmac(&key, part));
    assert_eq!(signature, hex(&hmac(&key, &text)));
}

fn authorization(request: &Recorded, scope: &str) -> (String, String) {
    let text = request.header("authorization").strip_prefix("AWS4-HMAC-SHA256 ").unwrap();
    let fields: Vec<_> = text.split(", ").collect();
    let [credential, headers, signature] = fields[..] else { panic!("three fields, not {text}") };
    assert_eq!(credential, format!("Credential={ACCESS_KEY_ID}/{scope}"));
    let value = |field: &str, name| field.strip_prefix(name).unwrap().to_owned();
    (value(headers, "SignedHeaders="), value(signature, "Signature="))
}

/// Every path here is `/`, and there is no query.
fn canonical(request: &Recorded, signed_headers: &str) -> String {
    assert_eq!(request.path, "/");
    let mut headers = String::new();
    for name in signed_headers.split(';') {
        writeln!(headers, "{name}:{}", request.header(name).trim()).unwrap();
    }
    format!("{}\n/\n\n{headers}\n{signed_headers}\n{}", request.method, sha256(&request.body))
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
