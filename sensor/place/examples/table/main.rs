//! Makes `data/countries.bin`, the country table that is built in, from open data.
//!
//! ```text
//! cargo run -p weir-place --example table -- iptocc FOLDER 1.4.175 2026-11-01 sensor/place/data/countries.bin
//! cargo run -p weir-place --example table -- csv NAME VERSION DATE SOURCE OUT FILE.csv...
//! ```
//! `iptocc` reads `v4.bin` and `v6.bin` of the crate `iptocc` (`src/data` of its source), which are the delegated statistics of the five
//! regional registries; `csv` reads lines of `first,last,CC`. The same input gives the same bytes.

mod csv;
mod iptocc;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::process::ExitCode;
use weir_place::{Country, Table};

/// Ranges with both ends, of IPv4 and of the first 64 bits of IPv6.
#[derive(Default)]
struct Ranges {
    v4: Vec<(u32, u32, Country)>,
    v6: Vec<(u64, u64, Country)>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let made = match args.as_slice() {
        ["iptocc", folder, version, date, out] => {
            let name = "RIR delegated statistics (iptocc)";
            let source = "AFRINIC, APNIC, ARIN, LACNIC, RIPE NCC through nro.net (CC BY 4.0), by the crate iptocc (MIT OR Apache-2.0)";
            iptocc::read(Path::new(folder)).and_then(|r| write(r, [name, version, date, source], out))
        }
        ["csv", name, version, date, source, out, files @ ..] if !files.is_empty() => {
            csv::read(files).and_then(|r| write(r, [name, version, date, source], out))
        }
        _ => Err(
            "usage: table iptocc FOLDER VERSION DATE OUT | table csv NAME VERSION DATE SOURCE OUT FILE..."
                .into(),
        ),
    };
    match made {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("table: {why}");
            ExitCode::from(2)
        }
    }
}

fn write(mut ranges: Ranges, [name, version, date, source]: [&str; 4], out: &str) -> Result<String, String> {
    let mut table = Table::new(name, version, date, source);
    ranges.v4.sort_unstable();
    ranges.v6.sort_unstable();
    let v4 = ranges.v4.iter().map(|(a, b, c)| (u64::from(*a), u64::from(*b), *c));
    lay(v4, u32::MAX.into(), |start, c| table.push(IpAddr::V4(Ipv4Addr::from_bits(start as u32)), c))?;
    let v6 = |start: u64| IpAddr::V6(Ipv6Addr::from_bits(u128::from(start) << 64));
    lay(ranges.v6.iter().copied(), u64::MAX, |start, c| table.push(v6(start), c))?;
    let bytes = table.encode();
    std::fs::write(out, &bytes).map_err(|e| format!("{out}: {e}"))?;
    let (n4, n6) = (table.v4().count(), table.v6().count());
    Ok(format!("{out}: {} bytes, {n4} steps of IPv4, {n6} of IPv6", bytes.len()))
}

/// Lays sorted ranges out as steps. Where ranges overlap, the one that starts later holds.
fn lay(
    ranges: impl Iterator<Item = (u64, u64, Country)>,
    most: u64,
    mut push: impl FnMut(u64, Option<Country>) -> Option<()>,
) -> Result<(), String> {
    let many = || "more than 255 countries".to_string();
    let mut ranges = ranges.peekable();
    while let Some((first, last, country)) = ranges.next() {
        if first > last {
            return Err(format!("a range of {country} ends before it starts"));
        }
        push(first, Some(country)).ok_or_else(many)?;
        let after = last.checked_add(1).filter(|n| *n <= most);
        let covered = ranges.peek().is_some_and(|(next, _, _)| after.is_none_or(|a| *next <= a));
        if let Some(after) = after.filter(|_| !covered) {
            push(after, None).ok_or_else(many)?;
        }
    }
    Ok(())
}
