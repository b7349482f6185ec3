//! What a lane opens for each flow: finds out what it speaks and hands it to that parser.

use crate::ftp::{DataConnection, Ftp, Transfer};
use crate::{Found, MessageSink, Next, PROTOCOLS, Parser, Protocol, Tls, Verdict, encrypted};
use std::mem;
use std::sync::Arc;
use weir_wire::{Account, FlowMeta, Ledger, Side, StreamEvent, Timestamp};

/// Bytes kept of a direction while they may become a message.
const MAX_KEPT: usize = 16 * 1024;
/// Bytes looked through, in a flow seen from its start, before it is none of ours.
const SEARCH_FROM_START: u64 = 16 * 1024;
/// The same in a flow picked up midway, which may be in the middle of a large body.
const SEARCH_MIDWAY: u64 = 64 << 20;

/// The parser of one flow of yet unknown protocol.
///
/// ```text
///                 .-- first bytes, or a message found later --> Speaking (a Parser) --Shunt--.
/// Undecided ------+-- SSH, TLS without a hello ------------------------------------------------------------> Opaque (account)
/// (keeps a few    '-- nothing within the search bound --------------------------------------'
///  bytes, counts the rest)
/// ```
///
/// - A direction's first bytes are asked of every protocol, at any port; either direction decides for both.
/// - What is not recognised is searched for a message, as flows may be picked up in the middle of a body, or begin with
///   something else (a PROXY line, STARTTLS): 16 KiB of a flow seen from its start, 64 MiB of others. The price is one pass of
///   substring search over bytes that nobody else reads.
/// - Bytes passed over are booked when it is known what they were: resynchronisation, encrypted, or no interface.
///
/// Weakness: a text that quotes a whole message head behind a line end, in a flow of another protocol, is taken for one.
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

struct Undecided {
    /// The flow was seen from its start.
    from_start: bool,
    sides: [Looking; 2],
    searched: u64,
    /// Bytes are missing: what follows is picked up midway.
    gaps: bool,
}

#[derive(Default)]
struct Looking {
    /// Bytes that may become a message, and when the first came.
    kept: Vec<u8>,
    since: Timestamp,
    /// How many of them came before the event being read.
    before: usize,
    /// Bytes passed over and not booked yet.
    passed: u64,
    /// Something came before `kept`.
    begun: bool,
}

/// What bytes turned out to be.
enum Decision {
    More,
    Speaks(&'static dyn Protocol),
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
                self.state = State::Undecided(Box::new(Undecided::new(from_start)));
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
                        Decision::Speaks(protocol) => self.open(protocol, side, time, sink, ledger),
                        Decision::Opaque(account) => self.close(account, ledger),
                    }
                }
                StreamEvent::Gap { side, .. } => {
                    undecided.gap(side);
                    Next::Continue
                }
                StreamEvent::End { side, .. } => {
                    let looking = mem::take(&mut undecided.sides[side.index()]);
                    looking.book(Account::MessageNotInterface, ledger);
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

    fn close(&mut self, account: Account, ledger: &mut Ledger) -> Next {
        if let State::Undecided(undecided) = &mut self.state {
            // What came before the first TLS record of a flow seen from its start was clear (STARTTLS and the like).
            let clear = undecided.from_start && !undecided.gaps;
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

impl Looking {
    fn book(self, account: Account, ledger: &mut Ledger) {
        let bytes = self.passed + self.kept.len() as u64;
        if bytes > 0 {
            ledger.add(account, bytes);
        }
    }
    /// Passes over the first `n` kept bytes.
    fn pass(&mut self, n: usize, time: Timestamp) {
        if n > 0 {
            self.kept.drain(..n.min(self.kept.len()));
            self.before = self.before.saturating_sub(n);
            (self.passed, self.begun, self.since) = (self.passed + n as u64, true, time);
        }
    }
}

impl Undecided {
    fn new(from_start: bool) -> Self {
        Undecided { from_start, sides: Default::default(), searched: 0, gaps: false }
    }

    fn gap(&mut self, side: Side) {
        let looking = &mut self.sides[side.index()];
        looking.before = 0;
        looking.pass(looking.kept.len(), looking.since);
        (looking.begun, self.gaps) = (true, true);
    }

    /// The protocol that the first bytes of a direction show by themselves: the usual case, without a copy.
    fn at_once(&self, side: Side, bytes: &[u8]) -> Option<&'static dyn Protocol> {
        let looking = &self.sides[side.index()];
        let first = self.from_start && !looking.begun && looking.kept.is_empty();
        recognised(side, bytes).filter(|_| first)
    }

    fn look(&mut self, side: Side, time: Timestamp, bytes: &[u8]) -> Decision {
        let from_start = self.from_start;
        let looking = &mut self.sides[side.index()];
        looking.before = looking.kept.len();
        if looking.before == 0 {
            looking.since = time;
        } else {
            looking.kept.extend_from_slice(bytes);
        }
        let joined = if looking.before == 0 { bytes } else { &looking.kept };
        self.searched += bytes.len() as u64;
        let (decision, keep) = decide(side, joined, from_start && !looking.begun);
        if looking.before == 0 {
            looking.kept.extend_from_slice(&bytes[keep..]);
            (looking.passed, looking.begun) = (looking.passed + keep as u64, looking.begun || keep > 0);
        } else {
            looking.pass(keep, time);
        }
        let midway = !from_start || self.gaps;
        let bound = if midway { SEARCH_MIDWAY } else { SEARCH_FROM_START };
        match decision {
            Decision::More if self.searched > bound => Decision::Opaque(Account::MessageNotInterface),
            decision => decision,
        }
    }
}

/// The protocol that a direction's first bytes show by themselves.
fn recognised(side: Side, first: &[u8]) -> Option<&'static dyn Protocol> {
    PROTOCOLS.iter().copied().find(|p| p.recognise(side, first) == Verdict::Yes)
}

/// What `bytes` are, and from which index on they must be kept. `first`: they are the first of their direction.
fn decide(side: Side, bytes: &[u8], first: bool) -> (Decision, usize) {
    // TLS may begin with any segment (STARTTLS, or a flow picked up midway); without its hello there is nothing to read.
    let mut more = match encrypted(bytes) {
        Verdict::Yes if Tls.recognise(side, bytes) == Verdict::No => {
            return (Decision::Opaque(Account::MessageEncrypted), 0);
        }
        Verdict::Yes | Verdict::More => true,
        Verdict::No => false,
    };
    for protocol in PROTOCOLS.iter().filter(|_| first) {
        match protocol.recognise(side, bytes) {
            Verdict::Yes => return (Decision::Speaks(*protocol), 0),
            Verdict::More => more = true,
            Verdict::No => {}
        }
    }
    let mut keep = if more { 0 } else { bytes.len() };
    for protocol in PROTOCOLS {
        match protocol.find(bytes) {
            Found::At(n) => return (Decision::Speaks(*protocol), n),
            Found::Perhaps(n) => keep = keep.min(n),
            Found::Nothing => {}
        }
    }
    (Decision::More, if bytes.len() - keep > MAX_KEPT { bytes.len() } else { keep })
}
