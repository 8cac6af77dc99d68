//! The secrets, each with a mark of its own.
//!
//! A secret has two marked parts of letters and digits, which no other text in the world has. Between them stands,
//! where the secret may have it, what JSON, XML, URLs and `Debug` write otherwise.

/// A secret, and what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) name: &'static str,
    pub(crate) secret: &'static str,
}

impl Mark {
    /// The parts by which it is known.
    pub(crate) fn parts(self) -> impl Iterator<Item = &'static str> {
        self.secret.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| part.len() == PART_CHARS)
    }
}

pub(crate) const USER_KEY: &str = r#"Uk7Qz3Vx9Lm2 "<%&+'>\Wp5Rt8Yb1Nc4"#;
/// 3scale does not know it, and says so in a text that repeats it.
pub(crate) const UNKNOWN_KEY: &str = r#"Gh2Dw6Kp0Sj8 "<%25&é>\Xe3Mv9Bq5Fz1"#;
/// It has a character that no key has, so nobody is asked.
pub(crate) const MALFORMED_KEY: &str = "Mf9Xa4Ts2Cy6\u{7f}Ld7Hk1Vg5Pw3";
pub(crate) const APP_KEY: &str = r#"Ak4Nr1Tc8Hy6 "<%&+:=\Jd0Pf7Ge2Lw3"#;
pub(crate) const WRONG_APP_KEY: &str = "Zk3Uf8Bd5Qm0/==Ow6Tn2Ic9Ra7";
pub(crate) const SERVICE_TOKEN: &str = r#"St5Xb2Qe8Zr0 "<%&+>Vn6Kj1Mw4Ha7"#;
pub(crate) const PROVIDER_KEY: &str = r#"Pk8Lc3Yt6Gd1&"=%Bx5Rz0Nq2Sm9"#;
pub(crate) const CREDENTIAL_SECRET: &str = r#"Cs1Dv7Ep4Jx9 "<%&\Yo3Ku8Ft6Wb2"#;
/// What Redis reads in its own configuration has no blanks and quotes.
pub(crate) const AUTH_TOKEN: &str = "At6Hf0Jw9Ke3%2B+Rq2Zb7Xy5Dv8";
pub(crate) const WRONG_AUTH_TOKEN: &str = "Ow4Sg8Ny1Vt7<&>Ic5Ql3Ez9Um0";
pub(crate) const SECRET_ACCESS_KEY: &str = "Sa3Jm6Rw1Po8/+Fd9Yk4Tb2Hx5";
pub(crate) const SESSION_TOKEN: &str = "Te2Gv5Lz8Iq1/+Nu7Ws0Ck4Xa6";
/// A text of 3scale or AWS, which may repeat a secret that nobody marked.
pub(crate) const FOREIGN_TEXT: &str = "Ft8Bw3Mj6Dq0 Rl1Ep7Zs4Kv9";
/// Where it does not belong: in a setting, an event or a message that nobody understands.
pub(crate) const STRAY: &str = r#"Sy5Cn0Vh2Tf7 "<%&\Gj8Ob4Lx6Iw1"#;

pub(crate) const MARKS: [Mark; 14] = [
    Mark { name: "user key", secret: USER_KEY },
    Mark { name: "unknown user key", secret: UNKNOWN_KEY },
    Mark { name: "malformed user key", secret: MALFORMED_KEY },
    Mark { name: "app key", secret: APP_KEY },
    Mark { name: "wrong app key", secret: WRONG_APP_KEY },
    Mark { name: "service token", secret: SERVICE_TOKEN },
    Mark { name: "provider key", secret: PROVIDER_KEY },
    Mark { name: "CREDENTIAL_SECRET", secret: CREDENTIAL_SECRET },
    Mark { name: "ELASTICACHE_AUTH_TOKEN", secret: AUTH_TOKEN },
    Mark { name: "wrong ELASTICACHE_AUTH_TOKEN", secret: WRONG_AUTH_TOKEN },
    Mark { name: "secret access key", secret: SECRET_ACCESS_KEY },
    Mark { name: "session token", secret: SESSION_TOKEN },
    Mark { name: "text of 3scale or AWS", secret: FOREIGN_TEXT },
    Mark { name: "what is not understood", secret: STRAY },
];

pub(crate) const PART_CHARS: usize = 12;
