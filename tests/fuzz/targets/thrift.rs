//! Both directions of a connection of Thrift, behind the beginning of one.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

fuzz_target!(|data: &[u8]| {
    order::run(data, &[(Side::Client, &b"\0\0\0\x0e\x80\x01\0\x01\0\0\0\x01m\0\0\0\x01\0"[..])]);
});
