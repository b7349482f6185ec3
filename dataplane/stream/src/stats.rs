//! Counters of a flow table.

/// What a table has done so far. Bytes are booked in the ledger; these are the events behind them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Stats {
    /// Flows opened.
    pub opened: u64,
    /// Flows in the table now, those that lately closed included.
    pub live: u64,
    /// Most flows in the table at once.
    pub live_peak: u64,
    /// Flows picked up without their handshake.
    pub picked_up: u64,
    /// Flows removed because the table was full.
    pub evicted: u64,
    /// Packets that would have opened a flow, refused because the table was full.
    pub refused: u64,
    /// Flows ended because their ports began a new connection.
    pub reused: u64,
    /// Flows ended by RST.
    pub resets: u64,
    /// RSTs not believed, being outside the window.
    pub resets_ignored: u64,
    /// Open flows ended for idleness.
    pub timeouts: u64,
    /// Segments that had to wait for earlier bytes.
    pub out_of_order: u64,
    /// Out-of-order bytes held now.
    pub held_bytes: u64,
    /// Most out-of-order bytes held at once.
    pub held_bytes_peak: u64,
    /// Holes declared lost, snap-length cuts included.
    pub gaps: u64,
    /// Bytes in those holes.
    pub gap_bytes: u64,
    /// Holes given up early because a budget was full.
    pub over_budget: u64,
    /// Directions set on anew after a run of segments outside the window.
    pub resyncs: u64,
    /// Connections that ended of which packets of both sides were seen. Unanswered SYNs are no connections.
    pub both_ways: u64,
    /// Those of which only the client's were: its acknowledgements show that the server spoke, out of the mirror's sight.
    pub client_only: u64,
    /// Those of which only the server's were. Many of one kind are a mirror of one direction; of both kinds, routes that
    /// differ by direction.
    pub server_only: u64,
}

impl Stats {
    /// Adds another table's figures; peaks are added too, as both tables exist at once.
    pub fn absorb(&mut self, other: &Stats) {
        let Stats {
            opened,
            live,
            live_peak,
            picked_up,
            evicted,
            refused,
            reused,
            resets,
            resets_ignored,
            ..
        } = other;
        let Stats {
            timeouts,
            out_of_order,
            held_bytes,
            held_bytes_peak,
            gaps,
            gap_bytes,
            over_budget,
            resyncs,
            both_ways,
            client_only,
            server_only,
            ..
        } = other;
        for (sum, more) in [
            (&mut self.opened, opened),
            (&mut self.live, live),
            (&mut self.live_peak, live_peak),
            (&mut self.picked_up, picked_up),
            (&mut self.evicted, evicted),
            (&mut self.refused, refused),
            (&mut self.reused, reused),
            (&mut self.resets, resets),
            (&mut self.resets_ignored, resets_ignored),
            (&mut self.timeouts, timeouts),
            (&mut self.out_of_order, out_of_order),
            (&mut self.held_bytes, held_bytes),
            (&mut self.held_bytes_peak, held_bytes_peak),
            (&mut self.gaps, gaps),
            (&mut self.gap_bytes, gap_bytes),
            (&mut self.over_budget, over_budget),
            (&mut self.resyncs, resyncs),
            (&mut self.both_ways, both_ways),
            (&mut self.client_only, client_only),
            (&mut self.server_only, server_only),
        ] {
            *sum += more;
        }
    }
}
