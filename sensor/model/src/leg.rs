//! Legs (链路段): one call that is seen before and after a proxy.

use serde::{Deserialize, Serialize};
use weir_exchange::FlowRef;
use weir_wire::{Endpoint, Timestamp};

/// By what two exchanges were found to be one call, beside being the same and within one another in time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Proof {
    /// The second names the client of the first (`X-Forwarded-For` and the like).
    NamesClient,
    /// The second comes from the address that answered the first.
    SameAddress,
}

impl Proof {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Proof::NamesClient => "names-client",
            Proof::SameAddress => "same-address",
        }
    }
}

/// What one exchange is of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leg {
    /// All of it, as far as is seen.
    Only,
    /// The leg nearest to the client: it stands for the call. The next one goes to `upstream`.
    First {
        /// Who answers the next leg.
        upstream: Endpoint,
        /// By what they were found to be one call.
        proof: Proof,
    },
    /// A further leg of the call, which counts by its first leg.
    Further {
        /// Flow of the first leg.
        of: FlowRef,
        /// Number of the first leg in its flow.
        number: u32,
        /// By what they were found to be one call.
        proof: Proof,
    },
}

/// A backend (上游): where a provider passes calls on to, as seen on the second legs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Upstream {
    /// Calls passed on.
    pub calls: u64,
    /// Of those, calls whose second leg names the client of the first; the others come from the address that answered it.
    pub named: u64,
    /// First of them.
    pub first_seen: Timestamp,
    /// Last of them.
    pub last_seen: Timestamp,
}
