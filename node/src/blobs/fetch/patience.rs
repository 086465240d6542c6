//! The timeouts and intervals of a fetch.

use std::time::Duration;

/// The timeouts and intervals of a fetch.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// Timeout of an answer. A source must send at least 35 KiB/s to meet it.
    pub answer: Duration,
    /// Time in which more sources are searched for, after the first one that is not doubted.
    pub gather: Duration,
    /// Interval after which one more source is asked for the leaves.
    pub hedge: Duration,
    /// Time after which a request is late: it is sent to another source too, and gives its room to
    /// others.
    pub late: Duration,
    /// Time for which a fetch keeps its slot while others wait.
    pub turn: Duration,
    /// Time for which a slow fetch keeps its slot while others wait.
    pub slow_turn: Duration,
    /// Time for which a fetch runs on when nobody waits for it or asks for it any more.
    pub linger: Duration,
    /// Interval between two checks of these times.
    pub tick: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(30),
            gather: Duration::from_secs(1),
            hedge: Duration::from_millis(500),
            late: Duration::from_secs(3),
            turn: Duration::from_secs(60),
            slow_turn: Duration::from_secs(10),
            linger: Duration::from_secs(60),
            tick: Duration::from_millis(250),
        }
    }
}
