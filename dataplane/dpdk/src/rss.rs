//! Symmetric spreading: both directions of a flow must reach one queue.
//!
//! Cards spread by the Toeplitz hash of addresses and ports. It is linear in its input and takes, for input bit `i`, the 32
//! bits of the key from bit `i` on. A key with a period of 16 bits therefore hashes 16-bit halves alike wherever they stand,
//! and swapping source and destination (32, 128 or 16 bits wide) changes nothing. `0x6d5a` repeated is such a key and
//! spreads well (Woo and Park, "Scalable TCP Session Monitoring with Symmetric Receive-side Scaling", 2012).

/// The key, longer than any card wants it. Static: drivers keep the pointer.
pub(crate) static KEY: [u8; 64] = {
    let mut key = [0x6d; 64];
    let mut i = 1;
    while i < 64 {
        key[i] = 0x5a;
        i += 2;
    }
    key
};

/// Whether a Toeplitz hash by this key is equal for both directions of a flow.
pub fn is_symmetric_key(key: &[u8]) -> bool {
    key.len() >= 16 && key.len().is_multiple_of(2) && key.chunks(2).all(|pair| pair == &key[..2])
}

/// How both directions of a flow come to one queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Symmetry {
    /// One queue takes everything.
    OneQueue,
    /// The card hashes by a key that makes no difference between directions; it was read back.
    Key,
    /// The card orders the two ends before it hashes.
    Card,
    /// The driver spreads in its own way, which DPDK cannot look into (a kernel fanout, the sender of a shared memory).
    Driver,
    /// The key was set and cannot be read back.
    Unconfirmed,
    /// The card hashes otherwise: directions may part.
    No,
}

/// The card's table from hash to queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redirection {
    /// Queue by entry.
    pub entries: Vec<u16>,
}

impl Redirection {
    /// A table that gives every queue its turn.
    pub(crate) fn even(size: u16, queues: u16) -> Redirection {
        Redirection { entries: (0..size).map(|i| i % queues.max(1)).collect() }
    }

    /// Entries of each queue. Entries that name no queue there is are not counted.
    pub fn shares(&self, queues: u16) -> Vec<u32> {
        let mut shares = vec![0; queues.into()];
        for queue in &self.entries {
            if let Some(share) = shares.get_mut(usize::from(*queue)) {
                *share += 1;
            }
        }
        shares
    }

    /// Whether every entry names a queue there is and no queue has more than one entry beyond another.
    pub fn is_even(&self, queues: u16) -> bool {
        let shares = self.shares(queues);
        let (least, most) = (shares.iter().min().copied(), shares.iter().max().copied());
        let inside = self.entries.iter().all(|q| *q < queues);
        inside && matches!((least, most), (Some(l), Some(m)) if m - l <= 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Toeplitz hash by the book: the naive oracle of the key's claim.
    fn toeplitz(key: &[u8], input: &[u8]) -> u32 {
        let bit = |i: usize| u32::from(key[i / 8 % key.len()] >> (7 - i % 8) & 1);
        let window = |from: usize| (0..32).fold(0, |w, i| w << 1 | bit(from + i));
        let set = (0..input.len() * 8).filter(|i| input[i / 8] >> (7 - i % 8) & 1 == 1);
        set.fold(0, |hash, i| hash ^ window(i))
    }

    #[test]
    fn the_oracle_agrees_with_the_published_value() {
        // Microsoft's verification suite: 66.9.149.187:2794 -> 161.142.100.80:1766 with its default key.
        let key = [
            0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
            0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
            0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
        ];
        let input = [66, 9, 149, 187, 161, 142, 100, 80, 0x0a, 0xea, 0x06, 0xe6];
        assert_eq!(toeplitz(&key, &input), 0x51cc_c178);
        assert!(!is_symmetric_key(&key));
    }

    #[test]
    fn both_directions_hash_alike() {
        assert!(is_symmetric_key(&KEY[..40]) && is_symmetric_key(&KEY[..52]));
        let mut seed = 7u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u8
        };
        let mut seen = std::collections::BTreeSet::new();
        for width in [4usize, 16] {
            for _ in 0..500 {
                let [a, b]: [Vec<u8>; 2] = std::array::from_fn(|_| (0..width).map(|_| next()).collect());
                let [p, q]: [[u8; 2]; 2] = std::array::from_fn(|_| [next(), next()]);
                let there = [&a[..], &b, &p, &q].concat();
                let back = [&b[..], &a, &q, &p].concat();
                let hash = toeplitz(&KEY[..40], &there);
                assert_eq!(hash, toeplitz(&KEY[..40], &back));
                seen.insert(hash & 127);
            }
        }
        assert!(seen.len() > 100, "the low bits choose the queue: {} of 128", seen.len());
    }

    #[test]
    fn tables_are_judged() {
        let even = Redirection::even(128, 3);
        assert_eq!(even.shares(3), [43, 43, 42]);
        assert!(even.is_even(3));
        assert!(!even.is_even(4), "a queue is left out");
        assert!(!Redirection { entries: vec![0, 0, 0, 1] }.is_even(2));
        assert!(!Redirection { entries: vec![0, 1, 7, 7] }.is_even(2), "a queue that is not");
    }
}
