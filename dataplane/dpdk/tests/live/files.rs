//! `net_pcap`: the same frames as the file reader gives.

use crate::{
    place::alone,
    traffic::{Kept, case, config, drain, in_micros, start, take, write},
};
use weir_capture::Source;

#[test]
fn a_file_gives_the_frames_of_the_file_reader() {
    alone("files::a_file_gives_the_frames_of_the_file_reader", || {
        let dir = tempfile::tempdir().unwrap();
        let frames = in_micros(&case("office"));
        let file = write(&dir.path().join("a.pcap"), &frames);
        let runtime = start(&config(&[&format!("dpdk:net_pcap0,rx_pcap={}", file.display())]));
        let before = runtime.port_report();
        assert_eq!((before[0].driver.as_str(), before[0].queues, before[0].times), ("net_pcap", 1, "file"));
        assert_eq!(before[0].buffers_free, before[0].buffers);
        let mut queue = runtime.queues().pop().unwrap();
        let mut got = take(&mut queue, frames.len());
        got.extend(drain(&mut queue));
        assert!(got == frames, "{} of {} frames, or others", got.len(), frames.len());
        let bytes: usize = frames.iter().map(|f| f.data.len()).sum();
        let counters = queue.counters();
        assert_eq!((counters.frames, counters.bytes), (frames.len() as u64, bytes as u64));
        assert_eq!((counters.dropped, counters.damaged), (0, 0));
        let after = runtime.port_report();
        assert_eq!(after[0].buffers_free, after[0].buffers, "a buffer leaked");
        assert_eq!(after[0].frames, counters.frames);
        runtime.stop().unwrap();
    });
}

#[test]
fn two_files_are_two_queues() {
    alone("files::two_files_are_two_queues", || {
        let dir = tempfile::tempdir().unwrap();
        let frames = in_micros(&case("soap"));
        let (left, right): (Vec<Kept>, Vec<Kept>) = frames.into_iter().partition(|f| f.data.len() % 2 == 0);
        let [a, b] =
            [("a", &left), ("b", &right)].map(|(n, f)| write(&dir.path().join(n), f).display().to_string());
        let runtime = start(&config(&[&format!("net_pcap0,rx_pcap={a},rx_pcap={b}")]));
        let mut queues = runtime.queues();
        assert_eq!(queues.len(), 2);
        // Each from a thread of its own, as lanes do.
        let got: Vec<_> = std::thread::scope(|s| {
            let threads =
                queues.iter_mut().zip([&left, &right]).map(|(q, f)| s.spawn(move || take(q, f.len())));
            threads.collect::<Vec<_>>().into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(got[0] == left && got[1] == right);
        let report = &runtime.port_report()[0];
        assert_eq!(report.buffers_free, report.buffers, "a buffer leaked");
        assert!(runtime.queues().is_empty(), "queues are given once");
        drop(queues);
        assert_eq!(runtime.queues().len(), 2, "and again when they were dropped");
    });
}

#[test]
fn frames_of_several_buffers_are_copied_together() {
    alone("files::frames_of_several_buffers_are_copied_together", || {
        let dir = tempfile::tempdir().unwrap();
        let mut frames = in_micros(&case("soap"));
        for (i, len) in [(10, 5000), (11, 60_000), (12, 1025)] {
            frames[i].data = (0..len).map(|n| (n % 251) as u8).collect();
        }
        let file = write(&dir.path().join("a.pcap"), &frames);
        let mut config = config(&[&format!("net_pcap0,rx_pcap={}", file.display())]);
        config.buffer_size = 1024;
        let runtime = start(&config);
        let mut queue = runtime.queues().pop().unwrap();
        assert!(take(&mut queue, frames.len()) == frames);
        let report = &runtime.port_report()[0];
        let large = frames.iter().filter(|f| f.data.len() > 1024).count() as u64;
        assert_eq!((report.copied, report.buffers_free), (large, report.buffers));
    });
}
