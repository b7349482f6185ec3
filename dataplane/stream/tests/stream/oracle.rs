//! Random connections, and what a reader with unlimited memory would make of them.

use std::collections::BTreeMap;
use weir_stream::{Flow, Sink, Want};
use weir_wire::{Account, EndReason, FlowMeta, Ledger, Side, StreamEvent};

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// `0..n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A segment by offsets in its direction's stream.
#[derive(Clone, Debug)]
pub struct Segment {
    pub side: Side,
    pub at: u64,
    pub data: Vec<u8>,
    pub missing: u32,
    pub fin: bool,
}

/// How ill-treated a connection is, in percent of its segments.
pub struct Weather {
    pub loss: u64,
    pub late: u64,
    pub copies: u64,
    pub cuts: u64,
}

impl Weather {
    pub fn random(r: &mut Random) -> Self {
        let mut pick = |max: u64| if r.chance(40) { 0 } else { r.below(max) };
        Weather { loss: pick(30), late: pick(60), copies: pick(50), cuts: pick(20) }
    }
}

/// The segments of one connection in the order a sensor sees them: cut at random, some lost, some late by up to
/// twenty places, some sent again with other limits and, now and then, other content.
pub fn connection(r: &mut Random, weather: &Weather) -> Vec<Segment> {
    let mut placed: Vec<(u64, Segment)> = Vec::new();
    for side in [Side::Client, Side::Server] {
        let len = r.below(250);
        let stream: Vec<u8> = (0..len).map(|_| b'a' + r.below(26) as u8).collect();
        let (mut at, fin) = (0, r.chance(60));
        let (mut place, longest) = (r.below(40), 1 + r.below(40));
        while at < len {
            let n = (1 + r.below(longest)).min(len - at);
            let data = stream[at as usize..(at + n) as usize].to_vec();
            let last = at + n == len;
            placed.push((place, Segment { side, at, data, missing: 0, fin: last && fin && r.chance(50) }));
            if r.chance(weather.copies) {
                let from = r.below(len);
                let n = 1 + r.below((len - from).min(60));
                let mut data = stream[from as usize..(from + n) as usize].to_vec();
                if r.chance(50) {
                    data.iter_mut().for_each(|b| *b = b.to_ascii_uppercase());
                }
                placed.push((place, Segment { side, at: from, data, missing: 0, fin: false }));
            }
            at += n;
            place += 1 + r.below(3);
        }
        if fin {
            placed.push((place, Segment { side, at: len, data: Vec::new(), missing: 0, fin: true }));
        }
    }
    placed.retain_mut(|(place, s)| {
        if r.chance(weather.late) {
            *place += r.below(20);
        }
        if r.chance(weather.cuts) {
            s.missing = r.below(s.data.len() as u64 + 1) as u32;
            s.data.truncate(s.data.len() - s.missing as usize);
        }
        !r.chance(weather.loss)
    });
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, s)| s).collect()
}

/// One direction as the oracle has it: what arrived first at each offset, `None` where the snap length cut it.
#[derive(Default)]
pub struct Direction {
    pub origin: Option<u64>,
    pub arrived: BTreeMap<u64, Option<u8>>,
    pub fin: Option<u64>,
}

impl Direction {
    pub fn take(&mut self, s: &Segment) {
        let origin = *self.origin.get_or_insert(s.at);
        let bytes = s.data.iter().map(|&b| Some(b));
        let cut = std::iter::repeat_n(None, s.missing as usize);
        for (at, byte) in (s.at..).zip(bytes.chain(cut)) {
            if at >= origin {
                self.arrived.entry(at).or_insert(byte);
            }
        }
        if s.fin {
            self.fin.get_or_insert(s.at + s.data.len() as u64 + u64::from(s.missing));
        }
    }
    /// From the origin to the last thing known, `None` for what is missing.
    pub fn stream(&self) -> Vec<Option<u8>> {
        let Some(origin) = self.origin else { return Vec::new() };
        let last = self.arrived.last_key_value().map_or(origin, |(at, _)| at + 1);
        let end = last.max(self.fin.unwrap_or(0));
        (origin..end).map(|at| self.arrived.get(&at).copied().flatten()).collect()
    }
}

/// A flow as the table told it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub meta: FlowMeta,
    pub streams: [Vec<Option<u8>>; 2],
    pub ends: [Option<EndReason>; 2],
    pub times: Vec<u64>,
    pub closed: bool,
}

/// Keeps flows in the order they were opened.
#[derive(Default)]
pub struct Teller {
    pub flows: Vec<Told>,
    /// Shunt a flow at this event of it (the first is 1), booking as encrypted; what was told before is booked as body.
    pub shunt_at: Option<usize>,
}

impl Sink<usize> for Teller {
    fn open(&mut self, meta: &FlowMeta) -> usize {
        let (streams, ends) = Default::default();
        self.flows.push(Told { meta: *meta, streams, ends, times: Vec::new(), closed: false });
        self.flows.len() - 1
    }
    fn event(
        &mut self,
        state: &mut usize,
        flow: Flow<'_>,
        event: StreamEvent<'_>,
        ledger: &mut Ledger,
    ) -> Want {
        let told = &mut self.flows[*state];
        let (StreamEvent::Data { side, time, .. }
        | StreamEvent::Gap { side, time, .. }
        | StreamEvent::End { side, time, .. }) = event;
        let i = side.index();
        assert!(told.meta == flow.meta() && told.ends[i].is_none() && !told.closed);
        told.times.push(time.nanos());
        match event {
            StreamEvent::Data { bytes, .. } => {
                assert!(!bytes.is_empty());
                told.streams[i].extend(bytes.iter().map(|&b| Some(b)));
                ledger.add(Account::MessageBody, bytes.len() as u64);
            }
            StreamEvent::Gap { len, .. } => {
                // Leaps of a resynchronisation are not worth their memory here.
                told.streams[i].extend(std::iter::repeat_n(None, len.min(100_000) as usize));
            }
            StreamEvent::End { reason, .. } => told.ends[i] = Some(reason),
        }
        match self.shunt_at {
            Some(at) if told.times.len() == at => Want::Nothing(Account::MessageEncrypted),
            _ => Want::Bytes,
        }
    }
    fn closed(&mut self, state: usize, _: &FlowMeta, _: &mut Ledger) {
        let told = &mut self.flows[state];
        let shunted = self.shunt_at == Some(told.times.len());
        assert!((shunted || told.ends.iter().all(Option::is_some)) && !told.closed);
        told.closed = true;
    }
}
