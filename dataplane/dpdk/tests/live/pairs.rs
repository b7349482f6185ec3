//! Kernel interfaces by `net_af_packet` and `net_tap`.

use crate::{
    place::{ip, over_a_pair},
    traffic::{Kept, config, drain, start, take, tcp},
};
use std::collections::BTreeMap;
use weir_capture::Injector;
use weir_dpdk::Symmetry;

const RING: &str = "blocksz=1048576,framesz=2048,framecnt=8192";

#[test]
fn both_directions_of_a_flow_reach_one_queue() {
    over_a_pair("pairs::both_directions_of_a_flow_reach_one_queue", || {
        let runtime = start(&config(&[&format!("net_af_packet0,iface=in0,qpairs=2,{RING}")]));
        let report = &runtime.port_report()[0];
        assert_eq!((report.queues, report.symmetry), (2, Symmetry::Driver));
        let injector = Injector::open("out0").unwrap();
        const FLOWS: u16 = 512;
        for flow in 0..FLOWS {
            let (client, server) =
                (([10, 0, (flow >> 8) as u8, flow as u8], 40_000 + flow), ([10, 9, 0, 1], 80));
            injector.send(&tcp(client, server, &flow.to_be_bytes())).unwrap();
            injector.send(&tcp(server, client, &flow.to_be_bytes())).unwrap();
        }
        let mut queues = runtime.queues();
        let mut seen: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        let mut shares = [0; 2];
        for (at, queue) in queues.iter_mut().enumerate() {
            for Kept { data, .. } in drain(queue) {
                shares[at] += 1;
                seen.entry(data[54..].to_vec()).or_default().push(at);
            }
        }
        assert_eq!(seen.len(), usize::from(FLOWS));
        assert!(seen.values().all(|at| at.len() == 2 && at[0] == at[1]), "directions parted");
        assert!(shares.iter().all(|n| *n > 200), "{shares:?}");
    });
}

#[test]
fn a_tag_the_kernel_took_off_is_told() {
    over_a_pair("pairs::a_tag_the_kernel_took_off_is_told", || {
        let runtime = start(&config(&["net_af_packet0,iface=in0"]));
        assert_eq!(runtime.port_report()[0].offloads, ["vlan-strip"]);
        let mut frame = tcp(([10, 0, 0, 1], 1), ([10, 0, 0, 2], 2), &[5; 100]);
        let plain = frame.clone();
        // Priority 5, identifier 100.
        frame.splice(12..12, [0x81, 0, 0xa0, 100]);
        Injector::open("out0").unwrap().send(&frame).unwrap();
        let mut queue = runtime.queues().pop().unwrap();
        let mut vlan = None;
        let got = crate::traffic::wait_for(|| {
            use weir_capture::Source;
            queue.poll(&mut |burst| vlan = Some((burst[0].vlan, burst[0].data == plain))).unwrap();
            vlan.is_some()
        });
        assert!(got && vlan == Some((Some(100), true)), "{vlan:?}");
    });
}

#[test]
fn a_tap_receives_what_the_kernel_sends() {
    over_a_pair("pairs::a_tap_receives_what_the_kernel_sends", || {
        if !std::path::Path::new("/dev/net/tun").exists() {
            println!("pairs::a_tap_receives_what_the_kernel_sends: skipped, as there is no /dev/net/tun");
            return;
        }
        let runtime = start(&config(&["net_tap0,iface=weirtap0"]));
        assert!(ip("link set weirtap0 up"));
        let injector = Injector::open("weirtap0").unwrap();
        let frames: Vec<_> =
            (0..50).map(|n| tcp(([10, 0, 0, 1], n), ([10, 0, 0, 2], 80), &[3; 200])).collect();
        frames.iter().for_each(|f| injector.send(f).unwrap());
        let mut queue = runtime.queues().pop().unwrap();
        let got: Vec<_> =
            take(&mut queue, 50).into_iter().map(|k| k.data).filter(|d| d[12..14] == [8, 0]).collect();
        assert_eq!(got, frames);
    });
}
