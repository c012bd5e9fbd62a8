//! Rate limits by key: a burst, then a steady rate. Kept in memory. Those that protect people are shared by all
//! processes on one database ([`Shared`]).

mod shared;

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, request},
};

use crate::clock::Clock;

pub use shared::{Shared, clean_up};

/// A limit by the generic cell rate algorithm: `burst` at once, then one every `every` milliseconds.
#[derive(Debug)]
pub struct Limit {
    clock: Clock,
    burst: i64,
    every: i64,
    taken: Mutex<Taken>,
}

#[derive(Debug)]
struct Taken {
    /// The time at which each key has its full burst again.
    full_at: HashMap<String, i64>,
    /// The number of keys above which those with a full burst are forgotten.
    most: usize,
}

/// A wait in whole seconds for `Retry-After` and for people, rounded up to at least one.
pub fn whole_seconds(wait_ms: i64) -> i64 {
    wait_ms.saturating_add(999).div_euclid(1000).max(1)
}

/// A wait in whole minutes for people, rounded up to at least one.
pub fn whole_minutes(wait_ms: i64) -> i64 {
    wait_ms.saturating_add(59_999).div_euclid(60_000).max(1)
}

/// The number of keys above which those with a full burst are first forgotten.
const KEYS: usize = 10_000;

impl Limit {
    pub fn new(clock: Clock, burst: u32, every_ms: i64) -> Self {
        Self {
            clock,
            burst: i64::from(burst),
            every: every_ms,
            taken: Mutex::new(Taken { full_at: HashMap::new(), most: KEYS }),
        }
    }

    /// Takes one unit for this key.
    ///
    /// # Errors
    /// The milliseconds until the next unit is free.
    pub fn take(&self, key: &str) -> Result<(), i64> {
        let now = self.clock.steady();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.full_at.len() > taken.most {
            taken.full_at.retain(|_, at| *at > now);
            // Raises the threshold, so that the keys aren't scanned again for every new one.
            taken.most = KEYS.max(taken.full_at.len() * 2);
        }
        let at = taken.full_at.get(key).copied().unwrap_or(now).max(now) + self.every;
        let wait = at - now - self.burst * self.every;
        if wait > 0 {
            return Err(wait);
        }
        taken.full_at.insert(key.to_owned(), at);
        Ok(())
    }

    /// Resets this key, for example after a success.
    pub fn forget(&self, key: &str) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).full_at.remove(key);
    }
}

/// Maximum number of event streams that a reader may have open. Hidden pages close theirs.
pub const STREAMS: usize = 20;

/// A limit on how many units of a key are in use at the same time.
#[derive(Debug)]
pub struct AtOnce {
    most: usize,
    open: Mutex<HashMap<String, usize>>,
}

impl AtOnce {
    pub fn new(most: usize) -> Self {
        Self { most, open: Mutex::default() }
    }

    /// Takes a unit for this key until the slot is dropped. `None` when all are in use.
    pub fn take(self: &Arc<Self>, key: &str) -> Option<Slot> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(key.to_owned()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Slot { limit: self.clone(), key: key.to_owned() })
    }
}

/// A unit in use, released when it is dropped.
#[derive(Debug)]
pub struct Slot {
    limit: Arc<AtOnce>,
    key: String,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.limit.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

/// The client address that limits count: the peer of the connection. Headers that a client can set (`X-Forwarded-For`)
/// don't count (THREATS.md line 51). IPv6 addresses count by /64, because one client usually owns the whole network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer(String);

impl Peer {
    pub fn of(extensions: &Extensions) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>();
        Self(peer.map(|ConnectInfo(address)| network(address.ip())).unwrap_or_default())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address as limits count it: an IPv6 address by its /64.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) if address.is_loopback() => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// THREATS.md line 66: a step of the system's clock locks nobody out, and frees nothing early.
    #[test]
    fn line_66_limit_ignores_the_systems_clock() {
        let clock = Clock::system();
        let limit = Limit::new(clock.clone(), 1, 60_000);
        assert!(limit.take("a").is_ok());
        for step in [-3_600_000, 7_200_000] {
            clock.set_system(step);
            let wait = limit.take("a");
            assert!(matches!(wait, Err(50_000..=60_000)), "{wait:?}");
            assert!(limit.take(&format!("b {step}")).is_ok());
        }
    }

    #[test]
    fn limit_allows_a_burst_then_a_rate() {
        let clock = Clock::system();
        let limit = Limit::new(clock.clone(), 3, 60_000);
        for _ in 0..3 {
            assert!(limit.take("a").is_ok());
        }
        let wait = limit.take("a");
        assert!(matches!(wait, Err(1..=60_000)), "{wait:?}");
        assert!(limit.take("b").is_ok());
        clock.advance(60_000);
        assert!(limit.take("a").is_ok());
        assert!(limit.take("a").is_err());
        limit.forget("a");
        assert!(limit.take("a").is_ok());
    }

    /// THREATS.md line 47: a key takes up memory only for as long as it is limited.
    #[test]
    fn line_47_limit_forgets_keys_with_a_full_burst() {
        let clock = Clock::system();
        let limit = Limit::new(clock.clone(), 1, 1_000);
        for n in 0..KEYS {
            assert!(limit.take(&format!("{n}")).is_ok());
        }
        assert!(limit.take("0").is_err(), "no key is forgotten early");
        clock.advance(2_000);
        for n in 0..3 {
            assert!(limit.take(&format!("later {n}")).is_ok());
        }
        assert!(limit.taken.lock().expect("a lock").full_at.len() < 10);
    }

    /// THREATS.md line 51: only the peer counts, an IPv6 one by its network.
    #[test]
    fn line_51_an_address_is_the_peers() {
        let of = |text: &str| {
            let mut extensions = Extensions::new();
            extensions.insert(ConnectInfo(text.parse::<SocketAddr>().expect("an address")));
            Peer::of(&extensions)
        };
        assert_eq!(of("192.0.2.1:1"), of("192.0.2.1:2"));
        assert_ne!(of("192.0.2.1:1"), of("192.0.2.2:1"));
        assert_eq!(of("192.0.2.1:1"), of("[::ffff:192.0.2.1]:1"));
        assert_eq!(of("[2001:db8:1:2::1]:1"), of("[2001:db8:1:2:ffff:ffff::]:1"));
        assert_ne!(of("[2001:db8:1:2::1]:1"), of("[2001:db8:1:3::1]:1"));
        assert_eq!(Peer::of(&Extensions::new()), Peer::default());
    }
}
