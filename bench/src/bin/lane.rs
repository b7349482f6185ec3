//! `weir-lane CAPTURE all|none`: the dataplane alone over a capture file, with the built-in rules or none; exchanges are counted and
//! dropped.
//!
//! What a peer that logs nothing is to be compared with: the sensor itself keeps an inventory and writes records besides.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use weir_capture::{Files, Input, Polled, Source};
use weir_exchange::Fingerprinter;
use weir_lane::{Lane, LaneConfig};
use weir_rules::RuleSet;

/// The allocator of the shipped binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [capture, rules @ ("all" | "none")] = args.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        eprintln!("usage: weir-lane CAPTURE all|none");
        return ExitCode::from(2);
    };
    match run(Path::new(capture), rules == "all") {
        Ok(exchanges) => {
            println!("{exchanges} exchanges");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("weir-lane: {why}");
            ExitCode::from(2)
        }
    }
}

fn run(capture: &Path, builtin: bool) -> Result<usize, String> {
    let rules = Arc::new(RuleSet::load(&[], builtin).map_err(|e| e.to_string())?);
    let fingerprinter = Fingerprinter::new([1; 16]);
    let mut lane = Lane::new(&LaneConfig::default(), rules, fingerprinter).map_err(|e| e.to_string())?;
    let mut source = Files::new(vec![Input::Path(capture.into())]);
    let mut exchanges = 0;
    while source.poll(&mut |burst| lane.burst(burst)).map_err(|e| e.to_string())? != Polled::End {
        exchanges += lane.exchanges().count();
    }
    lane.finish();
    Ok(exchanges + lane.exchanges().count())
}
