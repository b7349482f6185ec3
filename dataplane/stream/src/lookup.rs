//! Finding a packet's flow, and the short way of packets in order.

use crate::{
    FlowTable, Sink,
    hot::Hot,
    key::{Key, Narrow},
    prefetch::prefetch,
    table::Out,
    wheel::tick_of,
};
use weir_wire::{Account, Ledger, Packet, Side, TcpFlags, TcpHeader, Timestamp, Transport};

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

    #[inline(always)]
    fn one<K: Sink<S>>(&mut self, packet: &Packet<'_>, now: Timestamp, out: &mut Out<'_, K>) {
        if let Transport::Tcp(tcp) = &packet.transport {
            let key = Narrow::of(packet, &self.secret);
            self.deal(packet, tcp, key.as_ref(), now, out);
        }
    }

    /// The short way: a packet of a known flow that is in order.
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
        let lines = &self.hot;
        match key.and_then(|key| Some((key, self.index.find(key.hash, |flow| lines[flow as usize].is(key))?)))
        {
            Some((key, flow)) => self.follow(flow, key.from_hi, packet, tcp, out),
            None => self.search(packet, tcp, key.is_some(), out),
        }
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
        let hot = &mut self.hot[flow as usize];
        let side = hot.side(from_hi);
        if !in_order(hot, side, tcp, packet) {
            return self.known(flow, side, packet, tcp, out);
        }
        hot.seen = self.wheel.tick() as u32;
        let len = packet.payload.len();
        if len == 0 {
            return;
        }
        hot.next[side.index()] = tcp.seq.wrapping_add(len as u32);
        match hot.shunted() {
            Some(account) => {
                out.ledger.add(Account::StreamDelivered, len as u64);
                out.ledger.add(account, len as u64);
            }
            None => self.bytes(flow, side, packet, out),
        }
    }

    #[inline(never)]
    fn bytes<K: Sink<S>>(&mut self, flow: u32, side: Side, packet: &Packet<'_>, out: &mut Out<'_, K>) {
        let hot = &mut self.hot[flow as usize];
        self.warm[flow as usize].deliver(hot, side, packet.time, packet.payload, out);
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

/// Whether a packet is the next of an established flow with nothing pending on either side.
#[inline(always)]
fn in_order(hot: &Hot, side: Side, tcp: &TcpHeader, packet: &Packet<'_>) -> bool {
    const PLAIN: u8 = TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST;
    tcp.flags.0 & (PLAIN | TcpFlags::ACK) == TcpFlags::ACK
        && hot.is_plain(side)
        && tcp.seq == hot.next_of(side)
        && hot.unseen(side.peer(), tcp.ack) == 0
        && packet.missing == 0
        && packet.payload.len() < crate::WINDOW as usize
}
