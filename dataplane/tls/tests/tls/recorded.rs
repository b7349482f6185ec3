//! Recorded connections (`make.py`, `make_tlcp.py`), and how they are read.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::path::Path;
use weir_exchange::TlsFacts;
use weir_tls::{Connection, Events, KeyStore};
use weir_wire::Side;

/// What every client says, twice.
pub const REQUEST: &str = "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n";
pub const SIDES: [Side; 2] = [Side::Client, Side::Server];

/// What every server answers.
pub fn answer() -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n{}", "0123456789".repeat(60))
}

/// A recorded connection.
#[derive(Clone)]
pub struct Case {
    pub name: String,
    pub flights: Vec<(Side, Vec<u8>)>,
    pub log: String,
    /// Private keys of the server, PEM, where the client encrypted for one of them.
    pub private: Vec<Vec<u8>>,
}

impl Case {
    fn read(path: &Path) -> Case {
        let text = std::fs::read_to_string(path).expect("a recorded connection");
        let bytes = |hex: &str| {
            (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex")).collect()
        };
        let mut case = Case {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            flights: Vec::new(),
            log: String::new(),
            private: Vec::new(),
        };
        for line in text.lines() {
            match line.split_once(' ').expect("a kind and a value") {
                ("C", hex) => case.flights.push((Side::Client, bytes(hex))),
                ("S", hex) => case.flights.push((Side::Server, bytes(hex))),
                ("P", pem) => case.private.push(BASE64_STANDARD.decode(pem).expect("base64")),
                (_, secret) => case.log += &format!("{secret}\n"),
            }
        }
        case
    }
    pub fn keys(&self) -> KeyStore {
        let keys = KeyStore::default();
        assert!(keys.add_log(self.log.as_bytes()).secrets > 0, "{}", self.name);
        keys
    }
    pub fn len(&self) -> u64 {
        self.flights.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }
}

/// Recorded connections.
pub const CASES: usize = 27;

pub fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/connections");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("recorded connections")
        .map(|e| e.expect("an entry").path())
        .collect();
    paths.sort();
    assert_eq!(paths.len(), CASES);
    paths.iter().map(|p| Case::read(p)).collect()
}

/// What came out.
#[derive(Default)]
pub struct Clear {
    pub text: [Vec<u8>; 2],
    pub gaps: [u64; 2],
    pub facts: TlsFacts,
}

impl Events for Clear {
    fn data(&mut self, facts: &TlsFacts, side: Side, bytes: &[u8]) {
        assert!(!bytes.is_empty());
        self.facts = facts.clone();
        self.text[side.index()].extend_from_slice(bytes);
    }
    fn gap(&mut self, side: Side, len: u64) {
        self.gaps[side.index()] += len;
    }
}

/// Runs flights through a connection, each in pieces of these sizes, and checks that every byte is booked once.
pub fn run(flights: &[(Side, Vec<u8>)], keys: Option<&KeyStore>, sizes: &[usize]) -> (Connection, Clear) {
    let (mut connection, mut clear) = (Connection::default(), Clear::default());
    let mut sizes = sizes.iter().cycle();
    for (side, bytes) in flights {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((*sizes.next().expect("a size")).clamp(1, rest.len()));
            connection.read(*side, piece, keys, &mut clear);
            rest = behind;
        }
    }
    SIDES.into_iter().for_each(|side| connection.end(side));
    let (framing, sealed) = connection.take_booked();
    let text: usize = clear.text.iter().map(Vec::len).sum();
    let given: u64 = flights.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    assert_eq!(framing + sealed + text as u64, given, "every byte is booked once");
    (connection, clear)
}
