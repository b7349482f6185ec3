//! What a flow is before it is known what it speaks: a few bytes of each direction, and how much was passed over.

use crate::named::{OPENING, Openings, named};
use crate::{Found, PROTOCOLS, Protocol, Ssh, Tls, Verdict, encrypted};
use weir_exchange::Named;
use weir_wire::{Account, Ledger, Side, Timestamp};

/// Bytes kept of a direction while they may become a message.
const MAX_KEPT: usize = 16 * 1024;
/// Bytes looked through, in a flow seen from its start, before it is none of ours.
const SEARCH_FROM_START: u64 = 16 * 1024;
/// The same in a flow picked up midway, which may be in the middle of a large body.
const SEARCH_MIDWAY: u64 = 64 << 20;

/// A flow of yet unknown protocol.
pub(super) struct Undecided {
    /// The flow was seen from its start.
    pub(super) from_start: bool,
    pub(super) sides: [Looking; 2],
    searched: u64,
    /// Bytes are missing: what follows is picked up midway.
    pub(super) gaps: bool,
    /// First byte.
    pub(super) began: Timestamp,
    /// It was asked, midway, for its name.
    asked: bool,
}

/// One direction of it.
#[derive(Default)]
pub(super) struct Looking {
    /// Bytes that may become a message, and when the first came.
    pub(super) kept: Vec<u8>,
    pub(super) since: Timestamp,
    /// How many of them came before the event being read.
    pub(super) before: usize,
    /// Bytes passed over and not booked yet.
    pub(super) passed: u64,
    /// Something came before `kept`.
    begun: bool,
    /// What it said first, at most [`OPENING`] bytes, and whether more may be added.
    opening: Vec<u8>,
    opened: bool,
    /// It is over.
    pub(super) ended: bool,
}

/// What bytes turned out to be.
pub(super) enum Decision {
    More,
    Speaks(&'static dyn Protocol),
    /// The same, told by a message found, not by first bytes.
    Finds(&'static dyn Protocol),
    Opaque(Account),
}

impl Looking {
    pub(super) fn book(self, account: Account, ledger: &mut Ledger) {
        let bytes = self.passed + self.kept.len() as u64;
        if bytes > 0 {
            ledger.add(account, bytes);
        }
    }
    /// Keeps what it says first.
    fn open(&mut self, bytes: &[u8]) {
        if !self.opened {
            let room = OPENING - self.opening.len();
            self.opening.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            self.opened = bytes.len() >= room;
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
    pub(super) fn new(from_start: bool, began: Timestamp) -> Self {
        Undecided { from_start, sides: Default::default(), searched: 0, gaps: false, began, asked: false }
    }

    pub(super) fn gap(&mut self, side: Side) {
        let looking = &mut self.sides[side.index()];
        looking.opened = true;
        looking.before = 0;
        looking.pass(looking.kept.len(), looking.since);
        (looking.begun, self.gaps) = (true, true);
    }

    /// The protocol that the first bytes of a direction show by themselves: the usual case, without a copy.
    pub(super) fn at_once(&self, side: Side, bytes: &[u8]) -> Option<&'static dyn Protocol> {
        let looking = &self.sides[side.index()];
        let first = self.from_start && !looking.begun && looking.kept.is_empty();
        recognised(side, bytes).filter(|_| first)
    }

    pub(super) fn look(&mut self, side: Side, time: Timestamp, bytes: &[u8]) -> Decision {
        let from_start = self.from_start;
        let looking = &mut self.sides[side.index()];
        looking.open(bytes);
        looking.before = looking.kept.len();
        if looking.before == 0 {
            looking.since = time;
        } else {
            looking.kept.extend_from_slice(bytes);
        }
        let joined = if looking.before == 0 { bytes } else { &looking.kept };
        let joined_len = joined.len();
        self.searched += bytes.len() as u64;
        let (mut decision, mut keep) = decide(side, joined, from_start && !looking.begun);
        if let Decision::Finds(protocol) = decision
            && protocol.name() != Tls.name()
            && self.is_known()
            && self.named().is_none_or(|(_, named)| named.key() != protocol.name())
        {
            // What a flow of another protocol quotes is no message of its own.
            (decision, keep) = (Decision::More, joined_len);
        }
        let looking = &mut self.sides[side.index()];
        if looking.before == 0 {
            looking.kept.extend_from_slice(&bytes[keep..]);
            (looking.passed, looking.begun) = (looking.passed + keep as u64, looking.begun || keep > 0);
        } else {
            looking.pass(keep, time);
        }
        let midway = !from_start || self.gaps;
        let bound = if midway { SEARCH_MIDWAY } else { SEARCH_FROM_START };
        match decision {
            Decision::More if self.searched > bound || self.is_named_midway() => {
                Decision::Opaque(Account::MessageNotInterface)
            }
            decision => decision,
        }
    }

    /// Asks once, behind as many bytes as are looked through of other flows: whoever is known by both sides is in no body.
    fn is_named_midway(&mut self) -> bool {
        let due = !self.asked && self.searched > SEARCH_FROM_START;
        self.asked |= due;
        due && self.is_known()
    }

    /// Whether both directions show one name.
    fn is_known(&self) -> bool {
        self.sides.iter().all(|s| !s.opening.is_empty()) && self.named().is_some()
    }

    /// What it speaks, where that is known by name, and who speaks as the client.
    pub(super) fn named(&self) -> Option<(Side, Named)> {
        let of = |client: Side| named_by(&self.sides, client == Side::Server).map(|n| (client, n));
        // Of one picked up midway, it was guessed who is the client.
        of(Side::Client).or_else(|| of(Side::Server).filter(|_| !self.from_start))
    }
}

fn named_by(sides: &[Looking; 2], swapped: bool) -> Option<Named> {
    let [a, b] = sides;
    let (client, server) = if swapped { (b, a) } else { (a, b) };
    named(Openings { client: &client.opening, server: &server.opening })
}

/// The protocol that a direction's first bytes show by themselves.
pub(super) fn recognised(side: Side, first: &[u8]) -> Option<&'static dyn Protocol> {
    PROTOCOLS.iter().copied().find(|p| p.recognise(side, first) == Verdict::Yes)
}

/// What `bytes` are, and from which index on they must be kept. `first`: they are the first of their direction.
fn decide(side: Side, bytes: &[u8], first: bool) -> (Decision, usize) {
    // TLS may begin with any segment (STARTTLS, or a flow picked up midway); without its hello there is nothing to read.
    let mut more = match encrypted(bytes) {
        Verdict::Yes
            if Tls.recognise(side, bytes) == Verdict::No && Ssh.recognise(side, bytes) == Verdict::No =>
        {
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
            Found::At(n) => return (Decision::Finds(*protocol), n),
            Found::Perhaps(n) => keep = keep.min(n),
            Found::Nothing => {}
        }
    }
    (Decision::More, if bytes.len() - keep > MAX_KEPT { bytes.len() } else { keep })
}
