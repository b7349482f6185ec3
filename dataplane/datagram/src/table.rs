//! Flows of UDP that are known, by their two ends.

use std::hash::{DefaultHasher, Hash, Hasher};
use weir_tls::{DtlsOpening, QuicOpening};
use weir_wire::{Account, Duration, Endpoint, Packet, Side, Timestamp};

const SETS: usize = 4096;
const WAYS: usize = 4;
/// A flow that nothing was heard of for so long is another one when its ends are met again.
const IDLE: Duration = Duration::from_secs(60);

/// Both ends, in an order that says nothing. Of a transfer of TFTP the server's port is 0, as it is not known yet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Key(Endpoint, Endpoint);

impl Key {
    pub(crate) fn of(a: Endpoint, b: Endpoint) -> Key {
        if a <= b { Key(a, b) } else { Key(b, a) }
    }
    pub(crate) fn of_packet(packet: &Packet<'_>) -> Key {
        Key::of(packet.src, packet.dst)
    }
    /// The set where it belongs.
    fn set(&self) -> usize {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        usize::try_from(hasher.finish()).unwrap_or(0) % SETS
    }
}

/// What is known of a flow.
#[derive(Debug)]
pub(crate) enum State {
    Quic(Box<Opening<QuicOpening>>),
    Dtls(Box<Opening<DtlsOpening>>),
    /// It was told of: where the rest of its bytes is booked.
    Settled(Account),
}

/// A connection whose opening is under way.
#[derive(Debug)]
pub(crate) struct Opening<T> {
    pub(crate) client: Endpoint,
    pub(crate) server: Endpoint,
    pub(crate) vlan: Option<u16>,
    pub(crate) vni: Option<u32>,
    pub(crate) started: Timestamp,
    pub(crate) read: T,
}

impl<T> Opening<T> {
    /// Begun by a packet that `side` sent.
    pub(crate) fn new(packet: &Packet<'_>, side: Side, read: T) -> Box<Self> {
        let (client, server) = match side {
            Side::Client => (packet.src, packet.dst),
            Side::Server => (packet.dst, packet.src),
        };
        let (vlan, vni, started) = (packet.vlan, packet.vni, packet.time);
        Box::new(Opening { client, server, vlan, vni, started, read })
    }
}

#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) key: Key,
    /// The clock at its last packet.
    last: Timestamp,
    pub(crate) state: State,
}

/// The flows. Takes memory when the first comes.
#[derive(Default, Debug)]
pub(crate) struct Table {
    slots: Vec<Option<Flow>>,
}

impl Table {
    /// The flow of a key, seen at `clock`. One that was silent for long is not it.
    pub(crate) fn find(&mut self, key: &Key, clock: Timestamp) -> Option<&mut Flow> {
        let flow = self.known(key)?;
        if clock.since(flow.last) > IDLE && matches!(flow.state, State::Settled(_)) {
            return None;
        }
        flow.last = clock;
        Some(flow)
    }

    /// The flow of a key, however long ago.
    pub(crate) fn known(&mut self, key: &Key) -> Option<&mut Flow> {
        if self.slots.is_empty() {
            return None;
        }
        let first = key.set() * WAYS;
        self.slots.get_mut(first..first + WAYS)?.iter_mut().flatten().find(|f| f.key == *key)
    }

    /// Puts a flow in the place of its predecessor, else into a free one, else into that of the one least recently seen; gives back
    /// whatever was there.
    pub(crate) fn put(&mut self, key: Key, state: State, clock: Timestamp) -> Option<Flow> {
        if self.slots.is_empty() {
            self.slots.resize_with(SETS * WAYS, || None);
        }
        let first = key.set() * WAYS;
        let worth = |slot: &Option<Flow>| match slot {
            Some(f) if f.key == key => (0, Timestamp::default()),
            None => (1, Timestamp::default()),
            Some(f) => (2, f.last),
        };
        let slot = self.slots.get_mut(first..first + WAYS)?.iter_mut().min_by_key(|s| worth(s))?;
        slot.replace(Flow { key, last: clock, state })
    }
}
