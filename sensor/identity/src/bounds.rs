//! Capacities, and what found no room.

/// Capacities of the tables; fixed at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// Most callers told apart; later ones share one entry for all others.
    pub callers: usize,
    /// Most accounts; later ones stay unknown.
    pub accounts: usize,
    /// Most sessions remembered; one that was not used since its turn came makes room.
    pub sessions: usize,
    /// Most sites whose habits at login are learned; those of later ones are taken as unknown each time.
    pub sites: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config { callers: 65_536, accounts: 65_536, sessions: 262_144, sites: 4_096 }
    }
}

/// How full the tables are and what found no room.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Stats {
    /// Sessions remembered right now, anonymous ones among them.
    pub sessions: u64,
    /// Sessions forgotten to make room.
    pub sessions_evicted: u64,
    /// Exchanges of callers beyond the capacity.
    pub callers_overflow: u64,
    /// Exchanges of accounts beyond the capacity.
    pub accounts_overflow: u64,
    /// Logins that succeeded.
    pub logins_succeeded: u64,
    /// Logins that failed.
    pub logins_failed: u64,
    /// Logins whose replies do not tell.
    pub logins_unknown: u64,
}
