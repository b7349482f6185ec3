//! Makes frames and decodes them.

use weir_decode::{Config, Decoder};
use weir_wire::{Account, Frame, Layer, Ledger, LinkType, Timestamp, Transport};

pub const ETHERNET: u16 = 1;
pub const BODY: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

pub fn cat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A segment from port 1000 to 80 with sequence number 7.
pub fn tcp(payload: &[u8]) -> Vec<u8> {
    let header = [3, 232, 0, 80, 0, 0, 0, 7, 0, 0, 0, 9, 0x50, 0x18, 1, 0, 0, 0, 0, 0];
    cat(&[&header, payload])
}

pub fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u16 + 8).to_be_bytes();
    cat(&[&[3, 232], &port.to_be_bytes(), &len, &[0, 0], payload])
}

/// 10.0.0.1 to 10.0.0.2, identification 0x1234; `place` holds flags and fragment offset.
pub fn ipv4_at(protocol: u8, place: u16, content: &[u8]) -> Vec<u8> {
    let len = (content.len() as u16 + 20).to_be_bytes();
    let place = place.to_be_bytes();
    cat(&[&[0x45, 0], &len, &[0x12, 0x34], &place, &[64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], content])
}

pub fn ipv4(protocol: u8, content: &[u8]) -> Vec<u8> {
    ipv4_at(protocol, 0x4000, content)
}

/// 2001:db8::1 to 2001:db8::2.
pub fn ipv6(next: u8, content: &[u8]) -> Vec<u8> {
    let address = |last| [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    let len = (content.len() as u16).to_be_bytes();
    cat(&[&[0x60, 0, 0, 0], &len, &[next, 64], &address(1), &address(2), content])
}

pub fn ethernet(kind: u16, content: &[u8]) -> Vec<u8> {
    cat(&[&[2; 6], &[4; 6], &kind.to_be_bytes(), content])
}

pub fn vlan(id: u16, kind: u16, content: &[u8]) -> Vec<u8> {
    cat(&[&id.to_be_bytes(), &kind.to_be_bytes(), content])
}

/// The plain segment most tests wrap.
pub fn plain() -> Vec<u8> {
    ipv4(6, &tcp(BODY))
}

/// What decoding one frame came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    pub account: Account,
    pub src: String,
    pub dst: String,
    pub tcp: bool,
    pub vlan: Option<u16>,
    pub vni: Option<u32>,
    pub payload: Vec<u8>,
    pub missing: u32,
}

/// The one account that a ledger's frame layer holds.
pub fn account(ledger: &Ledger, bytes: usize) -> Account {
    let booked: Vec<_> = Account::ALL.iter().filter(|a| ledger.entry(**a).count > 0).collect();
    let [one] = booked[..] else { panic!("booked {booked:?}") };
    let total = ledger.total(Layer::Frame);
    assert_eq!((total.count, total.bytes), (1, bytes as u64));
    *one
}

/// Decodes a frame that was `cut` bytes longer on the wire, `seconds` after the epoch.
pub fn decode_with(
    decoder: &mut Decoder,
    link: u16,
    data: &[u8],
    cut: u32,
    seconds: u64,
) -> Result<Seen, Account> {
    let time = Timestamp::from_secs_nanos(seconds, 0);
    let frame = Frame { time, link: LinkType(link), wire_len: data.len() as u32 + cut, vlan: None, data };
    let mut ledger = Ledger::default();
    let packet = decoder.decode(&frame, &mut ledger);
    let account = account(&ledger, data.len());
    assert_eq!((ledger.received.count, ledger.received.bytes), (0, 0), "the caller books what was received");
    let Some(p) = packet else {
        assert_eq!(ledger.payload.count, 0);
        return Err(account);
    };
    let tcp = matches!(p.transport, Transport::Tcp(_));
    let expect = if tcp { p.payload.len() as u64 } else { 0 };
    assert_eq!((ledger.payload.count, ledger.payload.bytes), (u64::from(expect > 0), expect));
    Ok(Seen {
        account,
        src: p.src.to_string(),
        dst: p.dst.to_string(),
        tcp,
        vlan: p.vlan,
        vni: p.vni,
        payload: p.payload.to_vec(),
        missing: p.missing,
    })
}

pub fn decode(link: u16, data: &[u8]) -> Result<Seen, Account> {
    decode_with(&mut Decoder::new(Config::default()), link, data, 0, 0)
}

/// Asserts that the frame yields the plain segment, and returns its VLAN and network.
#[track_caller]
pub fn yields_plain(link: u16, data: &[u8]) -> (Option<u16>, Option<u32>) {
    let seen = decode(link, data).unwrap();
    assert_eq!((seen.account, seen.tcp, seen.missing), (Account::FrameTcp, true, 0));
    assert_eq!((&*seen.src, &*seen.dst, &seen.payload[..]), ("10.0.0.1:1000", "10.0.0.2:80", BODY));
    (seen.vlan, seen.vni)
}
