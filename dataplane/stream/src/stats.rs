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
}
