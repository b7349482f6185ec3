//! Both directions of a connection of PostgreSQL, behind its startup, and behind its login or before it.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

const START: &[u8] = b"\0\0\0\x10\0\x03\0\0user\0a\0\0";
const READY: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";

fuzz_target!(|data: &[u8]| {
    let said = [(Side::Client, START), (Side::Server, READY)];
    let n = if data.last().is_some_and(|b| b & 1 == 0) { said.len() } else { 1 };
    order::run(data, &said[..n]);
});
