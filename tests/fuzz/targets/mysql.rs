//! Both directions of a connection of MySQL, behind its greeting, and behind its login or before it.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

const GREETING: &[u8] = b"\x4a\0\0\0\x0a8.0.36\0\x01\0\0\0saltsalt\0\xff\xf7\x21\x02\0\xff\xff\x15\0\0\0\0\0\0\0\0\0\0saltsaltsalt\0mysql_native_password\0";
const LOGIN: &[u8] = b"\x25\0\0\x01\x08\x82\0\0\0\0\0\0\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a\0\0d\0";
const OK: &[u8] = b"\x07\0\0\x02\0\0\0\x02\0\0\0";

fuzz_target!(|data: &[u8]| {
    let said = [(Side::Server, GREETING), (Side::Client, LOGIN), (Side::Server, OK)];
    let n = if data.last().is_some_and(|b| b & 1 == 0) { said.len() } else { 1 };
    order::run(data, &said[..n]);
});
