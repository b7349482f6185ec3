//! Both directions of a flow of WebSocket, behind its upgrade.
#![no_main]

mod order;

use libfuzzer_sys::fuzz_target;
use weir_wire::Side;

fuzz_target!(|data: &[u8]| {
    let ask = b"GET /c HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n";
    let go = b"HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    order::run(data, &[(Side::Client, ask), (Side::Server, go)]);
});
