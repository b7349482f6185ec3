//! Both directions of a connection of Redis, behind a first command.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

fuzz_target!(|data: &[u8]| {
    order::run(data, &[(Side::Client, b"*2\r\n$3\r\nGET\r\n$1\r\nx\r\n")]);
});
