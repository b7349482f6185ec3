//! The table: finding a packet's flow, and the short way of packets in order.

use crate::{
    Config, Sink, Stats,
    cold::Colds,
    config::Limits,
    hot::{Hot, flag},
    index::Index,
    key::{Key, Secret},
    pages::Pages,
    prefetch::prefetch,
    wheel::{Link, Wheel, tick_of},
};
use weir_wire::{
    Account, EndReason, Ledger, Packet, Side, StreamEvent, TcpFlags, TcpHeader, Timestamp, Transport,
};

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
    /// From the first byte to the close.
    pub state: Option<S>,
}

/// An idle flow: hot line, timer, the rest with a boxed state, its share of the index at half load, its place in the
/// free list.
const _: () = assert!(64 + size_of::<Link>() + size_of::<Warm<Box<()>>>() + 2 * 8 + 4 <= 128);

/// Packets looked up together: enough to hide the latency of memory, few enough to stay in the nearest cache.
const BURST: usize = 32;

/// Where a packet belongs.
#[derive(Clone, Copy)]
struct Place {
    key: Key,
    hash: u64,
    from_hi: bool,
}

impl Place {
    const NONE: Place = Place { key: Key::NONE, hash: 0, from_hi: false };
}

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
    /// Tells the sink, opening the flow first where this is its first byte or gap.
    #[inline]
    pub fn tell<K: Sink<S>>(&mut self, hot: &Hot, event: StreamEvent<'_>, out: &mut Out<'_, K>) {
        let meta = hot.meta(self.started);
        let state = match &mut self.state {
            Some(state) => state,
            None => {
                let state = self.state.insert(out.sink.open(&meta));
                let (StreamEvent::Data { time, .. }
                | StreamEvent::Gap { time, .. }
                | StreamEvent::End { time, .. }) = event;
                for side in [Side::Client, Side::Server] {
                    if hot.has_of(side, flag::ENDED) {
                        let end = StreamEvent::End { side, time, reason: EndReason::Fin };
                        out.sink.event(state, &meta, end, out.ledger);
                    }
                }
                state
            }
        };
        out.sink.event(state, &meta, event, out.ledger);
    }
    /// Books bytes as delivered and hands them on.
    #[inline]
    pub fn deliver<K: Sink<S>>(
        &mut self,
        hot: &Hot,
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
            hot: Vec::with_capacity(limits.flows),
            warm: Vec::with_capacity(limits.flows),
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

    /// Feeds one packet; those that are not TCP are passed over. `now` is the lane's clock: the latest packet time
    /// that the source has seen, the same for a packet however many lanes there are. Timers due fire first.
    pub fn segment<K: Sink<S>>(
        &mut self,
        packet: &Packet<'_>,
        now: Timestamp,
        ledger: &mut Ledger,
        sink: &mut K,
    ) {
        let Transport::Tcp(tcp) = &packet.transport else { return };
        let (key, from_hi) = Key::of(packet);
        let hash = key.hash(self.secret);
        self.place(packet, tcp, &Place { key, hash, from_hi }, now, &mut Out { ledger, sink });
    }

    /// Feeds packets in order, each with the clock at its arrival, as [`FlowTable::segment`] does one by one; but asks for
    /// the memory of 32 packets at a time before it needs it.
    pub fn burst<K: Sink<S>>(
        &mut self,
        packets: &[(Packet<'_>, Timestamp)],
        ledger: &mut Ledger,
        sink: &mut K,
    ) {
        let out = &mut Out { ledger, sink };
        let mut places = [Place::NONE; BURST];
        for packets in packets.chunks(BURST) {
            for (place, (packet, _)) in places.iter_mut().zip(packets) {
                let (key, from_hi) = Key::of(packet);
                let hash = key.hash(self.secret);
                *place = Place { key, hash, from_hi };
                self.index.prefetch(hash);
            }
            for (place, (packet, _)) in places.iter().zip(packets) {
                let Some(flow) = self.index.guess(place.hash) else { continue };
                prefetch(self.hot.get(flow as usize));
                if !packet.payload.is_empty() {
                    prefetch(self.warm.get(flow as usize));
                }
            }
            for (place, (packet, now)) in places.iter().zip(packets) {
                if let Transport::Tcp(tcp) = &packet.transport {
                    self.place(packet, tcp, place, *now, out);
                }
            }
        }
    }

    /// The short way: a packet of a known flow that is in order.
    #[inline]
    fn place<K: Sink<S>>(
        &mut self,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        place: &Place,
        now: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        if tick_of(now) > self.wheel.tick() {
            self.reach(tick_of(now), out);
        }
        let lines = &mut self.hot;
        let found = self.index.find(place.hash, |flow| lines[flow as usize].matches(&place.key));
        let Some(flow) = found else { return self.strange(packet, tcp, place, out) };
        let hot = &mut lines[flow as usize];
        let side = hot.side(place.from_hi);
        if !in_order(hot, side, tcp, packet) {
            return self.known(flow, side, packet, tcp, out);
        }
        hot.seen = self.wheel.tick() as u32;
        if !packet.payload.is_empty() {
            hot.next[side.index()] = tcp.seq.wrapping_add(packet.payload.len() as u32);
            self.warm[flow as usize].deliver(hot, side, packet.time, packet.payload, out);
        }
    }

    /// A packet whose key is not in the table.
    #[inline(never)]
    fn strange<K: Sink<S>>(
        &mut self,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        place: &Place,
        out: &mut Out<'_, K>,
    ) {
        let Place { key, hash, from_hi } = place;
        match self.other_direction(key, *hash, *from_hi, tcp) {
            Some(flow) => {
                let side = self.hot[flow as usize].side(*from_hi);
                self.known(flow, side, packet, tcp, out);
            }
            None => self.unknown(packet, tcp, key, *from_hi, out),
        }
    }
}

/// Whether a packet is the next of an established flow with nothing pending on either side.
#[inline]
fn in_order(hot: &Hot, side: Side, tcp: &TcpHeader, packet: &Packet<'_>) -> bool {
    const PLAIN: u8 = TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST;
    tcp.flags.0 & (PLAIN | TcpFlags::ACK) == TcpFlags::ACK
        && hot.is_plain(side)
        && tcp.seq == hot.next_of(side)
        && hot.unseen(side.peer(), tcp.ack) == 0
        && packet.missing == 0
        && packet.payload.len() < crate::WINDOW as usize
}
