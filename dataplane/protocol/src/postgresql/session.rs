//! One connection: login, then statements and their answers.

use super::message::{Cursor, Message, Messages, begins};
use super::rows::{Column, columns, row};
use super::waiting::{Asked, Queue};
use super::{CANCEL, GSSAPI, SSL, VERSION};
use crate::calls::Calls;
use crate::out::Out;
use crate::sql::{Dialect, Statement};
use crate::{ExchangeNumber, Half, MessageSink, Next, Parser};
use std::collections::BTreeMap;
use weir_exchange::{Anomaly, Protocol, Scheme};
use weir_wire::{Account, Ledger, Side, StreamEvent, Timestamp};

/// Columns remembered of prepared statements.
const MAX_DESCRIBED: usize = 8192;

enum Phase {
    /// The client's version and name are due.
    Startup,
    /// The server says in one byte whether it encrypts.
    Encryption,
    /// The server decides.
    Login(Login),
    /// Statements and answers.
    Statements,
}

/// A login under way.
struct Login {
    user: Vec<u8>,
    database: Vec<u8>,
    /// What was sent as password; in clear where the server asked for that.
    password: Vec<u8>,
    clear: bool,
    time: Timestamp,
}

impl Drop for Login {
    fn drop(&mut self) {
        self.password.fill(0);
    }
}

/// The answer under way to what waits longest.
struct Answer {
    number: ExchangeNumber,
    status: u16,
    /// Its head was reported.
    head: bool,
    /// A JSON array was begun.
    rows: bool,
}

pub(super) struct Session {
    messages: [Messages; 2],
    calls: Calls,
    phase: Phase,
    database: Vec<u8>,
    queue: Queue,
    answer: Option<Answer>,
    /// Columns of the rows of a simple query.
    columns: Vec<Column>,
    /// Columns of prepared statements.
    described: BTreeMap<Vec<u8>, Vec<Column>>,
    /// `ReadyForQuery` to come that answer what was given up: what comes before them is passed over.
    owed: u64,
    /// The client is in a group of messages that was given up.
    skipping: bool,
    /// Bytes are missing: nothing is paired until a statement begins a segment.
    deaf: bool,
    /// The server will say no more.
    ended: bool,
    opaque: Option<Account>,
}

impl Session {
    pub(super) fn new() -> Self {
        Session {
            messages: [Messages::of_client(), Messages::default()],
            calls: Calls::new(Protocol::Postgresql, Scheme::Postgresql),
            phase: Phase::Startup,
            database: Vec::new(),
            queue: Queue::default(),
            answer: None,
            columns: Vec::new(),
            described: BTreeMap::new(),
            owed: 0,
            skipping: false,
            deaf: false,
            ended: false,
            opaque: None,
        }
    }

    fn client(&mut self, m: &Message, out: &mut Out<'_>) {
        match &mut self.phase {
            Phase::Startup => self.start(m, out),
            Phase::Encryption => {}
            Phase::Login(login) if m.kind == b'p' => login.take(m),
            Phase::Login(_) => {}
            Phase::Statements if self.skipping => {
                let ends = matches!(m.kind, b'Q' | b'S' | b'F');
                self.owed += u64::from(ends);
                self.skipping = !ends;
            }
            Phase::Statements => {
                if self.queue.add(m, out.time).is_err() {
                    out.sink.anomaly(None, Anomaly::PipelineTooLong);
                    self.owed += self.queue.groups() + u64::from(matches!(m.kind, b'Q' | b'S' | b'F'));
                    self.skipping = !matches!(m.kind, b'Q' | b'S' | b'F');
                    self.abandon(out);
                }
            }
        }
    }

    /// The first message: parameters, or a request for encryption.
    fn start(&mut self, m: &Message, out: &mut Out<'_>) {
        let mut c = Cursor(&m.rest);
        match c.long() {
            Some(SSL | GSSAPI) => self.phase = Phase::Encryption,
            Some(CANCEL) => {}
            Some(version) if version >> 16 == VERSION >> 16 => {
                let mut login = Login::of(out.time);
                while let Some(name) = c.text().filter(|n| !n.is_empty()) {
                    let value = c.text().unwrap_or_default();
                    let value = value[..value.len().min(256)].to_vec();
                    match name {
                        b"user" => login.user = value,
                        b"database" => login.database = value,
                        _ => {}
                    }
                }
                self.messages[Side::Client.index()].untyped = false;
                self.phase = Phase::Login(login);
            }
            _ => self.opaque = Some(Account::MessageNotInterface),
        }
    }

    fn server(&mut self, m: &Message, out: &mut Out<'_>) {
        match (&mut self.phase, m.kind) {
            (Phase::Login(login), b'R') => match Cursor(&m.rest).long() {
                Some(0) => self.logged_in(200, out),
                Some(3) => login.clear = true,
                _ => {}
            },
            (Phase::Login(_), b'E') => self.logged_in(refused(&m.rest), out),
            (Phase::Statements, _) if !self.deaf => {
                if self.owed == 0 && !self.skipping {
                    self.result(m, out);
                } else if m.kind == b'Z' {
                    self.owed = self.owed.saturating_sub(1);
                }
            }
            _ => {}
        }
    }

    /// The login is decided.
    fn logged_in(&mut self, status: u16, out: &mut Out<'_>) {
        let Phase::Login(mut login) = std::mem::replace(&mut self.phase, Phase::Statements) else { return };
        let user = std::mem::take(&mut login.user);
        self.database = std::mem::take(&mut login.database);
        if self.database.is_empty() {
            self.database.clone_from(&user);
        }
        let number = login.report(&user, &mut self.calls, out);
        self.calls.reply(number, status, false, &[], out);
        if status == 200 {
            self.calls.account = Some(user).filter(|u| !u.is_empty());
        }
        // It says when it is ready for the first time.
        self.owed = 1;
    }

    /// A message of the answer to what waits longest.
    fn result(&mut self, m: &Message, out: &mut Out<'_>) {
        match (m.kind, self.queue.front()) {
            (b'T', Some(Asked::Describe(_))) => {
                if let Some((Asked::Describe(name), _)) = self.queue.next() {
                    self.describe(name, columns(&m.rest));
                }
            }
            (b'T', Some(Asked::Query(_))) => self.columns = columns(&m.rest),
            (b'1', Some(Asked::Parse(_))) => {
                if let Some((Asked::Parse(name), _)) = self.queue.next() {
                    self.described.remove(&name);
                }
            }
            (b'2' | b'3', Some(Asked::Step)) | (b'n', Some(Asked::Describe(_))) => drop(self.queue.next()),
            (b'D', Some(Asked::Query(_) | Asked::Execute(..))) => self.row(&m.rest, out),
            (b'd', Some(Asked::Query(_) | Asked::Execute(..))) if !m.rest.is_empty() => {
                if let Some(number) = self.begin(false, out) {
                    out.sink.body(number, Half::Response, &m.rest);
                }
            }
            (b'C' | b'I' | b's', Some(Asked::Execute(..))) => self.finish(200, true, out),
            (b'E', Some(Asked::Query(_))) => {
                self.ask(out);
                if let Some(answer) = &mut self.answer {
                    answer.status = refused(&m.rest);
                }
            }
            (b'E', Some(_)) => self.fail(refused(&m.rest), out),
            (b'Z', Some(_)) => self.ready(out),
            _ => {}
        }
    }

    fn describe(&mut self, name: Vec<u8>, columns: Vec<Column>) {
        let held: usize = self.described.values().map(Vec::len).sum();
        if held + columns.len() <= MAX_DESCRIBED {
            self.described.insert(name, columns);
        } else {
            self.described.remove(&name);
        }
    }

    fn row(&mut self, rest: &[u8], out: &mut Out<'_>) {
        let (columns, formats) = match self.queue.front() {
            Some(Asked::Execute(_, name, formats)) => {
                (self.described.get(name).map(Vec::as_slice).unwrap_or_default(), formats)
            }
            _ => (&self.columns[..], &None),
        };
        let row = row(columns, formats, rest);
        let Some(number) = self.begin(true, out) else { return };
        let Some(answer) = &mut self.answer else { return };
        out.sink.body(number, Half::Response, if answer.rows { b",\n" } else { b"[" });
        answer.rows = true;
        out.sink.body(number, Half::Response, &row);
    }

    /// Reports what waits longest, unless it was, as of when it was asked for.
    fn ask(&mut self, out: &mut Out<'_>) -> Option<ExchangeNumber> {
        if let Some(answer) = &self.answer {
            return Some(answer.number);
        }
        let (text, time) = self.queue.statement()?;
        let statement = Statement::read(text, Dialect::Postgresql);
        let then = &mut Out { sink: &mut *out.sink, ledger: &mut *out.ledger, time };
        let number = self.calls.ask(&statement.method, &statement.target(&self.database), text, then);
        self.answer = Some(Answer { number, status: 200, head: false, rows: false });
        Some(number)
    }

    /// The same, and the head of its answer.
    fn begin(&mut self, json: bool, out: &mut Out<'_>) -> Option<ExchangeNumber> {
        let number = self.ask(out)?;
        let answer = self.answer.as_mut()?;
        if !answer.head {
            answer.head = true;
            self.calls.answer(number, 200, json, out);
        }
        Some(number)
    }

    /// The end of what waits longest.
    fn finish(&mut self, status: u16, complete: bool, out: &mut Out<'_>) {
        self.ask(out);
        self.queue.next();
        let Some(answer) = self.answer.take() else { return };
        if !answer.head {
            let status = if answer.status == 200 { status } else { answer.status };
            return self.calls.reply(answer.number, status, false, &[], out);
        }
        if answer.rows {
            out.sink.body(answer.number, Half::Response, b"]");
        }
        self.calls.finish(answer.number, complete && answer.status == 200, out);
    }

    /// An error in a group: the statement that it hit, which comes behind what prepares it, and what is not done any more.
    fn fail(&mut self, status: u16, out: &mut Out<'_>) {
        let mut told = false;
        while let Some(asked) = self.queue.front() {
            match asked {
                Asked::Sync => return,
                Asked::Execute(..) if !told => {
                    told = true;
                    self.finish(status, false, out);
                }
                asked if asked.text().is_some() => self.give_up(out),
                _ => drop(self.queue.next()),
            }
        }
    }

    /// `ReadyForQuery`: the end of a group.
    fn ready(&mut self, out: &mut Out<'_>) {
        while let Some(asked) = self.queue.front() {
            let (ends, query) = (asked.ends_group(), matches!(asked, Asked::Query(_)));
            match asked.text() {
                Some(_) if query => self.finish(200, true, out),
                Some(_) => self.give_up(out),
                None => drop(self.queue.next()),
            }
            if ends {
                return;
            }
        }
    }

    /// What waits longest gets no answer, or no more of it.
    fn give_up(&mut self, out: &mut Out<'_>) {
        if self.answer.as_ref().is_some_and(|a| a.head || a.status != 200) {
            return self.finish(200, false, out);
        }
        if let Some(number) = self.ask(out) {
            self.calls.abandon(number, out);
        }
        self.answer = None;
        self.queue.next();
    }

    /// Nothing that waits will be answered.
    fn abandon(&mut self, out: &mut Out<'_>) {
        if let Phase::Login(login) = &self.phase {
            let number = login.report(&login.user, &mut self.calls, out);
            self.calls.abandon(number, out);
            self.phase = Phase::Statements;
        }
        while let Some(asked) = self.queue.front() {
            match asked.text() {
                Some(_) => self.give_up(out),
                None => drop(self.queue.next()),
            }
        }
    }

    fn data(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) {
        self.resume(side, bytes);
        let mut rest = bytes;
        while !rest.is_empty() && self.opaque.is_none() && !self.messages[side.index()].lost {
            if side == Side::Server && matches!(self.phase, Phase::Encryption) {
                self.phase = Phase::Startup;
                self.opaque = matches!(rest[0], b'S' | b'G').then_some(Account::MessageEncrypted);
                out.book(Account::MessageHead, 1);
                rest = &rest[1..];
                continue;
            }
            let (taken, message) = self.messages[side.index()].take(rest);
            let body = side == Side::Server && self.answer.is_some();
            out.book(if body { Account::MessageBody } else { Account::MessageHead }, taken);
            rest = &rest[taken..];
            match message {
                Ok(None) => {}
                Ok(Some(mut m)) => {
                    match side {
                        Side::Client => self.client(&m, out),
                        Side::Server => self.server(&m, out),
                    }
                    if m.kind == b'p' {
                        m.rest.fill(0);
                    }
                }
                Err(_) => {
                    out.sink.anomaly(None, Anomaly::Garbage);
                    self.gap(side, out);
                }
            }
        }
        let rest_of = self.opaque.unwrap_or(Account::MessageSkipped);
        out.book(rest_of, rest.len());
        if self.opaque.is_some() {
            self.abandon(out);
        }
    }

    /// Behind a gap, a statement that begins a segment; then an answer that does.
    fn resume(&mut self, side: Side, bytes: &[u8]) {
        let messages = &mut self.messages[side.index()];
        match side {
            Side::Client if self.deaf && messages.is_idle() && begins(bytes, b"QPB") => {
                messages.lost = false;
                (self.deaf, self.owed, self.skipping) = (false, 0, false);
                self.messages[Side::Server.index()].lose();
            }
            Side::Server if messages.lost && !self.deaf && begins(bytes, b"T1n2DCEIHG") => {
                messages.lost = false;
            }
            _ => {}
        }
    }

    fn gap(&mut self, side: Side, out: &mut Out<'_>) {
        if !matches!(self.phase, Phase::Statements) {
            self.opaque = Some(Account::MessageSkipped);
        }
        self.messages[side.index()].lose();
        self.abandon(out);
        self.deaf = true;
    }
}

impl Login {
    fn of(time: Timestamp) -> Self {
        Login { user: Vec::new(), database: Vec::new(), password: Vec::new(), clear: false, time }
    }

    /// Begins its exchange, as of when it began; it is no login attempt where nothing was asked that could be guessed.
    fn report(&self, user: &[u8], calls: &mut Calls, out: &mut Out<'_>) -> ExchangeNumber {
        let out = &mut Out { sink: &mut *out.sink, ledger: &mut *out.ledger, time: self.time };
        match self.password.is_empty() {
            true => calls.ask(b"LOGIN", b"/", &[], out),
            false => calls.log_in(b"LOGIN", user, &self.password, out),
        }
    }

    /// `PasswordMessage`, or a step of SASL: the last one sent counts. What is no password in clear is told as digits.
    fn take(&mut self, m: &Message) {
        let sent = m.rest.strip_suffix(&[0]).unwrap_or(&m.rest);
        let sent = &sent[..sent.len().min(256)];
        self.password.fill(0);
        self.password = match (self.clear, sent.strip_prefix(b"md5")) {
            (true, _) => sent.to_vec(),
            (false, Some(digest)) if digest.len() == 32 => digest.to_vec(),
            (false, _) => {
                let tail = &sent[sent.len().saturating_sub(32)..];
                tail.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect()
            }
        };
    }
}

/// The status that an error comes near, by its SQLSTATE (field `C`).
fn refused(rest: &[u8]) -> u16 {
    let mut c = Cursor(rest);
    while let Some([kind]) = c.bytes(1)
        && *kind != 0
    {
        let text = c.text().unwrap_or_default();
        if *kind == b'C' {
            return match text {
                b"42501" => 403,
                b"3D000" | b"3F000" | b"42P01" | b"42883" | b"42704" => 404,
                [b'2', b'8', ..] => 401,
                [b'2', b'3', ..] => 409,
                [b'4', b'2', ..] | [b'2', b'2', ..] | [b'2', b'6', ..] => 400,
                [b'5', b'3', ..] | [b'5', b'7', ..] => 503,
                _ => 500,
            };
        }
    }
    500
}

impl Parser for Session {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        match event {
            StreamEvent::Data { side, time, bytes } => {
                self.data(side, bytes, &mut Out { sink, ledger, time })
            }
            StreamEvent::Gap { side, time, .. } => {
                sink.anomaly(None, Anomaly::Gap);
                self.gap(side, &mut Out { sink, ledger, time });
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
