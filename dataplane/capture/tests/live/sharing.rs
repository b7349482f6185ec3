//! Several sockets on one interface.

use crate::frames::{frame, read, serial};
use crate::place::{pair, within};
use std::collections::HashMap;
use weir_capture::{AfPacket, AfPacketConfig, Injector, Share, Source};

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

/// A UDP datagram to `port` over IPv4 from 10.1.0.1 (or back), whose source port is `entropy`.
fn over_udp(port: u16, entropy: u16, back: bool, content: &[u8]) -> Vec<u8> {
    let mut f = frame(0, back, 0, 28 + content.len());
    f[34..36].copy_from_slice(&entropy.to_be_bytes());
    f[36..38].copy_from_slice(&port.to_be_bytes());
    f.truncate(42);
    [&f, content].concat()
}

/// `content` behind another protocol of IPv4.
fn over_ip(protocol: u8, sender: u8, content: &[u8]) -> Vec<u8> {
    let mut f = frame(0, false, 0, 20 + content.len());
    (f[23], f[29]) = (protocol, sender);
    f.truncate(34);
    [&f, content].concat()
}

/// `inner` in every kind of tunnel, with outer headers that differ by direction.
fn tunnelled(inner: &[u8], back: bool) -> Vec<Vec<u8>> {
    let (entropy, sender) = if back { (7, 9) } else { (49_999, 1) };
    let packet = &inner[14..];
    let tag = |f: &[u8]| [&f[..12], &[0x81, 0, 0, 5], &f[12..]].concat();
    let vxlan = [&[8, 0, 0, 0, 0, 0, 1, 0], inner].concat();
    let geneve = [&[2, 0, 0x65, 0x58, 0, 0, 7, 0], &[1; 8][..], inner].concat();
    let erspan2 = [&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5, 0, 1, 0, 0, 0, 0], inner].concat();
    let erspan3 = |last: u8, more: &[u8]| {
        let header = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, last];
        [&header, more, inner].concat()
    };
    let twice = over_udp(4789, entropy, back, &vxlan);
    vec![
        over_udp(4789, entropy, back, &vxlan),
        over_udp(8472, entropy, back, &[&vxlan[..8], &tag(inner)].concat()),
        over_udp(6081, entropy, back, &geneve),
        over_ip(4, sender, packet),
        over_ip(47, sender, &[&[0, 0, 8, 0], packet].concat()),
        over_ip(47, sender, &[&[0xb0, 0, 0x65, 0x58], &[3; 12][..], inner].concat()),
        over_ip(47, sender, &[&[0, 0, 0x88, 0xbe], inner].concat()),
        over_ip(47, sender, &erspan2),
        over_ip(47, sender, &erspan3(0, &[])),
        over_ip(47, sender, &erspan3(1, &[0; 8])),
        over_ip(47, sender, &[&[0, 0, 0x65, 0x58], &twice[..]].concat()),
        tag(inner),
        tag(&tag(inner)),
        inner.to_vec(),
    ]
}

#[test]
fn tunnels_are_shared_by_what_is_inside() {
    within("sharing::tunnels_are_shared_by_what_is_inside", || {
        pair();
        let wire = Injector::open("out0").unwrap();
        let inner = AfPacketConfig { share: Share::Inner, ..config(4) };
        let mut sockets = AfPacket::open(&inner).unwrap();
        const FLOWS: u32 = 60;
        const KINDS: usize = 14;
        for flow in 1..=FLOWS {
            for back in [false, true] {
                let inside = frame(flow as u16, back, 0xfee1_0000 + flow, 100);
                tunnelled(&inside, back).iter().for_each(|f| wire.send(f).unwrap());
            }
        }
        // The serial number is known by its upper half, however deep it lies.
        let number = |data: &[u8]| {
            let at = data.windows(2).rposition(|w| w == [0xfe, 0xe1]).unwrap();
            u16::from_be_bytes([data[at + 2], data[at + 3]])
        };
        let mut where_to: HashMap<u16, Vec<usize>> = HashMap::new();
        for (n, socket) in sockets.iter_mut().enumerate() {
            read(socket, |f| where_to.entry(number(f.data)).or_default().push(n));
        }
        assert_eq!(where_to.len(), FLOWS as usize);
        for (flow, sockets) in &where_to {
            assert!(
                sockets.len() == 2 * KINDS && sockets.iter().all(|n| *n == sockets[0]),
                "{flow}: {sockets:?}"
            );
        }
        let used: std::collections::BTreeSet<_> = where_to.values().map(|s| s[0]).collect();
        assert_eq!(used.len(), 4);
    });
}
