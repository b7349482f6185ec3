//! Every call into DPDK. What stands here is safe to call from the rest of the crate; nothing outside of it is unsafe.
//!
//! Three facts carry the invariants: EAL is started before any of this is called (`eal::start` is the only way in, and the
//! runtime owns what comes of it); a port's calls are made under the runtime's lock, receiving under the port's gate; buffers
//! leave a [`burst::Burst`] never, so each is given back exactly once.
#![allow(unsafe_code)]

pub(crate) mod burst;
pub(crate) mod eal;
pub(crate) mod events;
pub(crate) mod nic;
pub(crate) mod pool;
pub(crate) mod thread;
