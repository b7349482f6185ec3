//! The opening of SSH, as OpenSSH's client and server spoke it (`record.py`).

use crate::recorder::{Fed, recorded, talk};
use proptest::prelude::*;
use weir_exchange::{Reading, Shown, SshFacts};
use weir_wire::{Account, Side};

/// As `ssh-keygen -lf` showed it of the server's key.
const FINGERPRINT: &str = "SHA256:T/P4LcyIGG5Mi2MNm0aXw5Vl1ditVOKI32wq5gpWx38";

fn facts(fed: &Fed) -> SshFacts {
    let [(Side::Client, Shown::Ssh(facts), Reading::NotRead)] = &fed.seen.connections[..] else {
        panic!("{:?}", fed.seen.connections);
    };
    (**facts).clone()
}

#[test]
fn versions_algorithms_and_host_key_are_told() {
    let turns = recorded("ssh");
    let fed = talk(&turns.lent(), usize::MAX);
    let told = facts(&fed);
    assert!(
        told.client.starts_with("SSH-2.0-OpenSSH_9.2p1") && told.server.starts_with("SSH-2.0-OpenSSH_9.2p1")
    );
    assert_eq!((&*told.key_exchange, &*told.host_key), ("sntrup761x25519-sha512", "ssh-ed25519"));
    assert_eq!((&*told.cipher, &*told.fingerprint), ("chacha20-poly1305@openssh.com", FINGERPRINT));
    assert!(fed.shunted);
    let all: usize = turns.0.iter().map(|(_, b)| b.len()).sum();
    assert_eq!(fed.booked(Account::MessageEncrypted), all as u64);
}

/// Where the group is agreed upon first, the host key comes later.
#[test]
fn a_group_exchange_is_followed() {
    let told = facts(&talk(&recorded("ssh-gex").lent(), usize::MAX));
    assert_eq!((&*told.key_exchange, &*told.cipher), ("diffie-hellman-group-exchange-sha256", "aes128-ctr"));
    assert_eq!((&*told.mac, &*told.fingerprint), ("hmac-sha2-256", FINGERPRINT));
}

#[test]
fn what_is_not_seen_is_left_out() {
    let mut fed = Fed::new();
    fed.data(Side::Client, b"SSH-2.0-\x1b[2Jy\r\n");
    fed.data(Side::Server, b"hello\r\nSSH-1.99-x\r\n");
    fed.gap(Side::Server);
    let told = facts(&fed.finish());
    assert_eq!((&*told.client, &*told.server), ("SSH-2.0-[2Jy", "SSH-1.99-x"));
    assert!(told.key_exchange.is_empty() && told.fingerprint.is_empty());
}

proptest! {
    #[test]
    fn cut_anywhere_it_is_the_same(sizes in proptest::collection::vec(1..900usize, 1..40), gex: bool) {
        let turns = recorded(if gex { "ssh-gex" } else { "ssh" });
        let whole = facts(&talk(&turns.lent(), usize::MAX));
        let (mut fed, mut sizes) = (Fed::new(), sizes.iter().cycle());
        for (side, mut rest) in turns.lent() {
            while !rest.is_empty() {
                let n = sizes.next().map_or(1, |n| (*n).min(rest.len()));
                fed.data(side, &rest[..n]);
                rest = &rest[n..];
            }
        }
        prop_assert_eq!(facts(&fed.finish()), whole);
    }
}
