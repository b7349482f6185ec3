//! The same people in every dress that Chinese systems put on text.

use crate::http::{request, response};
use crate::mix::ends;
use crate::people::Person;
use crate::rng::Rng;
use crate::tcp::{CLIENT, Connection, SERVER};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use encoding_rs::GBK;
use std::fmt::Write;

/// A connection with one exchange in each of seven encodings.
pub fn connection(rng: &mut Rng, n: usize) -> Connection {
    let (client, server, host) = ends(rng, n);
    let token = rng.bits();
    let mut c = Connection::open(client, server, rng.bits() as u32);
    for kind in 0..7 {
        let personal = rng.chance(0.1);
        let people: Vec<Person> = (0..2 + rng.below(6)).map(|_| Person::draw(rng)).collect();
        let (media, body) = dressed(kind, &people, personal);
        // Forms and uploads are sent, the rest is answered.
        let (sent, answered) = if kind < 2 { (&body[..], &b"{}"[..]) } else { (&b""[..], &body[..]) };
        let method = if kind < 2 { "POST" } else { "GET" };
        c.send(CLIENT, &request(method, &format!("/api/v2/people/{kind}"), &host, token, media, sent));
        let answer = if kind < 2 { "application/json" } else { media };
        c.send(SERVER, &response(answer, None, answered, false));
    }
    c.close();
    c.done()
}

/// Media type and body of people in one encoding.
fn dressed(kind: usize, people: &[Person], personal: bool) -> (&'static str, Vec<u8>) {
    let id = |p: &Person| if personal { p.id.clone() } else { "-".into() };
    let json = || {
        let one = |p: &Person| format!("{{\"custName\":\"{}\",\"idCard\":\"{}\"}}", p.name, id(p));
        format!("{{\"list\":[{}]}}", people.iter().map(one).collect::<Vec<_>>().join(","))
    };
    match kind {
        0 => ("application/x-www-form-urlencoded", form(people, personal).into_bytes()),
        1 => ("multipart/form-data; boundary=b7c1", multipart(people, personal).into_bytes()),
        2 => ("text/html; charset=gbk", GBK.encode(&html(people, personal)).0.into_owned()),
        3 => {
            let units = json();
            let units = std::iter::once(0xfeff).chain(units.encode_utf16());
            ("application/json; charset=utf-16le", units.flat_map(u16::to_le_bytes).collect())
        }
        4 => ("application/json", escaped(&json()).into_bytes()),
        5 => {
            let inner = BASE64_STANDARD.encode(json());
            ("application/json", format!("{{\"code\":0,\"data\":\"{inner}\"}}").into_bytes())
        }
        _ => {
            let one =
                |p: &Person| format!("<person><name>{}</name><idCard>{}</idCard></person>", p.name, id(p));
            let all: String = people.iter().map(one).collect();
            ("application/xml", format!("<?xml version=\"1.0\"?><people>{all}</people>").into_bytes())
        }
    }
}

fn form(people: &[Person], personal: bool) -> String {
    let mut out = String::new();
    for p in people {
        for b in p.name.bytes() {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}%{b:02X}", if out.is_empty() { "name=" } else { "" });
        }
        let _ = write!(out, "&mobile={}&name=", if personal { &p.mobile } else { "0" });
    }
    out
}

fn multipart(people: &[Person], personal: bool) -> String {
    let part = |p: &Person| {
        let value = if personal { &p.card } else { &p.name };
        format!("--b7c1\r\nContent-Disposition: form-data; name=\"card\"\r\n\r\n{value}\r\n")
    };
    people.iter().map(part).collect::<String>() + "--b7c1--\r\n"
}

fn html(people: &[Person], personal: bool) -> String {
    let row = |p: &Person| {
        format!("<tr><td>{}</td><td>{}</td></tr>", p.name, if personal { &p.mobile } else { &p.address })
    };
    let rows: String = people.iter().map(row).collect();
    format!("<html><body><table><tr><th>姓名</th><th>手机</th></tr>{rows}</table></body></html>")
}

/// Everything beyond ASCII as `\u`.
fn escaped(json: &str) -> String {
    let mut out = String::new();
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b) if b.is_ascii() => out.push(char::from(b)),
            _ => {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}
