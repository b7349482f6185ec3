//! Both directions of a connection of Dubbo, behind the beginning of one.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

fuzz_target!(|data: &[u8]| {
    order::run(data, &[(Side::Client, &b"\xda\xbb\xc2\0\0\0\0\0\0\0\0\x01\0\0\0\x08\x012\x01s\x010\x01m"[..])]);
});
