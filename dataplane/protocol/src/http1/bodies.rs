//! Steps of a connection within bodies.

use super::chunked::Step;
use super::connection::Connection;
use super::direction::{Body, State};
use super::out::Out;
use super::start::{strict_request, strict_status};
use crate::{Half, Verdict};
use std::mem;
use weir_exchange::Anomaly;
use weir_wire::{Account, Side};

impl Connection {
    /// Reads body bytes, in place.
    pub(super) fn body(&mut self, side: Side, body: Body, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let (take, next) = match body {
            Body::Length(n) => {
                let take = usize::try_from(n).unwrap_or(usize::MAX).min(bytes.len());
                (take, Some(Body::Length(n - take as u64)).filter(|_| take as u64 != n))
            }
            Body::UntilClose => (bytes.len(), Some(body)),
            Body::Chunked(mut chunks) => match chunks.step(bytes) {
                Step::Data(n) => (n, Some(Body::Chunked(chunks))),
                Step::Framing(n) => {
                    out.book(Account::MessageHead, n);
                    self.dir(side).state = State::Body(Body::Chunked(chunks));
                    return n;
                }
                Step::Last(n) => {
                    out.book(Account::MessageHead, n);
                    if let Some(c) = self.dir(side).current.filter(|_| chunks.bare_lf) {
                        out.sink.anomaly(Some(c.number), Anomaly::BareLf);
                    }
                    self.finish_body(side, out);
                    return n;
                }
                Step::Broken => {
                    self.broken_chunk(side, out);
                    return 0;
                }
            },
        };
        out.book(Account::MessageBody, take);
        if let Some(c) = &mut self.dir(side).current {
            c.begun = true;
            out.sink.body(c.number, c.half, &bytes[..take]);
        }
        match next {
            Some(body) => self.dir(side).state = State::Body(body),
            None => self.finish_body(side, out),
        }
        take
    }

    fn finish_body(&mut self, side: Side, out: &mut Out<'_>) {
        let d = self.dir(side);
        d.state = State::Start;
        if let Some(c) = d.current.take() {
            self.pairs.end(c.number, c.half, c.whole, out);
        }
    }

    fn broken_chunk(&mut self, side: Side, out: &mut Out<'_>) {
        if let Some(c) = self.dir(side).current {
            out.sink.anomaly(Some(c.number), Anomaly::BadChunk);
        }
        self.cut(side, out);
        let d = self.dir(side);
        d.state = State::Search;
        d.lost.get_or_insert(0);
    }

    /// Holds the first bytes where a body is due until they show whether it is the next message instead.
    pub(super) fn peek(&mut self, side: Side, body: Body, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let time = out.time;
        let d = self.dir(side);
        let mut kept = mem::take(&mut d.kept);
        let joined = if kept.is_empty() {
            bytes
        } else {
            kept.extend_from_slice(bytes);
            &kept
        };
        let verdict = match d.current {
            Some(c) if c.half == Half::Request => strict_request(joined),
            _ => strict_status(joined),
        };
        match verdict {
            Verdict::More => {
                if kept.is_empty() {
                    kept.extend_from_slice(bytes);
                }
                d.since.get_or_insert(time.into());
                d.kept = kept;
                return bytes.len();
            }
            Verdict::Yes => self.finish_body(side, out),
            Verdict::No => (d.since, d.state) = (None, State::Body(body)),
        }
        if kept.is_empty() {
            return 0;
        }
        self.feed(side, &kept, out);
        bytes.len()
    }

    /// A gap of `len` bytes (0 where unknown) in a body. `false` where the end of the message was lost with it: the caller cuts the message.
    pub(super) fn gap_in_body(&mut self, side: Side, body: Body, len: u64, out: &mut Out<'_>) -> bool {
        let d = self.dir(side);
        let Some(c) = &mut d.current else { return false };
        (c.whole, c.begun) = (false, true);
        let (number, half) = (c.number, c.half);
        out.sink.anomaly(Some(number), Anomaly::Gap);
        let (inside, next) = match body {
            Body::Length(n) if len > 0 && len <= n => (len, Some(Body::Length(n - len))),
            Body::Length(n) => (n.min(len), None),
            Body::UntilClose => (len, Some(body)),
            Body::Chunked(mut chunks) => {
                let inside = len > 0 && chunks.skip(len);
                (len, Some(Body::Chunked(chunks)).filter(|_| inside))
            }
        };
        if inside > 0 {
            out.sink.body_gap(number, half, inside);
        }
        match next {
            Some(Body::Length(0)) => {
                self.finish_body(side, out);
                true
            }
            Some(body) => {
                d.state = State::Body(body);
                true
            }
            None => false,
        }
    }
}
