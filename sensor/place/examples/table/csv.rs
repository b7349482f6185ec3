//! Lines of `first,last,CC`.

use crate::Ranges;
use std::net::IpAddr;
use weir_place::Country;

/// Reads every file. Of IPv6 the first 64 bits are kept: a range within one network of 64 bits is the whole network.
pub fn read(files: &[&str]) -> Result<Ranges, String> {
    let mut ranges = Ranges::default();
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
        for (n, line) in (1..).zip(text.lines()) {
            add(&mut ranges, line).ok_or_else(|| format!("{file}:{n}: not `first,last,CC`: {line}"))?;
        }
    }
    Ok(ranges)
}

fn add(ranges: &mut Ranges, line: &str) -> Option<()> {
    let mut cells = line.trim().split(',');
    let (first, last) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
    let country = Country::new(cells.next()?)?;
    match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) => ranges.v4.push((a.to_bits(), b.to_bits(), country)),
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            ranges.v6.push(((a.to_bits() >> 64) as u64, (b.to_bits() >> 64) as u64, country));
        }
        _ => return None,
    }
    Some(())
}
