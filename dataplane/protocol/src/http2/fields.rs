//! Steps of a connection within field blocks, and the heads that come of them.

use super::connection::Connection;
use super::direction::Block;
use super::frame::{END_STREAM, Frame, Kind, PADDED, PRIORITY};
use super::head::Head;
use super::streams::Part;
use crate::out::Out;
use crate::{Half, RequestHead, ResponseHead};
use std::mem;
use weir_exchange::{Anomaly, Protocol, Scheme};
use weir_wire::Side;

/// Longest field block read, in bytes as sent.
const MAX_BLOCK: usize = 64 * 1024;
/// CONTINUATION frames of one block from which on they are a flood (CVE-2024-27316 and its kin).
const MANY_CONTINUED: u32 = 64;
/// Memory kept for fragments between blocks, in bytes.
const SPARE: usize = 1024;

/// The fragment within a HEADERS or PUSH_PROMISE payload: without padding and priority.
fn fragment(frame: Frame, payload: &[u8]) -> Option<&[u8]> {
    let mut rest = payload;
    let mut pad = 0;
    if frame.has(PADDED) {
        let (first, behind) = rest.split_first()?;
        (pad, rest) = (usize::from(*first), behind);
    }
    if frame.kind == Kind::Headers && frame.has(PRIORITY) {
        rest = rest.get(5..)?;
    }
    rest.get(..rest.len().checked_sub(pad)?)
}

fn protocol(grpc: bool) -> Protocol {
    if grpc { Protocol::Grpc } else { Protocol::Http2 }
}

impl Connection {
    /// A HEADERS, PUSH_PROMISE or CONTINUATION frame.
    pub(super) fn fields(&mut self, side: Side, frame: Frame, payload: &[u8], out: &mut Out<'_>) {
        let d = self.dir(side);
        let mut part = payload;
        if frame.kind == Kind::Continuation {
            d.continued += 1;
            if d.continued == MANY_CONTINUED {
                out.sink.anomaly(None, Anomaly::Flood);
            }
        } else {
            let inner = fragment(frame, payload);
            let promised = inner.and_then(<[u8]>::first_chunk).map(|w| u32::from_be_bytes(*w) & 0x7fff_ffff);
            let about = if frame.kind == Kind::Push { promised } else { Some(frame.stream) };
            let (Some(inner), Some(about)) = (inner, about) else {
                d.lose_fields();
                return out.sink.anomaly(None, Anomaly::BadFrame);
            };
            let promise = frame.kind == Kind::Push;
            part = if promise { &inner[4..] } else { inner };
            let ends = !promise && frame.has(END_STREAM);
            d.block = Some(Block { stream: frame.stream, about, promise, ends, since: d.since });
            d.continued = 0;
        }
        // A continuation of what was not seen, or is too long.
        let Some(block) = d.block else { return };
        if Connection::ends_block(frame) && d.fragments.is_empty() {
            d.block = None;
            return self.decode(side, block, part, out);
        }
        if d.fragments.len() + part.len() > MAX_BLOCK {
            // The rest of the connection is read with a table in part.
            d.lose_fields();
            return out.sink.anomaly(None, Anomaly::HeadTooLong);
        }
        d.fragments.extend_from_slice(part);
        if Connection::ends_block(frame) {
            d.block = None;
            let mut fragments = mem::take(&mut d.fragments);
            self.decode(side, block, &fragments, out);
            fragments.clear();
            fragments.shrink_to(SPARE);
            self.dir(side).fragments = fragments;
        }
    }

    fn decode(&mut self, side: Side, block: Block, bytes: &[u8], out: &mut Out<'_>) {
        let mut list = mem::take(&mut self.list);
        let broken = self.dir(side).hpack.block(bytes, &mut list).is_err();
        if broken {
            // An endpoint ends the connection here (RFC 9113, 4.3). What was read is told; the table is no longer believed.
            self.dir(side).lose_fields();
            list.unknown = true;
        }
        let mut head = Head::of(&list);
        if broken {
            head.noted.insert(Anomaly::BadHeader);
        }
        self.take(side, block, &head, out);
        drop(head);
        list.clear();
        self.list = list;
    }

    /// Finds out what a field list is, and tells it.
    fn take(&mut self, side: Side, block: Block, head: &Head<'_>, out: &mut Out<'_>) {
        if block.promise {
            return self.request(side.peer(), block, head, out);
        }
        let id = block.about;
        let open = self.streams.get(id).map(|s| (s.half_of(side), s.halves[s.half_of(side) as usize].part));
        if let Some((half, Part::Open)) = open {
            return self.trailers(id, half, head, block.ends, out);
        }
        match (head.status, head.method) {
            (Some(status), _) => self.response(side, block, status, head, out),
            (None, Some(_)) => self.request(side, block, head, out),
            (None, None) => {
                // Neither can be told: the names or values that matter were unknown, or missing.
                let server =
                    open.map_or(self.client == Some(side.peer()), |(half, _)| half == Half::Response);
                self.untold(side, id, server, head, out);
            }
        }
    }

    /// A request or response whose control data are unknown is passed over.
    fn untold(&mut self, side: Side, id: u32, response: bool, head: &Head<'_>, out: &mut Out<'_>) {
        let known = self.streams.get(id).map(|s| (s.number, s.half_of(side)));
        head.noted.iter().for_each(|a| out.sink.anomaly(known.map(|k| k.0), a));
        if head.noted.is_empty() {
            out.sink.anomaly(known.map(|k| k.0), Anomaly::BadHeader);
        }
        match known {
            Some((_, Half::Request)) => self.streams.alone(id, out),
            Some((_, Half::Response)) => self.streams.end(id, Half::Response, false, out),
            None => {}
        }
        if !response && id % 2 == 1 {
            self.streams.latest = self.streams.latest.max(id);
        }
    }

    fn request(&mut self, client: Side, block: Block, head: &Head<'_>, out: &mut Out<'_>) {
        let id = block.about;
        let tunnel = head.method == Some(b"CONNECT");
        let target = if tunnel && head.path.is_none() { head.authority } else { head.path };
        let (Some(method), Some(target)) = (head.method, target.filter(|t| !t.is_empty())) else {
            return self.untold(client, id, false, head, out);
        };
        self.client.get_or_insert(client);
        let again = !block.promise && id % 2 == 1 && id <= self.streams.latest;
        if id % 2 == 1 {
            self.streams.settle(id, out);
            self.streams.latest = self.streams.latest.max(id);
        }
        let s = match self.streams.get(id) {
            // Its response came first.
            Some(s) if s.halves[0].part == Part::Due => s,
            Some(s) => {
                let number = s.number;
                return out.sink.anomaly(Some(number), Anomaly::BadFrame);
            }
            None => self.streams.begin(id, client, block.since, out),
        };
        (s.tunnel, s.head, s.grpc) = (tunnel, method == b"HEAD", s.grpc || head.grpc);
        let (number, grpc) = (s.number, s.grpc);
        let state = s.half(Half::Request);
        (state.part, state.left) = (Part::Open, head.length.filter(|_| !block.promise));
        out.sink.request(&RequestHead {
            exchange: number,
            side: client,
            time: block.since,
            method,
            target,
            protocol: protocol(grpc),
            scheme: Scheme::Http,
            headers: &head.headers,
        });
        head.noted.iter().for_each(|a| out.sink.anomaly(Some(number), a));
        // Ids rise (RFC 9113, 5.1.1), and a client's are odd.
        if again || id.is_multiple_of(2) != block.promise {
            out.sink.anomaly(Some(number), Anomaly::BadFrame);
        }
        if block.promise || block.ends {
            self.streams.end(id, Half::Request, true, out);
        }
    }

    fn response(&mut self, server: Side, block: Block, status: u16, head: &Head<'_>, out: &mut Out<'_>) {
        let id = block.about;
        let client = server.peer();
        self.client.get_or_insert(client);
        if (100..200).contains(&status) {
            if let Some(s) = self.streams.get(id) {
                out.sink.interim(s.number, status, block.since);
            }
            return;
        }
        // Requests of ids up to the latest, and promises, came before or never.
        let lost = id <= self.streams.latest || id.is_multiple_of(2) || self.streams.ended[client.index()];
        match self.streams.get(id) {
            Some(s) if s.halves[1].part == Part::Over || s.client == server => {
                let number = s.number;
                return out.sink.anomaly(Some(number), Anomaly::BadFrame);
            }
            Some(_) => return self.answer(id, block, status, head, out),
            None => {
                self.streams.begin(id, client, block.since, out);
            }
        }
        self.answer(id, block, status, head, out);
        if lost {
            self.streams.alone(id, out);
        }
    }

    /// Tells the response of a stream that is open.
    fn answer(&mut self, id: u32, block: Block, status: u16, head: &Head<'_>, out: &mut Out<'_>) {
        let Some(s) = self.streams.get(id) else { return };
        s.grpc |= head.grpc;
        s.tunnel &= (200..300).contains(&status);
        let (number, grpc, server) = (s.number, s.grpc, s.client.peer());
        let early = s.half(Half::Request).part == Part::Open && !grpc && !s.tunnel;
        // A 304 tells the length of what it stands for.
        let length = head.length.filter(|_| status != 304);
        let state = s.half(Half::Response);
        (state.part, state.left) = (Part::Open, length);
        out.sink.response(&ResponseHead {
            exchange: number,
            side: server,
            time: block.since,
            protocol: protocol(grpc),
            scheme: Scheme::Http,
            status,
            headers: &head.headers,
        });
        head.noted.iter().for_each(|a| out.sink.anomaly(Some(number), a));
        if early {
            out.sink.anomaly(Some(number), Anomaly::EarlyResponse);
        }
        if block.ends {
            self.streams.end(id, Half::Response, true, out);
        }
    }

    fn trailers(&mut self, id: u32, half: Half, head: &Head<'_>, ends: bool, out: &mut Out<'_>) {
        let Some(number) = self.streams.get(id).map(|s| s.number) else { return };
        out.sink.trailers(number, half, &head.headers);
        head.noted.iter().for_each(|a| out.sink.anomaly(Some(number), a));
        // Trailers end their half (RFC 9113, 8.1).
        if ends {
            self.streams.end(id, half, true, out);
        } else {
            out.sink.anomaly(Some(number), Anomaly::BadFrame);
        }
    }
}
