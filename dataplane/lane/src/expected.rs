//! Flows to come that others announced: data connections of FTP.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use weir_protocol::{Expectation, Transfer};
use weir_wire::{Duration, FlowMeta, Side, Timestamp};

/// Most that are waited for.
const MAX: usize = 4096;
/// How long one is waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// Address and port that is listened on, and the address that will call.
type Key = (IpAddr, u16, IpAddr);

/// A data connection that came.
#[derive(Debug)]
pub(crate) struct Meeting {
    /// What it shares with the control connection.
    pub(crate) transfer: Arc<Transfer>,
    /// The control connection.
    pub(crate) control: FlowMeta,
}

/// Announced flows of one lane, the oldest forgotten first.
#[derive(Default, Debug)]
pub(crate) struct Expected {
    held: BTreeMap<Key, (Meeting, Timestamp)>,
    order: VecDeque<(Timestamp, Key)>,
}

impl Expected {
    /// Waits for what `control` announced.
    pub(crate) fn add(&mut self, expectation: Expectation, control: FlowMeta, now: Timestamp) {
        let (at, from) = match expectation.listener {
            Side::Server => (control.server.ip, control.client.ip),
            Side::Client => (control.client.ip, control.server.ip),
        };
        let key = (at, expectation.port, from);
        self.held.insert(key, (Meeting { transfer: expectation.transfer, control }, now));
        self.order.push_back((now, key));
        while let Some((time, key)) = self.order.front().copied()
            && (self.order.len() > MAX || now.since(time) > PATIENCE)
        {
            self.order.pop_front();
            if self.held.get(&key).is_some_and(|(_, t)| *t == time) {
                self.held.remove(&key);
            }
        }
    }

    /// What a new flow was announced as.
    #[inline]
    pub(crate) fn take(&mut self, meta: &FlowMeta) -> Option<Meeting> {
        if self.held.is_empty() {
            return None;
        }
        let key = (meta.server.ip, meta.server.port, meta.client.ip);
        let (meeting, time) = self.held.remove(&key)?;
        (meta.started.since(time) <= PATIENCE).then_some(meeting)
    }
}
