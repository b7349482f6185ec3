//! Both directions of a connection of SSH, behind both version lines.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

fuzz_target!(|data: &[u8]| {
    order::run(data, &[(Side::Server, b"SSH-2.0-a\r\n"), (Side::Client, b"SSH-2.0-b\r\n")]);
});
