//! Which service a call belongs to.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::kinds::Kind;
use crate::credential::Secret;
use crate::mapping::MappingRules;
use crate::method_arn::MethodArn;
use crate::threescale::{Access, Service, ServiceId};

/// The services that calls belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Services {
    /// All calls belong to one.
    One(Service),
    /// The gateway and its stage tell.
    Mapped(Vec<MappedService>),
}

/// A stage of a gateway, and the service that its calls belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedService {
    /// The gateway's id, as method ARNs have it.
    pub gateway: String,
    /// The stage's name.
    pub stage: String,
    /// The service.
    pub service: Service,
}

impl Services {
    /// Finds the service that a call belongs to; `None` if nobody said.
    pub fn of_call(&self, method_arn: &MethodArn) -> Option<&Service> {
        match self {
            Self::One(service) => Some(service),
            Self::Mapped(mapped) => mapped
                .iter()
                .find(|mapped| mapped.gateway == method_arn.api() && mapped.stage == method_arn.stage())
                .map(|mapped| &mapped.service),
        }
    }

    /// Finds a service by its id.
    pub fn by_id(&self, id: &ServiceId) -> Option<&Service> {
        self.iter().find(|service| service.id == *id)
    }

    /// Returns all of them; one that several gateways have comes several times.
    pub fn iter(&self) -> impl Iterator<Item = &Service> {
        let (one, mapped) = match self {
            Self::One(service) => (Some(service), [].as_slice()),
            Self::Mapped(mapped) => (None, mapped.as_slice()),
        };
        one.into_iter().chain(mapped.iter().map(|mapped| &mapped.service))
    }
}

/// What `SERVICES_MAP` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicesMap(pub(super) Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) gateway: String,
    pub(super) stage: String,
    pub(super) service_id: ServiceId,
    pub(super) service_token: Option<Secret>,
    pub(super) mapping_rules: Option<MappingRules>,
}

impl Entry {
    /// The service of this entry, opened by its own token or else by `access`; `None` if there is neither.
    pub(super) fn mapped(&self, access: Option<&Access>) -> Option<MappedService> {
        let own = self.service_token.clone().map(Access::ServiceToken);
        let service = Service {
            id: self.service_id.clone(),
            access: own.or_else(|| access.cloned())?,
            rules: self.mapping_rules.clone(),
        };
        Some(MappedService { gateway: self.gateway.clone(), stage: self.stage.clone(), service })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'w> {
    gateway: String,
    stage: String,
    service_id: String,
    #[serde(default)]
    service_token: Option<String>,
    #[serde(borrow, default)]
    mapping_rules: Option<&'w RawValue>,
}

impl Kind for ServicesMap {
    fn read(text: &str) -> Result<Self, String> {
        // The parser's own words may repeat a value, and a value may be a secret.
        let entries: Vec<Wire<'_>> = serde_json::from_str(text).map_err(|error| {
            format!(
                "must be a JSON list of objects with `gateway`, `stage` and `service_id`, and where they differ \
                 `service_token` and `mapping_rules`, and nothing else: wrong at line {} column {}",
                error.line(),
                error.column()
            )
        })?;
        if entries.is_empty() {
            return Err("must name at least one service".to_owned());
        }
        let mut read: Vec<Entry> = Vec::with_capacity(entries.len());
        for (index, entry) in entries.into_iter().enumerate() {
            let entry = entry.read().map_err(|message| format!("entry {}: {message}", index + 1))?;
            if read.iter().any(|other| (&other.gateway, &other.stage) == (&entry.gateway, &entry.stage)) {
                return Err(format!("entry {}: an earlier entry has the same `gateway` and `stage`", index + 1));
            }
            read.push(entry);
        }
        Ok(Self(read))
    }
}

impl Wire<'_> {
    fn read(self) -> Result<Entry, String> {
        if self.gateway.is_empty() || self.stage.is_empty() {
            return Err("`gateway` and `stage` must not be empty".to_owned());
        }
        let service_id = ServiceId::read(&self.service_id).map_err(|message| format!("`service_id` {message}"))?;
        let rules = self.mapping_rules.map(|rules| MappingRules::parse(rules.get())).transpose();
        Ok(Entry {
            gateway: self.gateway,
            stage: self.stage,
            service_id,
            service_token: self.service_token.filter(|token| !token.is_empty()).map(Secret::new),
            mapping_rules: rules.map_err(|error| format!("`mapping_rules`: {error}"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_an_entry_is_told_with_its_number_and_without_its_secrets() {
        let good = r#"{"gateway":"a","stage":"dev","service_id":"7"}"#;
        for (text, told) in [
            ("[]", "must name at least one service"),
            ("{}", "wrong at line 1 column 0"),
            (r#"[{"gateway":"a","stage":"dev","service_id":"7","token":"CANARY"}]"#, "and nothing else"),
            (r#"[{"gateway":"a","stage":"dev","service_id":"7","service_token":31337}]"#, "wrong at line 1"),
            (r#"[{"gateway":"a","stage":"","service_id":"7"}]"#, "entry 1: `gateway` and `stage` must not be empty"),
            (&format!(r#"[{good},{{"gateway":"a","stage":"x","service_id":"/"}}]"#), "entry 2: `service_id` must be"),
            (&format!("[{good},{good}]"), "entry 2: an earlier entry has the same"),
            (r#"[{"gateway":"a","stage":"b","service_id":"7","mapping_rules":[]}]"#, "entry 1: `mapping_rules`: "),
        ] {
            let error = ServicesMap::read(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
            assert!(!error.contains("CANARY") && !error.contains("31337"), "{error}");
        }
    }
}
