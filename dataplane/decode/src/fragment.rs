//! The fragment table: IP datagrams being put together.

use crate::walk::Piece;
use std::{collections::BTreeMap, net::IpAddr};
use weir_wire::{Duration, Timestamp};

/// The longest content of an IP datagram.
const LONGEST: usize = 65_535;
/// Separate stretches of one datagram that are kept; fragments in order make one.
const STRETCHES: usize = 128;

/// Bounds of the fragment table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FragmentBounds {
    /// Datagrams put together at the same time; the oldest makes room.
    pub datagrams: usize,
    /// Bytes held for all of them; the oldest make room.
    pub bytes: usize,
    /// Packet time after which an unfinished datagram is given up, from its first piece (RFC 8200: 60 s; Linux: 30 s).
    pub timeout: Duration,
}

impl Default for FragmentBounds {
    fn default() -> Self {
        FragmentBounds { datagrams: 1024, bytes: 16 << 20, timeout: Duration::from_secs(30) }
    }
}

/// What happened to fragments. Every datagram begun is, in the end, one of the first five.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct FragmentCounters {
    /// Datagrams completed.
    pub completed: u64,
    /// Datagrams still waiting for pieces.
    pub waiting: u64,
    /// Datagrams given up because they were not complete in time.
    pub timed_out: u64,
    /// Datagrams given up to make room for others.
    pub evicted: u64,
    /// Datagrams given up because their pieces overlap (IPv6) or contradict each other.
    pub discarded: u64,
    /// Pieces dropped because the snap length cut them.
    pub cut: u64,
    /// Pieces dropped that brought nothing new, or came for a datagram given up.
    pub redundant: u64,
}

/// What became of a piece.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Offer {
    /// It completed a datagram: its content, and the protocol of that.
    Whole(Vec<u8>, u8),
    /// The datagram waits for more, or the piece was dropped.
    Waiting,
    /// No fragment can be like this.
    Malformed,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Key {
    src: IpAddr,
    dst: IpAddr,
    id: u32,
    /// IPv4 only: IPv6 identifies without it (RFC 8200, 4.5).
    protocol: u8,
    vlan: Option<u16>,
    vni: Option<u32>,
}

/// A datagram of which pieces came.
#[derive(Debug)]
struct Partial {
    began: Timestamp,
    /// Order of arrival.
    serial: u64,
    bytes: Vec<u8>,
    /// Received stretches, in order, neither touching nor overlapping.
    stretches: Vec<(usize, usize)>,
    /// Length, once the last piece came.
    len: Option<usize>,
    /// As the first piece said; the others' is provisional.
    protocol: u8,
    /// Given up; stays so that late pieces do not begin it anew.
    dead: bool,
}

/// Datagrams being put together, within bounds. Trees, not hash tables: their order is fixed, and nobody can make them
/// slow by choosing keys.
#[derive(Debug)]
pub(crate) struct Fragments {
    bounds: FragmentBounds,
    partials: BTreeMap<Key, Partial>,
    by_age: BTreeMap<u64, Key>,
    serial: u64,
    bytes: usize,
    counters: FragmentCounters,
}

impl Fragments {
    pub(crate) fn new(bounds: FragmentBounds) -> Self {
        let counters = FragmentCounters::default();
        Fragments {
            bounds,
            partials: BTreeMap::new(),
            by_age: BTreeMap::new(),
            serial: 0,
            bytes: 0,
            counters,
        }
    }

    pub(crate) fn counters(&self) -> FragmentCounters {
        let waiting = self.partials.values().filter(|p| !p.dead).count() as u64;
        FragmentCounters { waiting, ..self.counters }
    }

    /// Takes in a piece with its captured bytes.
    pub(crate) fn offer(&mut self, piece: &Piece, data: &[u8], now: Timestamp) -> Offer {
        self.expire(now);
        if piece.cut {
            self.counters.cut += 1;
            return Offer::Waiting;
        }
        let start = piece.offset as usize;
        let end = start + data.len();
        if end > LONGEST || data.is_empty() || (piece.more && !data.len().is_multiple_of(8)) {
            return Offer::Malformed;
        }
        let key = Key::of(piece);
        self.make_room(&key, end);
        let mut partial = match self.partials.remove(&key) {
            Some(partial) => {
                self.bytes -= partial.bytes.len();
                partial
            }
            None => self.begin(key, piece.protocol, now),
        };
        if start == 0 {
            partial.protocol = piece.protocol;
        }
        match partial.insert(start, data, piece.more, key.src.is_ipv6()) {
            // A piece that brings no bytes may still tell that there are no more to come.
            Insert::New | Insert::Redundant if partial.complete() => {
                self.by_age.remove(&partial.serial);
                self.counters.completed += 1;
                return Offer::Whole(partial.bytes, partial.protocol);
            }
            Insert::New => {}
            Insert::Redundant => self.counters.redundant += 1,
            Insert::Contradiction => {
                self.counters.discarded += 1;
                partial.give_up();
            }
        }
        self.bytes += partial.bytes.len();
        self.partials.insert(key, partial);
        Offer::Waiting
    }

    fn begin(&mut self, key: Key, protocol: u8, now: Timestamp) -> Partial {
        self.serial += 1;
        self.by_age.insert(self.serial, key);
        Partial {
            began: now,
            serial: self.serial,
            bytes: Vec::new(),
            stretches: Vec::new(),
            len: None,
            protocol,
            dead: false,
        }
    }

    /// Gives up what is too old.
    fn expire(&mut self, now: Timestamp) {
        while let Some((_, key)) = self.by_age.first_key_value() {
            match self.partials.get(key) {
                Some(p) if now.since(p.began) <= self.bounds.timeout => break,
                _ => self.drop_oldest(|c| &mut c.timed_out),
            }
        }
    }

    /// Gives up the oldest datagrams until `key` may hold `end` bytes.
    fn make_room(&mut self, key: &Key, end: usize) {
        loop {
            let held = self.partials.get(key);
            let more = end.saturating_sub(held.map_or(0, |p| p.bytes.len()));
            let full = held.is_none() && self.partials.len() >= self.bounds.datagrams.max(1);
            if self.partials.is_empty() || !(full || self.bytes + more > self.bounds.bytes) {
                return;
            }
            self.drop_oldest(|c| &mut c.evicted);
        }
    }

    fn drop_oldest(&mut self, count: impl Fn(&mut FragmentCounters) -> &mut u64) {
        let Some((_, key)) = self.by_age.pop_first() else { return };
        let Some(partial) = self.partials.remove(&key) else { return };
        self.bytes -= partial.bytes.len();
        if !partial.dead {
            *count(&mut self.counters) += 1;
        }
    }
}

impl Key {
    fn of(piece: &Piece) -> Self {
        let c = &piece.context;
        let protocol = if c.src.is_ipv4() { piece.protocol } else { 0 };
        Key { src: c.src, dst: c.dst, id: piece.id, protocol, vlan: c.vlan, vni: c.vni }
    }
}

/// What inserting a piece came to.
enum Insert {
    New,
    Redundant,
    /// An overlap under IPv6, pieces behind the end, two ends, or too scattered to keep.
    Contradiction,
}

impl Partial {
    fn insert(&mut self, start: usize, data: &[u8], more: bool, strict: bool) -> Insert {
        let end = start + data.len();
        if self.dead {
            return Insert::Redundant;
        }
        let reached = self.stretches.last().map_or(0, |s| s.1);
        match self.len {
            Some(len) if end > len || (!more && end != len) => return Insert::Contradiction,
            None if !more && reached > end => return Insert::Contradiction,
            _ => {}
        }
        if !more {
            self.len = Some(end);
        }
        if self.stretches.iter().any(|&(a, b)| a <= start && end <= b) {
            let same = self.bytes.get(start..end) == Some(data);
            return if same || !strict { Insert::Redundant } else { Insert::Contradiction };
        }
        if strict && self.stretches.iter().any(|&(a, b)| a < end && start < b) {
            return Insert::Contradiction;
        }
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.fill_holes(start, data);
        self.mark(start, end);
        if self.stretches.len() > STRETCHES { Insert::Contradiction } else { Insert::New }
    }

    /// Copies what is not there yet: the first copy wins.
    fn fill_holes(&mut self, start: usize, data: &[u8]) {
        let end = start + data.len();
        let mut at = start;
        for &(a, b) in self.stretches.iter().chain(&[(end, end)]) {
            let hole = at..a.min(end);
            if !hole.is_empty() {
                self.bytes[hole.clone()].copy_from_slice(&data[hole.start - start..hole.end - start]);
            }
            at = at.max(b);
        }
    }

    /// Notes `start..end` as received, and joins what now touches.
    fn mark(&mut self, start: usize, end: usize) {
        let first = self.stretches.partition_point(|s| s.1 < start);
        let behind = self.stretches.partition_point(|s| s.0 <= end);
        let joined = &self.stretches[first..behind];
        let start = joined.first().map_or(start, |s| s.0.min(start));
        let end = joined.last().map_or(end, |s| s.1.max(end));
        self.stretches.splice(first..behind, [(start, end)]);
    }

    fn complete(&self) -> bool {
        self.len.is_some_and(|len| self.stretches == [(0, len)])
    }

    fn give_up(&mut self) {
        self.dead = true;
        self.bytes = Vec::new();
        self.stretches = Vec::new();
    }
}
