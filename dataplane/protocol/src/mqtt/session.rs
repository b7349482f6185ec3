//! One connection.

use super::packet::{Cursor, Packet, Packets};
use crate::calls::{Calls, segment};
use crate::out::Out;
use crate::{ExchangeNumber, MessageSink, Next, Parser};
use std::collections::BTreeMap;
use weir_exchange::{Anomaly, Protocol, Scheme};
use weir_wire::{Account, Ledger, Side, StreamEvent};

/// Subscriptions that may wait for their answers.
const MAX_WAITING: usize = 64;

pub(super) struct Session {
    packets: [Packets; 2],
    calls: Calls,
    version: u8,
    /// The login that waits for its answer.
    login: Option<(ExchangeNumber, Vec<u8>)>,
    /// Subscriptions that wait, by packet identifier.
    waiting: BTreeMap<u16, ExchangeNumber>,
    /// The server will say no more.
    ended: bool,
}

impl Session {
    pub(super) fn new() -> Self {
        Session {
            packets: Default::default(),
            calls: Calls::new(Protocol::Mqtt, Scheme::Mqtt),
            version: 4,
            login: None,
            waiting: BTreeMap::new(),
            ended: false,
        }
    }

    fn packet(&mut self, side: Side, p: &Packet, out: &mut Out<'_>) {
        let mut c = Cursor(&p.rest);
        let read = match (p.head >> 4, side) {
            (1, Side::Client) => self.connect(&mut c, out),
            (2, Side::Server) => self.connected(&mut c, out),
            (3, _) => self.publish(side, p.head, &mut c, out),
            (8, Side::Client) => self.subscribe(&mut c, out),
            (9, Side::Server) => self.subscribed(&mut c, out),
            _ => Some(()),
        };
        if read.is_none() {
            out.sink.anomaly(None, Anomaly::Garbage);
        }
    }

    fn connect(&mut self, c: &mut Cursor<'_>, out: &mut Out<'_>) -> Option<()> {
        c.text()?;
        self.version = c.byte()? & 0x7f;
        let flags = c.byte()?;
        c.short()?;
        if self.version == 5 {
            c.properties()?;
        }
        c.text()?;
        if flags & 4 != 0 {
            if self.version == 5 {
                c.properties()?;
            }
            c.text()?;
            c.text()?;
        }
        let user = if flags & 0x80 != 0 { c.text()? } else { &[] };
        let password = if flags & 0x40 != 0 { c.text()? } else { &[] };
        self.abandon(out);
        let number = self.calls.log_in(b"CONNECT", user, password, out);
        self.login = Some((number, user.to_vec()));
        Some(())
    }

    fn connected(&mut self, c: &mut Cursor<'_>, out: &mut Out<'_>) -> Option<()> {
        c.byte()?;
        let status = match c.byte()? {
            0 => 200,
            4 | 5 | 0x86 | 0x87 | 0x8a | 0x8c => 401,
            _ => 503,
        };
        let (number, user) = self.login.take()?;
        if status == 200 {
            self.calls.account = Some(user).filter(|u| !u.is_empty());
        }
        self.calls.reply(number, status, false, &[], out);
        Some(())
    }

    fn publish(&mut self, side: Side, head: u8, c: &mut Cursor<'_>, out: &mut Out<'_>) -> Option<()> {
        let target = topic(c.text()?);
        if head & 6 != 0 {
            c.short()?;
        }
        if self.version == 5 {
            c.properties()?;
        }
        match side {
            Side::Client => {
                let number = self.calls.ask(b"PUBLISH", &target, c.0, out);
                self.calls.reply(number, 202, false, &[], out);
            }
            Side::Server => {
                let number = self.calls.ask(b"RECEIVE", &target, &[], out);
                self.calls.reply(number, 200, false, c.0, out);
            }
        }
        Some(())
    }

    fn subscribe(&mut self, c: &mut Cursor<'_>, out: &mut Out<'_>) -> Option<()> {
        let id = c.short()?;
        if self.version == 5 {
            c.properties()?;
        }
        let filter = c.text()?;
        if self.waiting.len() < MAX_WAITING && !self.waiting.contains_key(&id) {
            let number = self.calls.ask(b"SUBSCRIBE", &topic(filter), &[], out);
            self.waiting.insert(id, number);
        }
        Some(())
    }

    fn subscribed(&mut self, c: &mut Cursor<'_>, out: &mut Out<'_>) -> Option<()> {
        let id = c.short()?;
        if self.version == 5 {
            c.properties()?;
        }
        let status = if c.0.iter().any(|code| *code < 0x80) { 200 } else { 403 };
        let number = self.waiting.remove(&id)?;
        self.calls.reply(number, status, false, &[], out);
        Some(())
    }

    fn abandon(&mut self, out: &mut Out<'_>) {
        if let Some((number, _)) = self.login.take() {
            self.calls.abandon(number, out);
        }
        for number in std::mem::take(&mut self.waiting).into_values() {
            self.calls.abandon(number, out);
        }
    }

    fn data(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) {
        let mut rest = bytes;
        while !rest.is_empty() && !self.packets[side.index()].lost {
            let (taken, packet) = self.packets[side.index()].take(rest);
            rest = &rest[taken..];
            out.book(Account::MessageHead, taken);
            match packet {
                Ok(Some(p)) => self.packet(side, &p, out),
                Ok(None) => {}
                Err(_) => {
                    out.sink.anomaly(None, Anomaly::Garbage);
                    self.gap(side, out);
                }
            }
        }
        out.book(Account::MessageSkipped, rest.len());
    }

    fn gap(&mut self, side: Side, out: &mut Out<'_>) {
        self.packets[side.index()].lose();
        self.abandon(out);
    }

    /// Behind a gap, a packet that fills a segment is one.
    fn resume(&mut self, side: Side, bytes: &[u8]) {
        let packets = &mut self.packets[side.index()];
        if packets.lost
            && matches!(bytes, [16..=0xef, n, rest @ ..] if *n < 0x80 && rest.len() == usize::from(*n))
        {
            packets.lost = false;
        }
    }
}

/// A topic as a target.
fn topic(name: &[u8]) -> Vec<u8> {
    let mut out = b"/".to_vec();
    segment(&mut out, name.strip_prefix(b"/").unwrap_or(name));
    out
}

impl Parser for Session {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        match event {
            StreamEvent::Data { side, time, bytes } => {
                self.resume(side, bytes);
                self.data(side, bytes, &mut Out { sink, ledger, time });
            }
            StreamEvent::Gap { side, time, .. } => self.gap(side, &mut Out { sink, ledger, time }),
            StreamEvent::End { side, time, .. } => {
                self.ended |= side == Side::Server;
                if self.ended {
                    self.abandon(&mut Out { sink, ledger, time });
                }
            }
        }
        Next::Continue
    }
}
