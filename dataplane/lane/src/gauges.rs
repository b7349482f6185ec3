//! What a lane shows of itself while it runs.
//!
//! The lane writes, now and then and never for a packet; anybody reads. Figures are relaxed atomics: each is right, and they may be
//! some microseconds apart from one another.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use weir_wire::{Account, Entry, Ledger};

macro_rules! figures {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Figures of a lane at a moment.
        #[derive(Clone, Default, Debug)]
        pub struct Figures {
            $($(#[doc = $doc])+ pub $name: u64,)+
            /// The ledger as last published.
            pub ledger: Ledger,
        }

        /// The shared side of [`Figures`].
        #[derive(Default, Debug)]
        pub struct Gauges {
            $($name: AtomicU64,)+
            received: Pair,
            datagrams: Pair,
            payload: Pair,
            bodies: Pair,
            exchanges: Pair,
            accounts: Accounts,
        }

        impl Gauges {
            /// What was published last.
            pub fn read(&self) -> Figures {
                let mut ledger = Ledger::default();
                ledger.received = self.received.read();
                ledger.datagrams = self.datagrams.read();
                ledger.payload = self.payload.read();
                ledger.bodies = self.bodies.read();
                ledger.exchanges = self.exchanges.read();
                for (account, pair) in Account::ALL.iter().zip(&self.accounts.0) {
                    ledger.set(*account, pair.read());
                }
                Figures { $($name: self.$name.load(Relaxed),)+ ledger }
            }
            pub(crate) fn publish(&self, f: &Figures) {
                $(self.$name.store(f.$name, Relaxed);)+
                self.received.write(f.ledger.received);
                self.datagrams.write(f.ledger.datagrams);
                self.payload.write(f.ledger.payload);
                self.bodies.write(f.ledger.bodies);
                self.exchanges.write(f.ledger.exchanges);
                for (account, pair) in Account::ALL.iter().zip(&self.accounts.0) {
                    pair.write(f.ledger.entry(*account));
                }
            }
        }
    };
}

figures! {
    /// Publications so far: a lane whose heartbeat stands still for a second is stuck.
    heartbeat,
    /// The lane's clock: nanoseconds of packet time since 1970.
    clock,
    /// Flows in the table, those that lately closed included.
    flows,
    /// Flows that the table may hold.
    flow_capacity,
    /// Flows opened since the start.
    flows_opened,
    /// Flows refused because the table was full.
    flows_refused,
    /// Connections that ended of which both sides' packets were seen.
    flows_both_ways,
    /// Those of which only the client's were.
    flows_client_only,
    /// Those of which only the server's were.
    flows_server_only,
    /// Frames that the snap length cut.
    frames_cut,
    /// Segments and datagrams in a VLAN.
    packets_tagged,
    /// Those in a tunnel other than a mirror's.
    packets_tunnelled,
    /// Those that a mirror sent in a tunnel.
    packets_mirrored,
    /// Out-of-order bytes held.
    held_bytes,
    /// Batches of exchanges on their way to the analyst, those that wait for room in the ring included.
    queue,
    /// Most batches that may be on their way.
    queue_capacity,
    /// Batches of exchanges given up because the analyst was behind.
    batches_dropped,
    /// Polls of the source that brought frames.
    polls_busy,
    /// Polls that brought none.
    polls_idle,
    /// Times the lane slept because nothing came.
    waits,
    /// CPU time of the lane's thread, in nanoseconds.
    cpu_nanos,
    /// Share of the source's ring in use, in thousandths; 0 where the source does not tell.
    backlog_permille,
    /// Frames waiting in the spill queue.
    spill_frames,
    /// Most frames that ever waited there.
    spill_peak,
    /// Frames that the spill queue may hold.
    spill_capacity,
    /// Step of the shedding ladder: 0 is everything, see [`crate::Level`].
    overload_level,
    /// Times a step up was taken.
    overload_raised,
    /// Frames that the source lost for want of room.
    source_dropped,
    /// Frames that the source refused as damaged.
    source_damaged,
    /// Changes of rules.
    rules_changed,
    /// How long the last change of rules held the lane up, in nanoseconds.
    rules_stall_nanos,
    /// Times the source's clock went back by more than a second, and was set on.
    clock_steps,
    /// Times a text made a pattern be given up for it.
    patterns_given_up,
}

#[derive(Default, Debug)]
struct Pair {
    count: AtomicU64,
    bytes: AtomicU64,
}

impl Pair {
    fn read(&self) -> Entry {
        Entry { count: self.count.load(Relaxed), bytes: self.bytes.load(Relaxed) }
    }
    fn write(&self, e: Entry) {
        self.count.store(e.count, Relaxed);
        self.bytes.store(e.bytes, Relaxed);
    }
}

#[derive(Debug)]
struct Accounts(Vec<Pair>);

impl Default for Accounts {
    fn default() -> Self {
        Accounts(Account::ALL.iter().map(|_| Pair::default()).collect())
    }
}
