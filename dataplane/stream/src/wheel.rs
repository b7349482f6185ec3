//! The timer wheel: one lazy timer a flow, in packet time.
//!
//! A flow's timer is not touched by its packets. When it fires, the flow's true deadline is worked out; if that is
//! later, the timer is put there. So a timer is always at or before the deadline it stands for, and a flow acts
//! exactly at its deadline, whatever packets of other flows there are.

use crate::huge;
use weir_wire::{Duration, Timestamp};

/// A tick is 2^26 ns (67.1 ms) of packet time, counted from the epoch.
const TICK_BITS: u32 = 26;
/// Horizon of 4096 ticks (275 s); later deadlines are reached in several steps.
const SLOTS: usize = 4096;
/// No flow.
pub(crate) const NIL: u32 = u32::MAX;
/// `prev` of those not in the wheel.
const IDLE: u32 = NIL - 1;

/// Ticks in `d`, rounded up, at most 2^30 (2.2 years).
pub(crate) fn ticks(d: Duration) -> u32 {
    d.as_nanos().div_ceil(1 << TICK_BITS).min(1 << 30) as u32
}

/// The tick that `t` lies in.
#[inline]
pub(crate) fn tick_of(t: Timestamp) -> u64 {
    t.nanos() >> TICK_BITS
}

/// When `tick` begins.
pub(crate) fn time_of(tick: u64) -> Timestamp {
    Timestamp::from_nanos(tick << TICK_BITS)
}

/// A flow's place in the wheel.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    next: u32,
    prev: u32,
    /// Low bits of the tick.
    due: u32,
}

pub(crate) struct Wheel {
    /// The tick reached: every timer up to it has fired.
    tick: u64,
    /// When the next tick begins, in nanoseconds.
    over: u64,
    heads: Vec<u32>,
    busy: [u64; SLOTS / 64],
    links: Vec<Link>,
}

impl Wheel {
    /// For flows `0..flows`.
    pub fn new(flows: usize) -> Self {
        let links = huge::vec(flows);
        Wheel { tick: 0, over: 1 << TICK_BITS, heads: vec![NIL; SLOTS], busy: [0; SLOTS / 64], links }
    }
    #[inline]
    pub fn tick(&self) -> u64 {
        self.tick
    }
    /// Whether `now` lies behind the tick reached.
    #[inline]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.nanos() >= self.over
    }
    fn go_to(&mut self, tick: u64) {
        self.tick = tick;
        self.over = (tick + 1).saturating_mul(1 << TICK_BITS);
    }
    /// Makes room for one more flow, numbered by how many there were.
    pub fn grow(&mut self) {
        self.links.push(Link { next: NIL, prev: IDLE, due: 0 });
    }
    /// Puts `flow`'s timer at `due`, unless it is set for earlier already.
    pub fn schedule(&mut self, flow: u32, due: u64) {
        let due = due.clamp(self.tick + 1, self.tick + SLOTS as u64 - 1);
        let Link { prev, due: set, .. } = self.links[flow as usize];
        // Timers lie within the horizon, and all before the tick have fired.
        if prev != IDLE && u64::from(set.wrapping_sub(self.tick as u32)) <= due - self.tick {
            return;
        }
        self.cancel(flow);
        let slot = due as usize % SLOTS;
        let next = std::mem::replace(&mut self.heads[slot], flow);
        if next != NIL {
            self.links[next as usize].prev = flow;
        }
        self.links[flow as usize] = Link { next, prev: NIL, due: due as u32 };
        self.busy[slot / 64] |= 1 << (slot % 64);
    }
    /// Takes `flow`'s timer out.
    pub fn cancel(&mut self, flow: u32) {
        let Link { next, prev, due } = self.links[flow as usize];
        if prev == IDLE {
            return;
        }
        let slot = due as usize % SLOTS;
        if next != NIL {
            self.links[next as usize].prev = prev;
        }
        if prev != NIL {
            self.links[prev as usize].next = next;
        } else {
            self.heads[slot] = next;
            if next == NIL {
                self.busy[slot / 64] &= !(1 << (slot % 64));
            }
        }
        self.links[flow as usize].prev = IDLE;
    }
    /// Goes on to the next timer due at or before tick `until` and takes it out; where there is none, goes to
    /// `until` itself. Costs at most one pass over the slots' bit map, however long the leap.
    pub fn next_due(&mut self, until: u64) -> Option<u32> {
        loop {
            let flow = self.heads[self.tick as usize % SLOTS];
            if flow != NIL {
                self.cancel(flow);
                return Some(flow);
            }
            match self.next_busy(until) {
                Some(tick) => self.go_to(tick),
                None => {
                    self.go_to(self.tick.max(until));
                    return None;
                }
            }
        }
    }
    /// The timer that comes next, if it is due at the tick reached.
    pub fn due_too(&self) -> Option<u32> {
        let flow = self.heads[self.tick as usize % SLOTS];
        (flow != NIL).then_some(flow)
    }
    /// The first tick after this one, and not after `until`, that has timers.
    fn next_busy(&self, until: u64) -> Option<u64> {
        let end = until.min(self.tick + SLOTS as u64 - 1);
        let mut tick = self.tick + 1;
        while tick <= end {
            let slot = tick as usize % SLOTS;
            let word = self.busy[slot / 64] >> (slot % 64);
            if word != 0 {
                let hit = tick + u64::from(word.trailing_zeros());
                return (hit <= end).then_some(hit);
            }
            tick += 64 - (slot as u64 % 64);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(wheel: &mut Wheel, until: u64) -> Vec<(u64, u32)> {
        std::iter::from_fn(|| wheel.next_due(until).map(|f| (wheel.tick(), f))).collect()
    }

    #[test]
    fn fires_in_order_and_once() {
        let mut w = Wheel::new(8);
        (0..6).for_each(|_| w.grow());
        assert!(drain(&mut w, 1_000_000).is_empty());
        let t = w.tick();
        for (flow, after) in [(0, 70), (1, 1), (2, 4095), (3, 9999), (4, 64), (5, 5)] {
            w.schedule(flow, t + after);
        }
        w.schedule(4, t + 63);
        w.schedule(1, t + 100);
        w.cancel(5);
        assert_eq!(drain(&mut w, t + 70), [(t + 1, 1), (t + 63, 4), (t + 70, 0)]);
        assert_eq!(w.tick(), t + 70);
        let rest = drain(&mut w, u64::MAX >> TICK_BITS);
        assert_eq!(rest.iter().map(|x| x.0).collect::<Vec<_>>(), [t + 4095, t + 4095]);
        assert_eq!(w.tick(), u64::MAX >> TICK_BITS);
        w.schedule(0, 0);
        let now = w.tick();
        assert_eq!(drain(&mut w, now), []);
    }
}
