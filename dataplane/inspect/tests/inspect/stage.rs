//! A flow to play messages on.

use std::sync::Arc;
use weir_exchange::{Exchange, Fingerprinter, Protocol, Scheme};
use weir_inspect::{Config, FlowExchanges, Inspector};
use weir_protocol::{Half, Header, MessageSink, RequestHead, ResponseHead};
use weir_rules::RuleSet;
use weir_wire::{Endpoint, FlowMeta, Ledger, Side, Timestamp};

pub fn inspector(config: Config) -> Inspector {
    thread_local! { static RULES: Arc<RuleSet> = Arc::new(RuleSet::builtin().unwrap()); }
    Inspector::new(RULES.with(Arc::clone), Fingerprinter::new([7; 16]), config).unwrap()
}

pub fn flow() -> FlowMeta {
    FlowMeta {
        client: Endpoint { ip: [10, 0, 0, 1].into(), port: 40000 },
        server: Endpoint { ip: [10, 0, 0, 2].into(), port: 80 },
        vlan: None,
        vni: None,
        started: at(1),
        from_start: true,
    }
}

pub fn at(n: u64) -> Timestamp {
    Timestamp::from_secs_nanos(n, 0)
}

/// One exchange to be played.
#[derive(Clone, Default)]
pub struct Play {
    pub method: &'static str,
    pub target: String,
    pub asked: Vec<(&'static str, String)>,
    pub request: Vec<u8>,
    pub status: u16,
    pub answered: Vec<(&'static str, String)>,
    pub response: Vec<u8>,
    /// Bytes of a body given at a time; 0 for all.
    pub piece: usize,
}

impl Play {
    pub fn get(target: &str) -> Play {
        Play { method: "GET", target: target.into(), status: 200, ..Play::default() }
    }
    pub fn post(target: &str, media: &str, body: &str) -> Play {
        let asked = vec![("Content-Type", media.to_owned())];
        Play { method: "POST", asked, request: body.into(), ..Play::get(target) }
    }
    pub fn answer(mut self, media: &str, body: impl Into<Vec<u8>>) -> Play {
        self.answered.push(("Content-Type", media.to_owned()));
        self.response = body.into();
        self
    }
    pub fn asking(mut self, name: &'static str, value: &str) -> Play {
        self.asked.push((name, value.to_owned()));
        self
    }
    pub fn answering(mut self, name: &'static str, value: &str) -> Play {
        self.answered.push((name, value.to_owned()));
        self
    }
    pub fn run(&self) -> Exchange {
        self.run_with(Config { digest: true, ..Config::default() }).0
    }
    pub fn run_with(&self, config: Config) -> (Exchange, Ledger) {
        let mut i = inspector(config);
        let (flow, mut state, mut out, mut ledger) =
            (flow(), FlowExchanges::default(), Vec::new(), Ledger::default());
        let mut sink = i.sink(|| flow, &mut state, &mut out);
        let asked = headers(&self.asked);
        sink.request(&RequestHead {
            exchange: 0,
            side: Side::Client,
            time: at(2),
            method: self.method.as_bytes(),
            target: self.target.as_bytes(),
            protocol: Protocol::Http11,
            scheme: Scheme::Http,
            headers: &asked,
        });
        self.pieces(&self.request, |b| sink.body(0, Half::Request, b));
        sink.end(0, Half::Request, at(3), true, &mut ledger);
        let answered = headers(&self.answered);
        let status = self.status;
        sink.response(&ResponseHead {
            exchange: 0,
            side: Side::Server,
            time: at(4),
            protocol: Protocol::Http11,
            scheme: Scheme::Http,
            status,
            headers: &answered,
        });
        self.pieces(&self.response, |b| sink.body(0, Half::Response, b));
        sink.end(0, Half::Response, at(5), true, &mut ledger);
        sink.done(0, at(6), &mut ledger);
        drop(sink);
        assert!(ledger.balanced());
        (out.pop().unwrap(), ledger)
    }
    fn pieces(&self, body: &[u8], mut each: impl FnMut(&[u8])) {
        let n = if self.piece == 0 { body.len().max(1) } else { self.piece };
        body.chunks(n).for_each(&mut each);
    }
}

fn headers(list: &[(&'static str, String)]) -> Vec<Header<'static>> {
    let leak = |s: &String| -> &'static [u8] { Box::leak(s.clone().into_bytes().into_boxed_slice()) };
    list.iter().map(|(n, v)| Header { name: n.as_bytes(), value: leak(v) }).collect()
}

/// `type@path xcount` of every data item of the bodies.
pub fn items(x: &Exchange) -> Vec<String> {
    let rules = RuleSet::builtin().unwrap();
    let name = |d: &weir_exchange::DataItem| rules.catalogue().data_type(d.data_type).unwrap().id.clone();
    x.data.iter().map(|d| format!("{}:{}@{} x{}", d.place.part.key(), name(d), d.path, d.count)).collect()
}
