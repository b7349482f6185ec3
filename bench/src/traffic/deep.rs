//! Long bodies with people planted at a known depth, and how many.

use crate::body;
use crate::http::{Coding, request, response};
use crate::load::Load;
use crate::mix::{Mix, ends};
use crate::people::Person;
use crate::rng::Rng;
use crate::tcp::{CLIENT, Connection, SERVER};
use std::fmt::Write;
use std::ops::Range;

const KIB: usize = 1024;

/// Where in a decoded body people stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// In its first 100 KiB.
    Shallow,
    /// Beyond 100 KiB, before 1 MiB.
    Beyond100KiB,
    /// Beyond 1 MiB.
    Beyond1MiB,
}

impl Depth {
    /// All of them.
    pub const ALL: [Depth; 3] = [Depth::Shallow, Depth::Beyond100KiB, Depth::Beyond1MiB];

    /// Bytes of the decoded body in which they begin.
    pub fn bytes(self) -> Range<usize> {
        match self {
            Depth::Shallow => 0..100 * KIB,
            Depth::Beyond100KiB => 100 * KIB..1024 * KIB,
            Depth::Beyond1MiB => 1024 * KIB..LENGTH,
        }
    }
}

/// Decoded bytes of a body.
pub const LENGTH: usize = 3 * 1024 * KIB;
/// Share of records with a person, where there may be any.
const SHARE: f64 = 0.02;

/// How a body is written and sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dress {
    /// Rows of a CSV table; else records of a JSON list.
    pub table: bool,
    /// Content coding.
    pub coding: Coding,
    /// In chunks.
    pub chunked: bool,
}

/// A body that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planted {
    /// Target of its request, which no other has.
    pub target: String,
    /// How it was written.
    pub dress: Dress,
    /// Where the people stand.
    pub depth: Depth,
    /// How many: each has an identity number, a mobile number, a bank card and an e-mail address.
    pub people: u32,
}

/// Every dress.
pub fn dresses() -> Vec<Dress> {
    let codings = [Coding::Plain, Coding::Gzip, Coding::Brotli, Coding::Zstd];
    let dress = |coding, chunked| [false, true].map(|table| Dress { table, coding, chunked });
    codings.into_iter().flat_map(|c| [false, true].map(|chunked| dress(c, chunked))).flatten().collect()
}

/// So many bodies of every dress and depth, one a connection, eight at a time.
pub fn load(each: usize) -> (Load, Vec<Planted>) {
    let kinds: Vec<(Dress, Depth)> =
        dresses().into_iter().flat_map(|dress| Depth::ALL.map(|depth| (dress, depth))).collect();
    let (mut load, mut planted) = (Load::default(), Vec::new());
    let connect = |rng: &mut Rng, n: usize| {
        let (dress, depth) = kinds[n % kinds.len()];
        let (c, p) = connection(rng, n, dress, depth);
        planted.push(p);
        c
    };
    let mix = Mix { live: 8, ..Mix::of(each * kinds.len()) };
    mix.frames(connect, |time, f| load.push(time, f));
    (load, planted)
}

/// A connection that fetches one body.
pub fn connection(rng: &mut Rng, n: usize, dress: Dress, depth: Depth) -> (Connection, Planted) {
    let (client, server, host) = ends(rng, n);
    let token = rng.bits();
    let (text, people) = if dress.table { table(rng, depth) } else { list(rng, depth) };
    let media = if dress.table { "text/csv; charset=utf-8" } else { "application/json; charset=utf-8" };
    let target = format!("/api/v2/export/{n}");
    let mut c = Connection::open(client, server, rng.bits() as u32);
    c.send(CLIENT, &request("GET", &target, &host, token, "", &[]));
    let body = dress.coding.code(text.as_bytes());
    c.send(SERVER, &response(media, dress.coding.name(), &body, dress.chunked));
    c.close();
    (c.done(), Planted { target, dress, depth, people })
}

/// Whether a record that begins at `at` holds a person.
fn personal(rng: &mut Rng, at: usize, depth: Depth) -> bool {
    // What begins within ends within, too.
    let Range { start, end } = depth.bytes();
    (start..end - KIB).contains(&at) && rng.chance(SHARE)
}

fn list(rng: &mut Rng, depth: Depth) -> (String, u32) {
    let (mut out, mut people) = ("{\"code\":0,\"data\":{\"list\":[".to_owned(), 0);
    while out.len() < LENGTH {
        let person = personal(rng, out.len(), depth);
        people += u32::from(person);
        body::record(rng, &mut out, person);
        out.push(',');
    }
    out.pop();
    (out + "]}}", people)
}

fn table(rng: &mut Rng, depth: Depth) -> (String, u32) {
    let (mut out, mut people) = ("order,state,idCard,mobile,bankCardNo,email\r\n".to_owned(), 0);
    while out.len() < LENGTH {
        // Writing to a string cannot fail.
        let _ = write!(out, "{},{}", 1_000_000 + rng.below(9_000_000), body::word(rng));
        if personal(rng, out.len(), depth) {
            people += 1;
            let p = Person::draw(rng);
            let _ = write!(out, ",{},{},{},{}\r\n", p.id, p.mobile, p.card, p.email);
        } else {
            out.push_str(",,,,\r\n");
        }
    }
    (out, people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_stand_where_they_are_said_to() {
        let mut rng = Rng::new(1);
        for depth in Depth::ALL {
            for (text, people) in [list(&mut rng, depth), table(&mut rng, depth)] {
                let at: Vec<usize> = text.match_indices("@example.com.cn").map(|(at, _)| at).collect();
                assert_eq!(at.len(), people as usize);
                assert!(people > 5, "{people}");
                assert!(at.iter().all(|at| depth.bytes().contains(at)), "{depth:?}");
            }
        }
    }
}
