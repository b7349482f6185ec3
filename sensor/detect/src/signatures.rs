//! Signed requests that come again.

use crate::digest::digest;
use crate::familiar::mix;
use crate::state::Resume;
use crate::table::Table;
use crate::{Seen, facts};
use serde::{Deserialize, Serialize};
use weir_exchange::CredentialKind;
use weir_model::{CallerId, SiteId};
use weir_wire::{Duration, Timestamp};

/// Signed requests remembered: 64 bytes each.
const REQUESTS: usize = 16_384;

/// A signed request that was accepted.
#[derive(Serialize, Deserialize)]
struct First {
    time: Timestamp,
    caller: CallerId,
    /// Good answers to it beyond the window, from others than the first caller.
    strangers: u32,
}

/// One that was accepted again beyond the window.
pub(crate) struct Again {
    /// Seconds since the first.
    pub seconds: u64,
    /// Whether it came from another than the first, and how often that was so by now.
    pub by_strangers: Option<u32>,
}

/// Signatures with their targets, as they are accepted.
#[derive(Serialize, Deserialize)]
pub(crate) struct Signatures {
    window: Duration,
    accepted: Table<(SiteId, u64), First>,
}

impl Resume for Signatures {
    fn resume(&mut self, saved: Signatures) {
        self.accepted.resume(saved.accepted);
    }
}

impl Signatures {
    /// Where what comes again within so many seconds is a retry.
    pub fn new(seconds: u64) -> Self {
        Signatures { window: Duration::from_secs(seconds), accepted: Table::new(REQUESTS) }
    }

    /// Takes in a call; what is wrong with it, where it was accepted again beyond the window.
    pub fn accepted(&mut self, seen: &Seen<'_>) -> Option<Again> {
        let request = facts::request(seen)?;
        let signature = request.credentials.iter().find(|c| c.kind == CredentialKind::Signature)?;
        if !facts::succeeded(seen) {
            return None;
        }
        let target = mix(digest(&request.method), digest(&request.target));
        let (time, caller) = (seen.exchange.time, seen.caller);
        let key = (seen.site, mix(signature.fingerprint.0, target));
        let first = self.accepted.entry(&key, || First { time, caller, strangers: 0 });
        let since = time.since(first.time);
        if since <= self.window {
            return None;
        }
        let stranger = first.caller != caller;
        first.strangers = first.strangers.saturating_add(u32::from(stranger));
        Some(Again {
            seconds: since.as_nanos() / 1_000_000_000,
            by_strangers: stranger.then_some(first.strangers),
        })
    }

    pub const fn evicted(&self) -> u64 {
        self.accepted.evicted()
    }
}
