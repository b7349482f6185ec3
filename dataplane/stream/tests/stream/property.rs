//! Reassembly against an oracle, over random connections.
//!
//! `WEIR_PROPTEST_CASES` sets how many (10,000 without it); a failure names the seed of its case.
use crate::oracle::*;
use std::net::{IpAddr, Ipv4Addr};
use weir_stream::{Config, FlowTable, symmetric_hash};
use weir_wire::{
    Account, Duration, EndReason, Endpoint, Layer, Ledger, Packet, Side, TcpFlags, TcpHeader, Timestamp,
    Transport,
};

fn cases() -> u64 {
    std::env::var("WEIR_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000)
}

/// One end of a connection on the wire.
struct Ends {
    ends: [Endpoint; 2],
    isn: [u32; 2],
}

impl Ends {
    fn random(r: &mut Random, n: u32) -> Self {
        let ip = |host: u32| IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + host));
        let client = Endpoint { ip: ip(2 + n), port: 40_000 };
        let server = Endpoint { ip: ip(1), port: 80 };
        let mut isn = || if r.chance(50) { 0u32.wrapping_sub(r.below(300) as u32) } else { r.next() as u32 };
        Ends { ends: [client, server], isn: [isn(), isn()] }
    }
    fn packet<'a>(&self, side: Side, flags: u8, seq: u32, ack: u32, time: u64) -> Packet<'a> {
        let tcp = TcpHeader { seq, ack, flags: TcpFlags(flags), window: 500 };
        Packet {
            time: Timestamp::from_nanos(time),
            vlan: None,
            vni: None,
            src: self.ends[side.index()],
            dst: self.ends[side.peer().index()],
            transport: Transport::Tcp(tcp),
            payload: &[],
            missing: 0,
        }
    }
    /// The segment, acknowledging `acked` bytes of the other side.
    fn segment<'a>(&self, s: &'a Segment, acked: u64, time: u64) -> Packet<'a> {
        let flags = TcpFlags::ACK | if s.fin { TcpFlags::FIN } else { 0 };
        let seq = self.isn[s.side.index()].wrapping_add(1 + s.at as u32);
        let ack = self.isn[s.side.peer().index()].wrapping_add(1 + acked as u32);
        let packet = self.packet(s.side, flags, seq, ack, time);
        Packet { payload: &s.data, missing: s.missing, ..packet }
    }
    fn handshake(&self, time: u64) -> [Packet<'static>; 2] {
        let [client, server] = self.isn;
        let answer = TcpFlags::SYN | TcpFlags::ACK;
        [
            self.packet(Side::Client, TcpFlags::SYN, client, 0, time),
            self.packet(Side::Server, answer, server, client.wrapping_add(1), time),
        ]
    }
}

struct Table {
    table: FlowTable<usize>,
    ledger: Ledger,
    teller: Teller,
}

impl Table {
    fn new(config: Config) -> Self {
        Table { table: FlowTable::new(config), ledger: Ledger::default(), teller: Teller::default() }
    }
    /// Every other packet goes the short way, if it can.
    fn play(&mut self, packet: &Packet<'_>, now: u64) {
        self.ledger.payload.bytes += packet.payload.len() as u64;
        let (now, short) = (Timestamp::from_nanos(now), packet.time.nanos() & 1 == 0);
        match plain(packet).filter(|_| short) {
            Some(segment) => self.table.plain(&segment, now, &mut self.ledger, &mut self.teller),
            None => self.table.segment(packet, now, &mut self.ledger, &mut self.teller),
        }
    }
    fn finish(&mut self, now: u64) {
        self.table.finish(Timestamp::from_nanos(now), &mut self.ledger, &mut self.teller);
        assert_eq!(self.ledger.total(Layer::Stream).bytes, self.ledger.payload.bytes);
        let delivered = self.ledger.entry(Account::StreamDelivered).bytes;
        assert_eq!(self.ledger.total(Layer::Message).bytes, delivered);
        let stats = self.table.stats();
        assert_eq!((stats.live, stats.held_bytes), (0, 0));
        assert!(self.teller.flows.iter().all(|told| told.closed));
    }
}

/// The packet as what most are.
fn plain<'a>(packet: &Packet<'a>) -> Option<weir_wire::Segment<'a>> {
    let Packet { time, vlan, vni: None, src, dst, transport: Transport::Tcp(tcp), payload, missing: 0 } =
        *packet
    else {
        return None;
    };
    let (IpAddr::V4(from), IpAddr::V4(to)) = (src.ip, dst.ip) else { return None };
    let (src, dst) = ((from.into(), src.port), (to.into(), dst.port));
    Some(weir_wire::Segment { time, vlan, src, dst, tcp, payload })
}

/// Names the case that fails.
struct Case(u64);

impl Drop for Case {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("in case {}", self.0);
        }
    }
}

const START: u64 = 1_700_000_000_000_000_000;

/// With room and nobody acknowledging, the table tells exactly what the oracle has.
#[test]
fn equals_the_oracle() {
    for case in 0..cases() {
        let _named = Case(case);
        let r = &mut Random(case);
        let weather = Weather::random(r);
        let (segments, ends) = (connection(r, &weather), Ends::random(r, 0));
        let mut t = Table::new(Config { flows: 2, ..Config::default() });
        let mut oracle = [Direction::default(), Direction::default()];
        let mut known = r.chance(70);
        let mut now = START;
        if known {
            ends.handshake(now).iter().for_each(|p| t.play(p, now));
            oracle.iter_mut().for_each(|d| d.origin = Some(0));
        }
        for s in &segments {
            now += r.below(2_000_000);
            known |= !s.data.is_empty() || s.missing > 0;
            if known {
                oracle[s.side.index()].take(s);
            }
            t.play(&ends.segment(s, 0, now), now);
        }
        t.finish(now);
        check_equal(&t, &oracle);
    }
}

fn check_equal(t: &Table, oracle: &[Direction; 2]) {
    let expected = oracle.each_ref().map(Direction::stream);
    let Some(told) = t.teller.flows.first() else {
        assert!(expected.iter().all(Vec::is_empty), "nothing told");
        return;
    };
    assert_eq!(t.teller.flows.len(), 1);
    let mirrored = told.meta.client.port == 80;
    for i in [0, 1] {
        let told_of = if mirrored { 1 - i } else { i };
        assert_eq!(told.streams[told_of], expected[i], "side {i}");
        let reason = if oracle[i].fin.is_some() { EndReason::Fin } else { EndReason::CaptureEnd };
        assert_eq!(told.ends[told_of], Some(reason));
    }
    let delivered = expected.iter().flatten().flatten().count() as u64;
    let booked = |account| t.ledger.entry(account).bytes;
    assert_eq!(booked(Account::StreamDelivered), delivered);
    assert_eq!(booked(Account::StreamDuplicate), t.ledger.payload.bytes - delivered);
}

/// A flow shunted at any event is booked byte for byte as one that is read, and holds nothing from then on.
#[test]
fn shunted_flows_are_booked_as_read_ones() {
    for case in 0..cases() / 4 {
        let _named = Case(case);
        let r = &mut Random(case ^ 0x5417);
        let weather = Weather::random(r);
        let (segments, ends) = (connection(r, &weather), Ends::random(r, 0));
        let config = || Config { flows: 2, ..Config::default() };
        let (mut read, mut shunted) = (Table::new(config()), Table::new(config()));
        shunted.teller.shunt_at = Some(1 + r.below(12) as usize);
        let (handshake, mut now, mut acked) = (r.chance(70), START, 0);
        if handshake {
            ends.handshake(now).iter().for_each(|p| (read.play(p, now), shunted.play(p, now)).0);
        }
        for s in &segments {
            now += r.below(20_000_000);
            acked = if r.chance(80) { 0 } else { r.below(acked + 40) };
            let packet = ends.segment(s, acked, now);
            read.play(&packet, now);
            shunted.play(&packet, now);
        }
        read.finish(now);
        shunted.finish(now);
        for account in Account::ALL.iter().filter(|a| a.layer() == Layer::Stream) {
            let bytes = |t: &Table| t.ledger.entry(*account).bytes;
            assert_eq!(bytes(&read), bytes(&shunted), "{account:?}");
        }
        let Some(told) = shunted.teller.flows.first() else { continue };
        let full = &read.teller.flows[0];
        let begins = |i: usize| full.streams[i].starts_with(&told.streams[i]);
        assert!(shunted.teller.flows.len() == 1 && begins(0) && begins(1));
    }
}

/// Packets given in bursts of any size tell what they tell one by one.
#[test]
fn bursts_equal_single_packets() {
    for case in 0..cases() / 100 {
        let _named = Case(case);
        let r = &mut Random(case ^ 0xb0b5);
        let count = if r.chance(20) { 5_000 } else { 20 };
        let all: Vec<(Ends, Vec<Segment>)> = (0..20)
            .map(|n| {
                let weather = Weather::random(r);
                (Ends::random(r, n), connection(r, &weather))
            })
            .collect();
        let config = || Config { flows: 8192, ..Config::default() };
        let (mut one, mut many) = (Table::new(config()), Table::new(config()));
        let mut now = START;
        // Beyond a few thousand flows bursts are looked up in steps.
        let crowd: Vec<Ends> = (100..count).map(|n| Ends::random(r, n)).collect();
        for ends in &crowd {
            ends.handshake(now).iter().for_each(|p| (one.play(p, now), many.play(p, now)).0);
        }
        let mut at = vec![0; all.len()];
        let mut packets = Vec::new();
        for _ in 0..400 {
            let n = r.below(all.len() as u64) as usize;
            let Some(s) = all[n].1.get(at[n]) else { continue };
            at[n] += 1;
            now += r.below(40_000_000);
            packets.push((all[n].0.segment(s, r.below(s.at + 50), now), Timestamp::from_nanos(now)));
        }
        for (packet, now) in &packets {
            one.play(packet, now.nanos());
        }
        let mut rest = &packets[..];
        while !rest.is_empty() {
            let (burst, after) = rest.split_at((1 + r.below(70) as usize).min(rest.len()));
            many.ledger.payload.bytes += burst.iter().map(|(p, _)| p.payload.len() as u64).sum::<u64>();
            many.table.burst(burst, &mut many.ledger, &mut many.teller);
            rest = after;
        }
        one.finish(now);
        many.finish(now);
        assert_eq!((one.teller.flows, one.ledger), (many.teller.flows, many.ledger));
    }
}

/// Under small budgets, acknowledgements and little patience, more is given up, but what is told is right.
#[test]
fn tells_nothing_wrong_under_pressure() {
    for case in 0..cases() / 4 {
        let _named = Case(case);
        let r = &mut Random(case ^ 0xfeed);
        let weather = Weather::random(r);
        let (segments, ends) = (connection(r, &weather), Ends::random(r, 0));
        let mut t = Table::new(Config {
            flows: 2,
            side_bytes: 2048 * (1 + r.below(5) as u32),
            total_bytes: 2048 * (1 + r.below(8)),
            ack_patience_segments: 1 + r.below(10) as u32,
            ..Config::default()
        });
        let mut oracle = [Direction::default(), Direction::default()];
        oracle.iter_mut().for_each(|d| d.origin = Some(0));
        let mut now = START;
        ends.handshake(now).iter().for_each(|p| t.play(p, now));
        let mut reached = [0, 0];
        for s in &segments {
            let longest = if r.chance(5) { 3_000_000_000 } else { 50_000_000 };
            now += r.below(longest);
            let (side, peer) = (s.side.index(), s.side.peer().index());
            oracle[side].take(s);
            reached[side] = reached[side].max(s.at + s.data.len() as u64 + u64::from(s.missing));
            let acked = if r.chance(50) { reached[peer] } else { r.below(reached[peer] + 1) };
            t.play(&ends.segment(s, acked, now), now);
        }
        t.finish(now);
        for told in &t.teller.flows[..t.teller.flows.len().min(1)] {
            for side in [0, 1] {
                let expected = oracle[side].stream();
                for (at, byte) in told.streams[side].iter().enumerate().filter(|(_, b)| b.is_some()) {
                    assert_eq!(*byte, expected[at], "side {side} at {at}");
                }
            }
        }
    }
}

/// Packets of many connections with jumps in time, played on one table and on two by hash, tell the same.
#[test]
fn flows_do_not_depend_on_their_neighbours() {
    for case in 0..cases() / 40 {
        let _named = Case(case);
        let r = &mut Random(case ^ 0xcafe);
        let all: Vec<(Ends, Vec<Segment>)> = (0..12)
            .map(|n| {
                let weather = Weather::random(r);
                (Ends::random(r, n), connection(r, &weather))
            })
            .collect();
        let config = || Config { flows: 64, ..Config::default() };
        let (mut one, mut two) = (Table::new(config()), [Table::new(config()), Table::new(config())]);
        let mut at = vec![0; all.len()];
        let mut now = START;
        for _ in 0..600 {
            let n = r.below(all.len() as u64) as usize;
            let Some(s) = all[n].1.get(at[n]) else { continue };
            at[n] += 1;
            let time = START.max(now + r.below(20_000_000) - 8_000_000);
            now = now.max(time + if r.chance(1) { r.below(100_000_000_000) } else { 0 });
            let packet = all[n].0.segment(s, r.below(s.at + 50), time);
            one.play(&packet, now);
            two[(symmetric_hash(&packet) & 1) as usize].play(&packet, now);
        }
        one.finish(now);
        two.iter_mut().for_each(|t| t.finish(now));
        let sorted = |mut told: Vec<Told>| {
            told.sort_by_key(|t| (t.meta.started, t.meta.client, t.meta.server));
            told
        };
        let split: Vec<Told> = two.iter().flat_map(|t| t.teller.flows.clone()).collect();
        assert_eq!(sorted(one.teller.flows), sorted(split));
        let mut sum = two[0].ledger.clone();
        sum.absorb(&two[1].ledger);
        assert_eq!(one.ledger, sum);
    }
}

/// Headers without any sense, on few ports in a table too small: every byte is booked and every flow ends once.
#[test]
fn survives_nonsense() {
    for case in 0..cases() / 10 {
        let _named = Case(case);
        let r = &mut Random(case ^ 0xbad);
        let mut t = Table::new(Config {
            flows: 1 + r.below(5) as u32,
            side_bytes: 4096,
            total_bytes: 2048 * (1 + r.below(6)),
            evict_after: Duration::from_millis(r.below(500)),
            ..Config::default()
        });
        let bytes = [b'x'; 6000];
        let bases = [r.next() as u32, r.next() as u32, u32::MAX - 50];
        let mut now = START;
        for _ in 0..200 {
            now = now.wrapping_add_signed(r.below(40_000_000) as i64 - 10_000_000);
            now += if r.chance(2) { r.below(200_000_000_000) } else { 0 };
            let ends = Ends::random(r, r.0 as u32 % 4);
            let mut near = || {
                let base = bases[r.below(3) as usize];
                let step = if r.chance(80) { r.below(300) } else { r.below(1 << 27) };
                base.wrapping_add(step as u32).wrapping_sub(if r.chance(20) { 1 << 25 } else { 0 })
            };
            let (seq, ack) = (near(), near());
            let side = if r.chance(50) { Side::Client } else { Side::Server };
            let flags = if r.chance(70) { TcpFlags::ACK } else { r.next() as u8 };
            let len = if r.chance(5) { r.below(6000) } else { r.below(40) } as usize;
            let missing = if r.chance(10) { r.next() as u32 >> r.below(32) } else { 0 };
            let packet =
                Packet { payload: &bytes[..len], missing, ..ends.packet(side, flags, seq, ack, now) };
            t.play(&packet, now);
        }
        t.finish(now);
    }
}
