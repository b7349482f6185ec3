//! Several sockets on one interface.

use crate::frames::{frame, read, serial};
use crate::place::{pair, within};
use std::collections::HashMap;
use weir_capture::{AfPacket, AfPacketConfig, Injector, Source};

fn config(queues: usize) -> AfPacketConfig {
    AfPacketConfig { queues, ..AfPacketConfig::new("in0") }
}

#[test]
fn every_frame_is_lent_exactly_once() {
    within("sharing::every_frame_is_lent_exactly_once", || {
        pair();
        let wire = Injector::open("out0").unwrap();
        for queues in [1, 2, 4] {
            let mut sockets = AfPacket::open(&config(queues)).unwrap();
            const SENT: u32 = 20_000;
            for n in 0..SENT {
                wire.send(&frame((n % 500) as u16, n % 3 == 0, n, 60 + n as usize % 1400)).unwrap();
            }
            let mut times = vec![0u8; SENT as usize];
            let mut shares = Vec::new();
            for socket in &mut sockets {
                let mut last = Default::default();
                read(socket, |f| {
                    times[serial(f.data).unwrap() as usize] += 1;
                    assert!(f.wire_len as usize == f.data.len() && f.time >= last && f.vlan.is_none());
                    last = f.time;
                });
                assert_eq!((socket.counters().dropped, socket.notices().len()), (0, 0));
                shares.push(socket.counters().frames);
            }
            assert!(times.iter().all(|t| *t == 1), "{queues} sockets: {shares:?}");
            assert!(shares.iter().all(|s| *s > u64::from(SENT) / queues as u64 / 2), "{shares:?}");
        }
    });
}

#[test]
fn both_directions_of_a_flow_meet_one_socket() {
    within("sharing::both_directions_of_a_flow_meet_one_socket", || {
        pair();
        let wire = Injector::open("out0").unwrap();
        let mut sockets = AfPacket::open(&config(4)).unwrap();
        const FLOWS: u32 = 2000;
        for round in 0..3 {
            for flow in 0..FLOWS {
                wire.send(&frame(flow as u16, round == 1, flow, 100)).unwrap();
            }
        }
        let mut where_to: HashMap<u32, Vec<usize>> = HashMap::new();
        for (n, socket) in sockets.iter_mut().enumerate() {
            read(socket, |f| where_to.entry(serial(f.data).unwrap()).or_default().push(n));
        }
        assert_eq!(where_to.len(), FLOWS as usize);
        let strays = where_to.values().filter(|s| s.len() != 3 || s.iter().any(|n| *n != s[0])).count();
        assert_eq!(strays, 0);
        let used: std::collections::BTreeSet<_> = where_to.values().map(|s| s[0]).collect();
        assert_eq!(used.len(), 4);
    });
}

#[test]
fn two_processes_share_a_group_by_its_number() {
    within("sharing::two_processes_share_a_group_by_its_number", || {
        pair();
        let wire = Injector::open("out0").unwrap();
        let one = AfPacketConfig { group: Some(77), ..config(1) };
        let (mut a, mut b) = (AfPacket::open(&one).unwrap(), AfPacket::open(&one).unwrap());
        (0..1000).for_each(|n| wire.send(&frame(n as u16, false, n, 60)).unwrap());
        let mut seen = 0;
        a.iter_mut().chain(&mut b).for_each(|s| read(s, |_| seen += 1));
        assert_eq!(seen, 1000);
        assert!(a[0].counters().frames > 0 && b[0].counters().frames > 0);
    });
}
