//! Connections of QUIC and DTLS from their first datagram until they are told of, and transfers of TFTP.

use crate::table::{Key, Opening, State, Table};
use crate::tftp;
use sha1::{Digest, Sha1};
use std::collections::VecDeque;
use std::sync::Arc;
use weir_exchange::{CommunityId, Connection, FlowRef, Named, Reading, Shown};
use weir_tls::{DtlsOpening, QuicOpening, dtls_hello, quic_version, split_dtls};
use weir_wire::{Account, Duration, Endpoint, Ledger, Packet, Side, Timestamp};

/// Openings under way.
const MAX_OPENING: usize = 2048;
/// An opening that takes longer is told of as far as it came.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that wait to be taken; of more, nothing is told.
const WAITING: usize = 4096;
/// Number of UDP (for the flow's hash).
const UDP: u8 = 17;

#[derive(Default, Debug)]
pub(crate) struct Flows {
    table: Table,
    /// Openings in the order in which they are to be settled at the latest; some are by then.
    due: VecDeque<(Timestamp, Key)>,
    pub(crate) connections: Vec<Connection>,
}

impl Flows {
    /// A datagram that begins with a long header.
    pub(crate) fn quic_long(&mut self, packet: &Packet<'_>, clock: Timestamp, ledger: &mut Ledger) -> bool {
        let Some(version) = quic_version(packet.payload) else { return false };
        let key = Key::of_packet(packet);
        if self.table.find(&key, clock).is_none() {
            // The client speaks first, under keys that its own packet tells; where that was missed, the server's port tells.
            let mut read = QuicOpening::new(version);
            let split = read.read(true, packet.payload);
            let opens = split.handshake > 0;
            let side = if opens { Side::Client } else { likely_sender(packet) };
            self.begin(key, State::Quic(Opening::new(packet, side, read)), clock);
            if opens {
                book(ledger, Account::DatagramHandshake, split.handshake);
                book(ledger, Account::DatagramHttp3, split.rest);
                return true;
            }
        }
        self.go_on(&key, packet, clock, ledger)
    }

    /// A datagram that may have a short header: of a connection that is known.
    pub(crate) fn quic_short(&mut self, packet: &Packet<'_>, clock: Timestamp, ledger: &mut Ledger) -> bool {
        let key = Key::of_packet(packet);
        let known = self.table.find(&key, clock).map(|f| &f.state);
        let quic = matches!(known, Some(State::Quic(_) | State::Settled(Account::DatagramHttp3)));
        if quic {
            ledger.add(Account::DatagramHttp3, packet.payload.len() as u64);
        }
        quic
    }

    pub(crate) fn dtls(&mut self, packet: &Packet<'_>, clock: Timestamp, ledger: &mut Ledger) -> bool {
        let key = Key::of_packet(packet);
        if self.table.find(&key, clock).is_none() {
            let side = match dtls_hello(packet.payload) {
                Some(true) => Side::Client,
                Some(false) => Side::Server,
                None => likely_sender(packet),
            };
            let opening = Opening::new(packet, side, DtlsOpening::default());
            self.begin(key, State::Dtls(opening), clock);
        }
        self.go_on(&key, packet, clock, ledger)
    }

    pub(crate) fn tftp(&mut self, packet: &Packet<'_>, clock: Timestamp, ledger: &mut Ledger) -> bool {
        let (src, dst) = (packet.src, packet.dst);
        let any = |e: Endpoint| Endpoint { port: 0, ..e };
        let known = if tftp::is_request(packet.payload) {
            let key = Key::of(src, any(dst));
            if self.table.find(&key, clock).is_none() {
                self.begin(key, State::Settled(Account::DatagramNotRead), clock);
                let flow = (src, dst, packet.vlan, packet.vni, packet.time);
                self.tell(flow, Shown::Named(Named::Tftp), Reading::NotRead, clock);
            }
            true
        } else {
            let of = |key: Key, table: &mut Table| {
                table
                    .find(&key, clock)
                    .is_some_and(|f| matches!(f.state, State::Settled(Account::DatagramNotRead)))
            };
            tftp::is_transfer(packet.payload)
                && (of(Key::of(src, any(dst)), &mut self.table)
                    || of(Key::of(dst, any(src)), &mut self.table))
        };
        if known {
            ledger.add(Account::DatagramNotRead, packet.payload.len() as u64);
        }
        known
    }

    /// Settles openings that are due.
    #[inline]
    pub(crate) fn advance(&mut self, clock: Timestamp) {
        while let Some((due, key)) = self.due.front().copied()
            && due <= clock
        {
            self.due.pop_front();
            self.settle_at(&key, due);
        }
    }

    /// Settles all.
    pub(crate) fn finish(&mut self, clock: Timestamp) {
        while let Some((_, key)) = self.due.pop_front() {
            self.settle_at(&key, clock);
        }
    }

    fn begin(&mut self, key: Key, state: State, clock: Timestamp) {
        if matches!(state, State::Quic(_) | State::Dtls(_)) {
            if self.due.len() >= MAX_OPENING
                && let Some((_, eldest)) = self.due.pop_front()
            {
                self.settle_at(&eldest, clock);
            }
            self.due.push_back((clock.plus(PATIENCE), key));
        }
        if let Some(before) = self.table.put(key, state, clock) {
            self.settle(before.state, clock);
        }
    }

    /// Gives a datagram to the connection of a key, and books it.
    fn go_on(&mut self, key: &Key, packet: &Packet<'_>, clock: Timestamp, ledger: &mut Ledger) -> bool {
        let Some(flow) = self.table.known(key) else { return false };
        let mut book = |account, bytes: usize| book(ledger, account, bytes);
        let over = match &mut flow.state {
            State::Quic(opening) => {
                let split = opening.read.read(opening.client == packet.src, packet.payload);
                book(Account::DatagramHandshake, split.handshake);
                book(Account::DatagramHttp3, split.rest);
                opening.read.is_over()
            }
            State::Dtls(opening) => {
                let split = opening.read.read(opening.client == packet.src, packet.payload);
                book(Account::DatagramHandshake, split.clear);
                book(Account::DatagramEncrypted, split.sealed);
                book(Account::DatagramNotInterface, split.rest);
                opening.read.is_over()
            }
            State::Settled(Account::DatagramEncrypted) => {
                let split = split_dtls(packet.payload);
                book(Account::DatagramHandshake, split.clear);
                book(Account::DatagramEncrypted, split.sealed);
                book(Account::DatagramNotInterface, split.rest);
                false
            }
            State::Settled(account) => {
                book(*account, packet.payload.len());
                false
            }
        };
        if over {
            self.settle_at(key, clock);
        }
        true
    }

    /// Settles the opening of a key, if it still is one.
    fn settle_at(&mut self, key: &Key, now: Timestamp) {
        let Some(flow) = self.table.known(key) else { return };
        let rest = match &flow.state {
            State::Quic(_) => Account::DatagramHttp3,
            State::Dtls(_) => Account::DatagramEncrypted,
            State::Settled(_) => return,
        };
        let state = std::mem::replace(&mut flow.state, State::Settled(rest));
        self.settle(state, now);
    }

    /// Tells of an opening, as far as it came.
    fn settle(&mut self, state: State, now: Timestamp) {
        match state {
            State::Quic(o) => {
                let reading = match (o.read.has_client_hello(), o.read.has_server_hello()) {
                    (true, true) => Reading::NotRead,
                    (true, false) => Reading::Unfinished,
                    (false, _) => Reading::HandshakeNotSeen,
                };
                let shown = Shown::Quic(Arc::new(o.read.facts().clone()), o.read.version().number());
                self.tell((o.client, o.server, o.vlan, o.vni, o.started), shown, reading, now);
            }
            State::Dtls(o) => {
                let reading = match (o.read.has_client_hello(), o.read.has_server_hello()) {
                    (_, true) if o.read.facts().resumed => Reading::Resumed,
                    (_, true) => Reading::NoKey,
                    (true, false) => Reading::Unfinished,
                    (false, false) => Reading::HandshakeNotSeen,
                };
                let shown = Shown::Dtls(Arc::new(o.read.facts().clone()));
                self.tell((o.client, o.server, o.vlan, o.vni, o.started), shown, reading, now);
            }
            State::Settled(_) => {}
        }
    }

    fn tell(
        &mut self,
        (client, server, vlan, vni, started): (Endpoint, Endpoint, Option<u16>, Option<u32>, Timestamp),
        shown: Shown,
        reading: Reading,
        now: Timestamp,
    ) {
        if self.connections.len() >= WAITING {
            return;
        }
        let community_id = CommunityId(Sha1::digest(CommunityId::input(client, server, UDP)).into());
        let flow = FlowRef { community_id, client, server, vlan, vni, started };
        self.connections.push(Connection { time: started, emitted: now, flow, shown, reading });
    }
}

/// Books bytes, unless there are none.
fn book(ledger: &mut Ledger, account: Account, bytes: usize) {
    if bytes > 0 {
        ledger.add(account, bytes as u64);
    }
}

/// Who most likely sent the first packet seen of a flow: servers listen at lower ports.
fn likely_sender(packet: &Packet<'_>) -> Side {
    if packet.src.port < packet.dst.port { Side::Server } else { Side::Client }
}
