//! The table, and how it tells the layer above.

use crate::{
    Config, Flow, Sink, Stats, Want,
    cold::Colds,
    config::Limits,
    holes::SIDES,
    hot::{Hot, flag},
    huge,
    index::Index,
    key::Secret,
    pages::Pages,
    wheel::{Link, Wheel},
};
use weir_wire::{Account, EndReason, Ledger, Side, StreamEvent, Timestamp};

/// Follows TCP flows and puts their bytes in order; see the crate's documentation.
///
/// `S` is what the [`Sink`] keeps for each flow.
pub struct FlowTable<S> {
    pub(crate) limits: Limits,
    pub(crate) secret: Secret,
    pub(crate) index: Index,
    pub(crate) hot: Vec<Hot>,
    pub(crate) warm: Vec<Warm<S>>,
    pub(crate) free: Vec<u32>,
    pub(crate) wheel: Wheel,
    pub(crate) colds: Colds,
    pub(crate) pages: Pages,
    pub(crate) stats: Stats,
    /// Where the search for a flow to evict goes on.
    pub(crate) hand: usize,
}

/// What only packets with payload touch.
pub(crate) struct Warm<S> {
    pub started: Timestamp,
    /// How many flows were opened before.
    pub order: u64,
    /// From the first byte to the close, or until nothing more is wanted.
    pub state: Option<S>,
}

/// An idle flow: hot line, timer, the rest with a boxed state, its share of the index at 5/8 load, its place in the
/// free list.
const _: () = assert!(64 + size_of::<Link>() + size_of::<Warm<Box<()>>>() + 13 + 4 <= 120);

/// Where results go, during one call.
pub(crate) struct Out<'a, K> {
    pub ledger: &'a mut Ledger,
    pub sink: &'a mut K,
}

impl<K> Out<'_, K> {
    /// Books payload bytes; none is no entry.
    pub fn book(&mut self, account: Account, bytes: usize) {
        if bytes > 0 {
            self.ledger.add(account, bytes as u64);
        }
    }
}

impl<S> Warm<S> {
    /// Tells the sink, opening the flow first where this is its first byte or gap. Of a shunted flow, books the bytes.
    #[inline]
    pub fn tell<K: Sink<S>>(&mut self, hot: &mut Hot, event: StreamEvent<'_>, out: &mut Out<'_, K>) {
        if self.state.is_none() && !hot.is_shunted() {
            self.open(hot, &event, out);
        }
        match &mut self.state {
            Some(state) => {
                let flow = Flow::new(hot, self.started);
                if let Want::Nothing(account) = out.sink.event(state, flow, event, out.ledger) {
                    self.shunt(hot, account, out);
                }
            }
            None => {
                if let (StreamEvent::Data { bytes, .. }, Some(account)) = (event, hot.shunted()) {
                    out.book(account, bytes.len());
                }
            }
        }
    }
    /// Opens the flow; the sides that ended without a byte have ended.
    #[inline(never)]
    fn open<K: Sink<S>>(&mut self, hot: &mut Hot, first: &StreamEvent<'_>, out: &mut Out<'_, K>) {
        let flow = Flow::new(hot, self.started);
        let state = self.state.insert(out.sink.open(&flow.meta()));
        let (StreamEvent::Data { time, .. } | StreamEvent::Gap { time, .. } | StreamEvent::End { time, .. }) =
            *first;
        for side in SIDES.into_iter().filter(|&side| hot.has_of(side, flag::ENDED)) {
            let end = StreamEvent::End { side, time, reason: EndReason::Fin };
            if let Want::Nothing(account) = out.sink.event(state, flow, end, out.ledger) {
                return self.shunt(hot, account, out);
            }
        }
    }
    #[inline(never)]
    fn shunt<K: Sink<S>>(&mut self, hot: &mut Hot, account: Account, out: &mut Out<'_, K>) {
        hot.shunt(account);
        if let Some(state) = self.state.take() {
            out.sink.closed(state, &hot.meta(self.started), out.ledger);
        }
    }
    /// Books bytes as delivered and hands them on.
    #[inline]
    pub fn deliver<K: Sink<S>>(
        &mut self,
        hot: &mut Hot,
        side: Side,
        time: Timestamp,
        bytes: &[u8],
        out: &mut Out<'_, K>,
    ) {
        out.ledger.add(Account::StreamDelivered, bytes.len() as u64);
        self.tell(hot, StreamEvent::Data { side, time, bytes }, out);
    }
}

impl<S> FlowTable<S> {
    /// An empty table with the given bounds.
    pub fn new(config: Config) -> Self {
        let secret = Secret::new(config.seed);
        let limits = Limits::from(config);
        FlowTable {
            index: Index::new(limits.flows),
            hot: huge::vec(limits.flows),
            warm: huge::vec(limits.flows),
            free: Vec::new(),
            wheel: Wheel::new(limits.flows),
            colds: Colds::new(limits.total_pages as usize),
            pages: Pages::new(limits.total_pages),
            stats: Stats::default(),
            hand: 0,
            secret,
            limits,
        }
    }

    /// What the table has done so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }
}
