//! Both directions of a connection of Kafka, behind the beginning of one.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

fuzz_target!(|data: &[u8]| {
    order::run(data, &[(Side::Client, &b"\0\0\0\x13\0\x12\0\x00\0\0\0\x01\0\x09librdkafk"[..])]);
});
