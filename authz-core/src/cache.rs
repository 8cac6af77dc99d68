//! What is remembered, under which name, and for how long.

mod entry;
mod key;
mod remember;
mod ttl;

pub use entry::{Entry, LimitFacts};
pub use key::CacheKey;
pub use remember::{Asked, remember};
pub use ttl::Lifetimes;
