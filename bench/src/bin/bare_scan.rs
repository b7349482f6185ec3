//! `weir-bare-scan CAPTURE RULES`: Hyperscan alone, all rules in one database, block mode over the bodies of a capture.
//!
//! What a sensor that puts every rule into Hyperscan cannot be faster than. Finding the bodies is not counted.

use hyperscan::{BlockDatabase, Builder, Matching, Pattern, PatternFlags, Patterns};
use std::process::ExitCode;
use weir_bench::measure::{gbits, timed};
use weir_bench::stage::bodies;
use weir_capture::{Files, Input, Polled, Source};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [capture, rules] = args.as_slice() else {
        eprintln!("usage: weir-bare-scan CAPTURE RULES   (rules: a name, a tab, an expression; one a line)");
        return ExitCode::from(2);
    };
    match run(capture, rules) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("weir-bare-scan: {why}");
            ExitCode::from(2)
        }
    }
}

fn run(capture: &str, rules: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(rules).map_err(|e| format!("cannot read {rules}: {e}"))?;
    let expressions = text.lines().filter_map(|line| line.split_once('\t'));
    let flags = PatternFlags::SINGLEMATCH | PatternFlags::UTF8;
    let patterns = expressions
        .map(|(name, e)| Pattern::with_flags(e, flags).map_err(|why| format!("{name}: {why}")))
        .collect::<Result<Vec<_>, _>>()?;
    let database: BlockDatabase = Patterns(patterns).build().map_err(|e| e.to_string())?;
    let scratch = database.alloc_scratch().map_err(|e| e.to_string())?;
    let mut source = Files::new(vec![Input::Path(capture.into())]);
    let mut failed = None;
    let bodies = bodies(&mut |take| loop {
        match source.poll(&mut |burst| take(burst)) {
            Ok(Polled::End) => break,
            Ok(_) => {}
            Err(e) => {
                failed = Some(e.to_string());
                break;
            }
        }
    });
    if let Some(why) = failed {
        return Err(why);
    }
    let (mut hits, total) = (0u64, bodies.iter().map(|b| b.len() as u64).sum());
    let seconds = timed(|| {
        for body in &bodies {
            let _ = database.scan(body, &scratch, |_: u32, _: u64, _: u64, _: u32| {
                hits += 1;
                Matching::Continue
            });
        }
    });
    Ok(format!("{total} bytes of {} bodies, {hits} hits: {:.2} Gbit/s", bodies.len(), gbits(total, seconds)))
}
