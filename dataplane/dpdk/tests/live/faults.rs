//! What cannot be started says so.

use crate::{
    place::{alone, over_a_pair},
    traffic::{config, start, told},
};
use weir_capture::Source;
use weir_dpdk::{Device, DpdkConfig, DpdkError, Hugepages, Runtime};

fn refusal(config: &DpdkConfig) -> DpdkError {
    Runtime::start(config).err().expect("a refusal")
}

#[test]
fn a_second_start_is_refused() {
    alone("faults::a_second_start_is_refused", || {
        let config = config(&["net_null0"]);
        let runtime = start(&config);
        assert_eq!(refusal(&config), DpdkError::AlreadyStarted);
        drop(runtime);
        assert_eq!(refusal(&config), DpdkError::AlreadyStarted);
    });
}

#[test]
fn figures_and_cards_are_checked_before_dpdk_starts() {
    alone("faults::figures_and_cards_are_checked_before_dpdk_starts", || {
        assert_eq!(refusal(&DpdkConfig::default()), DpdkError::NoDevice);
        let good = config(&["net_null0"]);
        let bad = DpdkConfig { descriptors: 7, ..good.clone() };
        assert_eq!(
            refusal(&bad),
            DpdkError::OutOfRange { what: "descriptors", given: 7, least: 32, most: 32_768 }
        );
        let huge = DpdkConfig { hugepages: Hugepages::Yes, memory_mb: 1 << 20, ..good.clone() };
        assert!(matches!(refusal(&huge), DpdkError::NoHugepages { need: 1_048_576, .. }));
        let card = DpdkConfig { devices: vec![Device::parse("ffff:ff:1f.7").unwrap()], ..good.clone() };
        assert!(matches!(refusal(&card), DpdkError::NoSuchCard { .. }));
        // None of them used up the one start.
        drop(start(&good));
    });
}

#[test]
fn without_hugepages_it_runs_and_says_how_to_get_them() {
    alone("faults::without_hugepages_it_runs_and_says_how_to_get_them", || {
        let config = DpdkConfig { hugepages: Hugepages::Auto, buffers: 60_000, ..config(&["net_null0"]) };
        let free: u64 = std::fs::read_to_string("/proc/meminfo")
            .unwrap_or_default()
            .lines()
            .find_map(|l| l.strip_prefix("HugePages_Free:")?.trim().parse().ok())
            .unwrap_or(0);
        if free > 64 {
            println!(
                "faults::without_hugepages_it_runs_and_says_how_to_get_them: skipped, as there are hugepages"
            );
            return;
        }
        let runtime = start(&config);
        let mut queue = runtime.queues().pop().unwrap();
        assert!(queue.poll(&mut |_| ()).is_ok());
        assert!(told(&mut queue)[0].contains("sysctl vm.nr_hugepages="), "{:?}", queue.notices());
    });
}

#[test]
fn a_device_that_no_driver_takes_is_named() {
    alone("faults::a_device_that_no_driver_takes_is_named", || {
        let missing = refusal(&config(&["net_pcap0,rx_pcap=/nonexistent/file.pcap"]));
        let DpdkError::NotTaken { device, log, .. } = &missing else { panic!("{missing}") };
        assert!(device.starts_with("net_pcap0,"), "{missing}");
        assert_ne!(log, "-", "DPDK's own words are told");
        assert!(missing.zh().contains("没有 DPDK 驱动接管它"));
    });
}

#[test]
fn more_queues_than_there_are_is_refused() {
    alone("faults::more_queues_than_there_are_is_refused", || {
        let config = DpdkConfig { queues: 99, ..config(&["net_ring0"]) };
        let DpdkError::TooManyQueues { asked: 99, driver, .. } = refusal(&config) else { panic!() };
        assert_eq!(driver, "net_ring");
    });
}

#[test]
fn queues_that_nobody_would_read_are_refused() {
    over_a_pair("faults::queues_that_nobody_would_read_are_refused", || {
        let config = DpdkConfig { queues: 1, ..config(&["net_af_packet0,iface=in0,qpairs=2"]) };
        assert!(matches!(refusal(&config), DpdkError::QueuesUnread { asked: 1, have: 2, .. }));
    });
}

#[test]
fn frames_larger_than_a_buffer_are_refused() {
    over_a_pair("faults::frames_larger_than_a_buffer_are_refused", || {
        let config = config(&["net_af_packet0,iface=in0,framesz=4096"]);
        assert!(matches!(refusal(&config), DpdkError::FrameOverBuffer { frame: 4096, buffer: 2048, .. }));
    });
}
