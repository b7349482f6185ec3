//! What acknowledgements tell of holes.

use crate::{FlowTable, Sink, half::Pending, table::Out, wheel::NIL};
use weir_wire::{Side, Timestamp};

impl<S> FlowTable<S> {
    /// Takes note that the receiver of `side` says it has everything before `ack`.
    pub(crate) fn acknowledged<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        ack: u32,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        let hot = &self.hot[flow as usize];
        let past = hot.unseen(side, ack) > 0;
        if past || hot.cold != NIL {
            let cold = self.cold_of(flow, time, out);
            let tick = self.wheel.tick() as u32;
            self.colds.half_mut(cold, side).acknowledged(past.then_some(ack), tick);
        }
    }

    /// The patience for the pending acknowledgement is over: gives up the holes before it, unless a later and lower
    /// one said that it was forged, or not of this stream. Then the latest begins its own wait.
    pub(crate) fn ripen<K: Sink<S>>(&mut self, flow: u32, side: Side, time: Timestamp, out: &mut Out<'_, K>) {
        let cold = self.hot[flow as usize].cold;
        let half = self.colds.half_mut(cold, side);
        let Some(Pending { ack, .. }) = half.pending.take() else { return };
        let stands = half.ack.is_some_and(|latest| (latest.wrapping_sub(ack) as i32) >= 0);
        if stands {
            self.give_up_before(flow, side, ack, time, out);
        }
        let (next, tick) = (self.hot[flow as usize].next_of(side), self.wheel.tick() as u32);
        let half = self.colds.half_mut(cold, side);
        half.reached(next);
        let newer = half.ack.filter(|&latest| !stands || latest != ack);
        half.pending = newer.map(|ack| Pending { ack, tick, segments: half.segments });
    }

    /// Gives up the holes that lie wholly before `ack`, also the one with nothing behind it.
    fn give_up_before<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        ack: u32,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        loop {
            let hot = &self.hot[flow as usize];
            let next = hot.next_of(side);
            let covered = (ack.wrapping_sub(next) as i32).max(0) as u32;
            let hole = self.colds.half(hot.cold, side).hole();
            let len = hole.map_or(ack, |(end, _)| end).wrapping_sub(next);
            if len == 0 || len > covered {
                return;
            }
            self.skip(flow, side, len, time, out);
            self.drain(flow, side, time, out);
        }
    }
}
