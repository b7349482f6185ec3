//! Whose word is taken for who the client is.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::IpAddr;
use weir_exchange::Catalogue;
use weir_exchange::sample::Call;
use weir_identity::{Config, Directory, Trust};
use weir_model::{Belief, SiteId};

const PROXY: [u8; 4] = [10, 0, 0, 5];

fn directory(trusted: &[&str], learn: bool) -> Directory {
    let proxies = trusted.iter().map(|n| n.parse().unwrap()).collect();
    Directory::new(Config::default()).trusting(Trust { proxies, learn })
}

fn see(d: &mut Directory, peer: [u8; 4], told: &str, agent: &str) -> (String, Option<Belief>) {
    let call = Call::get("/a").from(peer).request(|r| {
        r.forwarded_for = told.into();
        r.user_agent = agent.into();
    });
    let who = d.observe(&call.build(), SiteId(0), &Catalogue::default());
    assert_eq!(d.callers()[who.caller.index()].ip, who.origin.address);
    (who.origin.address.to_string(), who.origin.forwarded.map(|f| f.belief))
}

#[test]
fn only_configured_proxies_are_believed() {
    let mut d = directory(&["10.0.0.0/24", "198.51.100.0/24"], false);
    let mut of = |peer, told: &str| see(&mut d, peer, told, "curl");
    assert_eq!(of(PROXY, ""), ("10.0.0.5".into(), None));
    assert_eq!(of(PROXY, "203.0.113.7"), ("203.0.113.7".into(), Some(Belief::Configured)));
    // What the client wrote itself stands before what the proxies wrote.
    let made_up = "1.1.1.1, 203.0.113.7, 198.51.100.9";
    assert_eq!(of(PROXY, made_up), ("203.0.113.7".into(), Some(Belief::Configured)));
    assert_eq!(of(PROXY, "1.1.1.1, unknown"), ("10.0.0.5".into(), Some(Belief::Unreadable)));
    assert_eq!(of([10, 0, 9, 5], "203.0.113.7"), ("10.0.9.5".into(), Some(Belief::Untrusted)));
    let proxy = d.callers().iter().find(|c| c.ip.to_string() == "203.0.113.7").unwrap();
    assert_eq!(proxy.through, Some((IpAddr::from(PROXY), Belief::Configured)));
}

/// What 12 clients with as many programs as `agents` do through a peer; each comes `times` times.
fn crowd(d: &mut Directory, peer: [u8; 4], agents: usize, times: usize) -> Option<Belief> {
    let calls = (0..times).flat_map(|_| 0..12);
    calls.map(|n| see(d, peer, &format!("203.0.113.{n}"), &format!("agent {}", n % agents))).last().unwrap().1
}

#[test]
fn a_peer_that_behaves_like_a_proxy_is_learned() {
    assert_eq!(crowd(&mut directory(&[], true), PROXY, 5, 2), Some(Belief::Learned));
    assert_eq!(crowd(&mut directory(&[], false), PROXY, 5, 2), Some(Belief::Untrusted));
    // Whoever makes addresses up at random: one program, or none comes again, or from outside.
    assert_eq!(crowd(&mut directory(&[], true), PROXY, 1, 2), Some(Belief::Untrusted));
    assert_eq!(crowd(&mut directory(&[], true), PROXY, 5, 1), Some(Belief::Untrusted));
    assert_eq!(crowd(&mut directory(&[], true), [8, 8, 8, 8], 5, 2), Some(Belief::Untrusted));
}

#[test]
fn a_peer_that_often_speaks_for_itself_is_no_proxy() {
    let mut d = directory(&[], true);
    see(&mut d, PROXY, "203.0.113.1", "agent");
    (0..9).for_each(|_| drop(see(&mut d, PROXY, "", "agent")));
    assert_eq!(crowd(&mut d, PROXY, 5, 2), Some(Belief::Untrusted));
}
