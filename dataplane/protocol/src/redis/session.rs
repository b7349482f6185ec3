//! One connection: commands and their replies, in order.

use super::command::{self, Command};
use super::value::{Value, Values};
use crate::calls::Calls;
use crate::out::Out;
use crate::{ExchangeNumber, MessageSink, Next, Parser};
use std::collections::VecDeque;
use weir_exchange::{Anomaly, Protocol, Scheme};
use weir_wire::{Account, Ledger, Side, StreamEvent};

/// Commands that may wait for their replies; pipelines are long.
const MAX_WAITING: usize = 1024;

enum Waiting {
    Login(ExchangeNumber, Vec<u8>),
    /// A call; whether its reply is names and values in turn.
    Call(ExchangeNumber, bool),
    Other,
}

pub(super) struct Session {
    values: [Values; 2],
    calls: Calls,
    waiting: VecDeque<Waiting>,
    /// The server will say no more.
    ended: bool,
    /// Replies are passed over: which command they answer is not known.
    deaf: bool,
}

impl Session {
    pub(super) fn new() -> Self {
        Session {
            values: Default::default(),
            calls: Calls::new(Protocol::Redis, Scheme::Redis),
            waiting: VecDeque::new(),
            ended: false,
            deaf: false,
        }
    }

    fn command(&mut self, value: &Value, out: &mut Out<'_>) {
        if self.waiting.len() >= MAX_WAITING {
            self.abandon(out);
            self.deaf = true;
            out.sink.anomaly(None, Anomaly::PipelineTooLong);
        }
        self.deaf &= !self.waiting.is_empty() || self.values[1].lost;
        let waiting = match command::read(value) {
            Command::Login(user, mut password) => {
                let number = self.calls.log_in(b"AUTH", &user, &password, out);
                password.fill(0);
                Waiting::Login(number, user)
            }
            Command::Call { method, target, body, pairs } => {
                Waiting::Call(self.calls.ask(&method, &target, &body, out), pairs)
            }
            Command::Other => Waiting::Other,
        };
        self.waiting.push_back(waiting);
    }

    fn reply(&mut self, value: &Value, out: &mut Out<'_>) {
        // Pushed messages answer no command.
        if value.kind == b'>' || self.deaf {
            return;
        }
        let error = matches!(value.kind, b'-' | b'!');
        let text = value.leaves.first().and_then(|l| l.as_deref()).unwrap_or_default();
        let says = |word: &[u8]| text.starts_with(word);
        let status = match error {
            false => 200,
            true if says(b"NOAUTH") || says(b"WRONGPASS") || says(b"ERR invalid password") => 401,
            true if says(b"NOPERM") => 403,
            true => 400,
        };
        match self.waiting.pop_front() {
            Some(Waiting::Login(number, user)) => {
                if status == 200 {
                    self.calls.account = Some(user);
                }
                self.calls.reply(number, status, false, &[], out);
            }
            Some(Waiting::Call(number, pairs)) => {
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
            Some(Waiting::Other) | None => {}
        }
    }

    fn abandon(&mut self, out: &mut Out<'_>) {
        for w in std::mem::take(&mut self.waiting) {
            if let Waiting::Login(number, _) | Waiting::Call(number, _) = w {
                self.calls.abandon(number, out);
            }
        }
    }

    fn data(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) {
        let values = &mut self.values[side.index()];
        if values.lost {
            // Behind a gap, a command or reply that begins a segment.
            let begins = match side {
                Side::Client => bytes.starts_with(b"*"),
                Side::Server => {
                    self.waiting.is_empty() && matches!(bytes[0], b'*' | b'$' | b'+' | b'-' | b':' | b'%')
                }
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
