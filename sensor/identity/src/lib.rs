//! Who calls: credentials, sessions, logins, accounts, callers.

use weir_exchange::{Catalogue, Exchange};
use weir_model::{Account, AccountId, Caller, CallerId, LoginOutcome, SiteId};

/// Capacities of the tables; fixed at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// Most callers told apart; later ones share one entry for all others.
    pub callers: usize,
    /// Most accounts; later ones stay unknown.
    pub accounts: usize,
    /// Most sessions remembered; the one used longest ago makes room.
    pub sessions: usize,
    /// Most accounts whose logins are awaited or sites whose habits are learned.
    pub sites: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config { callers: 65_536, accounts: 65_536, sessions: 262_144, sites: 4_096 }
    }
}

/// What the directory says of one exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identified {
    /// From where.
    pub caller: CallerId,
    /// Under which account, where known.
    pub account: Option<AccountId>,
    /// How a login attempt ended; `None` where it is none.
    pub login: Option<LoginOutcome>,
    /// Whether the request carried a credential that authenticates.
    pub authenticated: bool,
}

/// How full the tables are and what found no room.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Stats {
    /// Sessions bound to accounts right now.
    pub sessions: u64,
    /// Sessions forgotten to make room.
    pub sessions_evicted: u64,
    /// Exchanges of callers beyond the capacity.
    pub callers_overflow: u64,
    /// Accounts not taken in for lack of room.
    pub accounts_overflow: u64,
    /// Logins that succeeded.
    pub logins_succeeded: u64,
    /// Logins that failed.
    pub logins_failed: u64,
    /// Logins whose replies do not tell.
    pub logins_unknown: u64,
}

/// The directory of callers and accounts.
#[derive(Debug)]
pub struct Directory {
    config: Config,
    callers: Vec<Caller>,
    accounts: Vec<Account>,
    stats: Stats,
}

impl Directory {
    /// An empty directory.
    pub fn new(config: Config) -> Self {
        Directory { config, callers: Vec::new(), accounts: Vec::new(), stats: Stats::default() }
    }
    /// Takes in one exchange and says who made it.
    pub fn observe(&mut self, x: &Exchange, _site: SiteId, _catalogue: &Catalogue) -> Identified {
        if self.callers.is_empty() && self.config.callers > 0 {
            self.callers.push(Caller {
                ip: x.flow.client.ip,
                user_agent: "".into(),
                first_seen: x.time,
                last_seen: x.ended,
                exchanges: 1,
            });
        }
        Identified { caller: CallerId(0), account: None, login: None, authenticated: false }
    }
    /// Callers by [`CallerId`].
    pub fn callers(&self) -> &[Caller] {
        &self.callers
    }
    /// Accounts by [`AccountId`].
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }
    /// Fill and overflow.
    pub fn stats(&self) -> Stats {
        self.stats
    }
}
