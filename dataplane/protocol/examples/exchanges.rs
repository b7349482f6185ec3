//! Prints the HTTP/1 exchanges of captures, one line each: method, host, target, status, body bytes of both halves (transfer coding removed),
//! whether both were complete, anomalies. For looking at a capture without rules: `cargo run -p weir-protocol --example exchanges -- FILE...`
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use weir_capture::{Files, Input, Polled, Source};
use weir_decode::Decoder;
use weir_exchange::Anomaly;
use weir_protocol::{ExchangeNumber, FlowParser, Half, Header, MessageSink, Next, RequestHead, ResponseHead};
use weir_stream::{Flow, FlowTable, Sink, Want};
use weir_wire::{Account, FlowMeta, Ledger, StreamEvent, Timestamp, Transport};

/// One exchange, as much of it as is printed.
#[derive(Default)]
struct Line {
    request: String,
    status: u16,
    coded: bool,
    bytes: [u64; 2],
    complete: bool,
    anomalies: Vec<&'static str>,
}

/// The exchanges of one flow that are not done, printed when they are.
#[derive(Default)]
struct Printer(BTreeMap<ExchangeNumber, Line>);

fn field<'a>(headers: &[Header<'a>], name: &str) -> Option<&'a [u8]> {
    headers.iter().find(|h| h.name.eq_ignore_ascii_case(name.as_bytes())).map(|h| h.value)
}

impl MessageSink for Printer {
    fn request(&mut self, h: &RequestHead<'_>) {
        let text = |b: &[u8]| String::from_utf8_lossy(b).replace(['\t', '\n', '\r'], " ");
        let host = text(field(h.headers, "host").unwrap_or_default());
        let line = self.0.entry(h.exchange).or_insert_with(|| Line { complete: true, ..Line::default() });
        line.request = format!("{}\t{host}\t{}", text(h.method), text(h.target));
    }
    fn response(&mut self, h: &ResponseHead<'_>) {
        let line = self.0.entry(h.exchange).or_insert_with(|| Line { complete: true, ..Line::default() });
        line.status = h.status;
        line.coded = field(h.headers, "content-encoding").is_some();
    }
    fn body(&mut self, n: ExchangeNumber, half: Half, bytes: &[u8]) {
        if let Some(line) = self.0.get_mut(&n) {
            line.bytes[half as usize] += bytes.len() as u64;
        }
    }
    fn body_gap(&mut self, _: ExchangeNumber, _: Half, _: u64) {}
    fn end(&mut self, n: ExchangeNumber, _: Half, _: Timestamp, complete: bool, _: &mut Ledger) {
        if let Some(line) = self.0.get_mut(&n) {
            line.complete &= complete;
        }
    }
    fn anomaly(&mut self, n: Option<ExchangeNumber>, anomaly: Anomaly) {
        match n.and_then(|n| self.0.get_mut(&n)) {
            Some(line) => line.anomalies.push(anomaly.key()),
            None => println!("-\tflow\t{}", anomaly.key()),
        }
    }
    fn done(&mut self, n: ExchangeNumber, _: Timestamp, _: &mut Ledger) {
        if let Some(l) = self.0.remove(&n) {
            let request = if l.request.is_empty() { "\t\t" } else { &l.request };
            let (bytes, notes) = (l.bytes, l.anomalies.join(","));
            println!(
                "x\t{request}\t{}\t{}\t{}\t{}\t{}\t{notes}",
                l.status, bytes[0], bytes[1], l.complete, l.coded
            );
        }
    }
}

struct Flows;

impl Sink<Box<(FlowParser, Printer)>> for Flows {
    fn open(&mut self, meta: &FlowMeta) -> Box<(FlowParser, Printer)> {
        Box::new((FlowParser::new(meta), Printer::default()))
    }
    fn event(
        &mut self,
        state: &mut Box<(FlowParser, Printer)>,
        _: Flow<'_>,
        event: StreamEvent<'_>,
        ledger: &mut Ledger,
    ) -> Want {
        let (parser, printer) = &mut **state;
        match parser.read(event, printer, ledger) {
            Next::Continue => Want::Bytes,
            Next::Shunt => Want::Nothing(parser.rest()),
        }
    }
    fn closed(&mut self, _: Box<(FlowParser, Printer)>, _: &FlowMeta, _: &mut Ledger) {}
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for name in std::env::args().skip(1) {
        println!("=\t{name}");
        let mut files = Files::new(vec![Input::from_arg(&name)]);
        let mut decoder = Decoder::new(weir_decode::Config::default());
        let config = weir_stream::Config { flows: 1 << 14, ..weir_stream::Config::default() };
        let mut flows = FlowTable::new(config);
        let (mut ledger, mut clock) = (Ledger::default(), Timestamp::default());
        loop {
            let polled = files.poll(&mut |burst| {
                for frame in burst {
                    ledger.received.count += 1;
                    ledger.received.bytes += frame.data.len() as u64;
                    clock = clock.max(frame.time);
                    if let Some(packet) = decoder.decode(frame, &mut ledger) {
                        if packet.transport == Transport::Udp && !packet.payload.is_empty() {
                            ledger.add(Account::DatagramNotInterface, packet.payload.len() as u64);
                        }
                        flows.segment(&packet, clock, &mut ledger, &mut Flows);
                    }
                }
            });
            match polled {
                Ok(Polled::End) => break,
                Ok(_) => {}
                Err(error) => {
                    println!("-\terror\t{error}");
                    break;
                }
            }
        }
        flows.finish(clock, &mut ledger, &mut Flows);
        for account in Account::ALL {
            let entry = ledger.entry(*account);
            if entry.bytes > 0 {
                println!("#\t{}\t{}", account.key(), entry.bytes);
            }
        }
        println!("#\tbalanced\t{}", ledger.balanced());
    }
    Ok(())
}
