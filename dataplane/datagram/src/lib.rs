//! UDP datagrams: which names stand for which addresses, the openings of QUIC and DTLS, and TFTP by name.
//!
//! ```text
//! Packet (UDP) --looks--> DNS -------------------> Resolved (names that clients asked for, and their addresses)
//!                   |---> QUIC, DTLS --> table --> Connection (handshake; "protocol not read", "no key")
//!                   |---> TFTP --------> table --> Connection (by name)
//!                   '---> anything else: a look at its first bytes, and the ledger
//! ```
//!
//! One port, [`Datagrams::packet`]: every payload byte ends in one account of the ledger's datagram layer. All are told at any port, by
//! content: DNS by a header that fits and a name that can be read, QUIC by its version, DTLS by its record, TFTP by its request.
//!
//! **Bounds.** The table holds 16,384 flows in sets of four, the least recently seen out first; 2,048 openings are under way at most, each of
//! some 24 KiB at the very worst, and each is settled within ten seconds, as far as it came. Memory for the table is taken when the first flow
//! comes. A datagram of a flow that is settled, of DNS, or of nothing that is known, takes no memory.
//!
//! # Weaknesses
//!
//! * HTTP/3 is not read, with or without keys, nor anything else that QUIC or DTLS carries.
//! * QUIC's short headers say nothing: those of a flow whose beginning was not seen are booked as no interface. A connection that moves to
//!   another address or port ("migration") goes on as such. Versions other than 1 and 2 (drafts, gQUIC) are not recognised.
//! * Encrypted records of DTLS 1.3 have a header of their own, and are not recognised.
//! * DNS is believed: whoever answers may name any address as it likes. Answers over TCP, TLS and HTTPS are not read; nor is mDNS told apart.
//! * Nothing of it is left out under overload: a flood of first packets costs its lane some ten microseconds each. Where a card spreads frames over
//!   lanes, a transfer of TFTP may fall to another lane than its request, and is then booked as no interface.
//! * QUIC's server name is what the client asked for in clear: behind ECH it is the outer one.

mod dns;
mod flows;
mod names;
mod table;
mod tftp;

use flows::Flows;
use names::Told;
use weir_exchange::{Connection, Resolved};
use weir_tls::{is_dtls, quic_version};
use weir_wire::{Account, Ledger, Packet, Timestamp};

/// What a datagram may be, by a look at its first bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Look {
    Dns,
    QuicLong,
    QuicShort,
    Dtls,
    Tftp,
    Nothing,
}

#[inline]
fn look(payload: &[u8]) -> Look {
    if dns::may_be(payload) {
        return Look::Dns;
    }
    match *payload {
        [0xc0..=0xff, ..] if quic_version(payload).is_some() => Look::QuicLong,
        [0x40..=0x7f, ..] => Look::QuicShort,
        [20..=25, 0xfe, ..] if is_dtls(payload) => Look::Dtls,
        [0, 1..=6, ..] => Look::Tftp,
        _ => Look::Nothing,
    }
}

/// Whether there is anything in a datagram to be read; of others, only their bytes count ([`Account::DatagramNotInterface`]). A thread that
/// spreads packets over lanes keeps them.
#[inline]
pub fn is_wanted(payload: &[u8]) -> bool {
    look(payload) != Look::Nothing
}

/// Whether a datagram may be of TFTP, whose transfers run between other ports than their requests: it must go to the lane of its two
/// addresses, whatever the ports.
#[inline]
pub fn goes_by_address(payload: &[u8]) -> bool {
    matches!(payload, [0, 1..=6, ..])
}

/// What is known of UDP. One a lane.
#[derive(Default, Debug)]
pub struct Datagrams {
    flows: Flows,
    told: Told,
    resolved: Vec<Resolved>,
}

impl Datagrams {
    /// Takes a datagram, with the clock at its arrival, and books its payload.
    #[inline]
    pub fn packet(&mut self, packet: &Packet<'_>, clock: Timestamp, ledger: &mut Ledger) {
        let payload = packet.payload;
        if payload.is_empty() {
            return;
        }
        match look(payload) {
            Look::Nothing => ledger.add(Account::DatagramNotInterface, payload.len() as u64),
            look => self.read(look, packet, clock, ledger),
        }
    }

    #[inline(never)]
    fn read(&mut self, look: Look, packet: &Packet<'_>, clock: Timestamp, ledger: &mut Ledger) {
        // What is due is settled before anything that comes later is read, however packets are given in bursts.
        self.flows.advance(clock);
        let payload = packet.payload;
        if look == Look::Dns {
            let standard = packet.src.port == dns::PORT || packet.dst.port == dns::PORT;
            if let Some(message) = dns::Message::read(payload, standard) {
                ledger.add(Account::DatagramDns, payload.len() as u64);
                if let Some(answers) = message.answers() {
                    self.told.note(answers, clock, &mut self.resolved);
                }
                return;
            }
        }
        // What is no DNS after all may be something else that begins so.
        let booked = match (look, payload) {
            (Look::QuicLong, _) => self.flows.quic_long(packet, clock, ledger),
            (Look::QuicShort, _) | (Look::Dns, [0x40..=0x7f, ..]) => {
                self.flows.quic_short(packet, clock, ledger)
            }
            (Look::Dtls, _) => self.flows.dtls(packet, clock, ledger),
            (Look::Tftp, _) | (Look::Dns, [0, 1..=6, ..]) => self.flows.tftp(packet, clock, ledger),
            _ => false,
        };
        if !booked {
            ledger.add(Account::DatagramNotInterface, payload.len() as u64);
        }
    }

    /// Settles what has been under way for long by `clock`.
    #[inline]
    pub fn advance(&mut self, clock: Timestamp) {
        self.flows.advance(clock);
    }

    /// Nothing more will come: settles everything.
    pub fn finish(&mut self, clock: Timestamp) {
        self.flows.finish(clock);
    }

    /// Connections settled since they were last taken, in order.
    pub fn connections(&mut self) -> &mut Vec<Connection> {
        &mut self.flows.connections
    }

    /// Names told since they were last taken, in order.
    pub fn resolved(&mut self) -> &mut Vec<Resolved> {
        &mut self.resolved
    }
}
