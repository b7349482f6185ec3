//! A pool of frame buffers on one NUMA node.

use super::eal;
use dpdk_sys as sys;
use std::{ffi::CString, ptr::NonNull};

/// Buffers a thread keeps for itself.
const CACHE: u32 = 256;
/// What DPDK calls any node.
pub(crate) const ANY_NODE: i32 = -1;

/// A pool; its memory goes back with EAL's, since threads may still cache buffers of it.
pub(crate) struct Pool {
    raw: NonNull<sys::rte_mempool>,
    /// Buffers it was made with.
    pub size: u32,
}

// SAFETY: DPDK's pools are made for many threads: their ring is lock-free, their caches belong to threads.
unsafe impl Send for Pool {}
// SAFETY: as above; all that `&Pool` allows is counting and handing the pointer to DPDK.
unsafe impl Sync for Pool {}

impl Pool {
    /// Makes a pool. The error is DPDK's number.
    pub(crate) fn new(name: &str, size: u32, room: u16, node: i32) -> Result<Pool, i32> {
        let text = CString::new(name).map_err(|_| 22)?;
        // A cache must not be more than two thirds of the pool.
        let cache = if size >= 4 * CACHE { CACHE } else { 0 };
        let room_all = room.saturating_add(sys::RTE_PKTMBUF_HEADROOM as u16);
        // SAFETY: a terminated name; the other arguments are checked by the callee.
        let raw = unsafe { sys::rte_pktmbuf_pool_create(text.as_ptr(), size, cache, 0, room_all, node) };
        NonNull::new(raw).map(|raw| Pool { raw, size }).ok_or_else(eal::errno)
    }

    /// Buffers free at the moment, the threads' caches included.
    pub(crate) fn free(&self) -> u32 {
        // SAFETY: the pool lives as long as EAL does.
        unsafe { sys::rte_mempool_avail_count(self.raw.as_ptr()) }
    }

    pub(super) fn raw(&self) -> *mut sys::rte_mempool {
        self.raw.as_ptr()
    }
}
