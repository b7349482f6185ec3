//! How flows end: FIN, RST, idleness, eviction, and the end of the capture.

use crate::{
    FlowTable, Sink, WINDOW,
    holes::SIDES,
    hot::{Hot, flag},
    table::Out,
    wheel::NIL,
};
use weir_wire::{Account, EndReason, Ledger, Packet, Side, StreamEvent, TcpFlags, TcpHeader, Timestamp};

/// Believed RSTs lie at most this far behind the point of reading: what was sent but not received.
const RST_BEHIND: i32 = 1 << 16;
/// ... and at most this far ahead of it: what was sent but not captured.
const RST_AHEAD: i32 = 1 << 20;

/// Whether an RST is near enough to where its sender is, or to what it has received where it was not heard yet.
/// The ranges are wider than a receiver's (RFC 5961, 3), because a sensor sees less than both ends.
fn is_plausible_reset(hot: &Hot, side: Side, tcp: &TcpHeader) -> bool {
    if hot.has_of(side, flag::ORIGIN) {
        return is_near(hot, side, tcp.seq);
    }
    acknowledges_near(hot, side, tcp)
}

fn is_near(hot: &Hot, side: Side, number: u32) -> bool {
    let ahead = number.wrapping_sub(hot.next_of(side)) as i32;
    (-RST_BEHIND..=RST_AHEAD).contains(&ahead)
}

/// Whether a packet of `side` acknowledges something near to where the other side was seen to be.
pub(crate) fn acknowledges_near(hot: &Hot, side: Side, tcp: &TcpHeader) -> bool {
    let peer = side.peer();
    tcp.flags.has(TcpFlags::ACK) && hot.has_of(peer, flag::ORIGIN) && is_near(hot, peer, tcp.ack)
}

impl<S> FlowTable<S> {
    /// The capture ended: ends every flow, in the order of opening.
    pub fn finish<K: Sink<S>>(&mut self, now: Timestamp, ledger: &mut Ledger, sink: &mut K) {
        self.advance(now, ledger, sink);
        let out = &mut Out { ledger, sink };
        let mut flows: Vec<u32> = (0..self.hot.len() as u32).collect();
        flows.retain(|&flow| self.hot[flow as usize].has(flag::LIVE));
        flows.sort_unstable_by_key(|&flow| self.warm[flow as usize].order);
        for flow in flows {
            self.end_flow(flow, EndReason::CaptureEnd, now, out);
            self.remove(flow);
        }
        debug_assert_eq!(self.pages.available(), self.limits.total_pages, "every page is given back");
        debug_assert_eq!(self.colds.oldest(), NIL, "every record is given back");
    }

    /// An RST of a known flow.
    pub(crate) fn reset<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        out: &mut Out<'_, K>,
    ) {
        // What an RST carries is a message about the reset (RFC 9293, 3.10.7.4), not part of the stream.
        out.book(Account::StreamOutOfWindow, packet.payload.len());
        let hot = &self.hot[flow as usize];
        if hot.has(flag::CLOSED) {
            return;
        }
        if !is_plausible_reset(hot, side, tcp) {
            self.stats.resets_ignored += 1;
            return;
        }
        self.stats.resets += 1;
        let refused = self.warm[flow as usize].state.is_none() && !hot.is_shunted();
        self.end_flow(flow, EndReason::Reset, packet.time, out);
        if refused {
            // Nothing was said, so nothing can come late; the next SYN may well be the same again.
            self.remove(flow);
        }
    }

    /// A FIN behind the byte before `end`.
    pub(crate) fn finish_at<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        end: u32,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        let hot = &mut self.hot[flow as usize];
        let ahead = end.wrapping_sub(hot.next_of(side));
        if hot.has_of(side, flag::ENDED) || ahead >= WINDOW {
            return;
        }
        if hot.cold != NIL {
            // Bytes behind the end contradict it; they came first.
            let next = hot.next_of(side);
            let last = self.colds.half(hot.cold, side).ranges.back().map(|r| r.end().wrapping_sub(next));
            if last.is_some_and(|last| last > ahead) {
                return;
            }
        }
        if ahead == 0 {
            hot.next[side.index()] = end.wrapping_add(1);
            self.end_side(flow, side, EndReason::Fin, time, out);
        } else {
            let cold = self.cold_of(flow, time, out);
            let tick = self.wheel.tick() as u32;
            self.colds.half_mut(cold, side).fin.get_or_insert((end, tick));
        }
    }

    /// Ends one side; with the second the flow is closed.
    pub(crate) fn end_side<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        reason: EndReason,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        let hot = &mut self.hot[flow as usize];
        if self.warm[flow as usize].state.is_some() {
            self.warm[flow as usize].tell(hot, StreamEvent::End { side, time, reason }, out);
        }
        hot.set_of(side, flag::ENDED);
        if hot.cold != NIL {
            self.colds.half_mut(hot.cold, side).ended();
        }
        let tick = self.wheel.tick();
        if !hot.has_of(side.peer(), flag::ENDED) {
            return self.wheel.schedule(flow, tick + u64::from(self.limits.closing));
        }
        hot.flags |= flag::CLOSED;
        if hot.has(flag::ESTABLISHED) {
            let ways = match SIDES.map(|side| hot.has_of(side, flag::SEEN)) {
                [_, false] => &mut self.stats.client_only,
                [false, true] => &mut self.stats.server_only,
                [true, true] => &mut self.stats.both_ways,
            };
            *ways += 1;
        }
        hot.seen = tick as u32;
        self.wheel.schedule(flow, tick + u64::from(self.limits.linger));
        let cold = std::mem::replace(&mut hot.cold, NIL);
        if cold != NIL {
            self.colds.release(cold);
        }
        if let Some(state) = self.warm[flow as usize].state.take() {
            let meta = self.hot[flow as usize].meta(self.warm[flow as usize].started);
            out.sink.closed(state, &meta, out.ledger);
        }
    }

    /// Ends both sides for `reason`, delivering first what waits. A side whose FIN waited ends by that.
    pub(crate) fn end_flow<K: Sink<S>>(
        &mut self,
        flow: u32,
        reason: EndReason,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        for side in SIDES {
            self.flush(flow, side, time, out);
        }
        for side in SIDES {
            if !self.hot[flow as usize].has_of(side, flag::ENDED) {
                self.end_side(flow, side, reason, time, out);
            }
        }
    }

    /// Frees the place of a flow that has ended.
    pub(crate) fn remove(&mut self, flow: u32) {
        let hot = &mut self.hot[flow as usize];
        hot.flags = 0;
        self.index.remove(hot.key().hash(&self.secret), flow);
        self.wheel.cancel(flow);
        self.free.push(flow);
        self.stats.live -= 1;
    }
}
