//! How flows begin: handshakes, pick-up in mid-stream, and ports used again.

use crate::{
    FlowTable, Sink,
    ending::acknowledges_near,
    hot::{Hot, flag},
    key::Key,
    table::{Out, Warm},
    wheel::NIL,
};
use weir_wire::{Account, EndReason, Packet, Side, TcpFlags, TcpHeader, Timestamp};

/// Slots of the table looked at for a flow to evict.
const EVICT_PROBE: usize = 32;

/// A SYN carries at most this many bytes, however large its packet.
const SYN_DATA: u32 = 1 << 16;
/// Ticks (of 67 ms) of silence behind which an equal SYN on an ending flow is a new connection: 0.7 s.
const LATE_SYN: u32 = 10;

/// Ports that services live on: the well-known ones and those that application servers favour.
fn is_service(port: u16) -> bool {
    matches!(port, 1..=1023 | 3000 | 5000 | 7001 | 8000..=9000 | 9090 | 9200 | 9443)
}

/// Without a handshake: whether the sender of a payload is the client.
fn looks_like_client(packet: &Packet<'_>) -> bool {
    let (src, dst) = (packet.src.port, packet.dst.port);
    match (is_service(src), is_service(dst)) {
        (true, true) => src >= dst,
        (src_serves, _) => !src_serves,
    }
}

impl<S> FlowTable<S> {
    /// The flow of which a packet in another VLAN is the other direction, as mirror ports tag them: that direction was
    /// not seen yet, and the packet acknowledges what the one seen sent. From then on the flow's VLAN says nothing.
    pub(crate) fn other_direction(
        &mut self,
        key: &Key,
        hash: u64,
        from_hi: bool,
        tcp: &TcpHeader,
    ) -> Option<u32> {
        let lines = &self.hot;
        let flow = self.index.find(hash, |flow| {
            let hot = &lines[flow as usize];
            let side = hot.side(from_hi);
            hot.key().joins(key)
                && !hot.has(flag::CLOSED)
                && !hot.has_of(side, flag::SEEN)
                && acknowledges_near(hot, side, tcp)
        })?;
        self.hot[flow as usize].ignore_vlan();
        Some(flow)
    }

    /// A packet of no known flow: opens one, where there is reason to.
    pub(crate) fn unknown<K: Sink<S>>(
        &mut self,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        key: &Key,
        from_hi: bool,
        out: &mut Out<'_, K>,
    ) {
        let syn = tcp.flags.has(TcpFlags::SYN);
        if tcp.flags.has(TcpFlags::RST) {
            return out.book(Account::StreamOutOfWindow, packet.payload.len());
        }
        if !syn && packet.payload.is_empty() && packet.missing == 0 {
            return;
        }
        let acknowledges = tcp.flags.has(TcpFlags::ACK);
        let from_client = if syn { !acknowledges } else { looks_like_client(packet) };
        let mut flags = if from_client == from_hi { flag::CLIENT_HI } else { 0 };
        if syn {
            flags |= flag::FROM_START;
        }
        let mut hot = Hot::new(key, flags, self.wheel.tick() as u32);
        if syn && acknowledges {
            hot.set_origin(Side::Client, tcp.ack);
        }
        let claim = syn && !acknowledges;
        let Some(flow) = self.admit(hot, claim, packet.time, out) else {
            self.stats.refused += 1;
            return out.book(Account::StreamNoFlow, packet.payload.len());
        };
        self.stats.picked_up += u64::from(!syn);
        let side = if from_client { Side::Client } else { Side::Server };
        self.heard(flow, side, packet, tcp, out);
    }

    /// Finds a place for a new flow, evicting another where the table is full. `claim`: nobody has answered it yet.
    fn admit<K: Sink<S>>(
        &mut self,
        hot: Hot,
        claim: bool,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) -> Option<u32> {
        let hash = hot.key().hash(&self.secret);
        if self.free.is_empty() && self.hot.len() == self.limits.flows {
            self.evict(claim, time, out);
        }
        if !self.index.has_room(hash) {
            return None;
        }
        let warm = Warm { started: time, order: self.stats.opened, state: None };
        let flow = match self.free.pop() {
            Some(flow) => {
                self.hot[flow as usize] = hot;
                self.warm[flow as usize] = warm;
                flow
            }
            None if self.hot.len() < self.limits.flows => {
                self.hot.push(hot);
                self.warm.push(warm);
                self.wheel.grow();
                (self.hot.len() - 1) as u32
            }
            None => return None,
        };
        self.index.insert(hash, flow);
        self.wheel.schedule(flow, self.wheel.tick() + u64::from(self.limits.half_open));
        self.stats.opened += 1;
        self.stats.live += 1;
        self.stats.live_peak = self.stats.live_peak.max(self.stats.live);
        Some(flow)
    }

    /// Removes the flow most easily spared among the next few: closed, then half-open, then established ones that are
    /// idle; of equals the one idle longest. A mere claim, which costs its sender nothing, never takes the place of a flow
    /// that has carried bytes.
    fn evict<K: Sink<S>>(&mut self, claim: bool, time: Timestamp, out: &mut Out<'_, K>) {
        let now = self.wheel.tick() as u32;
        let mut best = None;
        let len = self.hot.len();
        for _ in 0..EVICT_PROBE.min(len) {
            self.hand = if self.hand + 1 < len { self.hand + 1 } else { 0 };
            let hot = &self.hot[self.hand];
            let idle = now.wrapping_sub(hot.seen);
            let rank: u8 = match hot {
                h if h.has(flag::CLOSED) => 2,
                h if !h.has(flag::ESTABLISHED) => 1,
                _ if idle < self.limits.evict_after => continue,
                h if claim && (h.is_shunted() || self.warm[self.hand].state.is_some()) => continue,
                _ => 0,
            };
            best = best.max(Some((u64::from(rank) << 32 | u64::from(idle), self.hand)));
        }
        if let Some((rank, flow)) = best {
            self.stats.evicted += u64::from(rank >> 32 != 2);
            self.end_flow(flow as u32, EndReason::Evicted, time, out);
            self.remove(flow as u32);
        }
    }

    /// A packet of a known flow that cannot take the short way.
    #[inline(never)]
    pub(crate) fn known<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        out: &mut Out<'_, K>,
    ) {
        let hot = &self.hot[flow as usize];
        if tcp.flags.has(TcpFlags::RST) {
            return self.reset(flow, side, packet, tcp, out);
        }
        if tcp.flags.has(TcpFlags::SYN) {
            match syn(hot, side, tcp, self.wheel.tick() as u32) {
                Syn::Same => {}
                Syn::New => return self.reopen(flow, packet, tcp, out),
                Syn::Stray => return out.book(Account::StreamOutOfWindow, packet.payload.len()),
            }
        }
        if self.hot[flow as usize].has(flag::CLOSED) {
            return self.after_end(flow, side, packet, tcp, out);
        }
        self.heard(flow, side, packet, tcp, out);
    }

    /// The ports of `flow` begin a new connection.
    fn reopen<K: Sink<S>>(&mut self, flow: u32, packet: &Packet<'_>, tcp: &TcpHeader, out: &mut Out<'_, K>) {
        self.stats.reused += 1;
        self.end_flow(flow, EndReason::Evicted, packet.time, out);
        self.remove(flow);
        let (key, from_hi) = Key::of(packet);
        self.unknown(packet, tcp, &key, from_hi, out);
    }

    /// Everything a believed packet says: that its sender lives, what it has received, bytes, and the end.
    fn heard<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        out: &mut Out<'_, K>,
    ) {
        let hot = &mut self.hot[flow as usize];
        hot.seen = self.wheel.tick() as u32;
        hot.set_of(side, flag::SEEN);
        let syn = tcp.flags.has(TcpFlags::SYN);
        if !syn {
            if side == Side::Client && tcp.flags.has(TcpFlags::ACK) {
                hot.confirm(tcp.ack);
            }
            hot.flags |= flag::ESTABLISHED;
        }
        if tcp.flags.has(TcpFlags::ACK) && !syn {
            self.acknowledged(flow, side.peer(), tcp.ack, packet.time, out);
        }
        self.payload(flow, side, packet, tcp, out);
        if self.hot[flow as usize].cold != NIL {
            self.settle(flow, packet.time, out);
        }
    }
}

/// What a SYN on known ports means.
enum Syn {
    /// It belongs to the flow there is: repeated, late, the answer, or a simultaneous open.
    Same,
    /// It begins a new connection.
    New,
    /// A live connection would not believe it (RFC 5961, 4).
    Stray,
}

fn syn(hot: &Hot, side: Side, tcp: &TcpHeader, tick: u32) -> Syn {
    let over = hot.has_of(Side::Client, flag::ENDED) || hot.has_of(Side::Server, flag::ENDED);
    let from_known_client = side == Side::Client && hot.has(flag::ISN) && tcp.seq == hot.isn;
    if from_known_client {
        // Nobody repeats the SYN of a connection that has begun to end; what mirrors copy or delay comes sooner than this.
        // The same number then is chance, or a capture that is replayed.
        let late = tick.wrapping_sub(hot.seen) >= LATE_SYN;
        return if over && late { Syn::New } else { Syn::Same };
    }
    let first = tcp.seq.wrapping_add(1);
    let peer_unseen = !hot.has_of(side.peer(), flag::SEEN);
    if tcp.flags.has(TcpFlags::ACK) {
        // An answer to another SYN than this flow's proves a new connection, even if that SYN was missed.
        // It may acknowledge data that came with the SYN (RFC 7413).
        let first_of_client = hot.isn.wrapping_add(1);
        let with_syn = hot.next_of(Side::Client).wrapping_sub(first_of_client).min(SYN_DATA);
        let acked = tcp.ack.wrapping_sub(first_of_client);
        let answers = side == Side::Server && hot.has(flag::ISN) && acked <= with_syn;
        let late = !hot.has(flag::ISN) && hot.next_of(side).wrapping_sub(first) < crate::WINDOW;
        return if answers || late { Syn::Same } else { Syn::New };
    }
    let simultaneous = side == Side::Server
        && !hot.has(flag::ESTABLISHED)
        && (!hot.has_of(side, flag::ORIGIN) || hot.next_of(side) == first);
    match () {
        () if simultaneous => Syn::Same,
        () if over || peer_unseen || !hot.has(flag::ESTABLISHED) => Syn::New,
        () => Syn::Stray,
    }
}
