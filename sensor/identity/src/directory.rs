//! The directory: says of each exchange who made it.

use crate::bounds::{Config, Stats};
use crate::names;
use crate::outcome::{self, Habit, is_session, is_token};
use crate::people::{Accounts, Callers};
use crate::proxies::{Proxies, Trust};
use crate::session::{Holder, Sessions};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;
use weir_exchange::{Catalogue, Credential, CredentialKind, DataItem, Exchange, Request};
use weir_model::place::Places;
use weir_model::state::{StateError, decode, encode};
use weir_model::{Account, AccountId, AccountOrigin, Caller, CallerId, LoginOutcome, Origin, People, SiteId};
use weir_wire::Timestamp;

/// What the directory says of one exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identified {
    /// From where.
    pub caller: CallerId,
    /// What the request says of that, and whether it was believed.
    pub origin: Origin,
    /// Under which account, where known.
    pub account: Option<AccountId>,
    /// How a login attempt ended; `None` where it is none.
    pub login: Option<LoginOutcome>,
    /// Whether the request carried a credential that authenticates: not a token against forgery, not a signature, not a session
    /// cookie that anyone is given.
    pub authenticated: bool,
}

/// The directory of callers and accounts.
#[derive(Debug)]
pub struct Directory {
    config: Config,
    callers: Callers,
    proxies: Proxies,
    accounts: Accounts,
    sessions: Sessions,
    habits: BTreeMap<SiteId, Habit>,
    logins: [u64; 3],
}

impl Directory {
    /// An empty directory.
    pub fn new(config: Config) -> Self {
        Directory {
            config,
            callers: Callers::default(),
            proxies: Proxies::default(),
            accounts: Accounts::default(),
            sessions: Sessions::new(config.sessions),
            habits: BTreeMap::new(),
            logins: [0; 3],
        }
    }

    /// Says where callers are by `places` from now on, and not by the country table that is built in alone.
    pub fn with_places(mut self, places: Arc<Places>) -> Self {
        self.callers.places = places;
        self
    }

    /// Believes the peers of `trust` when they name clients.
    pub fn trusting(mut self, trust: Trust) -> Self {
        self.proxies.trust = trust;
        self
    }

    /// Says who has accounts by `people` from now on, in the place of what was said before.
    pub fn know(&mut self, people: Arc<People>) {
        self.accounts.know(people);
    }

    /// Takes in one exchange and says who made it.
    pub fn observe(&mut self, x: &Exchange, site: SiteId, catalogue: &Catalogue) -> Identified {
        let origin = self.proxies.origin(x);
        let caller = self.callers.of(x, &origin, self.config.callers);
        let Some(request) = &x.request else {
            return Identified { caller, origin, account: None, login: None, authenticated: false };
        };
        let login = self.login(x, request, site, catalogue);
        let authenticated = self.authenticates(request, site, x);
        let account = match login {
            Some(LoginOutcome::Success) => self.log_in(x, request, site),
            _ => None,
        };
        // A login that failed was still made within the session it came in.
        let account = account.or_else(|| self.holder(x, request, site));
        // What a login earned is bound by now; whether an undecided one earned anything is not known.
        if !matches!(login, Some(LoginOutcome::Success | LoginOutcome::Unknown)) {
            self.follow(x, request, site, account);
        }
        if let Some(account) = account {
            self.accounts.used(account, caller, x);
        }
        match login {
            Some(LoginOutcome::Success) => self.logins[0] += 1,
            Some(LoginOutcome::Failure) => self.logins[1] += 1,
            Some(LoginOutcome::Unknown) => self.logins[2] += 1,
            None => {}
        }
        Identified { caller, origin, account, login, authenticated }
    }

    /// Counts the persons whose data passed in an exchange made under an account: `data` is what of it counts.
    pub fn saw(&mut self, account: AccountId, time: Timestamp, data: &[DataItem], catalogue: &Catalogue) {
        self.accounts.saw(account, time, data, catalogue);
    }

    /// What is learned of callers, proxies, accounts and sessions: not where addresses are, whom people trust, and who has which account.
    ///
    /// # Errors
    /// None in practice.
    pub fn save(&self) -> Result<Vec<u8>, StateError> {
        encode(&(&self.callers, &self.proxies, &self.accounts, &self.sessions, &self.habits, self.logins))
    }
    /// Takes over what was learned before, in the place of what is here; places, trust and people are those of now.
    ///
    /// # Errors
    /// Where another version wrote it, with other fields; nothing is taken over then.
    pub fn restore(&mut self, saved: &[u8]) -> Result<(), StateError> {
        let (callers, proxies, accounts, sessions, habits, logins) = decode(saved)?;
        self.callers.resume(callers);
        self.proxies.resume(proxies);
        self.accounts.resume(accounts);
        self.sessions.resume(sessions);
        (self.habits, self.logins) = (habits, logins);
        Ok(())
    }
    /// Callers by [`CallerId`].
    pub fn callers(&self) -> &[Caller] {
        &self.callers.list
    }
    /// Accounts by [`AccountId`].
    pub fn accounts(&self) -> &[Account] {
        &self.accounts.list
    }
    /// Fill and overflow.
    pub fn stats(&self) -> Stats {
        Stats {
            sessions: self.sessions.len() as u64,
            sessions_evicted: self.sessions.evicted,
            callers_overflow: self.callers.overflow,
            accounts_overflow: self.accounts.overflow,
            logins_succeeded: self.logins[0],
            logins_failed: self.logins[1],
            logins_unknown: self.logins[2],
        }
    }

    /// How a login attempt ended; `None` where the exchange is none. Basic authentication is one where it is refused, and where
    /// it is accepted for the first time.
    fn login(
        &mut self,
        x: &Exchange,
        request: &Request,
        site: SiteId,
        catalogue: &Catalogue,
    ) -> Option<LoginOutcome> {
        if let Some(basic) = request.credentials.iter().find(|c| c.kind == CredentialKind::Basic)
            && (request.login.is_none() || !outcome::is_attempt(request) || !issues(x))
        {
            let known = self.sessions.used(site, basic.fingerprint, x.time).is_some();
            return match x.status() {
                Some(401) => Some(LoginOutcome::Failure),
                _ if accepted(x) && !known => Some(LoginOutcome::Success),
                _ => None,
            };
        }
        if !outcome::is_attempt(request) {
            return None;
        }
        let unknown = Habit::default();
        let habit = self.habits.get(&site).unwrap_or(&unknown);
        Some(outcome::outcome(x, request, habit, catalogue))
    }

    /// Binds what a successful login earned to its account.
    fn log_in(&mut self, x: &Exchange, request: &Request, site: SiteId) -> Option<AccountId> {
        let basic = request.credentials.iter().find(|c| c.kind == CredentialKind::Basic);
        let given = request.login.as_ref().and_then(|l| l.account.as_deref());
        let issued = x.response.as_ref().map_or(&[][..], |r| &r.issued);
        let origin =
            if given.is_none() && basic.is_some() { AccountOrigin::Basic } else { AccountOrigin::Login };
        let name = given.or_else(|| basic.and_then(|b| b.account.as_deref()));
        // A login whose name is not known (or no name) may be named by the token it earned.
        let name = name.or_else(|| issued.iter().find_map(|c| c.account.as_deref()))?;
        let account = self.accounts.named(site, name, origin, x, self.config.accounts)?;
        let mut cookie = false;
        for c in issued.iter().filter(|c| is_token(c) || is_session(c)) {
            cookie |= is_session(c);
            self.sessions.issue(site, c.fingerprint, account, x.ended);
        }
        let token = issued.iter().any(is_token);
        if !cookie && !token {
            for c in request.credentials.iter().filter(|c| is_session(c)) {
                self.sessions.put(site, c.fingerprint, Holder::Account(account), x.ended);
            }
        }
        if let Some(b) = basic {
            self.sessions.put(site, b.fingerprint, Holder::Account(account), x.ended);
        }
        if let Some(habit) = self.habit(site) {
            habit.with_token += u64::from(token);
            habit.with_redirect += u64::from(x.status().is_some_and(|s| (300..400).contains(&s)));
            let kept = request.credentials.iter().filter(|c| !cookie && !token && is_session(c));
            for c in issued.iter().filter(|c| is_session(c)).chain(kept) {
                habit.handed_out(&c.name, true);
            }
            // A cookie that was there before, while the login earned something else, is one that scripts or advertisers set.
            let other = |c: &&Credential| is_session(c) && !issued.iter().any(|i| i.name == c.name);
            for c in request.credentials.iter().filter(|c| (cookie || token) && other(c)) {
                habit.handed_out(&c.name, false);
            }
        }
        Some(account)
    }

    fn habit(&mut self, site: SiteId) -> Option<&mut Habit> {
        if self.habits.len() >= self.config.sites && !self.habits.contains_key(&site) {
            return None;
        }
        Some(self.habits.entry(site).or_default())
    }

    /// The account that the request's credentials stand for.
    fn holder(&mut self, x: &Exchange, request: &Request, site: SiteId) -> Option<AccountId> {
        let mut carried: SmallVec<[(u8, &Credential); 8]> =
            request.credentials.iter().filter_map(|c| Some((rank(c)?, c))).collect();
        carried.sort_by_key(|(rank, _)| *rank);
        for (_, c) in &carried {
            if c.kind == CredentialKind::Connection {
                continue;
            }
            if let Some(Holder::Account(id)) = self.sessions.used(site, c.fingerprint, x.time) {
                return Some(id);
            }
        }
        // The login of a connection was believed when it was made; others are by what they are let in to.
        if !accepted(x) && !x.protocol.is_session() {
            return None;
        }
        // What names its account itself is believed where it was let in.
        for (_, c) in carried {
            let Some(name) = c.account.as_deref() else { continue };
            let origin = match c.kind {
                CredentialKind::Basic => AccountOrigin::Basic,
                CredentialKind::Connection => AccountOrigin::Login,
                _ => AccountOrigin::Token,
            };
            if let Some(id) = self.accounts.named(site, name, origin, x, self.config.accounts) {
                // Digests and challenges differ each time, and a connection's login is its own, so that they are no sessions.
                if !matches!(
                    c.kind,
                    CredentialKind::Digest | CredentialKind::Negotiate | CredentialKind::Connection
                ) {
                    self.sessions.issue(site, c.fingerprint, id, x.time);
                }
                return Some(id);
            }
        }
        None
    }

    /// What an exchange other than a successful login does to sessions: renews, ends or hands them out.
    fn follow(&mut self, x: &Exchange, request: &Request, site: SiteId, account: Option<AccountId>) {
        let issued = x.response.as_ref().map_or(&[][..], |r| &r.issued);
        if accepted(x) && names::is_logout_path(&request.target) {
            for c in request.credentials.iter().filter(|c| c.kind != CredentialKind::Basic) {
                self.sessions.end(site, c.fingerprint);
            }
            return;
        }
        for c in issued.iter().filter(|c| is_session(c)) {
            let renewed = request.credentials.iter().any(|s| is_session(s) && s.name == c.name);
            match account {
                Some(account) if renewed && accepted(x) => {
                    self.sessions.issue(site, c.fingerprint, account, x.ended)
                }
                Some(_) => {}
                None => {
                    self.sessions.hand_out(site, c.fingerprint, x.ended);
                    if let Some(habit) = self.habit(site) {
                        habit.handed_out(&c.name, false);
                    }
                }
            }
        }
        if let Some(account) = account
            && accepted(x)
            && issued.iter().any(is_token)
            && (names::is_login_path(&request.target) || request.target.contains("refresh"))
        {
            for c in issued.iter().filter(|c| is_token(c)) {
                self.sessions.issue(site, c.fingerprint, account, x.ended);
            }
        }
    }

    /// Whether the request carries a credential that authenticates.
    fn authenticates(&mut self, request: &Request, site: SiteId, x: &Exchange) -> bool {
        request.credentials.iter().filter(|c| rank(c).is_some()).any(|c| {
            if c.kind != CredentialKind::SessionCookie {
                return true;
            }
            match self.sessions.used(site, c.fingerprint, x.time) {
                Some(Holder::Account(_)) => true,
                Some(Holder::Anyone | Holder::Several) => false,
                None => !self.habits.get(&site).is_some_and(|h| h.is_anonymous(&c.name)),
            }
        })
    }
}

/// Which of several credentials tells best who calls, the least first; `None` for those that tell nothing.
fn rank(c: &Credential) -> Option<u8> {
    let named = |rank| (!names::is_csrf(&c.name)).then_some(rank);
    match c.kind {
        CredentialKind::Bearer => Some(0),
        CredentialKind::Basic | CredentialKind::Connection => Some(1),
        CredentialKind::Digest | CredentialKind::Negotiate => Some(2),
        CredentialKind::TokenParam => named(3),
        CredentialKind::SessionCookie => named(4),
        CredentialKind::ApiKey => named(5),
        CredentialKind::Signature => None,
    }
}

/// Whether the server let the request in.
fn accepted(x: &Exchange) -> bool {
    x.status().is_some_and(|s| (200..400).contains(&s))
}

/// Whether the reply issues anything.
fn issues(x: &Exchange) -> bool {
    x.response.as_ref().is_some_and(|r| !r.issued.is_empty())
}
