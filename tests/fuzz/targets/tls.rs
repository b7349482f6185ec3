//! Both directions of a flow, with the keys of the recorded connections of `weir-tls`: what opens is read, what does not is booked.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| order::run(data, &[]));
