//! Where a connection puts what it finds.

use crate::MessageSink;
use weir_wire::{Account, Ledger, Timestamp};

/// The sink and the ledger of one call, and its time.
pub(crate) struct Out<'a> {
    /// Messages go here.
    pub sink: &'a mut dyn MessageSink,
    /// Bytes are booked here.
    pub ledger: &'a mut Ledger,
    /// Time of the event being read.
    pub time: Timestamp,
}

impl Out<'_> {
    /// Books `bytes` bytes, unless there are none.
    pub fn book(&mut self, account: Account, bytes: usize) {
        if bytes > 0 {
            self.ledger.add(account, bytes as u64);
        }
    }
}
