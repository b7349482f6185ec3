//! Attempts to log in, from login requests and from Basic authentication.

use crate::facts;
use weir_exchange::{CredentialKind, Fingerprint};
use weir_model::{Known, LoginOutcome, Observation};

/// An attempt whose end is known.
pub(crate) struct Attempt {
    /// Account tried, where the request tells.
    pub account: Option<Box<str>>,
    /// The password, as a fingerprint.
    pub password: Option<Fingerprint>,
    /// Whether it was accepted.
    pub accepted: bool,
}

/// The attempt an observation is; `None` where it is none or its end is unknown.
pub(crate) fn attempt(seen: &Observation<'_>, known: &Known<'_>) -> Option<Attempt> {
    let request = facts::request(seen)?;
    if let Some(outcome) = seen.login {
        let accepted = match outcome {
            LoginOutcome::Success => true,
            LoginOutcome::Failure => false,
            LoginOutcome::Unknown => return None,
        };
        let basic = request.credentials.iter().find(|c| c.kind == CredentialKind::Basic);
        let login = request.login.as_ref();
        let named = login.and_then(|l| l.account.as_deref()).or(basic.and_then(|c| c.account.as_deref()));
        let account = named.map(Box::from).or_else(|| Some(known.account(seen.account?)?.name.clone()));
        let password = login.map(|l| l.password.fingerprint).or_else(|| basic.map(|c| c.fingerprint));
        return Some(Attempt { account, password, accepted });
    }
    let basic = request.credentials.iter().find(|c| c.kind == CredentialKind::Basic)?;
    let accepted = match seen.exchange.status()? {
        401 => false,
        200..=399 => true,
        _ => return None,
    };
    Some(Attempt {
        account: basic.account.as_deref().map(Box::from),
        password: Some(basic.fingerprint),
        accepted,
    })
}
