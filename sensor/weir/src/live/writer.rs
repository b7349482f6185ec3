//! The writer's thread of a live sensor.

use super::state::Shared;
use crate::failure::Told;
use crate::log::Level;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::Receiver;
use weir_exchange::{Catalogue, Exchange};
use weir_model::{Leg, Origin};
use weir_store::{LiveRow, LiveWriter, Snapshot, StoreError};

/// Rows of a message.
pub const ROWS: usize = 64;
/// Messages on their way.
pub const QUEUE: usize = 1_024;
/// The files of what was learned are rewritten after so many commits; the database has it at each.
const FILES: u64 = 12;

/// An exchange on its way to the writer.
pub struct OwnedRow {
    /// The facts.
    pub exchange: Exchange,
    /// Id of its interface, as it is called now.
    pub interface: Option<Box<str>>,
    /// Name of the account.
    pub account: Option<Box<str>>,
    /// Who sent it.
    pub origin: Origin,
    /// What it is of a call.
    pub leg: Leg,
}

/// What the analyst hands over.
pub enum Message {
    /// Exchanges, with the catalogue that names what they hold.
    Rows(Vec<OwnedRow>, Arc<Catalogue>),
    /// Make everything so far safe, this included.
    Save(Box<Snapshot>),
    /// Keep this for the next run.
    Remember(Vec<u8>),
}

/// Writes until the analyst is gone; gives the writer back for its last word.
pub fn run(shared: &Shared, mut writer: LiveWriter, messages: &Receiver<Message>) -> LiveWriter {
    for message in messages {
        shared.writer.queue.fetch_sub(1, Relaxed);
        match message {
            Message::Rows(rows, catalogue) => {
                for row in &rows {
                    let row = LiveRow {
                        exchange: &row.exchange,
                        interface: row.interface.as_deref(),
                        account: row.account.as_deref(),
                        origin: row.origin,
                        leg: row.leg,
                    };
                    if let Err(e) = writer.exchange(&row, &catalogue) {
                        failed(shared, &e);
                    }
                }
            }
            Message::Save(snapshot) => save(shared, &mut writer, *snapshot),
            Message::Remember(state) => {
                if let Err(e) = writer.remember(&state) {
                    shared.log.told(Level::Error, "memory.unsaid", &[], &e.told());
                }
            }
        }
        shared.writer.set_counters(writer.counters());
    }
    writer
}

fn save(shared: &Shared, writer: &mut LiveWriter, snapshot: Snapshot) {
    match writer.commit(Some(snapshot)) {
        Ok(()) => {
            if shared.writer.failing.swap(false, Relaxed) {
                let counters = writer.counters();
                shared.log.info(
                    "store.recovered",
                    &[("rows_lost", &counters.rows_lost), ("lines_lost", &counters.lines_lost)],
                    "存储已恢复写入",
                    "records can be written again",
                );
            }
            if writer.counters().commits.is_multiple_of(FILES)
                && let Err(e) = writer.write_files().and_then(|()| weir_respond::write(writer.directory()))
            {
                failed(shared, &e);
            }
        }
        Err(e) => {
            shared.writer.snapshot_lost.store(true, Relaxed);
            failed(shared, &e);
        }
    }
}

fn failed(shared: &Shared, e: &StoreError) {
    shared.writer.failing.store(true, Relaxed);
    shared.log.told(Level::Error, "store.failed", &[], &e.told());
}
