//! Observations: exchanges put in their place.

use crate::{AccountId, CallerId, InterfaceId, SiteId};
use weir_exchange::{Catalogue, Exchange, Text};

/// How a login attempt ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LoginOutcome {
    /// Accepted.
    Success,
    /// Refused.
    Failure,
    /// The reply does not tell.
    Unknown,
}

/// An exchange with everything the inventory and the directory of identities know of it.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The facts.
    pub exchange: &'a Exchange,
    /// The rules' catalogue, for names and grades.
    pub catalogue: &'a Catalogue,
    /// Where.
    pub site: SiteId,
    /// Which interface; `None` for a lone response.
    pub interface: Option<InterfaceId>,
    /// From where.
    pub caller: CallerId,
    /// Under which account, where known.
    pub account: Option<AccountId>,
    /// How a login attempt ended; `None` where it is none.
    pub login: Option<LoginOutcome>,
    /// Whether the request carried a credential that authenticates: a session, a token, a key; not a signature alone.
    pub authenticated: bool,
    /// Values of the variable path segments, in order, with their names in the template (`id`, `1001`).
    pub path_values: &'a [(Text, Text)],
}
