//! Decodes capture files and prints, a line each, what their frames were: for comparison with other dissectors.
//!
//! ```text
//! cargo run -p weir-decode --example tally -- CAPTURE...
//! ```
//!
//! Columns: file, frames, TCP segments with payload, their payload bytes, missing payload bytes, then every account of
//! the frame layer that is not empty, then notices and errors.

use weir_capture::{Files, Input, Polled, Source};
use weir_decode::{Config, Decoder};
use weir_wire::{Account, Layer, Ledger};

fn tally(file: &str) -> Result<String, weir_capture::SourceError> {
    let mut source = Files::new(vec![Input::from_arg(file)]);
    let mut decoder = Decoder::new(Config::default());
    let mut ledger = Ledger::default();
    let mut missing = 0u64;
    while source.poll(&mut |burst| {
        for frame in burst {
            ledger.received.count += 1;
            ledger.received.bytes += frame.data.len() as u64;
            if let Some(packet) = decoder.decode(frame, &mut ledger) {
                missing += u64::from(packet.missing);
            }
        }
    })? != Polled::End
    {}
    let (frames, payload) = (ledger.received, ledger.payload);
    let mut line = format!("{file}\t{}\t{}\t{}\t{missing}\t", frames.count, payload.count, payload.bytes);
    for account in Account::ALL.iter().filter(|a| a.layer() == Layer::Frame) {
        let entry = ledger.entry(*account);
        if entry.count > 0 {
            line += &format!("{}={} ", account.key(), entry.count);
        }
    }
    if ledger.total(Layer::Frame) != ledger.received {
        line += "UNBALANCED ";
    }
    for notice in source.notices() {
        line += &format!("[{notice}] ");
    }
    Ok(line)
}

fn main() {
    for file in std::env::args().skip(1) {
        match tally(&file) {
            Ok(line) => println!("{}", line.trim_end()),
            Err(e) => println!("{file}\terror: {e}"),
        }
    }
}
