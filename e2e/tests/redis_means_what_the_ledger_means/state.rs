//! A ledger shows its state in answers alone, so each field of the hash is held against what the ledger answers.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::ledger::{Ack, Acked, Claim, Claimed, Ledger, Record, Room, Store, Take};
use authz_core::time::{Minute, UnixTime};

use crate::operation::OWNERS;

const MILLISECOND: Duration = Duration::from_millis(1);

/// Says how a hash differs from a ledger.
pub(crate) fn compare(
    ledger: &Ledger,
    fields: &BTreeMap<String, String>,
    expires: Option<UnixTime>,
    now: UnixTime,
) -> Result<(), &'static str> {
    let Some(expires) = expires.filter(|at| now < *at) else {
        return agree(ledger.is_expired(now), "the ledger is still there");
    };
    agree(!ledger.is_expired(expires.before(MILLISECOND)) && ledger.is_expired(expires), "they leave at other times")?;
    let hash = Hash(fields);
    counts(ledger, &hash, now)?;
    lease(ledger, &hash, now)?;
    bell(ledger, &hash, expires)?;
    forgotten(ledger, &hash, now)?;
    minutes(ledger, &hash, now)
}

struct Hash<'f>(&'f BTreeMap<String, String>);

impl Hash<'_> {
    fn number(&self, field: &str) -> Option<u64> {
        self.0.get(field).map(|text| text.parse().unwrap())
    }

    fn time(&self, field: &str) -> UnixTime {
        UnixTime::from_millis(self.number(field).unwrap_or_default())
    }

    fn minutes(&self) -> Vec<(Minute, u64)> {
        let minute = |(field, uses): (&String, &String)| {
            let number = field.strip_prefix("m:")?.parse().unwrap();
            Some((Minute::from_number(number), uses.parse().unwrap()))
        };
        self.0.iter().filter_map(minute).collect()
    }
}

fn counts(ledger: &Ledger, hash: &Hash<'_>, now: UnixTime) -> Result<(), &'static str> {
    let look = ledger.clone().take(Take { now, rering: Duration::ZERO, keep: Duration::ZERO });
    agree(look.uses - u64::from(look.took) == hash.number("uses").unwrap_or_default(), "uses")?;
    agree(look.told == hash.number("told").unwrap_or_default(), "told")?;
    agree(look.fresh == hash.time("fresh"), "fresh")?;
    agree(look.cap == hash.number("cap"), "cap")?;
    agree(look.entry.as_ref() == hash.0.get("entry"), "entry")
}

fn lease(ledger: &Ledger, hash: &Hash<'_>, now: UnixTime) -> Result<(), &'static str> {
    let until = hash.time("until");
    let busy = match claim(&mut ledger.clone(), now) {
        Claimed::Busy { until } => Some(until),
        Claimed::Nothing | Claimed::Uses { .. } => None,
    };
    agree(busy == (now < until).then_some(until), "until")?;
    for owner in OWNERS {
        let is_owner = ack_nothing(&mut ledger.clone(), owner, now);
        agree(is_owner == hash.0.get("owner").is_some_and(|known| known == owner), "owner")?;
    }
    Ok(())
}

fn bell(ledger: &Ledger, hash: &Hash<'_>, expires: UnixTime) -> Result<(), &'static str> {
    let bell = hash.time("bell");
    let rings = |now| ledger.clone().record(Record { now, rering: Duration::ZERO });
    agree(bell >= expires || rings(bell), "the bell of the ledger is later")?;
    let just_before = bell.before(MILLISECOND);
    agree(just_before == bell || just_before >= expires || !rings(just_before), "the bell of the ledger is earlier")
}

fn forgotten(ledger: &Ledger, hash: &Hash<'_>, now: UnixTime) -> Result<(), &'static str> {
    let believes = |asked| {
        let (mut ledger, entry, second) = (ledger.clone(), "probe".to_owned(), Duration::from_secs(1));
        let (fresh, room) = (now.after(second), Room::Denied);
        ledger.store(Store { now, asked, entry, fresh, room, told_at_ask: 0, own: false, keep: second });
        ledger.take(Take { now, rering: second, keep: second }).entry.as_deref() == Some("probe")
    };
    match hash.number("forgotten").map(UnixTime::from_millis) {
        None => agree(believes(UnixTime::default()), "the ledger was to forget"),
        Some(at) => agree(!believes(at) && believes(at.after(MILLISECOND)), "forgotten"),
    }
}

/// The minutes of a ledger show in a claim, which a lease would refuse, and which shows none if 3scale was told of more
/// uses than there are.
fn minutes(ledger: &Ledger, hash: &Hash<'_>, now: UnixTime) -> Result<(), &'static str> {
    let mut ledger = ledger.clone();
    for owner in OWNERS {
        ack_nothing(&mut ledger, owner, now);
    }
    match claim(&mut ledger, now) {
        Claimed::Uses { minutes, .. } => agree(minutes == hash.minutes(), "minutes"),
        Claimed::Nothing => agree(hash.number("uses").unwrap_or_default() <= hash.time("told").as_millis(), "untold"),
        Claimed::Busy { .. } => Err("a lease without an owner"),
    }
}

fn claim(ledger: &mut Ledger, now: UnixTime) -> Claimed {
    ledger.claim(Claim { now, owner: "probe".to_owned(), lease: Duration::ZERO })
}

/// Ends the owner's lease; returns whether there was one. What it leaves is kept for long enough to be looked at.
fn ack_nothing(ledger: &mut Ledger, owner: &str, now: UnixTime) -> bool {
    let keep = Duration::from_secs(1);
    ledger.ack(&Ack { owner: owner.to_owned(), minutes: Vec::new(), keep, now }) != Acked::NotTheOwner
}

fn agree(do_they: bool, what: &'static str) -> Result<(), &'static str> {
    if do_they { Ok(()) } else { Err(what) }
}
