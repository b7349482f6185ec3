//! Records of flows that have a hole, in a pool of fixed size, by how long the hole has stood.

use crate::{half::Half, wheel::NIL};
use weir_wire::Side;

/// What a flow with a hole needs besides its hot line.
#[derive(Default)]
pub(crate) struct Cold {
    pub halves: [Half; 2],
    pub flow: u32,
    older: u32,
    newer: u32,
}

/// The pool. Records are made as they are first needed and reused with their allocations.
pub(crate) struct Colds {
    items: Vec<Cold>,
    free: Vec<u32>,
    oldest: u32,
    newest: u32,
    cap: usize,
}

impl Colds {
    pub fn new(cap: usize) -> Self {
        Colds { items: Vec::new(), free: Vec::new(), oldest: NIL, newest: NIL, cap }
    }
    pub fn get(&self, cold: u32) -> &Cold {
        &self.items[cold as usize]
    }
    pub fn half(&self, cold: u32, side: Side) -> &Half {
        &self.items[cold as usize].halves[side.index()]
    }
    pub fn half_mut(&mut self, cold: u32, side: Side) -> &mut Half {
        &mut self.items[cold as usize].halves[side.index()]
    }
    /// The record whose hole has stood longest, or `NIL`.
    pub fn oldest(&self) -> u32 {
        self.oldest
    }
    /// A record for `flow`; when all are taken, the one whose hole has stood longest instead.
    pub fn take(&mut self, flow: u32) -> Result<u32, u32> {
        let cold = match self.free.pop() {
            Some(cold) => cold,
            None if self.items.len() < self.cap => {
                self.items.push(Cold::default());
                (self.items.len() - 1) as u32
            }
            None => return Err(self.oldest),
        };
        self.items[cold as usize].flow = flow;
        self.push_newest(cold);
        Ok(cold)
    }
    /// Gives an idle record back.
    pub fn release(&mut self, cold: u32) {
        self.unlink(cold);
        for half in &mut self.items[cold as usize].halves {
            half.ranges.clear();
            half.ranges.shrink_to(16);
            *half = Half { ranges: std::mem::take(&mut half.ranges), ..Half::default() };
        }
        self.free.push(cold);
    }
    /// The hole has moved: its age begins anew.
    pub fn renew(&mut self, cold: u32) {
        if self.newest != cold {
            self.unlink(cold);
            self.push_newest(cold);
        }
    }
    fn push_newest(&mut self, cold: u32) {
        let last = std::mem::replace(&mut self.newest, cold);
        let item = &mut self.items[cold as usize];
        (item.older, item.newer) = (last, NIL);
        if last == NIL {
            self.oldest = cold;
        } else {
            self.items[last as usize].newer = cold;
        }
    }
    fn unlink(&mut self, cold: u32) {
        let Cold { older, newer, .. } = self.items[cold as usize];
        if older == NIL {
            self.oldest = newer;
        } else {
            self.items[older as usize].newer = newer;
        }
        if newer == NIL {
            self.newest = older;
        } else {
            self.items[newer as usize].older = older;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_bounds() {
        let mut colds = Colds::new(3);
        let ids: Vec<u32> = (0..3).filter_map(|f| colds.take(f).ok()).collect();
        assert_eq!(ids.len(), 3);
        assert_eq!(colds.take(9), Err(ids[0]));
        colds.renew(ids[0]);
        assert_eq!(colds.oldest(), ids[1]);
        colds.release(ids[1]);
        assert_eq!(colds.oldest(), ids[2]);
        assert_eq!(colds.take(7), Ok(ids[1]));
        colds.release(ids[2]);
        assert_eq!(colds.oldest(), ids[0]);
    }
}
