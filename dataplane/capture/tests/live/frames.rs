//! Frames to send, and sockets read until nothing comes.

use std::time::Duration;
use weir_capture::{AfPacket, Break, Polled, Source};
use weir_wire::Frame;

/// A UDP datagram between two hosts, with a serial number in its payload.
pub fn frame(flow: u16, back: bool, serial: u32, len: usize) -> Vec<u8> {
    let (here, there) = ([10, 0, (flow >> 8) as u8, flow as u8], [10, 9, 0, (flow % 7) as u8]);
    let (port, service) = ((40_000 + flow % 20_000).to_be_bytes(), 80u16.to_be_bytes());
    let (src, dst, sport, dport) =
        if back { (there, here, service, port) } else { (here, there, port, service) };
    let total = (len.max(32) as u16).to_be_bytes();
    let udp = (len.max(32) as u16 - 20).to_be_bytes();
    let mut f = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    f.extend([0x45, 0, total[0], total[1], 0, 0, 0, 0, 64, 17, 0, 0]);
    f.extend(src.iter().chain(&dst).chain(&sport).chain(&dport).chain(&udp).chain(&[0, 0]));
    f.extend(serial.to_be_bytes());
    f.resize(14 + len.max(32), 0);
    f
}

/// The serial number of a frame made above.
pub fn serial(data: &[u8]) -> Option<u32> {
    data.get(42..46)?.try_into().ok().map(u32::from_be_bytes)
}

/// Polls `source` until it has been idle through several waits; each frame goes to `each`.
pub fn read(source: &mut AfPacket, mut each: impl FnMut(&Frame<'_>)) {
    let mut idle = 0;
    while idle < 5 {
        let polled = source.poll(&mut |burst| {
            assert!(!burst.is_empty() && burst.len() <= weir_capture::BURST);
            burst.iter().for_each(&mut each);
        });
        match polled.unwrap() {
            Polled::Frames(_) => idle = 0,
            Polled::Idle => {
                idle += 1;
                source.wait(Duration::from_millis(30));
            }
            Polled::End => panic!("an interface has no end"),
        }
    }
}

/// What the notices of `source` tell.
pub fn told(source: &AfPacket) -> Vec<Break> {
    source.notices().iter().map(|n| n.cause.clone()).collect()
}
