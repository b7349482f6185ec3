//! What a lookup costs.

#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use weir_place::Places;

fn lookups(c: &mut Criterion) {
    let places = Places::default();
    // Addresses all over the table, so that no branch and no cache line is the last one's.
    let spread = |n: u32| n.wrapping_mul(2_654_435_761);
    let v4: Vec<IpAddr> = (0..65_536).map(|n| Ipv4Addr::from_bits(spread(n)).into()).collect();
    let v6: Vec<IpAddr> = (0..65_536)
        .map(|n| {
            Ipv6Addr::from_bits((0x2000 + u128::from(spread(n) >> 19)) << 112 | u128::from(spread(n)) << 64)
                .into()
        })
        .collect();
    for (name, all) in [("ipv4", &v4), ("ipv6", &v6)] {
        let mut next = all.iter().cycle();
        c.bench_function(name, |b| b.iter(|| places.lookup(black_box(*next.next().unwrap()))));
    }
}

criterion_group!(benches, lookups);
criterion_main!(benches);
