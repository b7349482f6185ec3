//! `ledger.json`.

use super::VERSION;
use crate::{Results, Stages};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_wire::{Account, Entry, Layer, Ledger};

/// Counts under the name of their unit (`frames`, `datagrams`, `segments`, `messages`, `bodies` or `exchanges`), and `bytes`.
pub type Units = BTreeMap<String, u64>;

/// One account of the ledger.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct LedgerAccount {
    /// `frame`, `datagram`, `stream`, `message`, `body` or `exchange`.
    pub layer: String,
    /// What it holds.
    #[serde(flatten)]
    pub held: Units,
}

/// Where everything that was received went: the one object of `ledger.json`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct LedgerRecord {
    /// Version of the record.
    pub v: u32,
    /// Frames and captured bytes that the source handed over.
    pub received: Units,
    /// Every account of the closed list, by key, also those that hold nothing.
    pub accounts: BTreeMap<String, LedgerAccount>,
    /// Sum of the accounts of each layer.
    pub layers: BTreeMap<String, Units>,
    /// What each layer's sum must equal.
    pub entered: BTreeMap<String, Units>,
    /// Whether it does, for every layer.
    pub balanced: bool,
    /// Counters of the stages.
    pub stages: Stages,
}

impl LedgerRecord {
    pub(crate) fn new(results: &Results<'_>) -> Self {
        let ledger = results.ledger;
        let account = |a: &Account| {
            let layer = layer_key(a.layer()).to_string();
            (a.key().to_string(), LedgerAccount { layer, held: units(a.layer(), ledger.entry(*a)) })
        };
        let layers = Layer::ALL;
        LedgerRecord {
            v: VERSION,
            received: units(Layer::Frame, ledger.received),
            accounts: Account::ALL.iter().map(account).collect(),
            layers: layers.map(|l| (layer_key(l).to_string(), units(l, ledger.total(l)))).into(),
            entered: layers.map(|l| (layer_key(l).to_string(), entered(l, ledger))).into(),
            balanced: ledger.balanced(),
            stages: results.stages.clone(),
        }
    }
}

const fn layer_key(layer: Layer) -> &'static str {
    match layer {
        Layer::Frame => "frame",
        Layer::Datagram => "datagram",
        Layer::Stream => "stream",
        Layer::Message => "message",
        Layer::Body => "body",
        Layer::Exchange => "exchange",
    }
}

fn units(layer: Layer, entry: Entry) -> Units {
    let unit = match layer {
        Layer::Frame => "frames",
        Layer::Datagram => "datagrams",
        Layer::Stream => "segments",
        Layer::Message => "messages",
        Layer::Body => "bodies",
        Layer::Exchange => "exchanges",
    };
    [(unit.to_string(), entry.count), ("bytes".to_string(), entry.bytes)].into()
}

/// Datagram, stream and message layers balance in bytes alone: one segment may be delivered, duplicated and dropped in parts, one datagram
/// may hold packets of several kinds.
fn entered(layer: Layer, ledger: &Ledger) -> Units {
    let bytes = |n| Units::from([("bytes".to_string(), n)]);
    match layer {
        Layer::Frame => units(layer, ledger.received),
        Layer::Datagram => bytes(ledger.datagrams.bytes),
        Layer::Stream => bytes(ledger.payload.bytes),
        Layer::Message => bytes(ledger.entry(Account::StreamDelivered).bytes),
        Layer::Body => units(layer, ledger.bodies),
        Layer::Exchange => units(layer, ledger.exchanges),
    }
}
