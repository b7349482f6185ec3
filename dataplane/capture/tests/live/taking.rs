//! What is taken from the wire, and what is told of losses.

use crate::frames::{frame, read, serial};
use crate::place::{ip, pair, within};
use std::{net::UdpSocket, time::Duration};
use weir_capture::{AfPacket, AfPacketConfig, Injector, OffloadState, Source, interface_report};
use weir_wire::LinkType;

fn one(config: AfPacketConfig) -> AfPacket {
    AfPacket::open(&config).unwrap().remove(0)
}

#[test]
fn what_does_not_fit_is_counted() {
    within("taking::what_does_not_fit_is_counted", || {
        pair();
        let wire = Injector::open("out0").unwrap();
        let small = AfPacketConfig { block_size: 1 << 16, blocks: 2, ..AfPacketConfig::new("in0") };
        let mut socket = one(small);
        const SENT: u64 = 5000;
        let mut lent = 0;
        for half in 0..2 {
            (0..SENT / 2).for_each(|n| wire.send(&frame(n as u16, false, half, 1000)).unwrap());
            read(&mut socket, |_| lent += 1);
        }
        let counted = socket.counters();
        assert!(lent > 100 && counted.dropped > 1000, "{counted:?}");
        assert_eq!((counted.frames, lent + counted.dropped, counted.damaged), (lent, SENT, 0));
        assert!(socket.freezes() > 0);
    });
}

#[test]
fn tags_that_the_kernel_takes_off_are_kept() {
    within("taking::tags_that_the_kernel_takes_off_are_kept", || {
        pair();
        let wire = Injector::open("out0").unwrap();
        let mut socket = one(AfPacketConfig::new("in0"));
        let plain = frame(1, false, 9, 60);
        let tagged = |tags: &[u8]| [&plain[..12], tags, &plain[12..]].concat();
        wire.send(&plain).unwrap();
        wire.send(&tagged(&[0x81, 0, 0x60, 100])).unwrap();
        wire.send(&tagged(&[0x88, 0xa8, 0, 7, 0x81, 0, 0, 100])).unwrap();
        let mut got = Vec::new();
        read(&mut socket, |f| got.push((f.vlan, f.data.to_vec())));
        let inner = tagged(&[0x81, 0, 0, 100]);
        assert_eq!(got, [(None, plain.clone()), (Some(100), plain.clone()), (Some(7), inner)]);
    });
}

#[test]
fn a_filter_and_a_snap_length_hold() {
    within("taking::a_filter_and_a_snap_length_hold", || {
        pair();
        let wire = Injector::open("out0").unwrap();
        // ether[45] & 1 = 0, the serial number's last bit: even ones.
        let even = "4,48 0 0 45,69 1 0 1,6 0 0 262144,6 0 0 0".parse().unwrap();
        let config = AfPacketConfig { filter: Some(even), snap: 64, ..AfPacketConfig::new("in0") };
        let mut socket = one(config);
        (0..100).for_each(|n| wire.send(&frame(1, false, n, 500)).unwrap());
        let mut got = Vec::new();
        read(&mut socket, |f| got.push((serial(f.data).unwrap(), f.data.len(), f.wire_len)));
        assert_eq!(got, (0..50).map(|n| (2 * n, 64, 514)).collect::<Vec<_>>());
        assert_eq!(socket.counters().dropped, 0, "what a filter refuses is not lost");
    });
}

#[test]
fn the_loopback_gives_each_frame_once() {
    within("taking::the_loopback_gives_each_frame_once", || {
        assert!(ip("link set lo up"));
        for queues in [1, 2] {
            let mut sockets =
                AfPacket::open(&AfPacketConfig { queues, ..AfPacketConfig::new("lo") }).unwrap();
            let from = UdpSocket::bind("127.0.0.1:0").unwrap();
            let to = UdpSocket::bind("127.0.0.1:0").unwrap();
            for n in 0..50u8 {
                from.send_to(&[n; 8], to.local_addr().unwrap()).unwrap();
            }
            let mut got = Vec::new();
            for socket in &mut sockets {
                read(socket, |f| got.extend((f.link == LinkType::ETHERNET).then(|| f.data[42])));
            }
            assert_eq!(got, (0..50).collect::<Vec<_>>(), "{queues} sockets");
        }
    });
}

#[test]
fn an_interface_without_a_link_header_lends_packets() {
    within("taking::an_interface_without_a_link_header_lends_packets", || {
        pair();
        let made = ip("address add 192.0.2.1/24 dev in0")
            && ip("neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev in0")
            && ip("tunnel add over0 mode ipip local 192.0.2.1 remote 192.0.2.2")
            && ip("address add 198.51.100.1/24 dev over0")
            && ip("link set over0 up");
        if !made {
            println!("skipped: this kernel has no tunnels of IP in IP");
            return;
        }
        let mut socket = one(AfPacketConfig::new("over0"));
        let from = UdpSocket::bind("198.51.100.1:0").unwrap();
        from.send_to(b"inside", "198.51.100.9:53").unwrap();
        let mut got = Vec::new();
        read(&mut socket, |f| got.push((f.link, f.data[0], f.data[28..].to_vec())));
        assert_eq!(got, [(LinkType::IPV4, 0x45, b"inside".to_vec())]);
    });
}

#[test]
fn what_this_machine_sends_can_be_left_out() {
    within("taking::what_this_machine_sends_can_be_left_out", || {
        pair();
        let (there, here) = (Injector::open("out0").unwrap(), Injector::open("in0").unwrap());
        for (ignore_outgoing, queues, wanted) in [(false, 1, 20), (true, 1, 10), (true, 2, 10)] {
            let config = AfPacketConfig { ignore_outgoing, queues, ..AfPacketConfig::new("in0") };
            let mut sockets = AfPacket::open(&config).unwrap();
            for n in 0..10 {
                there.send(&frame(n as u16, false, n, 60)).unwrap();
                here.send(&frame(n as u16, true, n, 60)).unwrap();
            }
            let mut seen = 0;
            sockets.iter_mut().for_each(|s| read(s, |_| seen += 1));
            assert_eq!(seen, wanted, "{config:?}");
        }
    });
}

#[test]
fn fragments_are_put_together_before_they_are_shared() {
    within("taking::fragments_are_put_together_before_they_are_shared", || {
        pair();
        let wire = Injector::open("out0").unwrap();
        let config = AfPacketConfig { queues: 4, ..AfPacketConfig::new("in0") };
        let mut sockets = AfPacket::open(&config).unwrap();
        for flow in 0..50u16 {
            let whole = frame(flow, false, flow.into(), 1020);
            let piece = |from: usize, to: usize, flags: u16| {
                let mut f = [&whole[..34], &whole[34 + from..34 + to]].concat();
                f[16..18].copy_from_slice(&((20 + to - from) as u16).to_be_bytes());
                f[18..20].copy_from_slice(&(flow + 1).to_be_bytes());
                f[20..22].copy_from_slice(&(flags | (from as u16 / 8)).to_be_bytes());
                let sum: u32 = f[14..34].chunks(2).map(|w| u32::from(u16::from_be_bytes([w[0], w[1]]))).sum();
                let sum = (sum & 0xffff) + (sum >> 16);
                f[24..26].copy_from_slice(&(!(sum as u16)).to_be_bytes());
                f
            };
            wire.send(&piece(0, 504, 0x2000)).unwrap();
            wire.send(&piece(504, 1000, 0)).unwrap();
        }
        let mut got = Vec::new();
        for socket in &mut sockets {
            read(socket, |f| got.push((f.data.len(), serial(f.data).unwrap())));
        }
        got.sort_unstable();
        assert_eq!(got, (0..50).map(|n| (1034, n)).collect::<Vec<_>>());
    });
}

#[test]
fn stamps_of_a_card_that_has_none_are_the_kernels() {
    within("taking::stamps_of_a_card_that_has_none_are_the_kernels", || {
        pair();
        let wire = Injector::open("out0").unwrap();
        let mut socket = one(AfPacketConfig { hardware_time: true, ..AfPacketConfig::new("in0") });
        let [notice] = socket.notices() else { panic!("one notice: {:?}", socket.notices()) };
        assert!(notice.to_string().starts_with("in0: no hardware time stamps"), "{notice}");
        wire.send(&frame(1, false, 1, 60)).unwrap();
        let mut times = Vec::new();
        read(&mut socket, |f| times.push(f.time.nanos()));
        assert!(times.len() == 1 && times[0] > 1_600_000_000_000_000_000, "{times:?}");
    });
}

#[test]
fn a_report_tells_what_is_set() {
    within("taking::a_report_tells_what_is_set", || {
        pair();
        assert!(ip("link set in0 mtu 1400"));
        let report = interface_report("in0").unwrap();
        assert_eq!((report.driver.as_deref(), report.mtu, report.link), (Some("veth"), Some(1400), true));
        assert_ne!(report.generic_receive, OffloadState::Unknown);
        assert!(report.queues.is_some_and(|q| q > 0) && report.missed == Some(0), "{report:?}");
        assert!(ip("link set out0 down"));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!interface_report("in0").unwrap().link);
    });
}
