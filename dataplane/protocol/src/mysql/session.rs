//! One connection: login, then commands and their answers.

use super::packet::{Cursor, Packet, Packets};
use super::rows::{Column, MAX_COLUMNS, row};
use crate::calls::Calls;
use crate::out::Out;
use crate::sql::{Dialect, Statement};
use crate::{ExchangeNumber, Half, MessageSink, Next, Parser};
use std::collections::{BTreeMap, VecDeque};
use weir_exchange::{Anomaly, Protocol, Scheme};
use weir_wire::{Account, Ledger, Side, StreamEvent};

const COMPRESS: u64 = 1 << 5;
const CONNECT_WITH_DB: u64 = 1 << 3;
const SSL: u64 = 1 << 11;
const SECURE_CONNECTION: u64 = 1 << 15;
const PLUGIN_AUTH_LENENC: u64 = 1 << 21;
const DEPRECATE_EOF: u64 = 1 << 24;
const QUERY_ATTRIBUTES: u64 = 1 << 27;
/// Status flag: another result follows.
const MORE_RESULTS: u64 = 8;
/// Commands that may wait for their answers.
const MAX_WAITING: usize = 64;
/// Prepared statements remembered.
const MAX_PREPARED: usize = 256;

enum Phase {
    /// The server's greeting is due.
    Greeting,
    /// The client's answer to it is due.
    Answer,
    /// The server decides; the login's exchange.
    Deciding(ExchangeNumber, Vec<u8>),
    /// Commands and answers.
    Commands,
}

/// A command that waits for its answer.
enum Waiting {
    /// A statement; whether its rows are binary.
    Statement(ExchangeNumber, bool),
    /// A statement to be prepared: its text.
    Prepare(Vec<u8>),
    /// A database to be used.
    Use(Vec<u8>),
    /// Something of which nothing is told.
    Other,
}

/// How far an answer is.
enum Answer {
    First,
    /// So many definitions to come, then, it may be, an end mark.
    Columns(usize),
    Rows,
    /// Definitions of a prepared statement: packets to pass over.
    Pass(usize),
}

pub(super) struct Session {
    packets: [Packets; 2],
    calls: Calls,
    phase: Phase,
    capabilities: u64,
    database: Vec<u8>,
    waiting: VecDeque<Waiting>,
    answer: Answer,
    columns: Vec<Column>,
    /// Whether the answer's head was reported, and its rows begun.
    begun: (bool, bool),
    prepared: BTreeMap<u32, Vec<u8>>,
    /// The server will say no more.
    ended: bool,
    opaque: Option<Account>,
}

impl Session {
    pub(super) fn new() -> Self {
        Session {
            packets: Default::default(),
            calls: Calls::new(Protocol::Mysql, Scheme::Mysql),
            phase: Phase::Greeting,
            capabilities: 0,
            database: Vec::new(),
            waiting: VecDeque::new(),
            answer: Answer::First,
            columns: Vec::new(),
            begun: (false, false),
            prepared: BTreeMap::new(),
            ended: false,
            opaque: None,
        }
    }

    fn client(&mut self, p: &Packet, out: &mut Out<'_>) {
        match self.phase {
            Phase::Greeting | Phase::Deciding(..) => {}
            Phase::Answer => self.login(p, out),
            Phase::Commands if p.sequence == 0 => self.command(p, out),
            Phase::Commands => {}
        }
    }

    /// `Protocol::HandshakeResponse41`, or an SSL request, which is its beginning.
    fn login(&mut self, p: &Packet, out: &mut Out<'_>) {
        let mut c = Cursor(&p.payload);
        let asked = c.number(4).unwrap_or(0) & self.capabilities;
        self.capabilities = asked;
        if asked & SSL != 0 && p.length <= 32 {
            self.opaque = Some(Account::MessageEncrypted);
            return;
        }
        c.bytes(28);
        let user = c.ended().unwrap_or_default();
        let scramble = if asked & PLUGIN_AUTH_LENENC != 0 {
            c.text()
        } else if asked & SECURE_CONNECTION != 0 {
            c.number(1).and_then(|n| c.bytes(usize::try_from(n).ok()?))
        } else {
            c.ended()
        };
        let database = if asked & CONNECT_WITH_DB != 0 { c.ended() } else { None };
        self.database = database.unwrap_or_default().to_vec();
        let clear = c.ended().is_some_and(|plugin| plugin == b"mysql_clear_password");
        let scramble = scramble.unwrap_or_default();
        let mut password = match clear {
            true => scramble.strip_suffix(&[0]).unwrap_or(scramble).to_vec(),
            false => scramble.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect(),
        };
        let number = self.calls.log_in(b"LOGIN", user, &password, out);
        password.fill(0);
        self.phase = Phase::Deciding(number, user.to_vec());
    }

    fn command(&mut self, p: &Packet, out: &mut Out<'_>) {
        if self.waiting.len() >= MAX_WAITING {
            return;
        }
        let Some((kind, rest)) = p.payload.split_first() else { return };
        let waiting = match kind {
            1 => return,
            2 => Waiting::Use(rest[..rest.len().min(64)].to_vec()),
            3 => {
                let text = match rest {
                    [0, 1, text @ ..] if self.capabilities & QUERY_ATTRIBUTES != 0 => text,
                    text => text,
                };
                Waiting::Statement(self.ask(text, out), false)
            }
            0x16 => Waiting::Prepare(rest[..rest.len().min(16 * 1024)].to_vec()),
            0x17 => {
                let id = Cursor(rest).number(4).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
                let text = self.prepared.get(&id).cloned().unwrap_or_default();
                Waiting::Statement(self.ask(&text, out), true)
            }
            0x19 => {
                // Closing a statement has no answer.
                if let Some(id) = Cursor(rest).number(4).and_then(|n| u32::try_from(n).ok()) {
                    self.prepared.remove(&id);
                }
                return;
            }
            // Long data has no answer.
            0x18 => return,
            _ => Waiting::Other,
        };
        self.waiting.push_back(waiting);
    }

    fn ask(&mut self, text: &[u8], out: &mut Out<'_>) -> ExchangeNumber {
        let statement = Statement::read(text, Dialect::Mysql);
        self.calls.ask(&statement.method, &statement.target(&self.database), text, out)
    }

    fn server(&mut self, p: &Packet, out: &mut Out<'_>) {
        match &mut self.phase {
            Phase::Greeting => {
                self.capabilities = offered(&p.payload).unwrap_or(0);
                self.phase = Phase::Answer;
            }
            Phase::Answer => {
                // Refused before it could log in ("too many connections").
                self.opaque = Some(Account::MessageSkipped);
            }
            Phase::Deciding(number, user) => {
                let number = *number;
                let status = match p.payload.first() {
                    Some(0) => 200,
                    Some(0xff) => refused(&p.payload),
                    // Another method, or more of this one.
                    _ => return,
                };
                if status == 200 {
                    self.calls.account = Some(std::mem::take(user)).filter(|u| !u.is_empty());
                }
                self.phase = Phase::Commands;
                self.calls.reply(number, status, false, &[], out);
                if self.capabilities & COMPRESS != 0 {
                    self.opaque = Some(Account::MessageTunnelled);
                }
            }
            Phase::Commands => self.result(p, out),
        }
    }

    /// A packet of the answer to the command that waits longest.
    fn result(&mut self, p: &Packet, out: &mut Out<'_>) {
        match self.answer {
            Answer::First => self.first(p, out),
            Answer::Columns(n) => {
                if is_end(p) {
                    self.answer = Answer::Rows;
                    return;
                }
                self.columns.extend(Column::read(&p.payload));
                self.answer = match n.saturating_sub(1) {
                    0 if self.capabilities & DEPRECATE_EOF != 0 => Answer::Rows,
                    n => Answer::Columns(n),
                };
            }
            Answer::Rows => self.row(p, out),
            Answer::Pass(n) => {
                self.answer = if n > 1 { Answer::Pass(n - 1) } else { Answer::First };
            }
        }
    }

    fn first(&mut self, p: &Packet, out: &mut Out<'_>) {
        let kind = p.payload.first().copied();
        match (self.waiting.front(), kind) {
            (None, _) => {}
            (Some(Waiting::Statement(..)), Some(0)) => {
                let mut c = Cursor(p.payload.get(1..).unwrap_or_default());
                let status = c.encoded().and_then(|_| c.encoded()).and_then(|_| c.number(2));
                self.over(200, status.unwrap_or(0), true, out);
            }
            (_, Some(0xff)) => self.over(refused(&p.payload), 0, true, out),
            // LOCAL INFILE: the client sends a file, and is answered then.
            (Some(Waiting::Statement(..)), Some(0xfb)) => {}
            (Some(Waiting::Statement(..)), Some(_)) => {
                let mut c = Cursor(&p.payload);
                let n = c.encoded().and_then(|n| usize::try_from(n).ok()).unwrap_or(0).min(MAX_COLUMNS);
                // MariaDB says in another byte whether definitions follow.
                let cached = c.number(1) == Some(0);
                if !cached {
                    self.columns.clear();
                }
                self.answer = if cached { Answer::Rows } else { Answer::Columns(n) };
            }
            (Some(Waiting::Prepare(_)), Some(0)) => self.prepare(p),
            (Some(Waiting::Use(_)), _) => {
                if let Some(Waiting::Use(database)) = self.waiting.pop_front() {
                    self.database = database;
                }
            }
            (Some(_), _) => drop(self.waiting.pop_front()),
        }
    }

    /// `COM_STMT_PREPARE_OK`.
    fn prepare(&mut self, p: &Packet) {
        let Some(Waiting::Prepare(text)) = self.waiting.pop_front() else { return };
        let mut c = Cursor(p.payload.get(1..).unwrap_or_default());
        let numbers = (c.number(4), c.number(2), c.number(2));
        let (Some(id), Some(columns), Some(params)) = numbers else { return };
        if self.prepared.len() < MAX_PREPARED {
            self.prepared.insert(id as u32, text);
        }
        let marks = if self.capabilities & DEPRECATE_EOF != 0 { 0 } else { 1 };
        let part = |n: u64| if n > 0 { n as usize + marks } else { 0 };
        let n = part(columns) + part(params);
        self.answer = if n > 0 { Answer::Pass(n) } else { Answer::First };
    }

    fn row(&mut self, p: &Packet, out: &mut Out<'_>) {
        if is_end(p) {
            let mut c = Cursor(p.payload.get(1..).unwrap_or_default());
            let status = if self.capabilities & DEPRECATE_EOF != 0 {
                c.encoded().and_then(|_| c.encoded()).and_then(|_| c.number(2))
            } else {
                c.bytes(2).and_then(|_| c.number(2))
            };
            return self.over(200, status.unwrap_or(0), true, out);
        }
        if p.payload.first() == Some(&0xff) {
            return self.over(refused(&p.payload), 0, true, out);
        }
        let Some(Waiting::Statement(number, binary)) = self.waiting.front() else { return };
        let (number, binary) = (*number, *binary);
        if !self.begun.0 {
            self.calls.answer(number, 200, true, out);
            self.begun.0 = true;
        }
        out.sink.body(number, Half::Response, if self.begun.1 { b",\n" } else { b"[" });
        self.begun.1 = true;
        out.sink.body(number, Half::Response, &row(&self.columns, &p.payload, binary));
    }

    /// A result is over; with it the answer, unless more follow.
    fn over(&mut self, status: u16, flags: u64, complete: bool, out: &mut Out<'_>) {
        self.answer = Answer::First;
        if flags & MORE_RESULTS != 0 {
            return;
        }
        let (head, rows) = std::mem::take(&mut self.begun);
        let Some(Waiting::Statement(number, _)) = self.waiting.pop_front() else { return };
        if !head {
            self.calls.answer(number, status, false, out);
        }
        if rows {
            out.sink.body(number, Half::Response, b"]");
        }
        self.calls.finish(number, complete, out);
    }

    /// Nothing that waits will be answered.
    fn abandon(&mut self, out: &mut Out<'_>) {
        if let Phase::Deciding(number, _) = self.phase {
            self.phase = Phase::Commands;
            self.calls.abandon(number, out);
        }
        if self.begun.0 {
            self.over(200, 0, false, out);
        }
        (self.answer, self.begun) = (Answer::First, (false, false));
        for w in std::mem::take(&mut self.waiting) {
            if let Waiting::Statement(number, _) = w {
                self.calls.abandon(number, out);
            }
        }
    }

    fn data(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) {
        let mut rest = bytes;
        let first = if side == Side::Client { 0 } else { 1 };
        if self.packets[side.index()].passes(bytes, first) {
            return out.book(Account::MessageSkipped, bytes.len());
        }
        while !rest.is_empty() && self.opaque.is_none() {
            let (taken, packet) = self.packets[side.index()].take(rest);
            let body = side == Side::Server && matches!(self.answer, Answer::Rows);
            out.book(if body { Account::MessageBody } else { Account::MessageHead }, taken);
            rest = &rest[taken..];
            match (packet, side) {
                (None, _) => {}
                (Some(p), Side::Client) => self.client(&p, out),
                (Some(p), Side::Server) => self.server(&p, out),
            }
        }
        if let Some(account) = self.opaque {
            out.book(account, rest.len());
            self.abandon(out);
        }
    }
}

/// The capabilities in a greeting (`Protocol::HandshakeV10`).
fn offered(payload: &[u8]) -> Option<u64> {
    let mut c = Cursor(payload);
    c.bytes(1)?;
    c.ended()?;
    c.bytes(4 + 8 + 1)?;
    let low = c.number(2)?;
    c.bytes(3)?;
    Some(low | c.number(2).unwrap_or(0) << 16)
}

/// Whether a packet ends definitions or rows.
fn is_end(p: &Packet) -> bool {
    p.payload.first() == Some(&0xfe)
        && p.length < 0x00ff_ffff
        && (p.length < 9 || p.payload.get(1) == Some(&0))
}

/// The status that an error packet comes near.
fn refused(payload: &[u8]) -> u16 {
    match Cursor(payload.get(1..).unwrap_or_default()).number(2) {
        Some(1045 | 1698 | 1862) => 401,
        Some(1044 | 1142 | 1143 | 1227 | 1370 | 3118) => 403,
        Some(1049 | 1051 | 1146 | 1305) => 404,
        Some(1064 | 1054 | 1136 | 1149) => 400,
        Some(1062 | 1050 | 1451 | 1452) => 409,
        Some(1040 | 1203) => 503,
        _ => 500,
    }
}

impl Parser for Session {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        match event {
            StreamEvent::Data { side, time, bytes } => {
                self.data(side, bytes, &mut Out { sink, ledger, time })
            }
            StreamEvent::Gap { side, time, .. } => {
                let out = &mut Out { sink, ledger, time };
                out.sink.anomaly(None, Anomaly::Gap);
                if matches!(self.phase, Phase::Greeting | Phase::Answer) {
                    self.opaque = Some(Account::MessageSkipped);
                }
                self.packets[side.index()].gap();
                self.abandon(out);
            }
            StreamEvent::End { side, time, .. } => {
                self.ended |= side == Side::Server;
                if self.ended {
                    self.abandon(&mut Out { sink, ledger, time });
                }
            }
        }
        if self.opaque.is_some() { Next::Shunt } else { Next::Continue }
    }
    fn rest(&self) -> Account {
        self.opaque.unwrap_or(Account::MessageSkipped)
    }
}
