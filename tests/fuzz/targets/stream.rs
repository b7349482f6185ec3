//! Segments of a few flows with any sequence numbers, flags and sizes. Every payload byte is booked once, every flow ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_stream::{Config, Flow, FlowTable, Sink, Want};
use weir_wire::{
    Endpoint, FlowMeta, Layer, Ledger, Packet, StreamEvent, TcpFlags, TcpHeader, Timestamp, Transport,
};

#[derive(Default)]
struct Count {
    open: i64,
    delivered: u64,
}

impl Sink<[u8; 2]> for Count {
    fn open(&mut self, _: &FlowMeta) -> [u8; 2] {
        self.open += 1;
        [0; 2]
    }
    fn event(&mut self, ended: &mut [u8; 2], _: Flow<'_>, event: StreamEvent<'_>, _: &mut Ledger) -> Want {
        let side = match event {
            StreamEvent::Data { side, bytes, .. } => {
                assert!(!bytes.is_empty());
                self.delivered += bytes.len() as u64;
                side
            }
            StreamEvent::Gap { side, .. } => side,
            StreamEvent::End { side, .. } => {
                ended[side.index()] += 1;
                assert_eq!(ended[side.index()], 1, "a direction ends once");
                return Want::Bytes;
            }
        };
        assert_eq!(ended[side.index()], 0, "nothing follows an end");
        Want::Bytes
    }
    fn closed(&mut self, ended: [u8; 2], _: &FlowMeta, _: &mut Ledger) {
        assert_eq!(ended, [1, 1], "both directions end");
        self.open -= 1;
    }
}

fuzz_target!(|data: &[u8]| {
    let mut config = Config::default();
    config.flows = 4;
    let mut table = FlowTable::new(config);
    let (mut ledger, mut sink, mut now) = (Ledger::default(), Count::default(), Timestamp::from_nanos(1_000_000_000));
    let payload = [0x5au8; 2048];
    for step in data.chunks_exact(10) {
        let [flow, flags, s0, s1, s2, a0, a1, len, time, missing] = *step else { return };
        let end = |port: u16| Endpoint { ip: [10, 0, 0, 1 + (port == 80) as u8].into(), port };
        let (client, server) = (end(1000 + u16::from(flow & 7)), end(80));
        let (src, dst) = if flow & 8 == 0 { (client, server) } else { (server, client) };
        // Mostly small steps around one place, so that sequences meet; now and then anywhere.
        let seq = if flow & 16 == 0 { u32::from(s0) << 3 } else { u32::from_be_bytes([s0, s1, s2, 0]) };
        let header = TcpHeader {
            seq,
            ack: u32::from(u16::from_be_bytes([a0, a1])),
            flags: TcpFlags(flags & 0x1f),
            window: 65_535,
        };
        now = now.plus(weir_wire::Duration::from_millis(u64::from(time) * u64::from(time)));
        let payload = &payload[..usize::from(len) * 8];
        if !payload.is_empty() {
            ledger.payload.count += 1;
            ledger.payload.bytes += payload.len() as u64;
        }
        let packet = Packet {
            time: now,
            vlan: None,
            vni: None,
            src,
            dst,
            transport: Transport::Tcp(header),
            payload,
            missing: u32::from(missing >> 4),
        };
        table.segment(&packet, now, &mut ledger, &mut sink);
    }
    table.finish(now, &mut ledger, &mut sink);
    assert_eq!(sink.open, 0);
    assert_eq!(ledger.total(Layer::Stream).bytes, ledger.payload.bytes);
    assert_eq!(ledger.entry(weir_wire::Account::StreamDelivered).bytes, sink.delivered);
});
