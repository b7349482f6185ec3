//! Bursts, buffers and queues.

use crate::{
    place::alone,
    send::Sender,
    traffic::{case, config, drain, start, take, tcp, told, wait_for, write},
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use weir_capture::{BURST, Polled, Source};
use weir_dpdk::{DpdkError, Symmetry};

#[test]
fn bursts_are_bounded_and_buffers_come_back() {
    alone("taking::bursts_are_bounded_and_buffers_come_back", || {
        let mut config = config(&["net_null0,size=100"]);
        config.queues = 2;
        let runtime = start(&config);
        let mut queues = runtime.queues();
        for queue in &mut queues {
            for _ in 0..200 {
                let mut frames = 0;
                let polled = queue.poll(&mut |burst| {
                    assert!((1..=BURST).contains(&burst.len()));
                    assert!(burst.iter().all(|f| f.data.len() == 100 && f.vlan.is_none()));
                    assert!(burst.windows(2).all(|w| w[0].time <= w[1].time));
                    frames += burst.len();
                });
                assert_eq!(polled.unwrap(), Polled::Frames(frames));
                assert!(frames <= 256);
            }
            assert_eq!(queue.counters().frames, 200 * 256);
        }
        // A lane that dies in the middle of a burst leaves no buffer behind, and its queue can be taken over.
        let died = catch_unwind(AssertUnwindSafe(|| queues[1].poll(&mut |_| panic!("the lane dies"))));
        assert!(died.is_err());
        queues.pop();
        let mut again = runtime.queues();
        assert_eq!((again.len(), again[0].index()), (1, 1));
        assert_eq!(take(&mut again[0], 1000).len() % BURST, 0);
        let report = &runtime.port_report()[0];
        assert_eq!((report.buffers_free, report.queues, report.times), (report.buffers, 2, "host"));
        assert!(runtime.release().starts_with("DPDK "));
    });
}

#[test]
fn a_ring_brings_back_what_was_sent() {
    alone("taking::a_ring_brings_back_what_was_sent", || {
        let runtime = start(&config(&["net_ring0"]));
        let report = &runtime.port_report()[0];
        assert_eq!((report.driver.as_str(), report.symmetry == Symmetry::No), ("net_ring", false));
        let sender = Sender::over("net_ring0");
        let frames: Vec<_> =
            (0..100u16).map(|n| tcp(([10, 0, 0, 1], n), ([10, 0, 0, 2], 80), &[7; 300])).collect();
        assert_eq!(sender.send(frames.iter().map(Vec::as_slice)), 100);
        let mut got = Vec::new();
        for queue in &mut runtime.queues() {
            got.extend(drain(queue));
        }
        assert!(got.iter().map(|k| &k.data).eq(frames.iter()));
    });
}

#[test]
fn an_empty_pool_is_counted_and_recovered_from() {
    alone("taking::an_empty_pool_is_counted_and_recovered_from", || {
        let dir = tempfile::tempdir().unwrap();
        let frames = case("office");
        let file = write(&dir.path().join("a.pcap"), &frames);
        let mut config = config(&[&format!("net_pcap0,rx_pcap={}", file.display())]);
        // Fewer than a burst.
        config.buffers = 15;
        let runtime = start(&config);
        let mut queue = runtime.queues().pop().unwrap();
        let got = drain(&mut queue).len() as u64;
        runtime.count();
        let counters = queue.counters();
        assert!(counters.dropped > 0, "{counters:?}");
        assert_eq!(counters.frames, got);
        assert_eq!(got + counters.dropped, frames.len() as u64, "every frame is lent or counted as lost");
        assert!(told(&mut queue).iter().any(|n| n.contains("no buffer was free")), "{:?}", queue.notices());
        let report = &runtime.port_report()[0];
        assert_eq!(report.buffers_free, 15);
    });
}

#[test]
fn a_port_is_restarted_while_its_queues_are_polled() {
    alone("taking::a_port_is_restarted_while_its_queues_are_polled", || {
        let mut config = config(&["net_null0"]);
        config.queues = 2;
        let runtime = start(&config);
        let mut queues = runtime.queues();
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|s| {
            let threads: Vec<_> = queues
                .iter_mut()
                .map(|q| {
                    let stop = &stop;
                    s.spawn(move || {
                        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                            q.poll(&mut |_| ()).unwrap();
                        }
                    })
                })
                .collect();
            for n in 1..=5 {
                assert!(runtime.restart("net_null0"));
                assert!(wait_for(|| runtime.port_report()[0].restarts == n));
            }
            assert!(!runtime.restart("net_null7"));
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            threads.into_iter().for_each(|t| t.join().unwrap());
        });
        assert!(take(&mut queues[0], 100).len() >= 100);
        let notices = told(&mut queues[0]);
        assert!(
            notices.iter().any(|n| n.ends_with("the port was restarted and receives again")),
            "{notices:?}"
        );
        assert_eq!(runtime.port_report()[0].buffers_free, runtime.port_report()[0].buffers);
    });
}

#[test]
fn a_lane_that_hangs_does_not_keep_the_rest_from_ending() {
    alone("taking::a_lane_that_hangs_does_not_keep_the_rest_from_ending", || {
        let runtime = start(&config(&["net_null0"]));
        let mut queue = runtime.queues().pop().unwrap();
        let (inside, entered) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            queue.poll(&mut |burst| {
                inside.send(burst.len()).unwrap();
                loop {
                    std::thread::park();
                }
            })
        });
        assert!(entered.recv().unwrap() > 0);
        assert!(matches!(runtime.stop(), Err(DpdkError::LaneHangs { .. })));
    });
}

#[test]
fn queues_end_when_the_runtime_is_stopped() {
    alone("taking::queues_end_when_the_runtime_is_stopped", || {
        let runtime = start(&config(&["net_null0"]));
        let mut queue = runtime.queues().pop().unwrap();
        std::thread::scope(|s| {
            let lane = s.spawn(move || {
                let mut frames = 0u64;
                while queue.poll(&mut |burst| frames += burst.len() as u64).unwrap() != Polled::End {}
                assert_eq!(queue.poll(&mut |_| ()).unwrap(), Polled::End);
                frames
            });
            std::thread::sleep(std::time::Duration::from_millis(300));
            runtime.stop().unwrap();
            assert!(lane.join().unwrap() > 0);
        });
    });
}
