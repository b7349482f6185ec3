//! What opening files may cost a body, and what could not be read.

/// Most entries looked at in the files of one body.
const MAX_ENTRIES: u32 = 10_000;
/// Most bytes that one byte of a file may become.
const RATIO: u64 = 200;
/// Bytes that may come out before the ratio is looked at.
const FREE: u64 = 1024 * 1024;
/// Most bytes that come out of the files of one body.
const MAX_OUTPUT: u64 = 256 * 1024 * 1024;

/// Why something was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unread {
    /// It needs a password.
    Encrypted,
    /// It ends too early, or contradicts itself.
    Damaged,
    /// A format or a method that is not read.
    Unknown,
    /// Beyond the bounds on depth, entries or size.
    Beyond,
    /// It became more than its size allows.
    Bomb,
}

/// Of one body.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Budget {
    entries: u32,
    spent: u64,
    allowed: u64,
    unread: u8,
    /// Whether text of a file was read.
    pub(crate) read: bool,
    /// Values found in files.
    pub(crate) found: u64,
}

impl Budget {
    /// Allows for a file of so many bytes that no other file holds.
    pub(crate) fn grant(&mut self, bytes: usize) {
        self.allowed = (self.allowed + FREE + RATIO * bytes as u64).min(MAX_OUTPUT);
    }
    /// Whether another entry may be looked at.
    pub(crate) fn entry(&mut self) -> bool {
        self.entries += 1;
        let may = self.entries <= MAX_ENTRIES && !self.has(Unread::Bomb);
        if !may {
            self.note(Unread::Beyond);
        }
        may
    }
    /// Whether so many bytes more may come out.
    pub(crate) fn spend(&mut self, bytes: usize) -> bool {
        self.spent = self.spent.saturating_add(bytes as u64);
        let may = self.spent <= self.allowed;
        if !may {
            self.note(Unread::Bomb);
        }
        may
    }
    /// Notes that something was not read.
    pub(crate) fn note(&mut self, why: Unread) {
        self.unread |= 1 << why as u8;
    }
    /// Whether something was not read for this reason.
    pub(crate) fn has(&self, why: Unread) -> bool {
        self.unread >> why as u8 & 1 == 1
    }
    /// Whether anything was not read.
    pub(crate) fn is_short(&self) -> bool {
        self.unread != 0
    }
    /// Whether all that was not read is of formats that are not read.
    pub(crate) fn only_unknown(&self) -> bool {
        self.unread & !(1 << Unread::Unknown as u8) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_and_are_told() {
        let mut b = Budget::default();
        b.grant(1000);
        assert!(b.spend(1024 * 1024) && b.spend(200_000) && !b.is_short());
        assert!(!b.spend(1) && b.has(Unread::Bomb) && !b.only_unknown());
        assert!(!b.entry());
        let mut c = Budget::default();
        assert!((0..MAX_ENTRIES).all(|_| c.entry()) && !c.entry() && c.has(Unread::Beyond));
    }
}
