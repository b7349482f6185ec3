//! Frames from network cards, by DPDK.
//!
//! ```text
//!  DpdkConfig --> Runtime --queues()--> Queue, one a lane --lends--> Frame     port_report() --> doctor, metrics
//!                  |  keeper: events, link, losses, restart
//!                  '- EAL (once a process) - ports - one buffer pool a NUMA node
//! ```
//!
//! [`Runtime::start`] starts DPDK's environment, lets drivers take the [`Device`]s, and starts their ports. Every [`Queue`] is a
//! [`Source`](weir_capture::Source): a burst's buffers are lent for the length of one call and given back in bulk when it
//! ends; nothing is cloned, and frames of several segments are copied together and counted. The crate has no function that
//! sends.
//!
//! * **Spreading.** Symmetric by a hash key of period 16 bits, read back; where the card did not take it, by its own
//!   symmetric hash (DPDK 23.11 and later); the redirection table is read back and evened out. [`PortReport`] shows all of it.
//! * **Offloads** where offered: checksums (bad ones are counted, the frames lent), VLAN tags taken off into
//!   [`Frame::vlan`](weir_wire::Frame::vlan), stamps.
//! * **Time.** The card's stamps where it offers them and a clock to read beside the system's; `net_pcap`'s file times; else one
//!   reading of the processor's counter a burst, anchored to the system's clock ten times a second.
//! * **Losses.** What found no descriptor or no buffer is `dropped`, what the card refused `damaged`. Cards count by port: queue
//!   0 carries its port's.
//! * **Faults.** Links that go and come, cards that ask for a reset, buffers that run out, a clock that jumps: told as
//!   [`Notice`](weir_capture::Notice)s of queue 0, in English and Chinese. While a port restarts its queues are idle; a restart
//!   that fails is tried again each second. A card that is removed is an error of its queues.
//! * **Hugepages** are used where enough are free, and done without otherwise (`auto`), with a notice that says how to get them.
//! * **Threads.** DPDK's own workers are not used. A lane's thread makes itself known at its first poll, for its buffer cache.
//!
//! # Weaknesses
//! * Tunnelled traffic is spread by its outer addresses: a mirror in one tunnel reaches one queue.
//! * `net_af_packet` of DPDK 22.11 to 24.11 does not report what the kernel's ring dropped, and cuts frames to `framesz` without
//!   saying so; Weir's own AF_PACKET source does both right.
//! * `net_pcap` keeps microseconds of its file's times.
//! * Card stamps were tested by their arithmetic only: no card with a clock was at hand.
//! * `net_memif` unmaps its memory in DPDK's interrupt thread when the other side goes, whoever reads it: a burst under way, or a
//!   close, at that very moment is the driver's crash (seen at a close). For trusted neighbours on one machine only.
//! * A port's stop waits three seconds for its lanes to return from a burst. Where one does not, the port and DPDK's memory are left
//!   as they are.

mod config;
mod device;
mod eal;
mod error;
mod memory;
mod pci;
mod port;
mod queue;
mod raw;
mod report;
mod rss;
mod runtime;
mod shared;
mod stamp;

pub use config::{DpdkConfig, Hugepages};
pub use device::Device;
pub use error::{DpdkError, Step};
pub use queue::Queue;
pub use raw::nic::Link;
pub use report::PortReport;
pub use rss::{Redirection, Symmetry, is_symmetric_key};
pub use runtime::Runtime;
