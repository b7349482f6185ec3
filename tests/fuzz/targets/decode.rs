//! Captures and frames: any bytes as a capture file, and any bytes as frames of any link type. Every frame is booked once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_capture::{Files, Input, Polled, Source};
use weir_decode::{Config, Decoder};
use weir_wire::{Frame, Layer, Ledger, LinkType, Timestamp};

fuzz_target!(|data: &[u8]| {
    let Some((&kind, rest)) = data.split_first() else { return };
    let mut decoder = Decoder::new(Config::default());
    let mut ledger = Ledger::default();
    let mut take = |frame: &Frame<'_>| {
        ledger.received.count += 1;
        ledger.received.bytes += frame.data.len() as u64;
        let packet = decoder.decode(frame, &mut ledger);
        drop(packet);
    };
    if kind & 1 == 0 {
        let input = Input::Stream("fuzz".into(), Box::new(std::io::Cursor::new(rest.to_vec())));
        let mut files = Files::new(vec![input]);
        while let Ok(polled) = files.poll(&mut |burst| burst.iter().for_each(&mut take)) {
            if polled == Polled::End {
                break;
            }
        }
    } else {
        let links = [0u16, 1, 9, 12, 101, 105, 108, 113, 127, 228, 229, 276];
        let link = LinkType(links[usize::from(kind >> 1) % links.len()]);
        for (n, chunk) in rest.chunks(200).enumerate() {
            let time = Timestamp::from_nanos(n as u64 * 1_000_000);
            take(&Frame { time, link, wire_len: chunk.len() as u32 + u32::from(kind >> 6), vlan: None, data: chunk });
        }
    }
    assert_eq!(ledger.total(Layer::Frame), ledger.received);
});
