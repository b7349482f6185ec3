//! Whether two exchanges are legs of one call.

use crate::proxies;
use weir_exchange::{Exchange, Protocol, Request};
use weir_model::Proof;
use weir_wire::Duration;

/// By how much clocks of two capture points, or the order of frames, may differ.
const SLACK: Duration = Duration::from_millis(5);

/// What all legs of a call have in common, whatever a proxy does to its path.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Outline {
    method: [u8; 8],
    status: u16,
    asked: u64,
    given: u64,
}

impl Outline {
    /// Of an exchange over HTTP that was seen whole; others are no legs.
    pub(super) fn of(x: &Exchange) -> Option<Self> {
        let web =
            matches!(x.protocol, Protocol::Http10 | Protocol::Http11 | Protocol::Http2 | Protocol::Grpc);
        let (request, reply) = (x.request.as_ref()?, x.response.as_ref()?);
        if !web || !x.complete {
            return None;
        }
        let mut method = [0; 8];
        method.iter_mut().zip(request.method.bytes()).for_each(|(to, from)| *to = from);
        Some(Outline { method, status: reply.status, asked: request.body.bytes, given: reply.body.bytes })
    }
}

/// What shows that `second` is the leg after `first`, both of one outline; `None` where it is not.
pub(super) fn proof(first: &Exchange, second: &Exchange) -> Option<Proof> {
    let (asked, passed) = (first.request.as_ref()?, second.request.as_ref()?);
    let within = first.time.nanos() <= second.time.nanos().saturating_add(SLACK.as_nanos())
        && second.ended.nanos() <= first.ended.nanos().saturating_add(SLACK.as_nanos());
    if !within || first.flow.server == second.flow.server || !is_same(first, second, asked, passed) {
        return None;
    }
    if proxies::nearest(&passed.forwarded_for).is_some_and(|ip| ip == first.flow.client.ip.to_canonical()) {
        return Some(Proof::NamesClient);
    }
    // A proxy that names somebody else's client made this call for that one.
    let for_another = !passed.forwarded_for.is_empty() && passed.forwarded_for != asked.forwarded_for;
    (second.flow.client.ip == first.flow.server.ip && !for_another).then_some(Proof::SameAddress)
}

/// Whether both ask the same and were answered the same. A proxy may take a prefix off the path.
fn is_same(first: &Exchange, second: &Exchange, asked: &Request, passed: &Request) -> bool {
    let digests = |x: &Exchange| {
        (x.request.as_ref().and_then(|r| r.body.sha256), x.response.as_ref().and_then(|r| r.body.sha256))
    };
    let apart = |a: Option<[u8; 32]>, b: Option<[u8; 32]>| a.zip(b).is_some_and(|(a, b)| a != b);
    let (of_first, of_second) = (digests(first), digests(second));
    let (outer, inner) = (asked.target.as_str(), passed.target.as_str());
    let shorter = inner.len() > 1 && inner.starts_with('/') && outer.ends_with(inner);
    asked.method == passed.method
        && (outer == inner || shorter)
        && !apart(of_first.0, of_second.0)
        && !apart(of_first.1, of_second.1)
}
