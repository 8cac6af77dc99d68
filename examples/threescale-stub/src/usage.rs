use crate::Service;
use crate::params::{Param, Params};
use crate::refusal::Refusal;

/// Usage as it was sent: metric names and amounts, unchecked.
#[derive(Clone)]
pub(crate) struct SentUsage(Vec<(String, Option<String>)>);

/// What an amount does to a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Add(u64),
    /// Sent as `#5`.
    Set(u64),
}

/// The changes of the metrics, ancestors included.
pub(crate) struct Changes(Vec<(String, Change)>);

impl SentUsage {
    pub(crate) fn read(params: &Params) -> SentUsage {
        let amount = |param: &Param| match param {
            Param::Text(text) => Some(text.clone()),
            Param::Missing | Param::List | Param::Map(_) => None,
        };
        SentUsage(params.iter().map(|(name, param)| (name.to_owned(), amount(param))).collect())
    }

    /// Drops what is literally `0`, as it is done before anything is counted.
    pub(crate) fn without_zeros(mut self) -> SentUsage {
        self.0.retain(|(_, amount)| amount.as_deref() != Some("0"));
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the metric names as sent, padding included.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Applies the change sent for the metric, and those of its descendants, to `current`.
    ///
    /// Here names count as sent: a padded one changes nothing.
    pub(crate) fn applied_to(&self, current: u64, metric: &str, service: &Service) -> u64 {
        let own = self.change_of(metric).map_or(current, |change| change.onto(current));
        let children: Vec<&str> = service.children_of(metric).collect();
        children.into_iter().fold(own, |sum, child| self.applied_to(sum, child, service))
    }

    /// Checks every name and amount.
    pub(crate) fn changes(&self, service: &Service) -> Result<Changes, Refusal> {
        let mut changes = Changes(Vec::new());
        for (name, amount) in &self.0 {
            let name = name.trim_matches(is_padding);
            let change = amount.as_deref().and_then(Change::parse);
            let change = change.ok_or_else(|| Refusal::usage_value_invalid(name, amount.as_deref()))?;
            if !service.has_metric(name) {
                return Err(Refusal::metric_invalid(name));
            }
            changes.set(name, change);
        }
        Ok(changes)
    }

    fn change_of(&self, metric: &str) -> Option<Change> {
        let amount = self.0.iter().find(|(name, _)| name == metric)?.1.as_deref()?;
        Change::parse(amount)
    }
}

impl Changes {
    /// Adds every metric's change to its ancestors, also on top of a change they have themselves.
    pub(crate) fn propagated(self, service: &Service) -> Changes {
        let sent = self.0.clone();
        let mut all = self;
        for (name, change) in sent {
            for ancestor in service.ancestors_of(&name) {
                let sum = match (change, all.of(ancestor)) {
                    (Change::Set(_), _) => change,
                    (Change::Add(amount), Some(Change::Add(more))) => Change::Add(more.saturating_add(amount)),
                    (Change::Add(amount), Some(Change::Set(_)) | None) => Change::Add(amount),
                };
                all.set(ancestor, sum);
            }
        }
        all
    }

    pub(crate) fn of(&self, metric: &str) -> Option<Change> {
        self.0.iter().find(|(name, _)| name == metric).map(|(_, change)| *change)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Change)> {
        self.0.iter().map(|(name, change)| (name.as_str(), *change))
    }

    fn set(&mut self, metric: &str, change: Change) {
        match self.0.iter_mut().find(|(name, _)| name == metric) {
            Some((_, known)) => *known = change,
            None => self.0.push((metric.to_owned(), change)),
        }
    }
}

impl Change {
    /// Reads `5`, ` 5 ` or `#5`. With a space before the `#` it adds nothing, as in 3scale.
    fn parse(text: &str) -> Option<Change> {
        let trimmed = text.trim_matches(is_white_space);
        let digits = trimmed.strip_prefix('#').unwrap_or(trimmed);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let amount = digits.parse().unwrap_or(u64::MAX);
        Some(match (text.starts_with('#'), trimmed.starts_with('#')) {
            (true, _) => Change::Set(amount),
            (false, true) => Change::Add(0),
            (false, false) => Change::Add(amount),
        })
    }

    /// Returns the counter after the change.
    pub(crate) fn onto(self, current: u64) -> u64 {
        match self {
            Change::Add(amount) => current.saturating_add(amount),
            Change::Set(amount) => amount,
        }
    }
}

fn is_white_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// What is stripped from metric names and application keys.
pub(crate) fn is_padding(c: char) -> bool {
    is_white_space(c) || c == '\0'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ServiceKind;

    fn service() -> Service {
        Service::new("1", "t", ServiceKind::UserKey)
            .with_metric("hits")
            .with_child("search", "hits")
            .with_child("images", "search")
            .with_metric("bytes")
    }

    fn sent(query: &str) -> SentUsage {
        SentUsage::read(&Params::parse(query.as_bytes()).ok().expect("readable parameters"))
    }

    fn propagated(query: &str) -> Vec<(String, Change)> {
        let changes = sent(query).changes(&service()).ok().expect("valid usage");
        changes.propagated(&service()).0
    }

    #[test]
    fn an_amount_is_digits_with_an_optional_hash() {
        for (text, change) in [
            ("5", Some(Change::Add(5))),
            (" 007\n", Some(Change::Add(7))),
            ("#5", Some(Change::Set(5))),
            ("#0", Some(Change::Set(0))),
            (" #5", Some(Change::Add(0))),
            ("99999999999999999999", Some(Change::Add(u64::MAX))),
        ] {
            assert_eq!(Change::parse(text), change, "{text}");
        }
        for text in ["", " ", "-1", "+1", "1.5", "abc", "# 5", "##5", "5 6", "٣"] {
            assert_eq!(Change::parse(text), None, "{text}");
        }
    }

    #[test]
    fn usage_counts_for_all_three_levels() {
        let one = Change::Add(1);
        let expected = [("images", one), ("search", one), ("hits", one)];
        assert_eq!(propagated("images=1"), expected.map(|(name, change)| (name.to_owned(), change)));
    }

    #[test]
    fn usage_of_a_child_comes_on_top_of_the_parents_own() {
        let expected = [("hits", Change::Add(3)), ("search", Change::Add(2)), ("bytes", Change::Add(9))];
        let expected = expected.map(|(name, change)| (name.to_owned(), change));
        assert_eq!(propagated("hits=1&search=2&bytes=9"), expected);
    }

    #[test]
    fn a_set_amount_sets_the_parents_too() {
        let set = Change::Set(7);
        let expected = [("search", set), ("hits", set)].map(|(name, change)| (name.to_owned(), change));
        assert_eq!(propagated("search=%237"), expected);
    }

    #[test]
    fn an_amount_is_checked_before_its_metric() {
        let code = |query: &str| sent(query).changes(&service()).err().map(|refusal| refusal.code);
        assert_eq!(code("nope=x"), Some("usage_value_invalid"));
        assert_eq!(code("nope=1"), Some("metric_invalid"));
        assert_eq!(code("hits"), Some("usage_value_invalid"));
        assert_eq!(code("+hits+=1"), None);
    }
}
