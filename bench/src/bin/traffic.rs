//! Writes a workload to a capture file: `weir-traffic w1..w14 CONNECTIONS FILE`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;
use weir_bench::{pcap, workload::Workload};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [kind, connections, file] = args.as_slice() else { return usage("") };
    let (workload, connections) = match (kind.parse::<Workload>(), connections.parse()) {
        (Ok(workload), Ok(n)) => (workload, n),
        (Err(e), _) => return usage(&e),
        (_, Err(e)) => return usage(&format!("`{connections}` connections: {e}")),
    };
    let written = File::create(file).and_then(|f| {
        let mut out = BufWriter::new(f);
        let figures = pcap::write(workload, connections, &mut out)?;
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

fn usage(why: &str) -> ExitCode {
    eprintln!("{why}\nusage: weir-traffic WORKLOAD CONNECTIONS FILE");
    for w in Workload::ALL {
        eprintln!("  {:4} {}", format!("{w:?}").to_lowercase(), w.about());
    }
    ExitCode::from(2)
}
