//! However a conversation is cut into segments, it is told the same.

use crate::recorder::{Fed, talk};
use crate::{dubbo, ftp, kafka, mongodb, mqtt, mysql, postgresql, redis, thrift};
use proptest::prelude::*;
use weir_wire::Side;

fn conversations() -> Vec<Vec<(Side, Vec<u8>)>> {
    let owned = |turns: Vec<(Side, &[u8])>| turns.into_iter().map(|(s, b)| (s, b.to_vec())).collect();
    vec![
        owned(ftp::conversation()),
        mysql::conversation(),
        postgresql::conversation(),
        owned(redis::conversation()),
        owned(mqtt::conversation()),
        mongodb::conversation(),
        kafka::conversation(),
        dubbo::conversation(),
        thrift::conversation(),
    ]
}

proptest! {
    #[test]
    fn cut_anywhere_gives_the_same_messages(
        which in 0..9usize,
        sizes in proptest::collection::vec(1..120usize, 1..60),
    ) {
        let turns = &conversations()[which];
        let lent: Vec<(Side, &[u8])> = turns.iter().map(|(s, b)| (*s, &b[..])).collect();
        let whole = talk(&lent, usize::MAX).seen.done;
        let (mut fed, mut sizes) = (Fed::new(), sizes.iter().cycle());
        for (side, mut rest) in lent {
            while !rest.is_empty() {
                let n = sizes.next().map_or(1, |n| (*n).min(rest.len()));
                fed.data(side, &rest[..n]);
                rest = &rest[n..];
            }
        }
        prop_assert!(!whole.is_empty());
        prop_assert_eq!(fed.finish().seen.done, whole);
    }
}
