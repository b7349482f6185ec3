//! Steps of a connection within heads.

use super::chunked::Chunks;
use super::connection::Connection;
use super::direction::{Body, Current, State};
use super::facts::{Framing, Method};
use super::head::{Head, Line, is_response, parse};
use super::out::Out;
use super::start::{Role, begins};
use crate::websocket::{self, Asked};
use crate::{Half, Header, RequestHead, ResponseHead, Verdict, http2};
use memchr::memrchr;
use std::mem;
use weir_exchange::{Anomaly, Protocol, Scheme};
use weir_wire::{Account, Side, Timestamp};

/// Most bytes of a head that are read; the rest of a longer one is passed over.
const MAX_HEAD: usize = 64 * 1024;

/// How a head came to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Extent {
    /// To its empty line.
    Whole,
    /// Up to the bound; the empty line was found behind it.
    Long,
    /// Up to a gap: the message is lost with it.
    Cut,
    /// Up to the end of what was seen of its direction.
    Ended,
}

impl Extent {
    /// Whether the rest of the head is not there, and nothing of the body.
    fn is_cut(self) -> bool {
        matches!(self, Extent::Cut | Extent::Ended)
    }
}

/// The protocol of a minor version.
fn protocol(minor: u8) -> Protocol {
    if minor == 0 { Protocol::Http10 } else { Protocol::Http11 }
}

impl Connection {
    /// Gathers a head, or reads it in place where it lies whole in `bytes`.
    pub(super) fn head(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let d = self.dir(side);
        let role = d.role;
        let end = d.end.scan(bytes);
        let n = end.unwrap_or(bytes.len());
        if d.kept.is_empty() && end.is_some() && n <= MAX_HEAD {
            if begins(&bytes[..n], role) == Verdict::No {
                self.garbage(side, &bytes[..n], out);
            } else {
                self.take_head(side, &bytes[..n], Extent::Whole, out);
            }
            return n;
        }
        let take = n.min(MAX_HEAD - d.kept.len());
        d.kept.extend_from_slice(&bytes[..take]);
        d.long |= take < n;
        let verdict = if d.sure { Verdict::Yes } else { begins(&d.kept, role) };
        d.sure = verdict == Verdict::Yes;
        out.book(Account::MessageHead, n - take);
        if verdict == Verdict::No {
            let kept = mem::take(&mut self.dir(side).kept);
            self.garbage(side, &kept, out);
        } else if end.is_some() {
            self.take_kept(side, out);
        }
        n
    }

    fn take_kept(&mut self, side: Side, out: &mut Out<'_>) {
        let d = self.dir(side);
        let extent = if d.long { Extent::Long } else { Extent::Whole };
        let kept = mem::take(&mut d.kept);
        self.take_head(side, &kept, extent, out);
    }

    /// The head being gathered is cut by a gap. What its start line says is reported, if that is there; the caller resynchronises.
    pub(super) fn gap_in_head(&mut self, side: Side, out: &mut Out<'_>) -> bool {
        self.cut_head(side, Extent::Cut, out)
    }

    /// The head being gathered is cut, as no more of its direction is seen.
    pub(super) fn end_in_head(&mut self, side: Side, out: &mut Out<'_>) {
        self.cut_head(side, Extent::Ended, out);
    }

    fn cut_head(&mut self, side: Side, extent: Extent, out: &mut Out<'_>) -> bool {
        let d = self.dir(side);
        let lines = memrchr(b'\n', &d.kept).map_or(0, |i| i + 1);
        let told = lines > 0 && begins(&d.kept, d.role) == Verdict::Yes;
        if told {
            let kept = mem::take(&mut d.kept);
            self.take_head(side, &kept, extent, out);
        }
        told
    }

    /// Reads a head and begins its message.
    fn take_head(&mut self, side: Side, bytes: &[u8], extent: Extent, out: &mut Out<'_>) {
        let lines = match extent {
            Extent::Whole => bytes,
            Extent::Long | Extent::Cut | Extent::Ended => {
                &bytes[..memrchr(b'\n', bytes).map_or(bytes.len(), |i| i + 1)]
            }
        };
        let Some(mut head) = parse(lines, extent == Extent::Whole) else {
            return self.garbage(side, bytes, out);
        };
        out.book(Account::MessageHead, bytes.len());
        let d = self.dir(side);
        if d.end.bare_lf {
            head.noted.insert(Anomaly::BareLf);
        }
        match extent {
            Extent::Whole | Extent::Ended => {}
            Extent::Long => head.noted.insert(Anomaly::HeadTooLong),
            Extent::Cut => head.noted.insert(Anomaly::Gap),
        }
        (d.searched, d.bodiless) = (0, false);
        let role = if is_response(bytes) { Role::Responses } else { Role::Requests };
        d.role = Some(role);
        let other = if role == Role::Requests { Role::Responses } else { Role::Requests };
        self.dir(side.peer()).role.get_or_insert(other);
        match head.line {
            Line::Request(_) => self.take_request(side, &head, extent, out),
            Line::Response { status, minor } => self.take_response(side, status, minor, &head, extent, out),
        }
    }

    fn take_request(&mut self, side: Side, head: &Head<'_>, extent: Extent, out: &mut Out<'_>) {
        let Line::Request(line) = head.line else { return };
        let time = self.dir(side).since.take().map_or(out.time, Timestamp::from);
        let method = Method::of(line.method);
        let number = self.pairs.request(side, method, head.facts.expects_continue, time, out);
        let (target, minor, headers) = (line.target, line.minor, &head.headers[..]);
        let asked = head.facts.upgrade.filter(|u| u.eq_ignore_ascii_case(b"websocket"));
        self.ask(asked.map(|_| Asked::of(line.method, target, headers)));
        out.sink.request(&RequestHead {
            exchange: number,
            side,
            time,
            method: line.method,
            target,
            protocol: protocol(minor),
            scheme: Scheme::Http,
            headers,
        });
        head.noted.iter().for_each(|a| out.sink.anomaly(Some(number), a));
        self.dir(side).lost = None;
        self.begin_body(side, number, Half::Request, Framing::of_request(&head.facts), extent, out);
    }

    fn take_response(
        &mut self,
        side: Side,
        status: u16,
        minor: u8,
        head: &Head<'_>,
        extent: Extent,
        out: &mut Out<'_>,
    ) {
        let d = self.dir(side);
        let (time, lost) = (d.since.take().map_or(out.time, Timestamp::from), d.lost.map(usize::from));
        d.state = State::Start;
        if (100..200).contains(&status) && status != 101 {
            if let Some(number) = self.pairs.interim(side, status == 100) {
                out.sink.interim(number, status, time);
            }
            return;
        }
        if status == 101 && extent == Extent::Whole && self.becomes_http2(side, head, out) {
            return;
        }
        let d = self.dir(side);
        d.lost = None;
        let answer = self.pairs.response(side, status, time, lost, out);
        let number = answer.number;
        out.sink.response(&ResponseHead {
            exchange: number,
            side,
            time,
            protocol: protocol(minor),
            scheme: Scheme::Http,
            status,
            headers: &head.headers,
        });
        head.noted.iter().for_each(|a| out.sink.anomaly(Some(number), a));
        if answer.alone {
            out.sink.anomaly(Some(number), Anomaly::LoneResponse);
        }
        let refused = answer.refused && self.refuse_body(side.peer());
        if answer.early && !refused {
            out.sink.anomaly(Some(number), Anomaly::EarlyResponse);
        }
        let framing = Framing::of_response(&head.facts, status, answer.method);
        self.dir(side).bodiless =
            framing == Framing::None && (head.facts.chunked || head.facts.length > Some(0));
        self.begin_body(side, number, Half::Response, framing, extent, out);
        if let (Method::Unknown, State::Body(body)) = (answer.method, self.dir(side).state) {
            // It may answer a HEAD.
            self.dir(side).state =
                if framing == Framing::UntilClose { State::Body(body) } else { State::Peek(body) };
        }
        if framing == Framing::Switch && extent == Extent::Whole {
            self.switch(out);
            self.becomes_websocket(side, status, head, out);
        }
    }

    /// The connection goes on in HTTP/2, which answers the request that asked for it (RFC 7540, 3.2).
    fn becomes_http2(&mut self, side: Side, head: &Head<'_>, out: &mut Out<'_>) -> bool {
        if !head.facts.upgrade.is_some_and(|u| u.eq_ignore_ascii_case(b"h2c")) {
            return false;
        }
        let Some(number) = self.pairs.first_due(side) else { return false };
        let Some(client) = self.pairs.release(number) else { return false };
        out.sink.interim(number, 101, out.time);
        self.switch(out);
        let next = http2::Connection::upgraded(number, self.pairs.next_number(), client, out.time);
        self.hand_over(side, Box::new(next), out);
        true
    }

    /// The connection goes on in WebSocket (RFC 6455, 4.2.2).
    fn becomes_websocket(&mut self, side: Side, status: u16, head: &Head<'_>, out: &mut Out<'_>) {
        let agreed = head.facts.upgrade.is_some_and(|u| u.eq_ignore_ascii_case(b"websocket"));
        let Some(asked) = self.asked().filter(|_| agreed && status == 101) else { return };
        let named = |h: &&Header<'_>| h.name.eq_ignore_ascii_case(b"sec-websocket-extensions");
        let extensions = head.headers.iter().find(named).map_or(&b""[..], |h| h.value);
        let next = websocket::Connection::new(asked, side.peer(), extensions, self.pairs.next_number());
        self.hand_over(side, Box::new(next), out);
    }

    /// The request of `side` is answered without `100 Continue`: its body need not come. `false` where it already began.
    fn refuse_body(&mut self, side: Side) -> bool {
        let d = self.dir(side);
        match (&mut d.current, d.state) {
            (Some(c), State::Body(body)) if c.half == Half::Request && !c.begun => {
                c.optional = true;
                d.state = State::Peek(body);
                true
            }
            _ => false,
        }
    }

    fn begin_body(
        &mut self,
        side: Side,
        number: u32,
        half: Half,
        framing: Framing,
        extent: Extent,
        out: &mut Out<'_>,
    ) {
        let body = match framing {
            _ if extent.is_cut() => None,
            Framing::None | Framing::Switch => None,
            Framing::Length(n) => Some(Body::Length(n)),
            Framing::Chunked => Some(Body::Chunked(Chunks::new())),
            Framing::UntilClose => Some(Body::UntilClose),
        };
        let d = self.dir(side);
        let Some(body) = body else {
            d.state = State::Start;
            return self.pairs.end(number, half, !extent.is_cut(), out);
        };
        d.state = State::Body(body);
        d.current = Some(Current { number, half, whole: true, begun: false, optional: false });
    }
}
