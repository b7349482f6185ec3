//! Which interfaces answer without a credential.

use crate::state::Resume;
use crate::table::Table;
use crate::{facts, target};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use weir_model::{CallerId, InterfaceForm, InterfaceId, Known, Observation, Operation};

/// Interfaces watched.
const INTERFACES: usize = 16_384;
/// Callers without a credential that are counted one by one.
const CALLERS: usize = 64;

/// Successful calls of one interface, with and without a credential.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Calls {
    /// Without.
    pub open: u64,
    /// With.
    pub closed: u64,
    /// Who called without, the first 64.
    pub callers: BTreeSet<CallerId>,
}

impl Calls {
    /// Whether calls without a credential are how the interface is used, not a slip: enough of its calls, or enough callers.
    pub fn is_open(&self, percent: u64, callers: u64) -> bool {
        let share = self.open * 100 >= percent * (self.open + self.closed);
        self.open > 0 && (share || self.callers.len() as u64 >= callers)
    }
}

/// Counts calls by interface.
#[derive(Serialize, Deserialize)]
pub(crate) struct Openness {
    calls: Table<InterfaceId, Calls>,
}

impl Resume for Openness {
    fn resume(&mut self, saved: Openness) {
        self.calls.resume(saved.calls);
    }
}

impl Openness {
    pub fn new() -> Self {
        Openness { calls: Table::new(INTERFACES) }
    }

    /// Counts a successful call of an interface that ought to be protected if it holds data; gives the counts where the call was open.
    pub fn count(&mut self, seen: &Observation<'_>, known: &Known<'_>) -> Option<&Calls> {
        let interface = seen.interface?;
        if !facts::succeeded(seen) || meant_to_be_open(seen, known) {
            return None;
        }
        let calls = self.calls.entry(&interface, Calls::default);
        if seen.authenticated {
            calls.closed += 1;
            return None;
        }
        calls.open += 1;
        if calls.callers.len() < CALLERS {
            calls.callers.insert(seen.caller);
        }
        Some(calls)
    }

    /// Unites the counts of two interfaces.
    pub fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        let Some(old) = self.calls.remove(&from) else { return };
        let calls = self.calls.entry(&into, Calls::default);
        calls.open += old.open;
        calls.closed += old.closed;
        calls.callers.extend(old.callers);
        while calls.callers.len() > CALLERS {
            calls.callers.pop_last();
        }
    }

    pub const fn evicted(&self) -> u64 {
        self.calls.evicted()
    }
}

/// Interfaces that work without a credential by their nature: logins, registration, health checks, static content.
fn meant_to_be_open(seen: &Observation<'_>, known: &Known<'_>) -> bool {
    const WORDS: &[&str] = &[
        "login",
        "signin",
        "logon",
        "logout",
        "signout",
        "register",
        "registration",
        "signup",
        "captcha",
        "health",
        "healthz",
        "healthcheck",
        "ping",
        "livez",
        "readyz",
        "version",
        "forgot",
        "forgotpassword",
        "resetpassword",
        "oauth",
        "oauth2",
        "authorize",
        "token",
        "sso",
        "cas",
        "static",
        "assets",
        "favicon.ico",
        "robots.txt",
    ];
    if seen.login.is_some() {
        return true;
    }
    if let Some(interface) = seen.interface.and_then(|id| known.interface(id))
        && (interface.operation == Operation::Login || interface.form == InterfaceForm::Static)
    {
        return true;
    }
    let Some(request) = facts::request(seen) else { return true };
    let path = target::path(&request.target);
    path.split('/').any(|s| WORDS.iter().any(|w| s.eq_ignore_ascii_case(w)))
}
