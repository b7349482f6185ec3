//! Traffic made to be dear: each kind aims at one thing a sensor does for every byte.

use crate::http::{Coding, request, response};
use crate::mix::ends;
use crate::rng::Rng;
use crate::tcp::{CLIENT, Connection, SERVER};

/// What a connection attacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attack {
    /// Digits without end: every position could begin a number.
    DigitWall,
    /// One byte over and over, that of many rules.
    SameByte,
    /// Objects in objects in objects.
    DeepJson,
    /// Millions of short fields, each with another name.
    ManyNames,
    /// A gzip bomb.
    Bomb,
    /// A segment a byte.
    TinySegments,
    /// A chunk a byte.
    TinyChunks,
    /// A head of 60 KB.
    GiantHead,
    /// Stars, as if everything were masked.
    Stars,
    /// Base64 without end.
    Base64Wall,
}

impl Attack {
    /// All of them.
    pub const ALL: [Attack; 10] = [
        Attack::DigitWall,
        Attack::SameByte,
        Attack::DeepJson,
        Attack::ManyNames,
        Attack::Bomb,
        Attack::TinySegments,
        Attack::TinyChunks,
        Attack::GiantHead,
        Attack::Stars,
        Attack::Base64Wall,
    ];

    /// A connection that mounts it.
    pub fn connection(self, rng: &mut Rng, n: usize) -> Connection {
        let (client, server, host) = ends(rng, n);
        let token = rng.bits();
        let mut asked = request("GET", "/api/v2/report", &host, token, "", &[]);
        if self == Attack::GiantHead {
            asked.truncate(asked.len() - 2);
            asked.extend(format!("X-Padding: {}\r\n\r\n", "a=1; ".repeat(12_000)).bytes());
        }
        let coding = if self == Attack::Bomb { Coding::Gzip } else { Coding::Plain };
        let mut answer = response("application/json", coding.name(), &coding.code(&self.body(rng)), false);
        if self == Attack::TinyChunks {
            answer =
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .to_vec();
            self.body(rng).iter().for_each(|b| answer.extend([b'1', b'\r', b'\n', *b, b'\r', b'\n']));
            answer.extend(b"0\r\n\r\n");
        }
        let mut c = Connection::open(client, server, rng.bits() as u32);
        if self == Attack::TinySegments {
            c = c.in_segments_of(1);
        }
        c.send(CLIENT, &asked);
        c.send(SERVER, &answer);
        c.close();
        c.done()
    }

    fn body(self, rng: &mut Rng) -> Vec<u8> {
        const SIZE: usize = 64 << 10;
        let text = match self {
            Attack::DigitWall => {
                (0..SIZE / 16).map(|_| format!("{:016}", rng.below(10u64.pow(16)))).collect()
            }
            Attack::SameByte => "1".repeat(SIZE),
            Attack::DeepJson => "{\"a\":[".repeat(SIZE / 6),
            Attack::ManyNames => {
                let names: Vec<String> =
                    (0..SIZE / 14).map(|_| format!("\"k{:x}\":1", rng.bits() as u32)).collect();
                format!("{{{}}}", names.join(","))
            }
            Attack::Bomb => " ".repeat(8 << 20),
            Attack::TinySegments | Attack::TinyChunks => crate::body::json(rng, 2_000, false),
            Attack::GiantHead => "{}".into(),
            Attack::Stars => "a*".repeat(SIZE / 2),
            Attack::Base64Wall => {
                let letter =
                    |n: u64| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789+/"[n as usize % 44]);
                format!("{{\"data\":\"{}\"}}", (0..SIZE).map(|_| letter(rng.bits() >> 7)).collect::<String>())
            }
        };
        text.into_bytes()
    }
}

/// A connection of W12: the attacks in turn.
pub fn connection(rng: &mut Rng, n: usize) -> Connection {
    Attack::ALL[n % Attack::ALL.len()].connection(rng, n)
}
