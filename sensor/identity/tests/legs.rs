//! Calls that are seen before and after a proxy.
#![allow(clippy::unwrap_used)]

use weir_exchange::sample::{Call, body};
use weir_exchange::{Exchange, MediaKind, Text};
use weir_identity::Legs;
use weir_model::{Leg, Proof};
use weir_wire::Timestamp;

const CLIENT: [u8; 4] = [10, 0, 0, 9];
const PROXY: [u8; 4] = [10, 1, 0, 1];
const BACKEND: [u8; 4] = [10, 2, 0, 1];

fn ms(n: u64) -> Timestamp {
    Timestamp::from_nanos(1_000_000_000 + n * 1_000_000)
}

/// From one address to another, from one moment to another, answered with so many bytes; for somebody, where that is said.
struct Hop(u8, [u8; 4], [u8; 4], &'static str);

impl Hop {
    fn call(&self, target: &str, (begun, ended): (u64, u64), bytes: u64) -> Exchange {
        let Hop(flow, from, to, forwarded) = self;
        let call =
            Call::get(target).from(*from).to(*to, 80).flow(*flow, 0).gives(body(MediaKind::Json, bytes));
        let mut x = call.at(ms(begun)).build();
        (x.ended, x.emitted) = (ms(ended), ms(ended));
        x.request.as_mut().unwrap().forwarded_for = Text::from(*forwarded);
        x
    }
}

const FRONT: Hop = Hop(1, CLIENT, PROXY, "");
const BACK: Hop = Hop(2, PROXY, BACKEND, "10.0.0.9");
const PLAIN_BACK: Hop = Hop(3, PROXY, BACKEND, "");

/// What comes out, as flow and leg, in order.
fn run(calls: Vec<Exchange>) -> Vec<(u8, String)> {
    let (mut legs, mut out) = (Legs::default(), Vec::new());
    let mut pass = |x: Box<Exchange>, leg: Leg| {
        let leg = match leg {
            Leg::Only => "only".into(),
            Leg::First { upstream, proof } => format!("first to {upstream} ({})", proof.key()),
            Leg::Further { of, proof, .. } => format!("after {} ({})", of.community_id.0[0], proof.key()),
        };
        out.push((x.flow.community_id.0[0], leg));
    };
    calls.into_iter().for_each(|x| legs.take(Box::new(x), &mut pass));
    legs.finish(&mut pass);
    out
}

fn joined(front: u8, back: u8, proof: Proof) -> Vec<(u8, String)> {
    vec![
        (front, format!("first to 10.2.0.1:80 ({})", proof.key())),
        (back, format!("after {front} ({})", proof.key())),
    ]
}

#[test]
fn two_legs_are_one_call() {
    let two = |back: &Hop, target: &str| {
        run(vec![back.call(target, (2, 8), 50), FRONT.call("/api/orders", (0, 10), 50)])
    };
    assert_eq!(two(&BACK, "/api/orders"), joined(1, 2, Proof::NamesClient));
    assert_eq!(two(&BACK, "/orders"), joined(1, 2, Proof::NamesClient), "the proxy takes a prefix off");
    let unjoined = |all: Vec<(u8, String)>| all.iter().all(|(_, leg)| leg == "only") && all.len() == 2;
    assert!(unjoined(two(&BACK, "/api/users")));
    assert!(unjoined(run(vec![BACK.call("/a", (2, 8), 50), FRONT.call("/a", (0, 10), 51)])), "other bytes");
    assert!(unjoined(run(vec![BACK.call("/a", (2, 90), 50), FRONT.call("/a", (0, 60), 50)])), "not within");
    let other = Hop(2, PROXY, BACKEND, "10.0.0.8");
    assert!(unjoined(run(vec![other.call("/a", (2, 8), 50), FRONT.call("/a", (0, 10), 50)])), "for another");
}

#[test]
fn a_proxy_that_names_nobody_is_known_by_its_address() {
    let mut calls = vec![FRONT.call("/first", (0, 1), 7)];
    calls.extend([PLAIN_BACK.call("/a", (12, 18), 50), FRONT.call("/a", (10, 20), 50)]);
    assert_eq!(run(calls)[1..], joined(1, 3, Proof::SameAddress));
}

#[test]
fn several_proxies_in_a_row_are_one_call() {
    let inner = Hop(4, BACKEND, [10, 3, 0, 1], "10.0.0.9, 10.1.0.1");
    let calls =
        vec![inner.call("/a", (3, 7), 50), BACK.call("/a", (2, 8), 50), FRONT.call("/a", (0, 10), 50)];
    let all = run(calls);
    assert_eq!(all[..2], joined(1, 2, Proof::NamesClient));
    assert_eq!(all[2], (4, "after 1 (names-client)".into()));
}

#[test]
fn who_waits_in_vain_goes_on_and_in_the_end_does_not_wait() {
    let (mut legs, mut waits) = (Legs::default(), Vec::new());
    for n in 0..200 {
        let mut passed = 0;
        legs.take(Box::new(BACK.call("/a", (n * 3_000, n * 3_000 + 5), n)), &mut |_, leg| {
            assert_eq!(leg, Leg::Only);
            passed += 1;
        });
        waits.push(passed == 0);
        legs.let_go(ms(n * 3_000 + 2_500), &mut |_, leg| assert_eq!(leg, Leg::Only));
    }
    assert!(waits[..64].iter().all(|w| *w));
    assert_eq!(waits[64..].iter().filter(|w| **w).count(), 2, "one in 64");
}

#[test]
fn what_waits_is_bounded_and_nothing_is_lost() {
    let (mut legs, mut passed, mut most) = (Legs::default(), 0u64, 0u64);
    for n in 0..20_000u64 {
        let mut count = |_, _| passed += 1;
        // Every hop another, all within the time that one waits.
        let from = [10, 5, (n / 250) as u8, (n % 250) as u8];
        let x = Hop(2, from, BACKEND, "10.0.0.9").call("/a", (n / 100, n / 100), n % 7);
        legs.take(Box::new(x), &mut count);
        most = most.max(n + 1 - passed);
    }
    legs.finish(&mut |_, _| passed += 1);
    assert!(passed == 20_000 && most <= 4_096, "{passed} passed, {most} waited");
}
