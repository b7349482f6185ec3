//! Data connections: the transfers of a control connection, on flows of their own.

use super::command::{self, Does, Verb};
use crate::{ExchangeNumber, Half, Header, MessageSink, Next, Parser, RequestHead, ResponseHead};
use std::sync::{Arc, Mutex, PoisonError};
use weir_exchange::{Anomaly, Protocol, Scheme};
use weir_wire::{Account, EndReason, Ledger, Side, StreamEvent, Timestamp};

/// A data connection that a control connection has announced: whoever knows both flows hands the [`Transfer`] to its parser
/// ([`FlowParser::of_transfer`](crate::FlowParser::of_transfer)).
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Which end of the control connection listens for it.
    pub listener: Side,
    /// The port it listens on.
    pub port: u16,
    /// What the two connections share.
    pub transfer: Arc<Transfer>,
}

/// What a control connection and its data connection share.
#[derive(Default, Debug)]
pub struct Transfer(Mutex<Stage>);

/// How far a transfer is.
#[derive(Default, Debug)]
enum Stage {
    /// Nothing was asked for yet.
    #[default]
    Announced,
    /// Asked for, and no byte came.
    Asked(Asked),
    /// The data connection reports it.
    Taken,
    /// Nothing more comes of it.
    Over,
}

/// A transfer asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) verb: Verb,
    /// Absolute path as a target.
    pub(super) target: Vec<u8>,
    pub(super) number: ExchangeNumber,
    pub(super) time: Timestamp,
    /// The account of the control connection, unless it is anonymous.
    pub(super) account: Option<Vec<u8>>,
}

impl Transfer {
    fn swap(&self, next: Stage) -> Stage {
        std::mem::replace(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), next)
    }
    /// The control connection asks for it.
    pub(super) fn ask(&self, asked: Asked) {
        self.swap(Stage::Asked(asked));
    }
    /// The control connection heard its end: whether the data connection did not report it and will not.
    pub(super) fn settle(&self) -> bool {
        let was = self.swap(Stage::Over);
        !matches!(was, Stage::Taken)
    }
    /// The data connection takes it.
    fn take(&self) -> Option<Asked> {
        match self.swap(Stage::Taken) {
            Stage::Asked(asked) => Some(asked),
            other => {
                self.swap(other);
                None
            }
        }
    }
}

/// The head of a request of FTP.
pub(super) fn ask(asked: &Asked, sink: &mut dyn MessageSink, file: bool) {
    let name = asked.target.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let disposition = [b"attachment; filename=\"", name, b"\""].concat();
    let disposition = [Header { name: b"Content-Disposition", value: &disposition }];
    let named = file && command::does(&asked.verb) == Does::Takes;
    sink.request(&RequestHead {
        exchange: asked.number,
        side: Side::Client,
        time: asked.time,
        method: command::name(&asked.verb),
        target: &asked.target,
        protocol: Protocol::Ftp,
        scheme: Scheme::Ftp,
        headers: if named { &disposition } else { &[] },
    });
    if let Some(account) = &asked.account {
        sink.account(asked.number, account);
    }
}

/// The head of a reply of FTP.
pub(super) fn answer(asked: &Asked, status: u16, time: Timestamp, file: bool, sink: &mut dyn MessageSink) {
    let name = asked.target.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let disposition = [b"attachment; filename=\"", name, b"\""].concat();
    let disposition = [Header { name: b"Content-Disposition", value: &disposition }];
    let named = file && &asked.verb == b"RETR";
    sink.response(&ResponseHead {
        exchange: asked.number,
        side: Side::Server,
        time,
        protocol: Protocol::Ftp,
        scheme: Scheme::Ftp,
        status,
        headers: if named { &disposition } else { &[] },
    });
}

/// The parser of a data connection.
pub(crate) struct DataConnection {
    transfer: Arc<Transfer>,
    state: State,
}

enum State {
    Waiting,
    /// Who sends, what was asked for, and whether all of it came.
    Under(Side, Asked, bool),
    Over,
}

impl DataConnection {
    pub(crate) fn new(transfer: Arc<Transfer>) -> Self {
        DataConnection { transfer, state: State::Waiting }
    }

    fn data(
        &mut self,
        side: Side,
        time: Timestamp,
        bytes: &[u8],
        sink: &mut dyn MessageSink,
        ledger: &mut Ledger,
    ) {
        if matches!(self.state, State::Waiting) {
            let Some(asked) = self.transfer.take() else {
                self.state = State::Over;
                ledger.add(Account::MessageNotInterface, bytes.len() as u64);
                return;
            };
            ask(&asked, sink, true);
            if command::does(&asked.verb) == Does::Gives {
                sink.end(asked.number, Half::Request, asked.time, true, ledger);
                answer(&asked, 226, time, true, sink);
            }
            self.state = State::Under(side, asked, true);
        }
        match &self.state {
            State::Under(sender, asked, _) if *sender == side => {
                ledger.add(Account::MessageBody, bytes.len() as u64);
                sink.body(asked.number, half(asked), bytes);
            }
            _ => ledger.add(Account::MessageSkipped, bytes.len() as u64),
        }
    }

    fn end(
        &mut self,
        side: Side,
        time: Timestamp,
        reason: EndReason,
        sink: &mut dyn MessageSink,
        ledger: &mut Ledger,
    ) {
        let State::Under(sender, asked, whole) = &self.state else { return };
        if *sender != side {
            return;
        }
        let complete = *whole && reason == EndReason::Fin;
        sink.end(asked.number, half(asked), time, complete, ledger);
        if half(asked) == Half::Request {
            answer(asked, if reason == EndReason::Fin { 226 } else { 426 }, time, false, sink);
            sink.end(asked.number, Half::Response, time, complete, ledger);
        }
        sink.done(asked.number, time, ledger);
        self.state = State::Over;
    }
}

/// The half that holds what is transferred.
fn half(asked: &Asked) -> Half {
    if command::does(&asked.verb) == Does::Gives { Half::Response } else { Half::Request }
}

impl Parser for DataConnection {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        match event {
            StreamEvent::Data { side, time, bytes } => self.data(side, time, bytes, sink, ledger),
            StreamEvent::Gap { side, len, .. } => {
                if let State::Under(sender, asked, whole) = &mut self.state
                    && *sender == side
                {
                    *whole = false;
                    sink.anomaly(Some(asked.number), Anomaly::Gap);
                    sink.body_gap(asked.number, half(asked), len.into());
                }
            }
            StreamEvent::End { side, time, reason } => self.end(side, time, reason, sink, ledger),
        }
        Next::Continue
    }
    fn rest(&self) -> Account {
        Account::MessageSkipped
    }
}
