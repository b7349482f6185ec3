//! Figures of a column: of the values that one field has in one message.

use crate::Fingerprint;

/// Figures of the values of one field of a message, kept where a type was found there that a number of another sort may pass for by
/// chance ([`DataType::chance`](crate::DataType)): what such values are is judged by the column, not one by one.
///
/// Counting begins with the first value found in the message; of those before it nothing was wanted, and they are taken to have been one
/// a record.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Column {
    /// Values that were neither empty nor `null`, from the first found on; 0 where the field is no column of the structure.
    pub seen: u32,
    /// Of those found, values that are the whole datum, as against numbers inside running text.
    pub whole: u32,
    /// Bytes of the shortest value seen, at most 255.
    pub shortest: u8,
    /// Bytes of the longest value seen, at most 255.
    pub longest: u8,
    /// Which of 64 classes, by a digest, the values found fall into without their last four characters: few classes for many
    /// values are numbers drawn one after another. Unites by or.
    pub prefixes: u64,
}

impl Column {
    /// Counts a value of `length` bytes in the field.
    pub fn see(&mut self, length: usize) {
        let length = u8::try_from(length).unwrap_or(u8::MAX);
        self.shortest = if self.longest == 0 { length } else { self.shortest.min(length) };
        self.longest = self.longest.max(length);
        self.seen = self.seen.saturating_add(1);
    }
    /// Counts a value found that is the whole datum; `prefix` is the fingerprint of what stands before its last four characters.
    pub fn find(&mut self, prefix: Fingerprint) {
        self.whole = self.whole.saturating_add(1);
        self.prefixes |= 1 << (prefix.0 >> 58);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_spread() {
        let mut c = Column::default();
        [16, 19, 300, 4].into_iter().for_each(|n| c.see(n));
        c.find(Fingerprint(0));
        c.find(Fingerprint(u64::MAX));
        assert_eq!((c.seen, c.whole, c.shortest, c.longest, c.prefixes), (4, 2, 4, 255, 1 | 1 << 63));
    }
}
