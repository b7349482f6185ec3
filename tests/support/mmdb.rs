//! A writer of small MMDB files (MaxMind DB 2.0, with records of 24 bits), for tests.

use std::net::IpAddr;

/// A value of the data section.
#[derive(Clone, Debug)]
pub enum Value {
    /// UTF-8 text, up to 284 bytes.
    Text(String),
    /// Names and values, fewer than 29.
    Map(Vec<(&'static str, Value)>),
    /// Values, fewer than 29.
    List(Vec<Value>),
    /// 16 bits.
    U16(u16),
    /// 32 bits.
    U32(u32),
    /// 64 bits.
    U64(u64),
}

/// A text.
pub fn text(s: &str) -> Value {
    Value::Text(s.into())
}

impl Value {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Value::Text(s) => {
                control(out, 2, s.len());
                out.extend(s.as_bytes());
            }
            Value::Map(entries) => {
                control(out, 7, entries.len());
                for (name, value) in entries {
                    text(name).write(out);
                    value.write(out);
                }
            }
            Value::List(values) => {
                control(out, 11, values.len());
                values.iter().for_each(|v| v.write(out));
            }
            Value::U16(n) => number(out, 5, &n.to_be_bytes()),
            Value::U32(n) => number(out, 6, &n.to_be_bytes()),
            Value::U64(n) => number(out, 9, &n.to_be_bytes()),
        }
    }
}

fn control(out: &mut Vec<u8>, kind: u8, size: usize) {
    let (short, more) = if size < 29 { (size as u8, None) } else { (29, Some((size - 29) as u8)) };
    if kind < 8 {
        out.push(kind << 5 | short);
    } else {
        out.extend([short, kind - 7]);
    }
    out.extend(more);
}

fn number(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    control(out, kind, bytes.len());
    out.extend(bytes);
}

/// Where a record of a node leads.
#[derive(Clone, Copy)]
enum Record {
    Nothing,
    Node(usize),
    Data(usize),
}

/// A database of the type and time given: networks (`10.0.0.0/8`, IPv4 ones under `::/96`) with their values. Of nested networks the
/// outer must come first.
pub fn mmdb(kind: &str, built: u64, networks: &[(&str, Value)]) -> Vec<u8> {
    let mut nodes = vec![[Record::Nothing; 2]];
    let mut data = Vec::new();
    for (network, value) in networks {
        let at = data.len();
        value.write(&mut data);
        insert(&mut nodes, network, at);
    }
    let count = nodes.len();
    let mut out = Vec::new();
    for record in nodes.iter().flatten() {
        let n = match record {
            Record::Nothing => count,
            Record::Node(n) => *n,
            Record::Data(at) => count + 16 + at,
        };
        out.extend(&(n as u32).to_be_bytes()[1..]);
    }
    out.extend([0; 16]);
    out.extend(data);
    out.extend(b"\xab\xcd\xefMaxMind.com");
    let about = vec![
        ("binary_format_major_version", Value::U16(2)),
        ("binary_format_minor_version", Value::U16(0)),
        ("build_epoch", Value::U64(built)),
        ("database_type", text(kind)),
        ("description", Value::Map(vec![("en", text("made by a test"))])),
        ("ip_version", Value::U16(6)),
        ("languages", Value::List(vec![text("en")])),
        ("node_count", Value::U32(count as u32)),
        ("record_size", Value::U16(24)),
    ];
    Value::Map(about).write(&mut out);
    out
}

fn insert(nodes: &mut Vec<[Record; 2]>, network: &str, at: usize) {
    let (ip, bits) = network.split_once('/').unwrap();
    let (ip, bits): (IpAddr, usize) = (ip.parse().unwrap(), bits.parse().unwrap());
    let (address, bits) = match ip {
        IpAddr::V4(ip) => (u128::from(ip.to_bits()), bits + 96),
        IpAddr::V6(ip) => (ip.to_bits(), bits),
    };
    let mut node = 0;
    for depth in 0..bits {
        let side = (address >> (127 - depth) & 1) as usize;
        if depth + 1 == bits {
            nodes[node][side] = Record::Data(at);
            return;
        }
        node = match nodes[node][side] {
            Record::Node(n) => n,
            // Both halves of an outer network begin as that network.
            other => {
                nodes.push([other; 2]);
                nodes[node][side] = Record::Node(nodes.len() - 1);
                nodes.len() - 1
            }
        };
    }
}
