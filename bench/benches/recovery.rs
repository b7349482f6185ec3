//! Exchanges recovered where the capture starts in the middle of connections, and of one direction only: G17.
//!
//! `cargo bench -p weir-bench --bench recovery [-- --json]`; what was sent is known from the generator. An exchange is recovered when it is
//! given with the right method, target and status, both bodies whole and of the right size.

use std::collections::HashMap;
use weir_bench::row::Row;
use weir_bench::stage::Bench;
use weir_bench::traffic::midflow::{Cut, Sent, Truth};
use weir_exchange::{Body, BodyState, Exchange};

/// Connections: some 15,000 exchanges.
const SIZE: usize = 2_000;

fn main() {
    let bench = Bench::default();
    for (cut, name) in [(Cut::Early, "W8"), (Cut::Anywhere, "W1 cut anywhere")] {
        measure(&bench, cut, name);
    }
}

/// Of how many, how many were given.
#[derive(Default)]
struct Share {
    of: u64,
    given: u64,
}

impl Share {
    fn count(&mut self, given: bool) {
        self.of += 1;
        self.given += u64::from(given);
    }
    fn percent(&self) -> f64 {
        100.0 * self.given as f64 / self.of.max(1) as f64
    }
}

#[derive(Default)]
struct Found {
    /// Exchanges of which both messages are in the capture.
    whole: Share,
    /// Responses of which the request came before the capture.
    answers: Share,
    /// Messages of connections seen in one direction.
    one_way: Share,
    /// Exchanges given that were not sent so.
    wrong: u64,
}

fn measure(bench: &Bench, cut: Cut, name: &str) {
    let (load, truths) = cut.load(SIZE);
    let mut lane = bench.lane();
    let mut given: HashMap<_, Vec<Exchange>> = HashMap::new();
    load.bursts(|burst| {
        lane.burst(burst);
        gather(lane.exchanges(), &mut given);
    });
    lane.finish();
    gather(lane.exchanges(), &mut given);
    let mut found = Found::default();
    for truth in &truths {
        found.compare(truth, &given.remove(&truth.client.1).unwrap_or_default());
    }
    found.wrong += given.values().map(|x| x.len() as u64).sum::<u64>();
    let row = |what: &str, share: &Share| {
        let name = format!("{name}, {what}, given of {}", share.of);
        Row::new("G17", name, share.percent(), "%").at_least(95.0, 99.0).print();
    };
    row("exchanges", &found.whole);
    row("messages where one direction is seen", &found.one_way);
    row("answers whose request was missed", &found.answers);
    Row::new("G17", format!("{name}, given that were not sent so"), found.wrong as f64, "")
        .at_most(0.0, 0.0)
        .print();
}

/// By the client's port, which is a connection's own in a load of this size.
fn gather(exchanges: impl Iterator<Item = Exchange>, given: &mut HashMap<u16, Vec<Exchange>>) {
    const SERVER: u16 = 8080;
    for x in exchanges {
        let port = if x.flow.client.port == SERVER { x.flow.server.port } else { x.flow.client.port };
        given.entry(port).or_default().push(x);
    }
}

impl Found {
    /// Pairs what was sent with what was given, both in order.
    fn compare(&mut self, truth: &Truth, given: &[Exchange]) {
        let (mut next, mut matched) = (0, 0);
        for sent in truth.exchanges.iter().filter(|s| s.whole != [false, false]) {
            let at = given[next..].iter().position(|x| is(x, sent));
            next += at.map_or(0, |at| at + 1);
            matched += u64::from(at.is_some());
            match sent.whole {
                _ if truth.one_way => self.one_way.count(at.is_some()),
                [true, true] => self.whole.count(at.is_some()),
                _ => self.answers.count(at.is_some()),
            }
        }
        self.wrong += given.len() as u64 - matched;
    }
}

/// Whether an exchange is the one that was sent, as far as the capture holds it.
fn is(x: &Exchange, sent: &Sent) -> bool {
    let [asked, answered] = sent.whole;
    let request = match &x.request {
        Some(r) => {
            asked && format!("{} {}", r.method, r.target) == sent.asked && is_whole(&r.body, sent.bodies[0])
        }
        None => !asked,
    };
    let response = match &x.response {
        Some(r) => answered && r.status == 200 && is_whole(&r.body, sent.bodies[1]),
        None => !answered,
    };
    request && response && x.complete == (asked && answered)
}

fn is_whole(body: &Body, bytes: u64) -> bool {
    let state = if bytes == 0 { BodyState::Absent } else { BodyState::Whole };
    body.state == state && body.wire_bytes == bytes
}
