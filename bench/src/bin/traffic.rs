//! Writes a workload to a capture file: `weir-traffic w1|w2 CONNECTIONS FILE`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;
use weir_bench::{mix::Mix, pcap};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let usage =
        "usage: weir-traffic w1|w2 CONNECTIONS FILE   (w1: API mix; w2: the same, compressed and chunked)";
    let [kind, connections, file] = args.as_slice() else {
        eprintln!("{usage}");
        return ExitCode::from(2);
    };
    let mix = match (kind.as_str(), connections.parse()) {
        ("w1", Ok(n)) => Mix::api(n),
        ("w2", Ok(n)) => Mix::compressed(n),
        _ => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let written = File::create(file).and_then(|f| {
        let mut out = BufWriter::new(f);
        let figures = pcap::write(&mix, &mut out)?;
        out.flush().map(|()| figures)
    });
    match written {
        Ok((frames, bytes)) => {
            println!("{file}: {frames} frames, {bytes} bytes");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("weir-traffic: cannot write {file}: {e}");
            ExitCode::from(2)
        }
    }
}
