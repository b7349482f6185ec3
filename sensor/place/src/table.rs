//! The country table that is built in: ranges of addresses, decoded once.
//!
//! The file (little-endian), made by `examples/table`:
//! ```text
//! "WEIRPLC1"  u16 length, then name \n version \n date \n source (UTF-8)
//! u8 n, n codes of two letters
//! u32 steps of IPv4, steps; u32 steps of IPv6, steps
//! step: u8 country (0 none, k the k-th), then how far it starts after the one before, as n << shift:
//!       one byte `shift` where n is 1, else 64 + shift and n as LEB128
//! ```
//! IPv4 counts addresses, IPv6 networks of 64 bits. Allocations are powers of two, so that most steps take two bytes.

use crate::database::{Database, DatabaseKind};
use crate::{Country, Steps};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

const MAGIC: &[u8; 8] = b"WEIRPLC1";
const SHIPPED: &[u8] = include_bytes!("../data/countries.bin");
/// From here on a step's first byte announces a number.
const NUMBER: u8 = 64;

/// Countries by ranges of addresses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// What it is, and from when.
    pub database: Database,
    countries: Vec<Country>,
    v4: Steps<u32, u8>,
    v6: Steps<u64, u8>,
    /// Of IPv4, how many steps start before each first 16 bits: the search then looks at few. Empty where it was not made.
    first: Vec<u32>,
}

static EMBEDDED: LazyLock<Table> = LazyLock::new(|| {
    let missing = || Table::new("", "", "", "");
    // What is shipped decodes: a test holds that.
    Table::decode(SHIPPED).unwrap_or_else(missing)
});

impl Table {
    /// The table that is built in.
    pub fn embedded() -> &'static Table {
        &EMBEDDED
    }

    /// An empty one of the name, version, date (`YYYY-MM-DD`) and source given.
    pub fn new(name: &str, version: &str, date: &str, source: &str) -> Table {
        let database = Database {
            kind: DatabaseKind::Table,
            name: name.into(),
            version: version.into(),
            date: date.into(),
            source: source.into(),
        };
        Table {
            database,
            countries: Vec::new(),
            v4: Steps::default(),
            v6: Steps::default(),
            first: Vec::new(),
        }
    }

    /// The country of an address: a binary search, nothing is allocated.
    pub fn country(&self, ip: IpAddr) -> Option<Country> {
        let value = match ip {
            IpAddr::V4(ip) => self.at_v4(ip.to_bits()),
            IpAddr::V6(ip) => self.v6.at((ip.to_bits() >> 64) as u64),
        };
        self.number(value?)
    }

    fn at_v4(&self, bits: u32) -> Option<u8> {
        let top = (bits >> 16) as usize;
        let end = |n: usize| self.first.get(n).map(|n| *n as usize);
        match (end(top), end(top + 1)) {
            (Some(from), Some(to)) => self.v4.at_among(bits, from, to),
            _ => self.v4.at(bits),
        }
    }

    fn number(&self, value: u8) -> Option<Country> {
        self.countries.get(usize::from(value).checked_sub(1)?).copied()
    }

    /// Every step of IPv4: from this address on, this country.
    pub fn v4(&self) -> impl Iterator<Item = (Ipv4Addr, Option<Country>)> {
        self.v4.iter().map(|(start, v)| (Ipv4Addr::from_bits(start), self.number(v)))
    }

    /// Every step of IPv6.
    pub fn v6(&self) -> impl Iterator<Item = (Ipv6Addr, Option<Country>)> {
        self.v6.iter().map(|(start, v)| (Ipv6Addr::from_bits(u128::from(start) << 64), self.number(v)))
    }

    /// Goes on with `country` from `start`, which is not below the last start of its version of the protocol. Of IPv6 only the first
    /// 64 bits count. `None` where there are more than 255 countries.
    pub fn push(&mut self, start: IpAddr, country: Option<Country>) -> Option<()> {
        let value = match country {
            None => 0,
            Some(c) => {
                let known = self.countries.iter().position(|k| *k == c);
                let at = known.unwrap_or_else(|| {
                    self.countries.push(c);
                    self.countries.len() - 1
                });
                u8::try_from(at + 1).ok()?
            }
        };
        match start {
            IpAddr::V4(ip) => self.v4.push(ip.to_bits(), value),
            IpAddr::V6(ip) => self.v6.push((ip.to_bits() >> 64) as u64, value),
        }
        Some(())
    }

    /// As the file has it; the same table gives the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        let d = &self.database;
        let text = [&*d.name, &*d.version, &*d.date, &*d.source].join("\n");
        let text = text.get(..usize::from(u16::MAX)).unwrap_or(&text);
        let mut out = MAGIC.to_vec();
        out.extend((text.len() as u16).to_le_bytes());
        out.extend(text.as_bytes());
        out.push(self.countries.len() as u8);
        self.countries.iter().for_each(|c| out.extend(c.code().as_bytes()));
        encode_steps(&mut out, self.v4.iter().map(|(k, v)| (u64::from(k), v)), self.v4.len());
        encode_steps(&mut out, self.v6.iter(), self.v6.len());
        out
    }

    /// From a file's bytes; `None` for what is no such file.
    pub fn decode(bytes: &[u8]) -> Option<Table> {
        let mut cursor = Cursor(bytes.strip_prefix(MAGIC)?, 0);
        let length = u16::from_le_bytes(cursor.array()?);
        let text = std::str::from_utf8(cursor.take(length.into())?).ok()?;
        let mut lines = text.splitn(4, '\n');
        let mut line = || lines.next();
        let mut table = Table::new(line()?, line()?, line()?, line()?);
        let [count] = cursor.array()?;
        for code in cursor.take(usize::from(count) * 2)?.chunks_exact(2) {
            table.countries.push(Country::new(std::str::from_utf8(code).ok()?)?);
        }
        let countries = count;
        for _ in 0..cursor.count()? {
            let (start, value) = cursor.step(countries)?;
            table.v4.push(u32::try_from(start).ok()?, value);
        }
        cursor.1 = 0;
        for _ in 0..cursor.count()? {
            let (start, value) = cursor.step(countries)?;
            table.v6.push(start, value);
        }
        table.first = (0..=1 << 16).map(|top| first(&table.v4, top)).collect();
        cursor.0.is_empty().then_some(table)
    }
}

/// How many steps start before the addresses of these first 16 bits; all do before what is beyond the last.
fn first(v4: &Steps<u32, u8>, top: u32) -> u32 {
    let before = match top {
        0..=0xffff => v4.before(top << 16),
        _ => v4.len(),
    };
    u32::try_from(before).unwrap_or(u32::MAX)
}

fn encode_steps(out: &mut Vec<u8>, steps: impl Iterator<Item = (u64, u8)>, count: usize) {
    out.extend((count as u32).to_le_bytes());
    let mut before = 0;
    for (start, value) in steps {
        let (gap, zeros) = (start - before, (start - before).trailing_zeros() as u8);
        before = start;
        out.push(value);
        if gap.is_power_of_two() {
            out.push(zeros);
            continue;
        }
        // A gap of nothing (a table that begins at the first address) has no last bit to shift to.
        let shift = if gap == 0 { 0 } else { zeros };
        out.push(NUMBER + shift);
        let mut n = gap >> shift;
        while n >= 0x80 {
            out.push(n as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
    }
}

/// What is left of a file, and where the last step started.
struct Cursor<'a>(&'a [u8], u64);

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
    fn count(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
    fn step(&mut self, countries: u8) -> Option<(u64, u8)> {
        let [value, how] = self.array()?;
        let gap = match how.checked_sub(NUMBER) {
            None => 1 << how,
            Some(shift) if shift < 64 => {
                let n = self.number()?;
                (n.leading_zeros() >= u32::from(shift)).then_some(n << shift)?
            }
            Some(_) => return None,
        };
        self.1 = self.1.checked_add(gap)?;
        (value <= countries).then_some((self.1, value))
    }
    fn number(&mut self) -> Option<u64> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            if shift == 63 && byte > 1 {
                return None;
            }
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(n);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_shipped_decodes_and_says_what_it_is() {
        let table = Table::decode(SHIPPED).unwrap();
        assert_eq!(table.encode(), SHIPPED);
        assert!(SHIPPED.len() < 1_500_000);
        assert!(table.v4.len() > 50_000 && table.v6.len() > 20_000);
        let d = &table.database;
        assert!(!d.name.is_empty() && !d.version.is_empty() && d.date.len() == 10 && !d.source.is_empty());
    }

    #[test]
    fn well_known_addresses_are_where_they_are_registered() {
        for (ip, code) in [
            ("8.8.8.8", "US"),
            ("114.114.114.114", "CN"),
            ("223.5.5.5", "CN"),
            ("202.45.84.58", "HK"),
            ("202.175.3.3", "MO"),
            ("168.95.1.1", "TW"),
            ("193.0.6.139", "NL"),
            ("2001:4860:4860::8888", "US"),
            ("240e::1", "CN"),
            ("2001:200::1", "JP"),
        ] {
            let found = Table::embedded().country(ip.parse().unwrap());
            assert_eq!(found.map(|c| c.code().to_string()).as_deref(), Some(code), "{ip}");
        }
        assert_eq!(Table::embedded().country("10.0.0.1".parse().unwrap()), None);
        assert_eq!(Table::embedded().country("fe80::1".parse().unwrap()), None);
    }

    #[test]
    fn truncated_files_are_none() {
        for cut in (0..SHIPPED.len()).step_by(9_973).chain([SHIPPED.len() - 1]) {
            assert_eq!(Table::decode(&SHIPPED[..cut]), None, "{cut}");
        }
    }

    proptest! {
        #[test]
        fn a_table_survives_its_file(
            v4 in proptest::collection::btree_map(any::<u32>(), 0u8..9, 0..50),
            v6 in proptest::collection::btree_map(any::<u64>(), 0u8..9, 0..50),
        ) {
            let codes = ["CN", "HK", "MO", "TW", "US", "DE", "FR", "JP"];
            let country = |n: u8| codes.get(usize::from(n).wrapping_sub(1)).and_then(|c| Country::new(c));
            let mut table = Table::new("n", "1", "2026-01-02", "s");
            for (start, n) in &v4 {
                table.push(Ipv4Addr::from_bits(*start).into(), country(*n));
            }
            for (start, n) in &v6 {
                table.push(Ipv6Addr::from_bits(u128::from(*start) << 64).into(), country(*n));
            }
            let read = Table::decode(&table.encode());
            let steps = |t: &Table| (t.v4().collect::<Vec<_>>(), t.v6().collect::<Vec<_>>(), t.database.clone());
            prop_assert_eq!(read.as_ref().map(steps), Some(steps(&table)));
        }

        #[test]
        fn any_bytes_are_a_table_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let whole = [MAGIC.as_slice(), &[3, 0, b'\n', b'\n', b'\n', 1, b'C', b'N'], &bytes].concat();
            let _ = Table::decode(&whole);
        }

        /// The claim of the search: the same as reading the list from its beginning.
        #[test]
        fn lookup_is_a_linear_scan(bits in any::<u32>(), high in any::<u64>(), low in any::<u64>(), near in any::<proptest::sample::Index>()) {
            let table = Table::embedded();
            let steps: Vec<_> = table.v4().collect();
            // Any address, and the two beside a step.
            let edge = near.get(&steps).0.to_bits();
            for bits in [bits, edge, edge.wrapping_sub(1)] {
                let ip = Ipv4Addr::from_bits(bits);
                let naive = steps.iter().take_while(|(s, _)| *s <= ip).last().and_then(|(_, c)| *c);
                prop_assert_eq!(table.country(ip.into()), naive, "{}", ip);
            }
            let steps: Vec<_> = table.v6().collect();
            let edge = near.get(&steps).0.to_bits();
            for bits in [(u128::from(high) << 64) | u128::from(low), edge | u128::from(low), edge.wrapping_sub(1)] {
                let ip = Ipv6Addr::from_bits(bits);
                let naive = steps.iter().take_while(|(s, _)| *s <= ip).last().and_then(|(_, c)| *c);
                prop_assert_eq!(table.country(ip.into()), naive, "{}", ip);
            }
        }
    }
}
