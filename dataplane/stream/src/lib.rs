//! Packets to bytes in order: flow table, timers and TCP reassembly.
//!
//! ```text
//!              +----------------------------- FlowTable<S> -----------------------------+
//! Packets ---> | Index --> Hot line --in order--------------------------------------->  | --> Sink<S>: open,
//!   (decode)   | 8 B/slot   64 B  \                                                     |     event (Data, Gap, End),
//! now -------> |                   '-- handshake, FIN, RST --> opening, ending          | <-- Want: bytes, or nothing more
//!   (lane)     |                   '-- early bytes --> Cold (ranges) --> Pages --drain->| --> closed
//!              |  Wheel: one lazy timer a flow, packet time                             | --> Ledger: Stream accounts
//!              +------------------------------------------------------------------------+ --> Stats
//! ```
//! One table belongs to one lane. It does no I/O, reads no clock and keeps no packet: bytes in order are lent to
//! the sink straight from the packet; only bytes that came early are copied. Datagrams of UDP are passed over.
//!
//! # Speed
//! [`FlowTable::plain`] takes what most packets are, in order and between IPv4 endpoints, without a call or a copy; whatever is not so
//! takes a detour. [`FlowTable::burst`] takes packets 32 at a time: it works out keys and asks for index slots, then for the hot lines that
//! these name, and only then goes through the packets in order; below 4,096 flows, which stay in the caches, it does not
//! ask ([`FlowTable::is_small`]). The key of two IPv4 endpoints is three words and its hash two folded multiplications. The arrays lie in huge pages
//! where the kernel gives them. One core of a shared machine (AMD EPYC), `cargo bench -p weir-stream --bench flows`: 7 ns an
//! ACK on one flow, 12 on 8 thousand, 32 on a million, 36 on 8 million in random order (one by one: 8, 11, 92, 117); 146
//! instructions an ACK, 161 a packet of a shunted flow, 190 a packet with bytes, the sink's ten included.
//!
//! # Policy
//! - **Flows** are told apart by both endpoints, VLAN and tunnel network, in either direction. A SYN, a SYN+ACK or a
//!   payload opens one; nothing else does. The sink hears of a flow with its first byte.
//! - **VLANs.** Mirror ports may tag the two directions differently. A packet in another VLAN is the other direction of a
//!   flow if nothing of that direction was seen yet and it acknowledges what the first one sent; the flow, told with
//!   the VLAN of its first packet, then takes packets of its endpoints from any VLAN. Flows of equal endpoints that
//!   carry both directions in a VLAN of their own stay apart.
//! - **Roles.** The sender of SYN is the client, that of SYN+ACK the server, and `from_start` is set. In mid-stream
//!   the end whose port is a service port (below 1024, or one that application servers favour: 3000, 5000, 7001,
//!   8000-9000, 9090, 9200, 9443) is the server; of two service ports the lower; with none, the first payload's
//!   sender is the client. A guess: a parser may find it reversed.
//! - **Mid-stream**, a direction begins with the first of its bytes that is seen; what comes from before is booked
//!   as duplicate.
//! - **Overlap**: the first copy to arrive wins, delivered or held; later ones are booked as duplicate. So are bytes
//!   that come after their hole was declared lost.
//! - **Holes** are declared lost when (a) the peer has acknowledged past them and 300 ms, or 64 more segments of that
//!   direction, have gone by; (b) a budget is full; (c) they have stood for 5 s; (d) the flow ends. Then comes `Gap`,
//!   and what waited behind it. Acknowledged bytes never seen are a hole too, if their sender is seen at all (in a
//!   one-way mirror it is not). A later, lower acknowledgement takes a forged one back. Bytes cut by
//!   the snap length are a `Gap` at once, in their place.
//! - **Budgets**: per direction (pages, and 128 ranges), the first hole of that direction is given up; in total, the
//!   flow whose hole has stood longest gives up its holes. Given up are holes, never bytes that arrived:
//!   `StreamOverBudget` and `StreamUndelivered` stay empty.
//! - **Window**: segments 64 MiB or more away are out of window; four of them in a row set the direction on anew there
//!   (`Gap`, of unknown length 0 if backwards).
//! - **FIN** ends its direction when everything before it was told; bytes behind it are out of window. A FIN below
//!   bytes already held is not believed. **RST** ends both, if it is no further than 64 KiB behind or 1 MiB ahead of
//!   its sender (or of what its sender acknowledges, if it never spoke).
//! - **Ports used again**: a SYN with another number opens a new flow if the old one has begun to end, is
//!   half-open, or its other side was never seen; on a live flow the SYN+ACK to it does. The old flow ends `Evicted`.
//!   A SYN with the same number does so 0.7 s after the last packet of a flow that has begun to end.
//! - **Closed flows** linger for 5 s to know late copies; packets do not prolong that.
//! - **A full table** evicts, among the next 32 places, a closed flow, else a half-open one, else one idle for 5 s;
//!   of equals the one idle longest. A SYN that nobody has answered does not evict an established flow that has carried
//!   bytes; the answer does. If there is none, the new flow is refused (`StreamNoFlow`).
//! - **Shunting.** A sink that wants nothing more of a flow names the account its bytes go to. Its state is given back at
//!   once, its packets cost bookkeeping only, and early ones are held as ranges without bytes: every byte is booked as
//!   if the flow were read, retransmissions included.
//! - **Timers** fire at multiples of 2^26 ns (67 ms) of packet time. They depend on the flow's own packets and on the
//!   `now` that came with them, so one lane and many tell the same, unless a table or budget fills.
//!
//! # Bounds
//! | what | bound (default) | beyond it |
//! |---|---|---|
//! | flows | `Config::flows` (2^20), 113 bytes each with a boxed state | eviction, refusal |
//! | bytes held | `total_bytes` (64 MiB), `side_bytes` a direction (4 MiB) | holes given up early |
//! | ranges a direction | 128 | the first hole given up |
//! | records of flows with holes | one a page of `total_bytes` | the oldest gives up its holes |
//! | probe of the index | 256 slots | refusal |
//!
//! Memory is reserved at the start and touched as it is first used; it does not grow after that.
//!
//! # Weaknesses
//! - The hash is fast and keyed, not cryptographic; who learns the seed can make keys collide, at the cost of 2 KiB of
//!   probing for each of their own packets and the refusal of flows that fall into the same neighbourhood.
//! - All timers of one tick fire together: 67 thousand flows that were opened in the same 67 ms and say nothing more cost
//!   some 15 ms when they end.
//! - A direction whose packets themselves change their VLAN is another flow for each, unless the flow's directions differ.
//! - Window scale and SACK are not read: the window is one generous constant, so a blind attacker near the path can
//!   place bytes ahead of the reader. First-copy-wins is not every receiver's policy: who can write to the path can
//!   show the sensor other bytes than the receiver.
//! - Reordering of the very first bytes of a mid-stream pick-up loses them; a FIN that was never captured looks like a
//!   hole of one byte once it is acknowledged.
//! - The urgent pointer is not read: the byte it marks stays in the stream, where most receivers take it out.
//! - No receive-side check of checksums or of timestamps (PAWS): a corrupt copy that comes first wins.

mod acks;
mod cold;
mod config;
mod ending;
mod half;
mod holes;
mod hot;
mod huge;
mod index;
mod key;
mod lookup;
mod opening;
mod pages;
mod payload;
mod piece;
mod prefetch;
mod sink;
mod stats;
mod table;
mod timers;
mod wheel;

pub use config::Config;
pub use key::symmetric_hash;
pub use sink::{Flow, Sink, Want};
pub use stats::Stats;
pub use table::FlowTable;

/// How far a segment may lie ahead of or behind the point of reading. Receive windows of 64 MiB are rare even on long
/// fat paths, and the wider this is, the likelier a new connection's numbers pass for the old one's (here 1 in 32).
pub(crate) const WINDOW: u32 = 1 << 26;
