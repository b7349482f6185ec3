//! Links that fail and interfaces that go.

use crate::frames::{frame, read, serial, told};
use crate::place::{ip, joined, pair, within};
use weir_capture::{AfPacket, AfPacketConfig, Break, Injector, Source, SourceError};

fn open(queues: usize) -> Vec<AfPacket> {
    AfPacket::open(&AfPacketConfig { queues, blocks: 8, ..AfPacketConfig::new("in0") }).unwrap()
}

/// Sends 100 frames numbered from `first`, and what the sockets lend of them.
fn hundred(sockets: &mut [AfPacket], first: u32) -> Vec<u32> {
    joined();
    let wire = Injector::open("out0").unwrap();
    (first..first + 100).for_each(|n| wire.send(&frame(n as u16, false, n, 60)).unwrap());
    let mut got = Vec::new();
    sockets.iter_mut().for_each(|s| read(s, |f| got.push(serial(f.data).unwrap())));
    got.sort_unstable();
    got
}

fn range(first: u32) -> Vec<u32> {
    (first..first + 100).collect()
}

#[test]
fn a_link_that_comes_back_is_read_on() {
    within("faults::a_link_that_comes_back_is_read_on", || {
        pair();
        for queues in [1, 2] {
            let mut sockets = open(queues);
            assert_eq!(hundred(&mut sockets, 0), range(0));
            assert!(ip("link set in0 down"));
            sockets.iter_mut().for_each(|s| read(s, |_| panic!("nothing can come")));
            assert_eq!(told(&sockets[0]), [Break::LinkDown]);
            assert!(ip("link set in0 up"));
            assert_eq!(hundred(&mut sockets, 500), range(500));
            // The carrier, which goes when the other end is down.
            assert!(ip("link set out0 down"));
            sockets.iter_mut().for_each(|s| read(s, |_| panic!("nothing can come")));
            assert!(ip("link set out0 up"));
            assert_eq!(hundred(&mut sockets, 900), range(900));
            let wanted = [Break::LinkDown, Break::LinkUp, Break::LinkDown, Break::LinkUp];
            assert_eq!(told(&sockets[0]), wanted, "{queues} sockets");
            assert!(sockets[1..].iter().all(|s| s.notices().is_empty()), "the first tells for all");
            assert!(sockets.iter().all(|s| s.counters().dropped == 0));
        }
    });
}

#[test]
fn an_interface_that_is_down_at_first_is_waited_for() {
    within("faults::an_interface_that_is_down_at_first_is_waited_for", || {
        pair();
        for queues in [1, 3] {
            assert!(ip("link set in0 down"));
            let mut sockets = open(queues);
            sockets.iter_mut().for_each(|s| read(s, |_| panic!("nothing can come")));
            assert_eq!(told(&sockets[0]), [Break::LinkDown]);
            assert!(ip("link set in0 up"));
            sockets.iter_mut().for_each(|s| read(s, |_| ()));
            assert_eq!(hundred(&mut sockets, 0), range(0), "{queues} sockets");
            assert_eq!(told(&sockets[0]), [Break::LinkDown, Break::LinkUp]);
        }
    });
}

#[test]
fn an_interface_that_is_removed_is_opened_again_when_it_returns() {
    within("faults::an_interface_that_is_removed_is_opened_again_when_it_returns", || {
        pair();
        for queues in [1, 2, 4] {
            let mut sockets = open(queues);
            let wire = Injector::open("out0").unwrap();
            (0..50u32).for_each(|n| wire.send(&frame(n as u16, false, n, 60)).unwrap());
            assert!(ip("link delete in0"));
            let mut last = 0;
            for _ in 0..2 {
                sockets.iter_mut().for_each(|s| read(s, |_| last += 1));
            }
            assert_eq!(last, 50, "what was received before is lent");
            assert_eq!(told(&sockets[0]), [Break::Gone]);
            pair();
            sockets.iter_mut().for_each(|s| read(s, |_| ()));
            assert_eq!(hundred(&mut sockets, 100), range(100), "{queues} sockets");
            assert_eq!(told(&sockets[0]), [Break::Gone, Break::Back]);
            let lent: u64 = sockets.iter().map(|s| s.counters().frames).sum();
            assert_eq!(lent, 150);
        }
    });
}

#[test]
fn an_interface_that_never_was_is_refused_by_name() {
    within("faults::an_interface_that_never_was_is_refused_by_name", || {
        pair();
        let e = AfPacket::open(&AfPacketConfig::new("in9")).unwrap_err();
        assert!(matches!(&e, SourceError::NoInterface { known, .. } if known == "in0, lo, out0"), "{e}");
        let e = AfPacket::open(&AfPacketConfig::new("a-name-that-is-too-long")).unwrap_err();
        assert!(matches!(e, SourceError::NoInterface { .. }), "{e}");
        // A jump past the end, which the kernel refuses.
        let far = "2,21 9 9 1,6 0 0 0".parse().unwrap();
        let e =
            AfPacket::open(&AfPacketConfig { filter: Some(far), ..AfPacketConfig::new("in0") }).unwrap_err();
        assert!(e.to_string().starts_with("in0: cannot attach the filter: "), "{e}");
    });
}

#[test]
fn without_the_right_to_read_the_way_to_it_is_told() {
    within("faults::without_the_right_to_read_the_way_to_it_is_told", || {
        let name = "faults::without_the_right_to_read_the_way_to_it_is_told";
        if std::env::var_os("WEIR_TEST_UNPRIVILEGED").is_some() {
            let e = AfPacket::open(&AfPacketConfig::new("lo")).unwrap_err();
            assert!(matches!(e, SourceError::NotPermitted { .. }), "{e}");
            return;
        }
        let ran = std::process::Command::new("setpriv")
            .args(["--bounding-set=-net_raw", "--inh-caps=-net_raw"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env("WEIR_TEST_UNPRIVILEGED", "1")
            .output();
        match ran {
            Ok(ran) => assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout)),
            Err(_) => println!("skipped: there is no setpriv to drop the right with"),
        }
    });
}
