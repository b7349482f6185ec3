//! Both directions of a connection of MongoDB, behind the beginning of one.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

fuzz_target!(|data: &[u8]| {
    order::run(data, &[(Side::Client, &b"\x23\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\x0e\0\0\0\x02find\0\0\0\0\0\0"[..])]);
});
