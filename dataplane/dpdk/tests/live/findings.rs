//! The same exchanges as the file replay gives, whatever way the frames came.

use crate::{
    memif,
    place::{alone, has_driver, over_a_pair},
    traffic::{Kept, case, config, in_micros, start, wait_for, write},
    vhost,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use weir_capture::{Injector, Polled, Source};
use weir_exchange::{Exchange, Fingerprinter};
use weir_lane::{Lane, LaneConfig};
use weir_rules::RuleSet;
use weir_wire::{Frame, LinkType, Timestamp};

fn lane(rules: &Arc<RuleSet>) -> Lane {
    Lane::new(&LaneConfig::default(), Arc::clone(rules), Fingerprinter::new([7; 16])).unwrap()
}

/// An exchange but for its times: frames of a wire have those of their arrival.
fn timeless(mut exchange: Exchange) -> String {
    let none = Timestamp::default();
    (exchange.time, exchange.ended, exchange.emitted, exchange.flow.started) = (none, none, none, none);
    if let Some(response) = &mut exchange.response {
        response.time = none;
    }
    format!("{exchange:?}")
}

/// What a lane finds in frames from memory.
fn replayed(rules: &Arc<RuleSet>, frames: &[Kept]) -> Vec<Exchange> {
    let mut lane = lane(rules);
    for f in frames {
        let wire_len = f.data.len() as u32;
        lane.burst(&[Frame { time: f.time, link: LinkType::ETHERNET, wire_len, vlan: None, data: &f.data }]);
    }
    lane.finish();
    lane.exchanges().collect()
}

/// What a lane a queue finds, until `count` frames came in all.
fn live(rules: &Arc<RuleSet>, mut queues: Vec<weir_dpdk::Queue>, count: usize) -> Vec<Exchange> {
    let mut lanes: Vec<_> = queues.iter().map(|_| lane(rules)).collect();
    let (mut seen, from) = (0, Instant::now());
    while seen < count && from.elapsed() < Duration::from_secs(20) {
        for (queue, lane) in queues.iter_mut().zip(&mut lanes) {
            match queue.poll(&mut |burst| lane.burst(burst)).unwrap() {
                Polled::Frames(n) => seen += n,
                _ => queue.wait(Duration::from_micros(100)),
            }
        }
    }
    assert_eq!(seen, count, "frames that arrived");
    let mut found = Vec::new();
    for (queue, lane) in queues.iter().zip(&mut lanes) {
        lane.finish();
        let ledger = lane.report().ledger;
        assert!(ledger.balanced());
        assert_eq!(ledger.received.count, queue.counters().frames, "the ledger against the source");
        assert_eq!(queue.counters().dropped, 0);
        found.extend(lane.exchanges());
    }
    found
}

fn sorted(exchanges: Vec<Exchange>) -> Vec<String> {
    let mut all: Vec<_> = exchanges.into_iter().map(timeless).collect();
    all.sort();
    all
}

fn assert_same(found: Vec<Exchange>, wanted: Vec<Exchange>) {
    let (found, wanted) = (sorted(found), sorted(wanted));
    assert!(wanted.len() > 20, "{}", wanted.len());
    assert_eq!(found.len(), wanted.len());
    for (a, b) in found.iter().zip(&wanted) {
        assert_eq!(a, b);
    }
}

/// Splits frames so that both directions of a flow stay together.
fn by_flow(frames: &[Kept]) -> [Vec<Kept>; 2] {
    let side =
        |f: &Kept| f.data.get(26..38).map_or(0, |a| a.iter().map(|b| usize::from(*b)).sum::<usize>() % 2);
    [0, 1].map(|n| frames.iter().filter(|f| side(f) == n).cloned().collect())
}

#[test]
fn over_files_in_two_queues() {
    alone("findings::over_files_in_two_queues", || {
        let rules = Arc::new(RuleSet::builtin().unwrap());
        let dir = tempfile::tempdir().unwrap();
        let frames = in_micros(&case("office"));
        let [a, b] = by_flow(&frames);
        assert!(a.len() > 50 && b.len() > 50, "{} and {}", a.len(), b.len());
        let [a, b] = [("a", &a), ("b", &b)].map(|(n, f)| write(&dir.path().join(n), f).display().to_string());
        let runtime = start(&config(&[&format!("net_pcap0,rx_pcap={a},rx_pcap={b}")]));
        let found = live(&rules, runtime.queues(), frames.len());
        let wanted = replayed(&rules, &frames);
        // With the file's times even these are equal.
        let times = |all: &[Exchange]| {
            let mut times: Vec<_> = all.iter().map(|x| (x.time, x.ended, x.flow.started)).collect();
            times.sort();
            times
        };
        assert_eq!(times(&found), times(&wanted));
        assert_same(found, wanted);
    });
}

#[test]
fn over_an_interface_in_two_queues() {
    over_a_pair("findings::over_an_interface_in_two_queues", || {
        let rules = Arc::new(RuleSet::builtin().unwrap());
        let frames = case("office");
        let ring = "blocksz=1048576,framesz=2048,framecnt=8192";
        let runtime = start(&config(&[&format!("net_af_packet0,iface=in0,qpairs=2,{ring}")]));
        let injector = Injector::open("out0").unwrap();
        let (found, _) = std::thread::scope(|s| {
            let lanes = s.spawn(|| live(&rules, runtime.queues(), frames.len()));
            for frame in &frames {
                injector.send(&frame.data).unwrap();
            }
            (lanes.join().unwrap(), ())
        });
        assert_same(found, replayed(&rules, &frames));
    });
}

#[test]
fn over_memory_shared_with_another_process() {
    alone("findings::over_memory_shared_with_another_process", || {
        let rules = Arc::new(RuleSet::builtin().unwrap());
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("memif.sock");
        let device = format!("net_memif0,role=server,id=0,socket={},socket-abstract=no", socket.display());
        let runtime = start(&config(&[&device]));
        let other = memif::sender(&socket);
        let frames = case(memif::CASE);
        let found = live(&rules, runtime.queues(), frames.len());
        memif::end(other, &runtime, &mut runtime.queues()[0]);
        assert_same(found, replayed(&rules, &frames));
    });
}

#[test]
fn over_an_interface_by_af_xdp() {
    const NAME: &str = "findings::over_an_interface_by_af_xdp";
    let knows = std::fs::read_to_string("/proc/net/protocols").unwrap_or_default();
    if !has_driver(NAME, "net_af_xdp") {
        return;
    }
    if !knows.lines().any(|l| l.starts_with("XDP ")) {
        println!("{NAME}: skipped, as the kernel has no AF_XDP");
        return;
    }
    over_a_pair(NAME, || {
        let rules = Arc::new(RuleSet::builtin().unwrap());
        let frames = case("office");
        let runtime = start(&config(&["net_af_xdp0,iface=in0"]));
        assert_eq!(runtime.port_report()[0].driver, "net_af_xdp");
        let injector = Injector::open("out0").unwrap();
        let found = std::thread::scope(|s| {
            let lanes = s.spawn(|| live(&rules, runtime.queues(), frames.len()));
            let mut sent = 0;
            for burst in frames.chunks(64) {
                burst.iter().for_each(|frame| injector.send(&frame.data).unwrap());
                sent += burst.len() as u64;
                // A veth pair has room for 256 frames and drops what comes before they were taken.
                assert!(wait_for(|| runtime.port_report()[0].frames >= sent), "of {sent}");
            }
            lanes.join().unwrap()
        });
        assert_same(found, replayed(&rules, &frames));
    });
}

/// Both ends of a vhost-user socket: the sensor is the one, another process sends from the other. An end that opens the socket for a
/// machine waits for its switch (`waits`): the other process is then started first.
fn over_a_socket(name: &str, ours: &str, theirs: &str, waits: bool) {
    if !has_driver(name, "net_vhost") || !has_driver(name, "net_virtio") {
        return;
    }
    alone(name, || {
        let rules = Arc::new(RuleSet::builtin().unwrap());
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("vhost.sock");
        let at = |device: &str| device.replace("SOCKET", socket.to_str().unwrap());
        let first = waits.then(|| vhost::sender(&at(theirs)));
        let runtime = start(&config(&[&at(ours)]));
        let frames = case(vhost::CASE);
        let other = first.unwrap_or_else(|| vhost::sender(&at(theirs)));
        let found = live(&rules, runtime.queues(), frames.len());
        drop(other);
        assert_same(found, replayed(&rules, &frames));
        let report = &runtime.port_report()[0];
        assert_eq!(report.frames, frames.len() as u64);
    });
}

#[test]
fn over_a_socket_that_a_virtual_machine_opens() {
    let name = "findings::over_a_socket_that_a_virtual_machine_opens";
    over_a_socket(name, "net_vhost0,iface=SOCKET", "virtio_user0,path=SOCKET", false);
}

#[test]
fn over_a_socket_that_a_virtual_switch_opens() {
    let name = "findings::over_a_socket_that_a_virtual_switch_opens";
    over_a_socket(name, "virtio_user0,path=SOCKET,server=1", "net_vhost0,iface=SOCKET,client=1", true);
}
