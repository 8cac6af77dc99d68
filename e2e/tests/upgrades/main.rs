//! Two releases side by side, one before and one after an upgrade.
//!
//! What this release writes is written down in `fixtures`, under the number of its version: a later release with that
//! number must read it as this one does. What a later one may write is made from it by changing it.
#![expect(clippy::unwrap_used, reason = "a world that can't be made fails its test")]

mod fixtures;
mod from_a_later_release;
mod from_an_earlier_release;
mod told_after_the_upgrade;
mod world;
