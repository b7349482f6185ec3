//! MQTT 3.1, 3.1.1 and 5 (OASIS): connections, publications and subscriptions as exchanges.
//!
//! - `CONNECT` (target `/`) is a login where it has a user name; status 200, 401 (bad user or password, not authorised) or 503.
//! - `PUBLISH` has the topic as target and the payload as body of the request. Its status is 202: what the broker does with it is not
//!   told, or (quality of service 1, 2) told of the transport alone.
//! - A message that the broker delivers is `RECEIVE`, its payload the body of the response.
//! - `SUBSCRIBE` has the first filter as target; 200, or 403 where all were refused.
//!
//! Weak: of a packet at most 256 KiB are read; aliases of topics (MQTT 5, 3.3.2.3.4) are told as the empty topic; MQTT inside
//! WebSocket is not read; a connection picked up midway is not recognised.

mod packet;
mod session;

use crate::{Parser, Protocol, Verdict};
use weir_wire::Side;

/// MQTT connections.
pub struct Mqtt;

impl Protocol for Mqtt {
    fn name(&self) -> &'static str {
        "mqtt"
    }
    /// A client begins with CONNECT: type, length, protocol name, level.
    fn recognise(&self, side: Side, first: &[u8]) -> Verdict {
        if side == Side::Server || first.first() != Some(&0x10) {
            return Verdict::No;
        }
        let Some(length) = first.iter().skip(1).take(4).position(|b| b & 0x80 == 0) else {
            return if first.len() < 5 { Verdict::More } else { Verdict::No };
        };
        let rest = &first[length + 2..];
        let names: [&[u8]; 2] = [b"\x00\x04MQTT", b"\x00\x06MQIsdp"];
        let fits = |name: &&[u8]| {
            let n = name.len().min(rest.len());
            rest[..n] == name[..n]
        };
        match names.iter().find(|n| fits(n)) {
            None => Verdict::No,
            Some(name) => match rest.get(name.len()) {
                None => Verdict::More,
                Some(level) if matches!(level & 0x7f, 3..=5) => Verdict::Yes,
                Some(_) => Verdict::No,
            },
        }
    }
    fn open(&self, _from_start: bool) -> Box<dyn Parser + Send> {
        Box::new(session::Session::new())
    }
}
