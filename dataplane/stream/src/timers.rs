//! What happens when nothing happens: holes and flows that have waited long enough.

use crate::{
    FlowTable, Sink,
    holes::SIDES,
    hot::{Hot, flag},
    prefetch::prefetch,
    table::Out,
    wheel::{NIL, tick_of, time_of},
};
use weir_wire::{EndReason, Ledger, Timestamp};

impl<S> FlowTable<S> {
    /// Fires the timers due up to `now`, rounded down to a tick, each at its own tick: a flow's deadline depends on its
    /// own packets only. [`FlowTable::segment`] does this by itself; call it where no packets come. Time does not go
    /// back: an earlier `now` counts as the latest.
    pub fn advance<K: Sink<S>>(&mut self, now: Timestamp, ledger: &mut Ledger, sink: &mut K) {
        self.reach(tick_of(now), &mut Out { ledger, sink });
    }

    pub(crate) fn reach<K: Sink<S>>(&mut self, tick: u64, out: &mut Out<'_, K>) {
        while let Some(flow) = self.wheel.next_due(tick) {
            // Many may be due at once, and lie anywhere.
            if let Some(next) = self.wheel.due_too() {
                prefetch(self.hot.get(next as usize));
                prefetch(self.warm.get(next as usize));
            }
            self.fire(flow, out);
        }
    }

    /// How long a flow may be silent.
    fn patience(&self, hot: &Hot) -> u32 {
        match hot {
            h if h.has(flag::CLOSED) => self.limits.linger,
            h if h.flags & (flag::ENDED | flag::ENDED << 1) != 0 => self.limits.closing,
            h if h.has(flag::ESTABLISHED) => self.limits.established,
            _ => self.limits.half_open,
        }
    }

    fn fire<K: Sink<S>>(&mut self, flow: u32, out: &mut Out<'_, K>) {
        let tick = self.wheel.tick();
        let time = time_of(tick);
        if self.hot[flow as usize].cold != NIL {
            self.fire_holes(flow, time, out);
        }
        let hot = &self.hot[flow as usize];
        let (silent, patience) = ((tick as u32).wrapping_sub(hot.seen), self.patience(hot));
        if silent >= patience {
            self.stats.timeouts += u64::from(!hot.has(flag::CLOSED));
            self.end_flow(flow, EndReason::Timeout, time, out);
            self.remove(flow);
        } else {
            self.wheel.schedule(flow, tick + u64::from(patience - silent));
        }
    }

    /// Gives up the holes that are due. What is left of them schedules itself anew.
    fn fire_holes<K: Sink<S>>(&mut self, flow: u32, time: Timestamp, out: &mut Out<'_, K>) {
        let now = self.wheel.tick() as u32;
        let (cold, limits) = (self.hot[flow as usize].cold, self.limits.clone());
        for side in SIDES {
            let pending = self.colds.half(cold, side).pending;
            if pending.is_some_and(|p| now.wrapping_sub(p.tick) >= limits.ack_patience) {
                self.ripen(flow, side, time, out);
            }
            while let Some((end, since)) = self.colds.half(cold, side).hole()
                && now.wrapping_sub(since) >= limits.hole_patience
                && end != self.hot[flow as usize].next_of(side)
            {
                self.give_up(flow, side, time, out);
            }
        }
        self.settle(flow, time, out);
    }

    /// The tick at which a record's first hole is to be given up.
    pub(crate) fn holes_due(&self, cold: u32) -> Option<u64> {
        let now = self.wheel.tick();
        let at = |since: u32, patience: u32| {
            (now + u64::from(patience)).saturating_sub(u64::from((now as u32).wrapping_sub(since)))
        };
        let halves = self.colds.get(cold).halves.iter();
        let dues = halves.flat_map(|half| {
            let acked = half.pending.map(|p| at(p.tick, self.limits.ack_patience));
            let stood = half.hole().map(|(_, since)| at(since, self.limits.hole_patience));
            [acked, stood]
        });
        dues.flatten().min()
    }
}
