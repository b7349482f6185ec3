//! Times of which there may be none, in eight bytes.

use std::num::NonZeroU64;
use weir_wire::Timestamp;

/// A [`Timestamp`] that leaves room for none: an `Option` of it is no larger. The very last nanosecond counts as the one before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Moment(NonZeroU64);

const _: () = assert!(size_of::<Option<Moment>>() == 8);

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Moment(NonZeroU64::MIN.saturating_add(time.nanos()))
    }
}

impl From<Moment> for Timestamp {
    fn from(Moment(n): Moment) -> Self {
        Timestamp::from_nanos(n.get() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back() {
        for n in [0, 1, 1_767_571_200_000_000_000, u64::MAX - 1] {
            assert_eq!(Timestamp::from(Moment::from(Timestamp::from_nanos(n))).nanos(), n);
        }
        assert_eq!(Timestamp::from(Moment::from(Timestamp::from_nanos(u64::MAX))).nanos(), u64::MAX - 1);
    }
}
