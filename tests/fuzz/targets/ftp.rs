//! Both directions of a control connection of FTP, behind its greeting.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

fuzz_target!(|data: &[u8]| {
    order::run(data, &[(Side::Server, b"220 FTP\r\n"), (Side::Client, b"USER a\r\n")]);
});
