//! Both directions of a flow of HTTP/2, behind the preface or as it comes.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

fuzz_target!(|data: &[u8]| {
    // With the preface a parser is sure to be opened; without it, frames must be found.
    let said: &[(Side, &[u8])] = &[(Side::Client, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")];
    order::run(data, if data.last().is_some_and(|b| b & 1 == 0) { said } else { &[] });
});
