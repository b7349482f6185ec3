//! One connection: commands and their replies, in order.

use super::command::{self, Command};
use super::value::{Value, Values};
use crate::calls::Calls;
use crate::out::Out;
use crate::{ExchangeNumber, MessageSink, Next, Parser};
use std::collections::VecDeque;
use weir_exchange::{Anomaly, Protocol, Scheme};
use weir_wire::{Account, Ledger, Side, StreamEvent, Timestamp};

/// Bytes of commands that may wait for their replies: pipelines are long, some 15,000 commands of few bytes.
const MAX_HELD: usize = 2 << 20;

/// A command that waits for its reply. It is reported together with it, so that a pipeline is one exchange after another.
struct Waiting {
    command: Command,
    time: Timestamp,
}

pub(super) struct Session {
    values: [Values; 2],
    calls: Calls,
    waiting: VecDeque<Waiting>,
    /// Bytes that wait.
    held: usize,
    /// Replies to come to commands that were given up: they come before those to what waits.
    owed: u64,
    /// The server will say no more.
    ended: bool,
    /// Bytes are missing: which command a reply answers is not known until the next command begins a segment.
    deaf: bool,
}

impl Session {
    pub(super) fn new() -> Self {
        Session {
            values: Default::default(),
            calls: Calls::new(Protocol::Redis, Scheme::Redis),
            waiting: VecDeque::new(),
            held: 0,
            owed: 0,
            ended: false,
            deaf: false,
        }
    }

    fn command(&mut self, value: &Value, out: &mut Out<'_>) {
        if self.deaf {
            self.deaf = false;
            self.owed = 0;
            self.values[Side::Server.index()].lose();
        }
        let command = command::read(value);
        if !self.waiting.is_empty() && self.held + command.bytes() > MAX_HELD {
            self.owed += self.waiting.len() as u64;
            self.abandon(out);
            out.sink.anomaly(None, Anomaly::PipelineTooLong);
        }
        self.held += command.bytes();
        self.waiting.push_back(Waiting { command, time: out.time });
    }

    fn reply(&mut self, value: &Value, out: &mut Out<'_>) {
        // Pushed messages answer no command.
        if value.kind == b'>' || self.deaf {
            return;
        }
        if self.owed > 0 {
            self.owed -= 1;
            return;
        }
        let Some(waiting) = self.next() else { return };
        let error = matches!(value.kind, b'-' | b'!');
        let text = value.leaves.first().and_then(|l| l.as_deref()).unwrap_or_default();
        let says = |word: &[u8]| text.starts_with(word);
        let status = match error {
            false => 200,
            true if says(b"NOAUTH") || says(b"WRONGPASS") || says(b"ERR invalid password") => 401,
            true if says(b"NOPERM") => 403,
            true => 400,
        };
        let Some(number) = self.ask(&waiting, out) else { return };
        match waiting.command {
            Command::Login(user, _) => {
                if status == 200 {
                    self.calls.account = Some(user.clone());
                }
                self.calls.reply(number, status, false, &[], out);
            }
            Command::Call { pairs, .. } => {
                let leaves = value.leaves.iter().map(|l| l.as_deref());
                let (json, body) = match value.kind {
                    _ if error => (false, text.to_vec()),
                    b'%' => (true, command::object(leaves)),
                    b'*' | b'~' if pairs => (true, command::object(leaves)),
                    b'*' | b'~' if !value.leaves.is_empty() => (true, command::array(leaves)),
                    b'+' | b':' => (false, Vec::new()),
                    _ => (false, text.to_vec()),
                };
                self.calls.reply(number, status, json, &body, out);
            }
            Command::Other => {}
        }
    }

    /// The command that waits longest.
    fn next(&mut self) -> Option<Waiting> {
        let waiting = self.waiting.pop_front()?;
        self.held -= waiting.command.bytes();
        Some(waiting)
    }

    /// Reports a command, as of when it came; `None` where it is none that the user asks about.
    fn ask(&mut self, waiting: &Waiting, out: &mut Out<'_>) -> Option<ExchangeNumber> {
        let out = &mut Out { sink: &mut *out.sink, ledger: &mut *out.ledger, time: waiting.time };
        match &waiting.command {
            Command::Login(user, password) => Some(self.calls.log_in(b"AUTH", user, &password.0, out)),
            Command::Call { method, target, body, .. } => Some(self.calls.ask(method, target, body, out)),
            Command::Other => None,
        }
    }

    /// What waits will get no reply.
    fn abandon(&mut self, out: &mut Out<'_>) {
        while let Some(waiting) = self.next() {
            if let Some(number) = self.ask(&waiting, out) {
                self.calls.abandon(number, out);
            }
        }
    }

    fn data(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) {
        let values = &mut self.values[side.index()];
        if values.lost {
            // Behind a gap, a command that begins a segment; then a reply that does.
            let begins = match side {
                Side::Client => bytes.starts_with(b"*"),
                Side::Server => !self.deaf && matches!(bytes[0], b'*' | b'$' | b'+' | b'-' | b':' | b'%'),
            };
            values.lost = !begins;
        }
        let mut rest = bytes;
        while !rest.is_empty() && !self.values[side.index()].lost {
            let (taken, value) = self.values[side.index()].take(rest);
            rest = &rest[taken..];
            out.book(Account::MessageHead, taken);
            match (value, side) {
                (Ok(Some(v)), Side::Client) => self.command(&v, out),
                (Ok(Some(v)), Side::Server) => self.reply(&v, out),
                (Ok(None), _) => {}
                (Err(_), _) => {
                    out.sink.anomaly(None, Anomaly::Garbage);
                    self.gap(side, out);
                }
            }
        }
        out.book(Account::MessageSkipped, rest.len());
    }

    fn gap(&mut self, side: Side, out: &mut Out<'_>) {
        self.values[side.index()].lose();
        self.abandon(out);
        self.deaf = true;
    }
}

impl Parser for Session {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        match event {
            StreamEvent::Data { side, time, bytes } => {
                self.data(side, bytes, &mut Out { sink, ledger, time })
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
