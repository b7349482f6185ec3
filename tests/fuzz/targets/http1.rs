//! Both directions of a flow of HTTP/1.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    order::run(data, &[]);
});
