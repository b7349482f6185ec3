//! The record layer of a connection: whole records off the wire, opened where they are sealed, and found again behind a gap.

use super::{Connection, Events, State, Step};
use crate::keys::KeyStore;
use crate::record::{ContentType, HEADER, RecordHeader};
use crate::schedule::{openers13, updated};
use crate::seek::Sought;
use std::mem;
use weir_exchange::Reading;
use weir_wire::Side;

/// Bytes of a direction that wait for the other direction, or for a key that may still come: a handshake and a first request.
const MAX_WAITING: usize = 16 * 1024;
/// Bytes of handshake in clear that are read of a connection.
const MAX_HANDSHAKE: u64 = 512 * 1024;
impl Connection {
    /// Reads whole records off the front of `bytes`; how many bytes they take.
    pub(super) fn records(
        &mut self,
        side: Side,
        bytes: &[u8],
        keys: Option<&KeyStore>,
        out: &mut impl Events,
    ) -> usize {
        let mut at = 0;
        while !matches!(self.state, State::Closed(_)) {
            let rest = &bytes[at..];
            if self.sides[side.index()].lost.is_some() {
                match self.seek(side, rest, out) {
                    (used, true) => at += used,
                    (used, false) => return at + used,
                }
                continue;
            }
            if rest.len() < HEADER {
                break;
            }
            let Some(header) = RecordHeader::read(rest) else {
                self.broken(side, out);
                break;
            };
            let Some(payload) = rest.get(HEADER..HEADER + header.len) else { break };
            match self.record(side, header.content, &rest[..HEADER], payload, keys, out) {
                Step::Done => at += HEADER + header.len,
                Step::Close(reading) => {
                    self.close(reading);
                    break;
                }
                Step::Last(reading) => {
                    at += HEADER + header.len;
                    self.close(reading);
                }
                Step::Wait if rest.len() > MAX_WAITING => {
                    let reading =
                        if self.is_negotiated() { self.without_key() } else { Reading::HandshakeNotSeen };
                    self.close(reading);
                    break;
                }
                Step::Wait => break,
            }
        }
        at
    }

    /// What should be a record is none.
    fn broken(&mut self, side: Side, out: &mut impl Events) {
        let reading = if self.state == State::Reading {
            out.gap(side, 0);
            Reading::Decrypted
        } else {
            Reading::Unfinished
        };
        self.close(reading);
    }

    /// One whole record. Books it, unless it waits or ends the reading.
    fn record(
        &mut self,
        side: Side,
        content: ContentType,
        header: &[u8],
        payload: &[u8],
        keys: Option<&KeyStore>,
        out: &mut impl Events,
    ) -> Step {
        let wire = (header.len() + payload.len()) as u64;
        let tls13 = self.is_tls13();
        if self.sides[side.index()].sealed && !(tls13 && content == ContentType::Change) {
            return self.sealed_record(side, header, payload, keys, out);
        }
        match content {
            ContentType::Handshake => {
                self.handshake += wire;
                if self.handshake > MAX_HANDSHAKE || !self.sides[side.index()].gather(payload) {
                    return Step::Close(Reading::Unfinished);
                }
                self.framing += wire;
                return self.messages(side, keys).booked();
            }
            ContentType::Change if self.is_negotiated() && !tls13 => match self.change(side, keys) {
                Step::Done => {}
                other => return other,
            },
            ContentType::Change => {
                // Before the ServerHello it may be a disguise of TLS 1.3, or the server's side comes late.
                let early = self.offer.as_ref().is_some_and(|o| o.early_data);
                let disguise = early || tls13 || self.retried || side != self.client;
                if !disguise && self.offer.is_some() && self.choice.is_none() {
                    return Step::Wait;
                }
            }
            ContentType::Data | ContentType::Heartbeat => {
                return match &self.offer {
                    Some(offer) if offer.early_data && self.choice.is_none() => {
                        self.sealed += wire;
                        Step::Done
                    }
                    Some(_) if self.choice.is_none() => Step::Wait,
                    _ => Step::Close(Reading::HandshakeNotSeen),
                };
            }
            ContentType::Alert => {}
        }
        self.framing += wire;
        Step::Done
    }

    /// A record that is encrypted.
    fn sealed_record(
        &mut self,
        side: Side,
        header: &[u8],
        payload: &[u8],
        keys: Option<&KeyStore>,
        out: &mut impl Events,
    ) -> Step {
        let wire = (header.len() + payload.len()) as u64;
        if self.sides[side.index()].opener.is_none() {
            match self.install(side, keys) {
                Step::Done => {}
                other => return other,
            }
        }
        let direction = &mut self.sides[side.index()];
        let mut text = mem::take(&mut self.text);
        let opened = direction.opener.as_mut().and_then(|o| o.open(header, payload, &mut text));
        let step = match opened {
            Some(content) => {
                direction.opened += 1;
                self.framing += wire;
                self.opened(side, content, &text, keys, out).booked()
            }
            None if direction.tolerance > 0 => {
                direction.tolerance -= 1;
                self.sealed += wire;
                Step::Done
            }
            None if direction.opened > 0 => {
                out.gap(side, wire);
                Step::Close(Reading::Decrypted)
            }
            None => Step::Close(Reading::WrongKey),
        };
        if !matches!(self.state, State::Closed(_)) {
            self.text = text;
        }
        step
    }

    /// What a record held that opened; it is booked whole as framing, from which data are taken again.
    pub(super) fn opened(
        &mut self,
        side: Side,
        content: ContentType,
        text: &[u8],
        keys: Option<&KeyStore>,
        out: &mut impl Events,
    ) -> Step {
        match content {
            ContentType::Data => {
                self.sides[side.index()].tolerance = 0;
                self.settle();
                if !text.is_empty() {
                    self.framing -= text.len() as u64;
                    out.data(&self.facts, side, text);
                }
                Step::Done
            }
            ContentType::Handshake => {
                if !self.sides[side.index()].gather(text) {
                    return Step::Close(Reading::Decrypted);
                }
                self.messages(side, keys)
            }
            // A renegotiation of TLS 1.2: other keys from here on.
            ContentType::Change if !self.is_tls13() => self.change(side, keys),
            _ => Step::Done,
        }
    }

    /// The handshake is over as soon as both directions opened and one of them carries data, or both are finished.
    pub(super) fn settle(&mut self) {
        if self.state == State::Opening && self.sides.iter().all(|d| d.opened > 0) {
            self.state = State::Reading;
        }
    }

    /// Looks for the next record behind a gap: how many bytes that takes, and whether reading goes on at once.
    fn seek(&mut self, side: Side, bytes: &[u8], out: &mut impl Events) -> (usize, bool) {
        let suite = self.choice.as_ref().and_then(|c| c.suite).filter(|_| self.is_tls13());
        let direction = &mut self.sides[side.index()];
        let Some(mut lost) = direction.lost.take() else { return (0, true) };
        // The next traffic secret may have been begun in the gap.
        let later =
            suite.zip(direction.secret.as_ref()).and_then(|(s, secret)| Some((s, updated(s, secret)?)));
        let mut second = later.as_ref().and_then(|(suite, secret)| openers13(*suite, secret));
        let mut text = mem::take(&mut self.text);
        let sought = lost.seek(bytes, [direction.opener.as_mut(), second.as_mut()], &mut text);
        let result = match sought {
            Sought::Found { at, number, content, wire, second: newer } => {
                let before = direction.opener.as_ref().map_or(0, |o| o.sequence);
                if newer {
                    (direction.opener, direction.secret) = (second, later.map(|(_, secret)| secret));
                }
                let overhead = (wire - text.len()) as u64;
                let missed = if newer { number + 1 } else { number - before };
                if let Some(opener) = &mut direction.opener {
                    opener.sequence = number + 1;
                }
                self.sealed += at as u64;
                out.gap(side, (lost.span + at as u64).saturating_sub(missed * overhead));
                self.framing += wire as u64;
                // Keys were there when the gap came; none is asked for here.
                if let Step::Close(reading) | Step::Last(reading) =
                    self.opened(side, content, &text, None, out)
                {
                    self.close(reading);
                }
                (at + wire, true)
            }
            Sought::More(at) => {
                lost.span += at as u64;
                self.sealed += at as u64;
                direction.lost = Some(lost);
                (at, false)
            }
            Sought::Never => {
                out.gap(side, lost.span);
                self.close(Reading::Decrypted);
                (0, false)
            }
        };
        self.text = text;
        result
    }
}
