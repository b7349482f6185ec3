//! Both directions of a connection of MQTT 3.1.1 or 5, behind CONNECT.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

fuzz_target!(|data: &[u8]| {
    let old = b"\x10\x0d\x00\x04MQTT\x04\x02\x00<\x00\x01s";
    let new = b"\x10\x0e\x00\x04MQTT\x05\x02\x00<\x00\x00\x01s";
    let newer = data.last().is_some_and(|b| b & 1 == 0);
    order::run(data, &[(Side::Client, if newer { &new[..] } else { old })]);
});
