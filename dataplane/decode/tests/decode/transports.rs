//! IP lengths, options, extension headers, snap-length cuts, TCP and UDP.

use crate::made::{
    BODY, ETHERNET, cat, decode, decode_with, ethernet, ipv4, ipv6, plain, tcp, udp, yields_plain,
};
use weir_decode::{Config, Decoder};
use weir_wire::{Account, Frame, Ledger, LinkType, TcpFlags, Timestamp, Transport};

#[test]
fn tcp_fields() {
    let data = plain();
    let frame =
        Frame { time: Timestamp::from_nanos(5), link: LinkType::RAW, wire_len: 58, vlan: None, data: &data };
    let (mut decoder, mut ledger) = (Decoder::new(Config::default()), Ledger::default());
    let packet = decoder.decode(&frame, &mut ledger).unwrap();
    let Transport::Tcp(header) = packet.transport else { panic!("tcp") };
    assert_eq!((header.seq, header.ack, header.window), (7, 9, 256));
    assert!(header.flags.has(TcpFlags::ACK | TcpFlags::PSH) && !header.flags.has(TcpFlags::SYN));
    assert_eq!(packet.time.nanos(), 5);
}

#[test]
fn options_are_passed_over() {
    let mut segment = tcp(&cat(&[&[1; 12], BODY]));
    segment[12] = 0x80;
    let mut with_options = ipv4(6, &cat(&[&[1, 1, 1, 1], &segment]));
    with_options[0] = 0x46;
    yields_plain(101, &with_options);
}

#[test]
fn udp_lengths() {
    let seen = decode(101, &ipv4(17, &cat(&[&udp(53, b"query"), &[0; 3]]))).unwrap();
    assert_eq!((seen.account, seen.tcp, &seen.payload[..]), (Account::FrameUdp, false, &b"query"[..]));
    assert_eq!(seen.dst, "10.0.0.2:53");
    let mut datagram = udp(53, b"all");
    datagram[5] = 0;
    assert_eq!(decode(101, &ipv4(17, &datagram)).unwrap().payload, b"all");
    datagram[5] = 7;
    assert_eq!(decode(101, &ipv4(17, &datagram)), Err(Account::FrameMalformed));
    datagram[5] = 200;
    let seen = decode(101, &ipv4(17, &datagram)).unwrap();
    assert_eq!((&seen.payload[..], seen.missing), (&b"all"[..], 0), "the IP length rules");
}

#[test]
fn contradictions_are_malformed() {
    let bad = |at: usize, value: u8| {
        let mut data = plain();
        data[at] = value;
        decode(101, &data)
    };
    assert_eq!(bad(0, 0x44), Err(Account::FrameMalformed), "header below 20 bytes");
    assert_eq!(bad(3, 19), Err(Account::FrameMalformed), "total below the header");
    assert_eq!(bad(3, 39), Err(Account::FrameMalformed), "no room for TCP");
    assert_eq!(bad(32, 0x40), Err(Account::FrameMalformed), "TCP header below 20 bytes");
    assert_eq!(bad(32, 0xf0), Err(Account::FrameMalformed), "TCP header behind the datagram");
    assert_eq!(bad(9, 1), Err(Account::FrameOther), "ICMP");
    assert_eq!(decode(101, &plain()[..19]), Err(Account::FrameMalformed));
}

#[test]
fn offload_leaves_lengths_to_the_captured() {
    let mut data = plain();
    data[2..4].fill(0);
    yields_plain(101, &data);
    let mut six = ipv6(6, &tcp(BODY));
    six[4..6].fill(0);
    assert_eq!(decode(101, &six).unwrap().payload, BODY);
}

#[test]
fn cuts_are_missing_payload() {
    let frame = ethernet(0x0800, &plain());
    for keep in 14 + 40..frame.len() {
        let cut = (frame.len() - keep) as u32;
        let seen =
            decode_with(&mut Decoder::new(Config::default()), ETHERNET, &frame[..keep], cut, 0).unwrap();
        assert_eq!((&seen.payload[..], seen.missing), (&BODY[..BODY.len() - cut as usize], cut));
        // Brokers that slice packets do not say so in the record.
        assert_eq!(decode(ETHERNET, &frame[..keep]).unwrap().missing, cut);
    }
    assert_eq!(decode(ETHERNET, &frame[..14 + 39]), Err(Account::FrameMalformed));

    let mut offloaded = plain();
    offloaded[2..4].fill(0);
    let seen = decode_with(&mut Decoder::new(Config::default()), 101, &offloaded[..50], 8, 0).unwrap();
    assert_eq!(seen.missing, 8, "without an IP length the record's wire length tells");

    let mut segment = tcp(&cat(&[&[1; 12], BODY]));
    segment[12] = 0x80;
    let seen = decode(101, &ipv4(6, &segment)[..45]).unwrap();
    assert_eq!((seen.payload.len(), seen.missing), (0, BODY.len() as u32), "options cut, payload known");
    let seen = decode(101, &ipv4(17, &udp(53, BODY))[..30]).unwrap();
    assert_eq!((seen.payload.len(), seen.missing), (2, BODY.len() as u32 - 2));
}

#[test]
fn extension_headers() {
    let chain = cat(&[
        &[43, 0, 0, 0, 0, 0, 0, 0],                         // hop-by-hop
        &[60, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // routing
        &[51, 0, 0, 0, 0, 0, 0, 0],                         // destination
        &[135, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],            // authentication, 12 bytes
        &[44, 0, 0, 0, 0, 0, 0, 0],                         // mobility
        &[6, 0, 0, 0, 1, 2, 3, 4],                          // atomic fragment
        &tcp(BODY),
    ]);
    let seen = decode(101, &ipv6(0, &chain)).unwrap();
    assert_eq!((&seen.payload[..], seen.missing), (BODY, 0));
    assert_eq!(decode(101, &ipv6(59, b"")), Err(Account::FrameOther));
    assert_eq!(decode(101, &ipv6(58, &[128, 0, 0, 0])), Err(Account::FrameOther));
    assert_eq!(decode(101, &ipv6(0, &[6, 1, 0, 0, 0, 0, 0, 0])), Err(Account::FrameMalformed));
    assert_eq!(decode(101, &ipv6(60, &[60, 0, 0, 0, 0, 0, 0, 0].repeat(40))), Err(Account::FrameTooDeep));
    yields_plain(101, &ipv4(51, &cat(&[&[6, 1], &[0; 10], &tcp(BODY)])));
}
