//! A writer of captures for tests: independent of the reader, from the formats' descriptions.

use std::io::Cursor;
use weir_capture::{Files, Input, Polled, Source};

/// A frame as written or read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shot {
    pub nanos: u64,
    pub link: u16,
    pub wire_len: u32,
    pub data: Vec<u8>,
}

pub fn shot(nanos: u64, data: &[u8]) -> Shot {
    Shot { nanos, link: 1, wire_len: data.len() as u32, data: data.to_vec() }
}

/// Writes integers in a byte order.
#[derive(Clone, Copy)]
pub struct Ink {
    pub big: bool,
}

impl Ink {
    pub fn u16(self, v: u16) -> Vec<u8> {
        if self.big { v.to_be_bytes().into() } else { v.to_le_bytes().into() }
    }
    pub fn u32(self, v: u32) -> Vec<u8> {
        if self.big { v.to_be_bytes().into() } else { v.to_le_bytes().into() }
    }
    pub fn u64(self, v: u64) -> Vec<u8> {
        if self.big { v.to_be_bytes().into() } else { v.to_le_bytes().into() }
    }

    pub fn pcap_header(self, magic: u32, link: u16) -> Vec<u8> {
        let (version, zero) = ([self.u16(2), self.u16(4)].concat(), self.u32(0));
        [self.u32(magic), version, zero.clone(), zero, self.u32(65535), self.u32(link.into())].concat()
    }

    pub fn pcap(self, magic: u32, shots: &[Shot]) -> Vec<u8> {
        let mut out = self.pcap_header(magic, shots.first().map_or(1, |s| s.link));
        for s in shots {
            let fraction = s.nanos % 1_000_000_000 / if magic == 0xa1b2_3c4d { 1 } else { 1000 };
            for field in [(s.nanos / 1_000_000_000) as u32, fraction as u32, s.data.len() as u32, s.wire_len]
            {
                out.extend(self.u32(field));
            }
            if magic == 0xa1b2_cd34 {
                out.extend([9; 8]);
            }
            out.extend(&s.data);
        }
        out
    }

    /// A pcapng block around `body`, padded.
    pub fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        body.resize(body.len().next_multiple_of(4), 0);
        let len = self.u32(body.len() as u32 + 12);
        [self.u32(kind), len.clone(), body, len].concat()
    }
    pub fn section(self) -> Vec<u8> {
        let body = [self.u32(0x1a2b_3c4d), self.u16(1), self.u16(0), vec![0xff; 8]].concat();
        self.block(0x0a0d_0d0a, &body)
    }
    pub fn interface(self, link: u16, options: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut body = [self.u16(link), self.u16(0), self.u32(0)].concat();
        for (code, value) in options {
            body.extend([self.u16(*code), self.u16(value.len() as u16), value.clone()].concat());
            body.resize(body.len().next_multiple_of(4), 0);
        }
        self.block(1, &body)
    }
    pub fn enhanced(self, interface: u32, ticks: u64, wire_len: u32, data: &[u8]) -> Vec<u8> {
        let (high, low) = ((ticks >> 32) as u32, ticks as u32);
        let fields = [interface, high, low, data.len() as u32, wire_len].map(|f| self.u32(f)).concat();
        self.block(6, &[fields, data.to_vec()].concat())
    }
}

pub fn stream(bytes: Vec<u8>) -> Input {
    Input::Stream("made".into(), Box::new(Cursor::new(bytes)))
}

/// Reads to the end; panics on an error.
pub fn drain(source: &mut impl Source) -> Vec<Shot> {
    let mut out = Vec::new();
    loop {
        let polled = source.poll(&mut |burst| {
            out.extend(burst.iter().map(|f| {
                let link = f.link.0;
                Shot { nanos: f.time.nanos(), link, wire_len: f.wire_len, data: f.data.to_vec() }
            }));
        });
        if polled.unwrap() == Polled::End {
            return out;
        }
    }
}

pub fn read(bytes: Vec<u8>) -> (Vec<Shot>, Vec<String>) {
    let mut files = Files::new(vec![stream(bytes)]);
    let shots = drain(&mut files);
    assert_eq!(files.counters().frames, shots.len() as u64);
    (shots, files.notices().iter().map(ToString::to_string).collect())
}
