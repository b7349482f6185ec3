//! What flows cost the whole lane: memory (G6), an idle army (G7), and instructions a packet (G10).
//!
//! `cargo bench -p weir-bench --bench flows [-- --json]`; ten million flows need 3 GiB. Instructions are counted by
//! valgrind, which is skipped with a word where it is not installed.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;
use weir_bench::load::Load;
use weir_bench::measure::{PASSES, interleaved};
use weir_bench::row::Row;
use weir_bench::tcp::{CLIENT, Connection, SERVER};
use weir_bench::traffic::idle;
use weir_bench::workload::Workload;
use weir_exchange::Fingerprinter;
use weir_lane::{Lane, LaneConfig};
use weir_rules::RuleSet;
use weir_wire::{Duration, Frame, LinkType, Timestamp};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MILLION: u32 = 1_000_000;
/// What this program does by itself: packets that valgrind counts, flows that it holds.
const COUNTED: [&str; 4] = ["ack", "data", "shunted", "watched"];
const HELD: [&str; 3] = ["idle-1", "idle-10", "exchange-1"];

fn lane(rules: &Arc<RuleSet>, flows: u32) -> Lane {
    let mut config = LaneConfig::default();
    config.stream.flows = flows;
    Lane::new(&config, rules.clone(), Fingerprinter::new([1; 16])).expect("a lane")
}

fn frame(time: Timestamp, data: &[u8]) -> Frame<'_> {
    Frame { time, link: LinkType::ETHERNET, wire_len: data.len() as u32, vlan: None, data }
}

/// Bytes of this process that are in memory.
fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()).expect("a number of pages") * 4096.0
}

/// G6: resident bytes a flow behind its handshake, and behind one exchange. Each in a process of its own: what one has
/// freed would hide what the next takes.
fn memory() {
    let figures = [
        ("idle-1", "1 million flows after the handshake", 256.0, 128.0),
        ("idle-10", "10 million flows after the handshake", 256.0, 128.0),
        ("exchange-1", "1 million flows after an HTTP exchange", 512.0, 256.0),
    ];
    for (kind, name, gate, target) in figures {
        let me = std::env::current_exe().expect("this program");
        let ran = Command::new(me).arg(kind).output().expect("this program");
        let each = String::from_utf8_lossy(&ran.stdout).trim().parse().expect("a number");
        Row::new("G6", name, each, "bytes a flow").at_most(gate, target).print();
    }
}

/// Prints the bytes a flow.
fn hold(rules: &Arc<RuleSet>, kind: &str) {
    let flows = if kind.ends_with("10") { 10 * MILLION } else { MILLION };
    let mut lane = lane(rules, flows);
    let before = resident();
    if kind.starts_with("idle") {
        idle::handshakes(flows as usize, &mut |time, f| lane.burst(&[frame(time, f)]));
    } else {
        for n in 0..flows {
            let now = Timestamp::from_nanos(1_767_571_200_000_000_000 + u64::from(n) * 1000);
            let mut c = exchange(n);
            while let Some(f) = c.next_frame() {
                lane.burst(&[frame(now, &f)]);
            }
            lane.exchanges().for_each(drop);
        }
    }
    println!("{}", (resident() - before) / f64::from(flows));
}

/// A connection with one exchange that stays open.
fn exchange(n: u32) -> Connection {
    let client = Ipv4Addr::from(0x0b00_0000 + n / 50_000);
    let mut c =
        Connection::open((client, 10_000 + (n % 50_000) as u16), (Ipv4Addr::new(10, 3, 0, 1), 8080), n);
    c.send(CLIENT, b"GET /api/v1/health HTTP/1.1\r\nHost: api.example\r\nAccept: */*\r\n\r\n");
    c.send(
        SERVER,
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}",
    );
    c.done()
}

/// G7: W1 beside 8 million idle flows against W1 beside 10 thousand.
fn army(rules: &Arc<RuleSet>) {
    let load = Load::of(Workload::W1, 500);
    let last = load.frames().last().expect("frames").time;
    let mut works = [10_000, 8 * MILLION].map(|army| {
        let mut lane = lane(rules, army + 100_000);
        let end = idle::handshakes(army as usize, &mut |time, f| lane.burst(&[frame(time, f)]));
        let first = load.frames().next().expect("frames").time;
        let mut shift = end.since(first);
        let load = &load;
        move || {
            let mut exchanges = 0;
            load.bursts(|burst| {
                let later: Vec<Frame<'_>> =
                    burst.iter().map(|f| Frame { time: f.time.plus(shift), ..*f }).collect();
                lane.burst(&later);
                exchanges += lane.exchanges().count() as u64;
            });
            // The next pass uses the same ports, when those of this one are forgotten.
            shift = last.plus(shift).plus(Duration::from_secs(6)).since(first);
            exchanges
        }
    });
    let [few, many] = &mut works;
    let seconds = interleaved(PASSES, &mut [few, many]);
    Row::new("G7", "W1 beside 8 million idle flows / beside 10 thousand", seconds[1] / seconds[0], "")
        .at_most(1.35, 1.15)
        .print();
}

/// Frames of one kind on 64 flows, behind those that lead there.
fn packets(kind: &str) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let (mut before, mut counted) = (Vec::new(), Vec::new());
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 100000000\r\n\r\n";
    for n in 0..64 {
        let client = (Ipv4Addr::new(10, 1, 0, n), 40_000);
        let mut c = Connection::open(client, (Ipv4Addr::new(10, 3, 0, 1), 8080), u32::from(n));
        if kind == "shunted" {
            let record = |kind: u8, len: u16| [&[kind, 3, 3], &len.to_be_bytes()[..], &[1; 64]].concat();
            c.send(CLIENT, &record(22, 64));
            c.send(SERVER, &record(22, 64));
        } else {
            c.send(CLIENT, b"GET /a.png HTTP/1.1\r\nHost: api.example\r\n\r\n");
            c.send(SERVER, head);
        }
        let mut image = vec![0u8; 1460 * 70];
        image[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n");
        c.send(SERVER, &image);
        let mut c = c.done();
        let frames: Vec<Vec<u8>> = std::iter::from_fn(|| c.next_frame()).collect();
        let (data, rest): (Vec<_>, Vec<_>) = frames.into_iter().partition(|f| f.len() == 54 + 1460);
        let (lead, acks) = rest.split_at(5);
        before.extend(lead.iter().cloned());
        // The first 64 KiB are gathered to see what the content is.
        let (first, data) = data.split_at(50);
        before.extend(first.iter().cloned());
        if matches!(kind, "ack" | "watched") {
            before.extend(data.iter().cloned());
            counted.extend(acks.iter().cloned());
        } else {
            counted.extend(data.iter().cloned());
        }
    }
    (before, counted)
}

#[inline(never)]
fn measured(lane: &mut Lane, frames: &[Frame<'_>]) {
    frames.chunks(32).for_each(|burst| lane.burst(burst));
}

/// Segments without which the decoder would still look at each for a repetition: one told apart by its identification.
fn unrepeated(segment: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (1..=u16::MAX).map(|id| [&segment[..18], &id.to_be_bytes(), &segment[20..]].concat())
}

/// Plays packets of one kind, for valgrind to count.
fn play(rules: &Arc<RuleSet>, kind: &str) {
    let (before, counted) = packets(kind);
    let now = Timestamp::from_nanos(1_767_571_200_000_000_000);
    let mut lane = lane(rules, 4096);
    before.iter().for_each(|f| lane.burst(&[frame(now, f)]));
    if kind != "watched" {
        unrepeated(&before[0]).for_each(|f| lane.burst(&[frame(now, &f)]));
    }
    let frames: Vec<Frame<'_>> = counted.iter().map(|f| frame(now, f)).collect();
    measured(&mut lane, &frames);
    println!("{} packets", frames.len());
}

/// G10: instructions a packet through the whole lane.
fn instructions() {
    let figures = [
        ("ack", "pure ACK", 200.0, 120.0),
        ("data", "in-order data packet without scan", 600.0, 350.0),
        ("shunted", "packet of a shunted flow", 120.0, 60.0),
    ];
    for (kind, name, gate, target) in figures {
        match count(kind) {
            Some(each) => Row::new("G10", name, each, "instructions").at_most(gate, target).print(),
            None => eprintln!("G10: valgrind is not installed; {name} not counted"),
        }
    }
    if let Some(each) = count("watched") {
        let name = "pure ACK, while each is looked at for a repetition";
        Row::new("G10", name, each, "instructions").print();
    }
}

fn count(kind: &str) -> Option<f64> {
    let ran = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*measured*"])
        .arg(std::env::current_exe().ok()?)
        .arg(kind)
        .output()
        .ok()?;
    let number = |text: &[u8], mark: &str, at: usize| -> Option<f64> {
        let text = String::from_utf8_lossy(text);
        let line = text.lines().find(|l| l.contains(mark))?;
        line.split_whitespace().nth(at)?.parse().ok()
    };
    Some(number(&ran.stderr, "Collected :", 3)? / number(&ran.stdout, "packets", 0)?)
}

fn main() {
    let rules = Arc::new(RuleSet::builtin().expect("the built-in packs"));
    if let Some(kind) = std::env::args().find(|a| COUNTED.contains(&a.as_str())) {
        return play(&rules, &kind);
    }
    if let Some(kind) = std::env::args().find(|a| HELD.contains(&a.as_str())) {
        return hold(&rules, &kind);
    }
    instructions();
    army(&rules);
    memory();
}
