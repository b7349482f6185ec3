//! The bounds of a flow table, and what each is for.

use crate::wheel;
use weir_wire::Duration;

/// Bounds and patience of one [`FlowTable`](crate::FlowTable). Times are packet time, rounded up to a tick
/// of 2^26 ns (67 ms).
#[derive(Clone, Debug)]
pub struct Config {
    /// Flows held at once, those that lately closed included. Memory is mapped at start and touched as
    /// flows come: about 105 bytes a flow and the size of `Option<S>`.
    pub flows: u32,
    /// Out-of-order bytes that one direction of a flow may hold, in whole pages of 2 KiB. More than the
    /// bandwidth-delay product of one connection is never needed: 4 MiB is 300 Mbit/s over 100 ms.
    pub side_bytes: u32,
    /// Out-of-order bytes of all flows together, in whole pages of 2 KiB.
    pub total_bytes: u64,
    /// Idle time of a flow of which only SYNs were seen. SYNs are repeated at 1, 3, 7, 15 s (RFC 6298).
    pub half_open: Duration,
    /// Idle time of an established flow. One that speaks again later is picked up mid-stream.
    pub established: Duration,
    /// Idle time once one side has ended.
    pub closing: Duration,
    /// How long a closed flow is remembered, so that late copies do not look like a new flow. Packets do
    /// not prolong it: a connection that goes on after a forged RST is picked up again.
    pub linger: Duration,
    /// A hole is lost when the peer has acknowledged past it and this much time has gone since: what is
    /// acknowledged is not sent again, and mirror ports reorder by microseconds, not by tenths of seconds.
    pub ack_patience: Duration,
    /// As [`Config::ack_patience`], on busy flows: this many further segments of the direction with the hole.
    /// Several times what mirror ports, link bundles and multi-queue cards are seen to reorder.
    pub ack_patience_segments: u32,
    /// A hole that nobody acknowledges (one-way mirrors, stalled senders) is lost after this time, which
    /// leaves room for the first four retransmission timeouts.
    pub hole_patience: Duration,
    /// When the table is full, an established flow gives way only if it has been idle for this long.
    pub evict_after: Duration,
    /// Key of the table's hash. Results depend on it only when the table is full; a live sensor may choose
    /// it at random, so that colliding ports cannot be computed beforehand.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            flows: 1 << 20,
            side_bytes: 4 << 20,
            total_bytes: 64 << 20,
            half_open: Duration::from_secs(30),
            established: Duration::from_secs(300),
            closing: Duration::from_secs(60),
            linger: Duration::from_secs(5),
            ack_patience: Duration::from_millis(300),
            ack_patience_segments: 64,
            hole_patience: Duration::from_secs(5),
            evict_after: Duration::from_secs(5),
            seed: 0x9e37_79b9_7f4a_7c15,
        }
    }
}

/// The same in ticks and pages, as the table uses them.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub flows: usize,
    pub side_pages: u32,
    pub total_pages: u32,
    pub half_open: u32,
    pub established: u32,
    pub closing: u32,
    pub linger: u32,
    pub ack_patience: u32,
    pub ack_patience_segments: u32,
    pub hole_patience: u32,
    pub evict_after: u32,
}

impl From<Config> for Limits {
    fn from(c: Config) -> Self {
        let pages = |bytes: u64| u32::try_from(bytes / crate::pages::PAGE as u64).unwrap_or(u32::MAX).max(1);
        // A tick more than the time: "now" is rounded down to a tick, so a timer never fires early.
        let ticks = |d: Duration| wheel::ticks(d).saturating_add(1);
        Limits {
            flows: c.flows.clamp(1, 1 << 30) as usize,
            side_pages: pages(u64::from(c.side_bytes)),
            total_pages: pages(c.total_bytes).min(1 << 30),
            half_open: ticks(c.half_open),
            established: ticks(c.established),
            closing: ticks(c.closing),
            linger: ticks(c.linger),
            ack_patience: ticks(c.ack_patience),
            ack_patience_segments: c.ack_patience_segments.max(1),
            hole_patience: ticks(c.hole_patience),
            evict_after: wheel::ticks(c.evict_after),
        }
    }
}
