//! The data files of the crate `iptocc` 1.4 (its `src/format.rs`): countries of a dictionary of two-letter codes over buckets of the first
//! 16 bits.

use crate::Ranges;
use std::path::Path;
use weir_place::Country;

const BUCKETS: usize = 1 << 16;
/// No country.
const NONE: u8 = 0xff;

/// Reads `v4.bin` and `v6.bin` of a folder.
pub fn read(folder: &Path) -> Result<Ranges, String> {
    let file = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map(Bytes).map_err(|e| format!("{}: {e}", path.display()))
    };
    let mut ranges = Ranges::default();
    v4(&file("v4.bin")?, &mut ranges).ok_or("v4.bin: not as iptocc 1.4 lays it out")?;
    v6(&file("v6.bin")?, &mut ranges).ok_or("v6.bin: not as iptocc 1.4 lays it out")?;
    Ok(ranges)
}

struct Bytes(Vec<u8>);

impl Bytes {
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..at.checked_add(N)?)?.try_into().ok()
    }
    fn u8(&self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }
    fn u16(&self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }
    fn u32(&self, at: usize) -> Option<usize> {
        self.array(at).map(u32::from_le_bytes).map(|n| n as usize)
    }
    /// The `n`-th code of the dictionary at `at`.
    fn country(&self, at: usize, n: u8) -> Option<Country> {
        let code: [u8; 2] = self.array(at + usize::from(n) * 2)?;
        Country::new(std::str::from_utf8(&code).ok()?)
    }
}

/// Each bucket is of one country, of none, or a list of offsets from which on a country holds.
fn v4(b: &Bytes, ranges: &mut Ranges) -> Option<()> {
    let dictionary = BUCKETS * 4 + 4;
    let mixed = dictionary + b.u32(BUCKETS * 4)? * 2;
    let (bases, count) = (mixed + 4, b.u32(mixed)?);
    let initial = bases + (count + 1) * 4;
    let transitions = b.u32(initial + count)?;
    let offsets = initial + count + 4;
    let codes = offsets + transitions * 2;
    let mut add = |first: u32, last: u32, code: u8| {
        if code != NONE {
            ranges.v4.push((first, last, b.country(dictionary, code)?));
        }
        Some(())
    };
    for bucket in 0..BUCKETS {
        let entry = b.u32(bucket * 4)?;
        let (first, last) = ((bucket as u32) << 16, ((bucket as u32) << 16) | 0xffff);
        match entry >> 30 {
            0 => {
                let n = entry & 0x3fff_ffff;
                let (mut start, mut code) = (first, b.u8(initial + n)?);
                for t in b.u32(bases + n * 4)?..b.u32(bases + n * 4 + 4)? {
                    let next = first | u32::from(b.u16(offsets + t * 2)?);
                    if next > start {
                        add(start, next - 1, code)?;
                    }
                    (start, code) = (next, b.u8(codes + t)?);
                }
                add(start, last, code)?;
            }
            1 => add(first, last, entry as u8)?,
            2 => {}
            _ => return None,
        }
    }
    Some(())
}

/// Each populated bucket is a list of prefixes; what is none stands in a side table with both ends.
fn v6(b: &Bytes, ranges: &mut Ranges) -> Option<()> {
    const INDEX: usize = 257 * 2;
    let populated = b.u32(BUCKETS)?;
    let firsts = BUCKETS + 4;
    let mut at = firsts + (populated + 1) * 4 + populated * INDEX;
    for _ in 0..2 {
        // Two indices: how many, a key of two bytes and the ranges of each.
        at += 4 + b.u32(at)? * (2 + INDEX * 2);
    }
    let dictionary = at + 4;
    let side = dictionary + b.u32(at)? * 2;
    let (sides, primary) = (side + 4, side + 4 + b.u32(side)? * 33 + 4);
    for bucket in 0..BUCKETS {
        let n = b.u8(bucket)?;
        if n == NONE {
            continue;
        }
        let at = firsts + usize::from(n) * 4;
        for record in b.u32(at)?..b.u32(at + 4)? {
            let record = primary + record * 6;
            let (value, bits, code) = (b.u32(record)?, b.u8(record + 4)?, b.u8(record + 5)?);
            let (first, last, code) = match bits {
                0 => {
                    let side = sides + value * 33;
                    let end = |at| b.array(at).map(u128::from_le_bytes);
                    (end(side)?, end(side + 16)?, b.u8(side + 32)?)
                }
                1..=128 => {
                    let first = ((bucket as u128) << 112) | ((value as u128) << 80);
                    (first, first | u128::MAX.checked_shr(bits.into()).unwrap_or(0), code)
                }
                _ => return None,
            };
            let (first, last) = ((first >> 64) as u64, (last >> 64) as u64);
            ranges.v6.push((first, last, b.country(dictionary, code)?));
        }
    }
    Some(())
}
