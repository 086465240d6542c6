//! Budgets for expensive calls: outputs and blobs, whose methods everybody may call.
//!
//! Each connection has a budget, and all connections together have one. A call is paid in bytes:
//! those it returns, and fixed costs. An overdrawn budget refuses calls until it has filled up
//! again, and the error says how long that takes. The SDK makes each HTTP request a connection of
//! its own, so HTTP is limited by the common budget alone.

use crate::Error;
use jsonrpsee::{Extensions, core::server::ConnectionId};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const MIB: i64 = 1024 * 1024;
/// Fixed cost in bytes, paid at the beginning of a call and again with its bytes.
const CALL_BYTES: i64 = 16 * 1024;
/// Budget of each connection, and of all together.
const OF_ONE: Rate = Rate { a_second: 32 * MIB, at_once: 128 * MIB };
const OF_ALL: Rate = Rate { a_second: 128 * MIB, at_once: 512 * MIB };
/// Most connections that are remembered. A new one replaces the one that has been idle for longest.
const MAX_CONNECTIONS: usize = 1_024;

/// A rate in bytes per second, and a burst in bytes.
#[derive(Clone, Copy)]
struct Rate {
    a_second: i64,
    at_once: i64,
}

/// The rest of a budget, in bytes. It may be negative.
struct Purse {
    left: i64,
    at: Instant,
}

impl Purse {
    fn full(rate: Rate, now: Instant) -> Self {
        Self { left: rate.at_once, at: now }
    }

    /// Returns the time for which calls are refused, `None` if they are not.
    fn wait(&mut self, rate: Rate, now: Instant) -> Option<Duration> {
        let passed = i64::try_from(now.saturating_duration_since(self.at).as_micros()).unwrap_or(i64::MAX);
        let more = passed.saturating_mul(rate.a_second / 1_000) / 1_000;
        if more > 0 {
            self.left = self.left.saturating_add(more).min(rate.at_once);
            self.at = now;
        }
        let lacking = u64::try_from(CALL_BYTES.saturating_sub(self.left)).ok().filter(|lacking| *lacking > 0)?;
        Some(Duration::from_millis((lacking / (rate.a_second as u64 / 1_000)).saturating_add(1)))
    }
}

struct Purses {
    all: Purse,
    each: HashMap<usize, Purse>,
}

/// The budgets of a node's connections.
pub struct Budget {
    purses: Mutex<Purses>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { purses: Mutex::new(Purses { all: Purse::full(OF_ALL, Instant::now()), each: HashMap::new() }) }
    }
}

impl Budget {
    /// Begins a call on the connection in `extensions`.
    ///
    /// # Errors
    ///
    /// [`Error::TooMuchAsked`] when the budget of the connection, or that of all, is spent.
    pub fn begin(&self, extensions: &Extensions) -> Result<Call<'_>, Error> {
        let connection = extensions.get::<ConnectionId>().map_or(0, |id| id.0);
        self.begin_at(connection, Instant::now())
    }

    fn begin_at(&self, connection: usize, now: Instant) -> Result<Call<'_>, Error> {
        let mut purses = self.purses.lock().unwrap_or_else(PoisonError::into_inner);
        if purses.each.len() >= MAX_CONNECTIONS && !purses.each.contains_key(&connection) {
            let idle = purses.each.iter().min_by_key(|(_, purse)| purse.at).map(|(connection, _)| *connection);
            idle.map(|idle| purses.each.remove(&idle));
        }
        let own = purses.each.entry(connection).or_insert_with(|| Purse::full(OF_ONE, now)).wait(OF_ONE, now);
        let wait = own.max(purses.all.wait(OF_ALL, now));
        drop(purses);
        match wait {
            Some(wait) => Err(Error::TooMuchAsked(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))),
            None => {
                let call = Call { budget: self, connection };
                call.costs(0);
                Ok(call)
            }
        }
    }
}

/// A call under way.
pub struct Call<'a> {
    budget: &'a Budget,
    connection: usize,
}

impl Call<'_> {
    /// Pays for `bytes`, and a fixed cost.
    pub fn costs(&self, bytes: usize) {
        let cost = i64::try_from(bytes).unwrap_or(i64::MAX).saturating_add(CALL_BYTES);
        let mut purses = self.budget.purses.lock().unwrap_or_else(PoisonError::into_inner);
        purses.all.left = purses.all.left.saturating_sub(cost);
        if let Some(purse) = purses.each.get_mut(&self.connection) {
            purse.left = purse.left.saturating_sub(cost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(budget: &Budget, connection: usize, now: Instant) -> Option<u64> {
        match budget.begin_at(connection, now) {
            Ok(_) => None,
            Err(Error::TooMuchAsked(ms)) => Some(ms),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_connection_that_has_spent_its_budget_is_told_when_to_ask_again() {
        let (budget, now) = (Budget::default(), Instant::now());
        budget.begin_at(1, now).unwrap().costs(160 << 20);
        let ms = wait(&budget, 1, now).unwrap();
        // A second for the 32 MiB too many, and a little for the calls.
        assert!((1_000..1_010).contains(&ms), "{ms}");
        assert_eq!(wait(&budget, 2, now), None, "another connection has its own");
        assert!(wait(&budget, 1, now + Duration::from_millis(ms / 2)).is_some());
        assert_eq!(wait(&budget, 1, now + Duration::from_millis(ms)), None);
    }

    #[test]
    fn calls_of_no_bytes_are_paid_too() {
        let (budget, now) = (Budget::default(), Instant::now());
        let calls = (0..100_000).take_while(|_| wait(&budget, 1, now).is_none()).count();
        assert_eq!(calls as i64, OF_ONE.at_once / CALL_BYTES);
    }

    #[test]
    fn connections_without_end_share_one_budget() {
        let (budget, now) = (Budget::default(), Instant::now());
        let calls = (0..10_000).take_while(|n| budget.begin_at(*n, now).map(|call| call.costs(MIB as usize)).is_ok());
        // 512 MiB: each call takes 1 MiB and the fixed cost twice, and the last one may overdraw.
        assert_eq!(calls.count(), 497);
        assert!(wait(&budget, 20_000, now).is_some());
        assert!(budget.purses.lock().unwrap().each.len() <= MAX_CONNECTIONS);
        assert_eq!(wait(&budget, 20_000, now + Duration::from_secs(1)), None);
    }

    #[test]
    fn who_asks_for_nothing_saves_up_no_more_than_the_bound() {
        let (budget, now) = (Budget::default(), Instant::now());
        assert_eq!(wait(&budget, 1, now), None);
        let later = now + Duration::from_secs(3_600);
        budget.begin_at(1, later).unwrap().costs(OF_ONE.at_once as usize);
        assert!(wait(&budget, 1, later).is_some());
    }
}
