//! Who serves which slots.

use redis::Value;

use super::slot::SLOTS;
use crate::cache::redis::link::Address;

/// The answer to `CLUSTER SLOTS`, as far as it matters here: replicas only read, and are left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SlotMap {
    ranges: Vec<Range>,
}

#[derive(Debug, PartialEq, Eq)]
struct Range {
    first: u16,
    last: u16,
    /// `None` if nobody knows how to reach it.
    owner: Option<Address>,
}

impl SlotMap {
    /// Reads an answer of the server at `told_by`.
    pub(super) fn read(answer: Value, told_by: &Address) -> Option<Self> {
        let ranges = array(answer)?.into_iter().map(|range| Range::read(range, told_by));
        ranges.collect::<Option<_>>().map(|ranges| Self { ranges })
    }

    /// Whether nobody serves anything.
    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether it knows how to reach the server of every slot.
    pub(super) fn is_whole(&self) -> bool {
        let reached = self.ranges.iter().filter(|range| range.owner.is_some());
        reached.map(|range| (range.first..=range.last).len()).sum::<usize>() == usize::from(SLOTS)
    }

    /// Returns the server of a slot.
    pub(super) fn owner(&self, slot: u16) -> Option<&Address> {
        self.ranges.iter().find(|range| (range.first..=range.last).contains(&slot))?.owner.as_ref()
    }

    /// Returns the servers, those that have several ranges several times.
    pub(super) fn owners(&self) -> impl Iterator<Item = &Address> {
        self.ranges.iter().filter_map(|range| range.owner.as_ref())
    }
}

impl Range {
    fn read(range: Value, told_by: &Address) -> Option<Self> {
        let mut range = array(range)?.into_iter();
        let (first, last) = (number(range.next()?)?, number(range.next()?)?);
        let mut owner = array(range.next()?)?.into_iter();
        let host: Option<String> = redis::from_redis_value(owner.next()?).ok()?;
        let port = number(owner.next()?)?;
        let host = told_by.host_it_means(host.as_deref().unwrap_or_default());
        Some(Self { first, last, owner: host.map(|host| Address { host, port }) })
    }
}

fn array(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(values) => Some(values),
        _ => None,
    }
}

fn number(value: Value) -> Option<u16> {
    let number: i64 = redis::from_redis_value(value).ok()?;
    u16::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str) -> Address {
        Address { host: host.to_owned(), port: 6379 }
    }

    fn server(host: Value) -> Value {
        let id = Value::BulkString(b"07c37dfeb235213a872192d90877d0cd55635b91".to_vec());
        Value::Array(vec![host, Value::Int(6379), id, Value::Array(Vec::new())])
    }

    fn named(host: &str) -> Value {
        server(Value::BulkString(host.into()))
    }

    fn range(first: i64, last: i64, servers: Vec<Value>) -> Value {
        let mut range = vec![Value::Int(first), Value::Int(last)];
        range.extend(servers);
        Value::Array(range)
    }

    fn read(ranges: Vec<Value>) -> Option<SlotMap> {
        SlotMap::read(Value::Array(ranges), &address("teller"))
    }

    #[test]
    fn the_first_server_of_a_range_serves_it() {
        let map = read(vec![
            range(0, 8191, vec![named("a"), named("replica")]),
            range(8192, 16_383, vec![named("b"), named("replica")]),
        ]);
        let map = map.unwrap();
        assert!(map.is_whole());
        for (slot, owner) in [(0, "a"), (8191, "a"), (8192, "b"), (16_383, "b")] {
            assert_eq!(map.owner(slot), Some(&address(owner)), "{slot}");
        }
        assert!(!map.owners().any(|owner| owner.host == "replica"));
    }

    #[test]
    fn a_slot_without_a_server_has_none() {
        let map = read(vec![range(1, 16_383, vec![named("a")])]).unwrap();
        assert_eq!((map.owner(0), map.is_whole()), (None, false));
        assert!(read(Vec::new()).unwrap().is_empty());
    }

    #[test]
    fn a_server_without_a_name_is_on_the_host_that_tells_of_it() {
        for host in [Value::Nil, Value::BulkString(Vec::new())] {
            let map = read(vec![range(0, 9, vec![server(host)])]).unwrap();
            assert_eq!(map.owner(0), Some(&address("teller")));
        }
    }

    #[test]
    fn slots_of_a_server_that_nobody_can_reach_have_none() {
        let map = read(vec![range(0, 9, vec![named("?")]), range(10, 19, vec![named("a")])]).unwrap();
        assert_eq!((map.owner(9), map.owner(10)), (None, Some(&address("a"))));
    }

    #[test]
    fn anything_else_is_not_understood() {
        for answer in [
            Value::Okay,
            Value::Array(vec![Value::Int(0)]),
            Value::Array(vec![range(0, 9, Vec::new())]),
            Value::Array(vec![range(0, 65_536, vec![named("a")])]),
            Value::Array(vec![range(0, 9, vec![Value::Array(vec![Value::Nil])])]),
        ] {
            assert_eq!(SlotMap::read(answer.clone(), &address("teller")), None, "{answer:?}");
        }
    }
}
