//! One direction that has a hole: the ranges behind it, and what is known of the hole.

use std::collections::VecDeque;

use crate::{
    pages::{Chain, Pages},
    piece::Piece,
    wheel::NIL,
};

/// Ranges behind holes that one direction may have. Ten times what a burst of loss leaves on a real path.
pub(crate) const RANGES: usize = 128;

/// A run of sequence space that arrived: bytes in `chain`, or cut by the snap length where `chain` is empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    pub start: u32,
    pub len: u32,
    pub chain: Chain,
    /// Low bits of the tick since when there is a hole before it.
    pub since: u32,
}

impl Range {
    pub fn end(&self) -> u32 {
        self.start.wrapping_add(self.len)
    }
    fn is_void(&self) -> bool {
        self.chain.head == NIL
    }
}

/// An acknowledgement by the peer past the hole, waiting out its patience.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub ack: u32,
    /// Low bits of the tick it was first seen.
    pub tick: u32,
    /// Segments of this direction at that time.
    pub segments: u32,
}

/// Why a piece cannot be held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Full {
    /// This direction has all the pages or ranges it may have.
    Side,
    /// The pool is used up.
    Pool,
}

/// What [`Half::place`] did with the front of a piece.
pub(crate) struct Placed {
    /// Sequence space consumed.
    pub taken: u32,
    /// Whether it was there before.
    pub duplicate: bool,
}

#[derive(Default, Debug)]
pub(crate) struct Half {
    /// Disjoint, not touching unless of different kind, in stream order.
    pub ranges: VecDeque<Range>,
    pub pages: u32,
    /// Where the stream ends, and low bits of the tick when that became known.
    pub fin: Option<(u32, u32)>,
    /// The peer's latest acknowledgement, where past the point of reading.
    pub ack: Option<u32>,
    pub pending: Option<Pending>,
    /// Segments with payload of this direction since the record was taken.
    pub segments: u32,
}

impl Half {
    /// Nothing left that the hot line could not hold.
    pub fn is_idle(&self) -> bool {
        self.ranges.is_empty() && self.fin.is_none() && self.ack.is_none()
    }
    /// Where the first hole ends, with the tick since when, by what was received (not by ACKs).
    pub fn hole(&self) -> Option<(u32, u32)> {
        self.ranges.front().map(|r| (r.start, r.since)).or(self.fin)
    }
    /// Takes note of the peer's latest acknowledgement, `None` if it is not past the point of reading.
    pub fn acknowledged(&mut self, ack: Option<u32>, tick: u32) {
        if self.pending.is_none() && self.ack != ack {
            self.pending = ack.map(|ack| Pending { ack, tick, segments: self.segments });
        }
        self.ack = ack;
    }
    /// Forgets acknowledgements that the point of reading has reached.
    pub fn reached(&mut self, next: u32) {
        let past = |ack: u32| (ack.wrapping_sub(next) as i32) > 0;
        self.ack = self.ack.filter(|&a| past(a));
        self.pending = self.pending.filter(|p| past(p.ack));
    }
    /// Forgets what can no longer matter.
    pub fn ended(&mut self) {
        (self.fin, self.ack, self.pending) = (None, None, None);
    }
    /// Holds the front of `piece`, which lies ahead of `base`, the point of reading. First copy wins.
    pub fn place(
        &mut self,
        pages: &mut Pages,
        base: u32,
        piece: Piece<'_>,
        tick: u32,
        cap: u32,
    ) -> Result<Placed, Full> {
        let from_base = |seq: u32| seq.wrapping_sub(base);
        let at = from_base(piece.seq);
        let i = self.ranges.partition_point(|r| from_base(r.end()) <= at);
        let mut room = u32::MAX;
        if let Some(r) = self.ranges.get(i) {
            if from_base(r.start) <= at {
                let taken = piece.len().min(from_base(r.end()) - at);
                return Ok(Placed { taken, duplicate: true });
            }
            room = from_base(r.start) - at;
        }
        let kind = if piece.data.is_empty() { piece.void } else { piece.data.len() as u32 };
        let (front, _) = piece.split(kind.min(room));
        let i = self.hold(pages, i, front, tick, cap)?;
        self.join(pages, i);
        Ok(Placed { taken: front.len(), duplicate: false })
    }
    /// Puts `piece` at the end of the range before `i` or in a new one there; says which range has it.
    fn hold(
        &mut self,
        pages: &mut Pages,
        i: usize,
        piece: Piece<'_>,
        tick: u32,
        cap: u32,
    ) -> Result<usize, Full> {
        let touches = |r: &&Range| r.end() == piece.seq && r.is_void() == piece.data.is_empty();
        let before = i.checked_sub(1).filter(|&b| self.ranges.get(b).as_ref().is_some_and(touches));
        let mut chain = before.map_or(Chain::EMPTY, |b| self.ranges[b].chain);
        let need = pages.needed(&chain, piece.data.len());
        if self.pages + need > cap || (before.is_none() && self.ranges.len() == RANGES) {
            return Err(Full::Side);
        }
        if need > pages.available() {
            return Err(Full::Pool);
        }
        pages.append(&mut chain, piece.data);
        self.pages += need;
        if let Some(b) = before {
            self.ranges[b].chain = chain;
            self.ranges[b].len += piece.len();
            return Ok(b);
        }
        let since = self.ranges.get(i).map_or(tick, |r| r.since);
        self.ranges.insert(i, Range { start: piece.seq, len: piece.len(), chain, since });
        Ok(i)
    }
    /// Makes range `i` and the one behind it one, where they touch and are of a kind.
    fn join(&mut self, pages: &mut Pages, i: usize) {
        let (Some(&a), Some(&b)) = (self.ranges.get(i), self.ranges.get(i + 1)) else { return };
        if a.end() != b.start || a.is_void() != b.is_void() {
            return;
        }
        self.ranges.remove(i + 1);
        let joined = &mut self.ranges[i];
        joined.len = a.len + b.len;
        if !a.is_void() {
            pages.link(&mut joined.chain, b.chain);
        }
    }
}
