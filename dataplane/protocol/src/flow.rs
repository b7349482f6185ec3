//! What a lane opens for each flow: finds out what it speaks and hands it to that parser.

mod undecided;

use crate::ftp::{DataConnection, Ftp, Transfer};
use crate::{MessageSink, Next, Parser, Protocol, Verdict, encrypted};
use std::mem;
use std::sync::Arc;
use undecided::{Decision, Undecided, recognised};
use weir_exchange::{Reading, Shown};
use weir_wire::{Account, FlowMeta, Ledger, Side, StreamEvent, Timestamp};

/// The parser of one flow of yet unknown protocol.
///
/// ```text
///                 .-- first bytes, or a message found later --> Speaking (a Parser) --Shunt--.
/// Undecided ------+-- TLS without a hello -----------------------------------------------------------------> Opaque (account)
/// (keeps a few    '-- nothing within the search bound, or over: known by name, or not ------'
///  bytes, counts the rest)
/// ```
///
/// - A direction's first bytes are asked of every protocol, at any port; either direction decides for both.
/// - What is not recognised is searched for a message, as flows may be picked up in the middle of a body, or begin with
///   something else (a PROXY line, STARTTLS): 16 KiB of a flow seen from its start, 64 MiB of others. The price is one pass of
///   substring search over bytes that nobody else reads.
/// - Bytes passed over are booked when it is known what they were: resynchronisation, encrypted, not read, or no interface.
/// - What no parser took within the bound, or by its end, is told by name where both directions' first 512 bytes show one; midway, such
///   a name ends the search at 16 KiB.
///
/// Weakness: a text that quotes a whole message head behind a line end, in a flow of a protocol that is not known by name, is taken for one.
///
/// It is small (a lane keeps one for each of many flows): what a state needs is boxed.
pub struct FlowParser {
    state: State,
}

enum State {
    /// No byte came yet; whether the flow was seen from its start.
    Fresh(bool),
    Undecided(Box<Undecided>),
    Speaking(&'static dyn Protocol, Box<dyn Parser + Send>),
    Opaque(Account),
}

impl FlowParser {
    /// For a new flow.
    pub fn new(meta: &FlowMeta) -> Self {
        FlowParser::within(meta.from_start)
    }

    /// For what another flow carries; `from_start`: the first bytes to come are the first of their directions.
    pub(crate) fn within(from_start: bool) -> Self {
        FlowParser { state: State::Fresh(from_start) }
    }

    /// For a data connection that another flow announced.
    pub fn of_transfer(transfer: Arc<Transfer>) -> Self {
        FlowParser { state: State::Speaking(&Ftp, Box::new(DataConnection::new(transfer))) }
    }

    /// Takes the next event. After [`Next::Shunt`] every exchange is done and the rest of the flow need not come: whoever
    /// shunts books it in [`FlowParser::rest`]. If it comes all the same, it is booked here.
    pub fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        if let State::Speaking(_, parser) = &mut self.state {
            let next = parser.read(event, sink, ledger);
            if next == Next::Shunt {
                self.state = State::Opaque(parser.rest());
            }
            return next;
        }
        self.begin(event, sink, ledger)
    }

    /// Before it is known what the flow speaks, and after that matters.
    #[inline(never)]
    fn begin(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        if let State::Fresh(from_start) = self.state {
            // The usual case takes no memory in between.
            if let StreamEvent::Data { side, bytes, .. } = event
                && from_start
                && let Some(protocol) = recognised(side, bytes)
            {
                self.state = State::Speaking(protocol, protocol.open(true));
            } else {
                self.state = State::Undecided(Box::new(Undecided::new(from_start, event.time())));
            }
        }
        match &mut self.state {
            State::Fresh(_) => Next::Continue,
            State::Speaking(..) => self.read(event, sink, ledger),
            State::Opaque(account) => {
                if let StreamEvent::Data { bytes, .. } = event {
                    ledger.add(*account, bytes.len() as u64);
                }
                Next::Shunt
            }
            State::Undecided(undecided) => match event {
                StreamEvent::Data { side, time, bytes } => {
                    if let Some(protocol) = undecided.at_once(side, bytes) {
                        self.open(protocol, side, time, sink, ledger);
                        return self.read(event, sink, ledger);
                    }
                    match undecided.look(side, time, bytes) {
                        Decision::More => Next::Continue,
                        Decision::Speaks(protocol) | Decision::Finds(protocol) => {
                            self.open(protocol, side, time, sink, ledger)
                        }
                        Decision::Opaque(account) => self.close(account, time, sink, ledger),
                    }
                }
                StreamEvent::Gap { side, .. } => {
                    undecided.gap(side);
                    Next::Continue
                }
                StreamEvent::End { side, time, .. } => {
                    undecided.sides[side.index()].ended = true;
                    if undecided.sides.iter().all(|s| s.ended) {
                        self.close(Account::MessageNotInterface, time, sink, ledger);
                    }
                    Next::Continue
                }
            },
        }
    }

    /// Name of the protocol that the flow speaks, once known.
    pub fn protocol(&self) -> Option<&'static str> {
        match &self.state {
            State::Speaking(protocol, _) => Some(protocol.name()),
            _ => None,
        }
    }

    /// Where the bytes of the flow are booked that were shunted.
    pub fn rest(&self) -> Account {
        match &self.state {
            State::Fresh(_) | State::Undecided(_) => Account::MessageNotInterface,
            State::Speaking(_, parser) => parser.rest(),
            State::Opaque(account) => *account,
        }
    }

    /// Opens the parser and gives it what was kept, the older direction first; the bytes just read are the last of `side`'s.
    fn open(
        &mut self,
        protocol: &'static dyn Protocol,
        side: Side,
        time: Timestamp,
        sink: &mut dyn MessageSink,
        ledger: &mut Ledger,
    ) -> Next {
        let State::Undecided(undecided) = &mut self.state else { return Next::Continue };
        let from_start = undecided.from_start && !undecided.gaps;
        let mut parser = protocol.open(from_start);
        let mut sides = mem::take(&mut undecided.sides);
        let mut next = Next::Continue;
        for s in [side.peer(), side] {
            let looking = mem::take(&mut sides[s.index()]);
            if looking.ended {
                looking.book(Account::MessageNotInterface, ledger);
                continue;
            }
            if looking.passed > 0 {
                ledger.add(protocol.before(), looking.passed);
            }
            // What came earlier came when its first byte did; the rest, of `side` alone, came now.
            let before = if s == side { looking.before } else { usize::MAX };
            let (before, now) = looking.kept.split_at(before.min(looking.kept.len()));
            for (time, bytes) in [(looking.since, before), (time, now)] {
                if !bytes.is_empty() {
                    next = parser.read(StreamEvent::Data { side: s, time, bytes }, sink, ledger);
                }
            }
        }
        self.state = match next {
            Next::Continue => State::Speaking(protocol, parser),
            Next::Shunt => State::Opaque(parser.rest()),
        };
        next
    }

    /// Gives up looking. What no parser took may still be known by name.
    fn close(
        &mut self,
        mut account: Account,
        time: Timestamp,
        sink: &mut dyn MessageSink,
        ledger: &mut Ledger,
    ) -> Next {
        if let State::Undecided(undecided) = &mut self.state {
            if account == Account::MessageNotInterface
                && let Some((client, named)) = undecided.named()
            {
                account = Account::MessageNotRead;
                let (shown, began) = (Shown::Named(named), undecided.began);
                sink.connection(client, began, time, shown, Reading::NotRead);
            }
            // What came before the first TLS record of a flow seen from its start was clear (STARTTLS and the like).
            let clear = account == Account::MessageEncrypted && undecided.from_start && !undecided.gaps;
            for looking in &mut undecided.sides {
                let passed = mem::take(&mut looking.passed);
                if passed > 0 {
                    ledger.add(if clear { Account::MessageNotInterface } else { account }, passed);
                }
                // What was kept of the other direction is clear as well, unless it may begin a record itself.
                let kept = clear && encrypted(&looking.kept) == Verdict::No;
                mem::take(looking).book(if kept { Account::MessageNotInterface } else { account }, ledger);
            }
        }
        self.state = State::Opaque(account);
        Next::Shunt
    }
}
