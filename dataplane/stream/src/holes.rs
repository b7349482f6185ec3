//! Holes: when they are given up, and what waited behind them.

use crate::{FlowTable, Sink, hot::flag, table::Out, wheel::NIL};
use weir_wire::{EndReason, Side, Timestamp};

/// Both sides.
pub(crate) const SIDES: [Side; 2] = [Side::Client, Side::Server];

impl<S> FlowTable<S> {
    /// The record of `flow`, which gets one where it has none.
    pub(crate) fn cold_of<K: Sink<S>>(&mut self, flow: u32, time: Timestamp, out: &mut Out<'_, K>) -> u32 {
        loop {
            let cold = self.hot[flow as usize].cold;
            if cold != NIL {
                return cold;
            }
            match self.colds.take(flow) {
                Ok(cold) => self.hot[flow as usize].cold = cold,
                Err(oldest) => self.clear(oldest, time, out),
            }
        }
    }

    /// The pool of pages is used up: the flow whose hole has stood longest in the table gives up its holes. Where that
    /// is the flow in need, only what lies before `to` is given up.
    pub(crate) fn make_room<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        to: u32,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        match self.colds.oldest() {
            cold if cold != NIL && self.colds.get(cold).flow != flow => self.clear(cold, time, out),
            _ => {
                self.stats.over_budget += 1;
                self.skip_to(flow, side, to, time, out);
            }
        }
    }

    /// Gives up all holes of a record and takes it back.
    fn clear<K: Sink<S>>(&mut self, cold: u32, time: Timestamp, out: &mut Out<'_, K>) {
        self.stats.over_budget += 1;
        let flow = self.colds.get(cold).flow;
        for side in SIDES {
            self.flush(flow, side, time, out);
        }
        if self.hot[flow as usize].cold == cold {
            for side in SIDES {
                self.colds.half_mut(cold, side).acknowledged(None, 0);
            }
            self.settle(flow, time, out);
        }
    }

    /// Declares everything up to `seq` missing, but for what waits before it.
    pub(crate) fn skip_to<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        seq: u32,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        let ahead = |table: &Self| seq.wrapping_sub(table.hot[flow as usize].next_of(side)) as i32;
        while ahead(self) > 0 {
            let cold = self.hot[flow as usize].cold;
            let range = if cold == NIL { None } else { self.colds.half(cold, side).ranges.front() };
            let before = range.map(|r| r.start.wrapping_sub(self.hot[flow as usize].next_of(side)) as i32);
            let len = before.unwrap_or(i32::MAX).min(ahead(self));
            self.skip(flow, side, len as u32, time, out);
            self.drain(flow, side, time, out);
        }
    }

    /// Gives up the first hole of a side that has one, and delivers what waited behind it.
    pub(crate) fn give_up<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        let hot = &self.hot[flow as usize];
        if hot.cold == NIL {
            return;
        }
        let next = hot.next_of(side);
        if let Some((end, _)) = self.colds.half(hot.cold, side).hole()
            && end != next
        {
            self.skip(flow, side, end.wrapping_sub(next), time, out);
            self.drain(flow, side, time, out);
        }
    }

    /// Gives up every hole of a side: all that waited is delivered.
    pub(crate) fn flush<K: Sink<S>>(&mut self, flow: u32, side: Side, time: Timestamp, out: &mut Out<'_, K>) {
        loop {
            let cold = self.hot[flow as usize].cold;
            if cold == NIL || self.reach_fin(flow, side, time, out) {
                return;
            }
            if self.colds.half(cold, side).hole().is_none() {
                return;
            }
            self.give_up(flow, side, time, out);
        }
    }

    /// Delivers the ranges that are next.
    pub(crate) fn drain<K: Sink<S>>(&mut self, flow: u32, side: Side, time: Timestamp, out: &mut Out<'_, K>) {
        let cold = self.hot[flow as usize].cold;
        if cold == NIL {
            return;
        }
        loop {
            let next = self.hot[flow as usize].next_of(side);
            let half = self.colds.half_mut(cold, side);
            if half.ranges.front().is_none_or(|r| r.start != next) {
                return;
            }
            let Some(range) = half.ranges.pop_front() else { return };
            self.colds.renew(cold);
            if range.chain.head == NIL {
                self.pass_over(flow, side, range.len, time, out);
                continue;
            }
            self.hot[flow as usize].next[side.index()] = range.end();
            self.stats.held_bytes -= u64::from(range.len);
            let mut page = range.chain.head;
            while page != NIL {
                let (bytes, after) = self.pages.read(page);
                self.warm[flow as usize].deliver(&mut self.hot[flow as usize], side, time, bytes, out);
                self.pages.release(page);
                self.colds.half_mut(cold, side).pages -= 1;
                page = after;
            }
        }
    }

    /// A range without bytes is next: cut by the snap length, or of a shunted flow and booked when it came.
    fn pass_over<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        len: u32,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        let hot = &mut self.hot[flow as usize];
        if hot.is_shunted() {
            hot.next[side.index()] = hot.next_of(side).wrapping_add(len);
        } else {
            self.skip(flow, side, len, time, out);
        }
    }

    /// After a change: ends the sides that are complete, gives up what is ripe by segments, gives the record back
    /// where nothing is pending, and else sees to the timer.
    pub(crate) fn settle<K: Sink<S>>(&mut self, flow: u32, time: Timestamp, out: &mut Out<'_, K>) {
        for side in SIDES {
            loop {
                let hot = &self.hot[flow as usize];
                let (cold, next) = (hot.cold, hot.next_of(side));
                if cold == NIL {
                    return;
                }
                self.colds.half_mut(cold, side).reached(next);
                if self.reach_fin(flow, side, time, out) {
                    break;
                }
                let half = self.colds.half(cold, side);
                let waited = half.pending.map_or(0, |p| half.segments.wrapping_sub(p.segments));
                if waited < self.limits.ack_patience_segments {
                    break;
                }
                self.ripen(flow, side, time, out);
            }
        }
        let cold = self.hot[flow as usize].cold;
        if cold == NIL {
            return;
        }
        if self.colds.get(cold).halves.iter().all(|half| half.is_idle()) {
            self.hot[flow as usize].cold = NIL;
            self.colds.release(cold);
        } else if let Some(due) = self.holes_due(cold) {
            self.wheel.schedule(flow, due);
        }
    }

    /// Ends a side whose FIN is next; says whether it has ended.
    fn reach_fin<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) -> bool {
        let hot = &mut self.hot[flow as usize];
        if hot.has_of(side, flag::ENDED) {
            return true;
        }
        let next = hot.next_of(side);
        let half = self.colds.half(hot.cold, side);
        if half.fin.is_none_or(|(fin, _)| fin != next) {
            return false;
        }
        hot.next[side.index()] = next.wrapping_add(1);
        self.end_side(flow, side, EndReason::Fin, time, out);
        true
    }
}
