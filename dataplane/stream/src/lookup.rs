//! Finding a packet's flow, and the short way of packets in order.

use crate::{
    FlowTable, Sink,
    key::{Key, Narrow},
    prefetch::prefetch,
    table::Out,
    wheel::tick_of,
};
use weir_wire::{Account, Ledger, Packet, Segment, Side, TcpFlags, TcpHeader, Timestamp, Transport};

/// Packets looked up together: enough to hide the latency of memory, few enough to stay in the nearest cache.
const BURST: usize = 32;
/// Up to so many flows stay in the caches by themselves (64 bytes each), so that asking beforehand only costs.
const NEAR: u64 = 4096;

impl<S> FlowTable<S> {
    /// Feeds one packet; those that are not TCP are passed over. `now` is the lane's clock: the latest packet time
    /// that the source has seen, the same for a packet however many lanes there are. Timers due fire first.
    pub fn segment<K: Sink<S>>(
        &mut self,
        packet: &Packet<'_>,
        now: Timestamp,
        ledger: &mut Ledger,
        sink: &mut K,
    ) {
        self.one(packet, now, &mut Out { ledger, sink });
    }

    /// Feeds packets in order, each with the clock at its arrival, as [`FlowTable::segment`] does one by one; but asks
    /// for the memory of 32 packets at a time before it needs it.
    pub fn burst<K: Sink<S>>(
        &mut self,
        packets: &[(Packet<'_>, Timestamp)],
        ledger: &mut Ledger,
        sink: &mut K,
    ) {
        let out = &mut Out { ledger, sink };
        if self.stats.live <= NEAR {
            return packets.iter().for_each(|(packet, now)| self.one(packet, *now, out));
        }
        let mut keys = [None; BURST];
        for packets in packets.chunks(BURST) {
            self.fetch(packets, &mut keys);
            for ((packet, now), key) in packets.iter().zip(&keys) {
                if let Transport::Tcp(tcp) = &packet.transport {
                    self.deal(packet, tcp, key.as_ref(), *now, out);
                }
            }
        }
    }

    /// Works out keys, in two steps: once the index has been asked for, it tells what else to ask for.
    #[inline]
    fn fetch(&self, packets: &[(Packet<'_>, Timestamp)], keys: &mut [Option<Narrow>; BURST]) {
        let mut hashes = [0; BURST];
        for (((packet, _), key), hash) in packets.iter().zip(keys.iter_mut()).zip(&mut hashes) {
            *key = Narrow::of(packet, &self.secret);
            *hash = key.as_ref().map_or_else(|| Key::of(packet).0.hash(&self.secret), |key| key.hash);
            self.index.prefetch(*hash);
        }
        for ((packet, _), hash) in packets.iter().zip(&hashes) {
            let Some(flow) = self.index.guess(*hash) else { continue };
            prefetch(self.hot.get(flow as usize));
            if !packet.payload.is_empty() {
                prefetch(self.warm.get(flow as usize));
            }
        }
    }

    /// As [`FlowTable::segment`], for what most packets are.
    #[inline(always)]
    pub fn plain<K: Sink<S>>(
        &mut self,
        segment: &Segment<'_>,
        now: Timestamp,
        ledger: &mut Ledger,
        sink: &mut K,
    ) {
        if self.wheel.is_over(now) {
            self.reach(tick_of(now), &mut Out { ledger, sink });
        }
        let key = Narrow::of_segment(segment, &self.secret);
        let Segment { tcp, time, payload, .. } = segment;
        let flow = self.find(&key);
        match flow {
            Some(flow) if self.next(flow, key.from_hi, tcp, *time, payload, ledger, sink) => {}
            // By value: a segment whose place is asked for would have to be put somewhere even where it is not.
            _ => self.detour(*segment, flow.map(|flow| (flow, key.from_hi)), &mut Out { ledger, sink }),
        }
    }

    /// Whether so few flows are in the table that they stay in the caches by themselves: then [`FlowTable::burst`] does no
    /// better than [`FlowTable::plain`].
    #[inline]
    pub fn is_small(&self) -> bool {
        self.stats.live <= NEAR
    }

    /// What [`FlowTable::plain`] could not do.
    #[inline(never)]
    fn detour<K: Sink<S>>(&mut self, segment: Segment<'_>, flow: Option<(u32, bool)>, out: &mut Out<'_, K>) {
        let packet = Packet::from(segment);
        match flow {
            Some((flow, from_hi)) => {
                let side = self.hot[flow as usize].side(from_hi);
                self.known(flow, side, &packet, &segment.tcp, out);
            }
            None => self.search(&packet, &segment.tcp, true, out),
        }
    }

    #[inline(always)]
    fn one<K: Sink<S>>(&mut self, packet: &Packet<'_>, now: Timestamp, out: &mut Out<'_, K>) {
        if let Transport::Tcp(tcp) = &packet.transport {
            let key = Narrow::of(packet, &self.secret);
            self.deal(packet, tcp, key.as_ref(), now, out);
        }
    }

    /// A packet in the order of time, by the short way where there is one.
    #[inline(always)]
    fn deal<K: Sink<S>>(
        &mut self,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        key: Option<&Narrow>,
        now: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        if self.wheel.is_over(now) {
            self.reach(tick_of(now), out);
        }
        match key.and_then(|key| Some((key, self.find(key)?))) {
            Some((key, flow)) => self.follow(flow, key.from_hi, packet, tcp, out),
            None => self.search(packet, tcp, key.is_some(), out),
        }
    }

    /// The flow with this very key.
    #[inline(always)]
    fn find(&self, key: &Narrow) -> Option<u32> {
        let lines = &self.hot;
        self.index.find(key.hash, |flow| lines[flow as usize].is(key))
    }

    /// A packet whose flow is known.
    #[inline(always)]
    fn follow<K: Sink<S>>(
        &mut self,
        flow: u32,
        from_hi: bool,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        out: &mut Out<'_, K>,
    ) {
        let short = packet.missing == 0 && packet.payload.len() < crate::WINDOW as usize;
        if !short || !self.next(flow, from_hi, tcp, packet.time, packet.payload, out.ledger, out.sink) {
            let side = self.hot[flow as usize].side(from_hi);
            self.known(flow, side, packet, tcp, out);
        }
    }

    /// The short way: takes a segment that is the next of an established flow with nothing pending on either side. `false`
    /// where it is not, and nothing was done.
    #[inline(always)]
    #[expect(
        clippy::too_many_arguments,
        reason = "inlined: what is put together for a call would go by the memory"
    )]
    fn next<K: Sink<S>>(
        &mut self,
        flow: u32,
        from_hi: bool,
        tcp: &TcpHeader,
        time: Timestamp,
        payload: &[u8],
        ledger: &mut Ledger,
        sink: &mut K,
    ) -> bool {
        const PLAIN: u8 = TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST;
        let hot = &mut self.hot[flow as usize];
        let side = hot.side(from_hi);
        let in_order = tcp.flags.0 & (PLAIN | TcpFlags::ACK) == TcpFlags::ACK
            && hot.is_plain(side)
            && tcp.seq == hot.next_of(side)
            && hot.unseen(side.peer(), tcp.ack) == 0;
        if !in_order {
            return false;
        }
        hot.seen = self.wheel.tick() as u32;
        let len = payload.len();
        if len == 0 {
            return true;
        }
        hot.next[side.index()] = tcp.seq.wrapping_add(len as u32);
        match hot.shunted() {
            Some(account) => {
                ledger.add(Account::StreamDelivered, len as u64);
                ledger.add(account, len as u64);
            }
            None => self.bytes(flow, side, time, payload, &mut Out { ledger, sink }),
        }
        true
    }

    #[inline(never)]
    fn bytes<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        time: Timestamp,
        bytes: &[u8],
        out: &mut Out<'_, K>,
    ) {
        let hot = &mut self.hot[flow as usize];
        self.warm[flow as usize].deliver(hot, side, time, bytes, out);
    }

    /// A packet between other endpoints than IPv4, or of no flow with its very key.
    #[inline(never)]
    fn search<K: Sink<S>>(
        &mut self,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        looked_up: bool,
        out: &mut Out<'_, K>,
    ) {
        let (key, from_hi) = Key::of(packet);
        let (hash, lines) = (key.hash(&self.secret), &self.hot);
        let find = |wanted: fn(&Key, &Key) -> bool| {
            self.index.find(hash, |flow| wanted(&lines[flow as usize].key(), &key))
        };
        let exact = if looked_up { None } else { find(Key::is) };
        let found = exact.or_else(|| find(Key::takes));
        match found.or_else(|| self.other_direction(&key, hash, from_hi, tcp)) {
            Some(flow) => self.follow(flow, from_hi, packet, tcp, out),
            None => self.unknown(packet, tcp, &key, from_hi, out),
        }
    }
}
