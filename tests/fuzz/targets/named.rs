//! Any flow at all: what no parser takes is asked for its name.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| order::run(data, &[]));
