//! Control connections.

use super::command::{self, Does, Verb};
use super::data::{self, Asked, Expectation, Transfer};
use super::{path, reply};
use crate::lines::Lines;
use crate::out::Out;
use crate::{ExchangeNumber, Half, MessageSink, Next, Parser};
use std::collections::VecDeque;
use std::sync::Arc;
use weir_exchange::Anomaly;
use weir_wire::{Account, EndReason, Ledger, Side, StreamEvent, Timestamp};

/// Commands that may wait for their replies; more are passed over.
const MAX_WAITING: usize = 64;
/// Longest user name or password kept, in bytes.
const MAX_WORD: usize = 256;
/// Longest line read, in bytes; the rest of a longer one is passed over.
const MAX_LINE: usize = 4096;

/// A command that waits for its reply.
struct Waiting {
    verb: Verb,
    /// Argument; of a transfer, the target.
    rest: Vec<u8>,
    time: Timestamp,
    number: ExchangeNumber,
    transfer: Option<Arc<Transfer>>,
}

/// One control connection.
pub(super) struct Control {
    lines: [Lines; 2],
    waiting: VecDeque<Waiting>,
    /// Code of a reply of several lines, while it lasts.
    reply: Option<u16>,
    user: Vec<u8>,
    /// Who is logged in; no one where anonymous.
    account: Option<Vec<u8>>,
    directory: Vec<u8>,
    transfer: Option<Arc<Transfer>>,
    next: ExchangeNumber,
    /// The server will say no more.
    ended: bool,
    opaque: Option<Account>,
}

impl Control {
    pub(super) fn new() -> Self {
        Control {
            lines: [Lines::new(MAX_LINE), Lines::new(MAX_LINE)],
            waiting: VecDeque::new(),
            reply: None,
            user: Vec::new(),
            account: None,
            directory: b"/".to_vec(),
            transfer: None,
            next: 0,
            ended: false,
            opaque: None,
        }
    }

    fn command(&mut self, line: &[u8], out: &mut Out<'_>) {
        let (verb, rest) = command::split(telnet(line));
        if verb == *b"    " || self.waiting.len() >= MAX_WAITING {
            out.sink.anomaly(None, Anomaly::Garbage);
            return;
        }
        let does = command::does(&verb);
        let mut waiting =
            Waiting { verb, rest: bounded(rest, MAX_LINE), time: out.time, number: 0, transfer: None };
        match does {
            Does::Nothing => {}
            Does::Login => waiting.rest.truncate(MAX_WORD),
            Does::Gives | Does::Takes | Does::Changes => {
                let lists = matches!(&verb, b"LIST" | b"NLST") && rest.starts_with(b"-");
                // Options of the listing are no path.
                let name =
                    if lists { rest.splitn(2, |b| *b == b' ').nth(1).unwrap_or_default() } else { rest };
                waiting.rest = path::target(&path::absolute(&self.directory, name));
            }
        }
        if does != Does::Nothing {
            waiting.number = self.next;
            self.next = self.next.wrapping_add(1);
        }
        if matches!(does, Does::Gives | Does::Takes) {
            waiting.transfer = self.transfer.take();
            if let Some(t) = &waiting.transfer {
                t.ask(self.asked(&waiting));
            }
        }
        if verb == *b"USER" {
            self.user = bounded(rest, MAX_WORD);
        }
        self.waiting.push_back(waiting);
    }

    fn asked(&self, w: &Waiting) -> Asked {
        let (verb, number, time) = (w.verb, w.number, w.time);
        Asked { verb, target: w.rest.clone(), number, time, account: self.account.clone() }
    }

    /// A line of the server. `false` where it is none of FTP.
    fn replied(&mut self, line: &[u8], out: &mut Out<'_>) -> bool {
        let code = reply::code(line);
        match (self.reply, code) {
            (Some(open), Some((code, false))) if open == code => self.reply = None,
            (Some(_), _) => return true,
            (None, Some((code, true))) => {
                self.reply = Some(code);
                return true;
            }
            (None, Some(_)) => {}
            (None, None) => return false,
        }
        let Some((code, _)) = code else { return true };
        // 120 and 220 answer no command; 421 may come at any time (RFC 959, 5.4).
        if code < 200 || self.waiting.is_empty() {
            return true;
        }
        if code == 220 && self.waiting.front().is_some_and(|w| &w.verb != b"HOST") {
            return true;
        }
        if let Some(w) = self.waiting.pop_front() {
            self.settle(w, code, line.get(3..).unwrap_or_default(), out);
        }
        true
    }

    /// A command with its final reply.
    fn settle(&mut self, w: Waiting, code: u16, text: &[u8], out: &mut Out<'_>) {
        let good = (200..300).contains(&code);
        match (&w.verb, code) {
            (b"USER", 230 | 232) => self.log_in(),
            (b"CWD " | b"XCWD", _) if good => self.directory = path::absolute(&self.directory, &w.rest),
            (b"CDUP" | b"XCUP", _) if good => self.directory = path::absolute(&self.directory, b".."),
            (b"PWD " | b"XPWD", 257) => {
                if let Some(told) = reply::quoted(text).filter(|p| p.starts_with(b"/")) {
                    self.directory = path::absolute(b"/", &told);
                }
            }
            (b"REIN", _) if good => (self.account, self.user) = (None, Vec::new()),
            (b"AUTH", 234 | 334) => self.opaque = Some(Account::MessageEncrypted),
            (b"PASV", 227) => self.expect(Side::Server, reply::passive(text), out),
            (b"EPSV", 229) => self.expect(Side::Server, reply::extended(text), out),
            (b"PORT" | b"EPRT", _) if good => {
                self.expect(Side::Client, command::active(&w.verb, &w.rest), out)
            }
            (b"PASS", _) => self.password(w, code, out),
            _ => match command::does(&w.verb) {
                Does::Gives | Does::Takes if w.transfer.as_ref().is_some_and(|t| !t.settle()) => {}
                Does::Gives | Does::Takes | Does::Changes => self.report(&w, Some(code), out),
                Does::Login | Does::Nothing => {}
            },
        }
    }

    fn expect(&mut self, listener: Side, port: Option<u16>, out: &mut Out<'_>) {
        let Some(port) = port else { return };
        let transfer = Arc::<Transfer>::default();
        self.transfer = Some(Arc::clone(&transfer));
        out.sink.expect(Expectation { listener, port, transfer });
    }

    fn log_in(&mut self) {
        let anonymous =
            self.user.eq_ignore_ascii_case(b"anonymous") || self.user.eq_ignore_ascii_case(b"ftp");
        self.account = (!anonymous && !self.user.is_empty()).then(|| self.user.clone());
    }

    /// A password with its reply; it is forgotten here.
    fn password(&mut self, mut w: Waiting, code: u16, out: &mut Out<'_>) {
        let mut password = std::mem::replace(&mut w.rest, b"/".to_vec());
        self.account = None;
        self.begin(&w, out);
        out.sink.login(w.number, &self.user, &password);
        password.fill(0);
        if matches!(code, 202 | 230 | 232) {
            self.log_in();
        }
        self.finish(&w, Some(code), out);
    }

    /// An exchange without a body.
    fn report(&mut self, w: &Waiting, code: Option<u16>, out: &mut Out<'_>) {
        self.begin(w, out);
        self.finish(w, code, out);
    }

    fn begin(&mut self, w: &Waiting, out: &mut Out<'_>) {
        data::ask(&self.asked(w), out.sink, false);
    }

    fn finish(&mut self, w: &Waiting, code: Option<u16>, out: &mut Out<'_>) {
        out.sink.end(w.number, Half::Request, out.time, true, out.ledger);
        match code {
            Some(code) => {
                data::answer(&self.asked(w), code, out.time, false, out.sink);
                out.sink.end(w.number, Half::Response, out.time, true, out.ledger);
            }
            None => out.sink.anomaly(Some(w.number), Anomaly::NoResponse),
        }
        out.sink.done(w.number, out.time, out.ledger);
    }

    /// What waits for a reply will get none.
    fn abandon(&mut self, out: &mut Out<'_>) {
        while let Some(mut w) = self.waiting.pop_front() {
            match command::does(&w.verb) {
                Does::Nothing => {}
                Does::Gives | Does::Takes if w.transfer.as_ref().is_some_and(|t| !t.settle()) => {}
                Does::Login => {
                    w.rest.fill(0);
                    w.rest = b"/".to_vec();
                    self.report(&w, None, out);
                }
                Does::Gives | Does::Takes | Does::Changes => self.report(&w, None, out),
            }
        }
    }

    fn data(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) {
        let mut rest = bytes;
        while !rest.is_empty() && self.opaque.is_none() {
            let (taken, line) = self.lines[side.index()].take(rest);
            out.book(Account::MessageHead, taken);
            rest = &rest[taken..];
            let Some(mut line) = line else { continue };
            match side {
                Side::Client => self.command(&line, out),
                Side::Server if !self.replied(&line, out) && self.next == 0 => {
                    // No reply where the first was due: another protocol that begins alike.
                    self.opaque = Some(Account::MessageNotInterface);
                }
                Side::Server => {}
            }
            line.fill(0);
        }
        if let Some(account) = self.opaque {
            out.book(account, rest.len());
            self.abandon(out);
        }
    }

    fn gap(&mut self, side: Side, out: &mut Out<'_>) {
        self.lines[side.index()].lost();
        self.reply = None;
        // Which reply answers which command is not known any more.
        self.abandon(out);
    }
}

/// A line without the Telnet interrupts that abort a transfer (RFC 959, 4.1.3: IP and Synch).
fn telnet(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|b| *b < 0x80 && *b != 0).unwrap_or(line.len());
    &line[start..]
}

fn bounded(bytes: &[u8], max: usize) -> Vec<u8> {
    bytes[..bytes.len().min(max)].to_vec()
}

impl Parser for Control {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        match event {
            StreamEvent::Data { side, time, bytes } => {
                self.data(side, bytes, &mut Out { sink, ledger, time })
            }
            StreamEvent::Gap { side, time, .. } => self.gap(side, &mut Out { sink, ledger, time }),
            StreamEvent::End { side, time, reason } => {
                self.ended |= side == Side::Server;
                if self.ended || reason != EndReason::Fin {
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
