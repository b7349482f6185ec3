//! A plain encoder: the other end of what the parser reads, written from RFC 9113 and RFC 7541 alone.

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RESET: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW: u8 = 8;
pub const CONTINUATION: u8 = 9;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;
pub const PADDED: u8 = 8;
pub const PRIORITY: u8 = 0x20;
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A field.
pub type Field = (String, String);

pub fn field(name: &str, value: impl Into<String>) -> Field {
    (name.into(), value.into())
}

/// A frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut out = vec![length[1], length[2], length[3], kind, flags];
    out.extend(stream.to_be_bytes());
    out.extend(payload);
    out
}

pub fn settings() -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100])
}

/// An integer with a prefix of so many bits.
pub fn integer(out: &mut Vec<u8>, first: u8, prefix: u32, mut n: usize) {
    let mask = (1usize << prefix) - 1;
    if n < mask {
        return out.push(first | n as u8);
    }
    out.push(first | mask as u8);
    n -= mask;
    while n >= 128 {
        out.push(0x80 | (n & 0x7f) as u8);
        n >>= 7;
    }
    out.push(n as u8);
}

pub fn string(out: &mut Vec<u8>, text: &str) {
    integer(out, 0, 7, text.len());
    out.extend(text.bytes());
}

/// One direction's encoder. Which form a field takes is chosen by a count, so that all come up.
#[derive(Default)]
pub struct Encoder {
    /// Latest first.
    table: Vec<Field>,
    pub turn: usize,
}

/// A few entries of the static table.
const STATIC: &[(usize, &str, &str)] = &[
    (2, ":method", "GET"),
    (3, ":method", "POST"),
    (4, ":path", "/"),
    (6, ":scheme", "http"),
    (8, ":status", "200"),
    (13, ":status", "404"),
];
const NAMES: &[(usize, &str)] =
    &[(1, ":authority"), (4, ":path"), (8, ":status"), (31, "content-type"), (32, "cookie")];

impl Encoder {
    fn one(&mut self, out: &mut Vec<u8>, f: &Field) {
        self.turn += 1;
        if let Some((i, ..)) = STATIC.iter().find(|(_, n, v)| *n == f.0 && *v == f.1) {
            return integer(out, 0x80, 7, *i);
        }
        if let Some(i) = self.table.iter().position(|known| known == f) {
            return integer(out, 0x80, 7, 62 + i);
        }
        let adds = !self.turn.is_multiple_of(3);
        let dynamic = self.table.iter().position(|known| known.0 == f.0).map(|i| 62 + i);
        let name = NAMES
            .iter()
            .find(|(_, n)| *n == f.0)
            .map(|(i, _)| *i)
            .or(dynamic)
            .filter(|_| !self.turn.is_multiple_of(5));
        let (first, prefix) =
            if adds { (0x40, 6) } else { (if self.turn.is_multiple_of(2) { 0x10 } else { 0 }, 4) };
        integer(out, first, prefix, name.unwrap_or(0));
        if name.is_none() {
            string(out, &f.0);
        }
        string(out, &f.1);
        if adds {
            self.table.insert(0, f.clone());
            let size = |t: &[Field]| t.iter().map(|(n, v)| n.len() + v.len() + 32).sum::<usize>();
            while size(&self.table) > 4096 {
                self.table.pop();
            }
        }
    }

    /// A field block.
    pub fn block(&mut self, fields: &[Field]) -> Vec<u8> {
        let mut out = Vec::new();
        fields.iter().for_each(|f| self.one(&mut out, f));
        out
    }

    /// HEADERS in one frame.
    pub fn headers(&mut self, stream: u32, ends: bool, fields: &[Field]) -> Vec<u8> {
        let block = self.block(fields);
        frame(HEADERS, END_HEADERS | u8::from(ends), stream, &block)
    }
}

pub fn get(path: &str) -> Vec<Field> {
    vec![
        field(":method", "GET"),
        field(":scheme", "http"),
        field(":path", path),
        field(":authority", "h.example"),
    ]
}

pub fn post(path: &str) -> Vec<Field> {
    vec![
        field(":method", "POST"),
        field(":scheme", "http"),
        field(":path", path),
        field(":authority", "h.example"),
    ]
}

pub fn status(code: u16) -> Vec<Field> {
    vec![field(":status", code.to_string())]
}

/// The client's beginning.
pub fn hello() -> Vec<u8> {
    [PREFACE, &settings()].concat()
}
