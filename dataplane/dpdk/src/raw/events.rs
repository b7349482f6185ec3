//! What drivers report between two looks at a port: kept as bits until somebody looks.

use dpdk_sys as sys;
use std::{
    ffi::{c_int, c_void},
    ptr,
    sync::atomic::{AtomicU32, Ordering},
};

/// The link went up or down.
pub(crate) const LINK: u32 = 1;
/// The card wants to be reset (a virtual function whose physical function was).
pub(crate) const RESET: u32 = 2;
/// The card is gone.
pub(crate) const REMOVED: u32 = 4;

const KINDS: [(u32, u32); 3] = [
    (sys::RTE_ETH_EVENT_INTR_LSC, LINK),
    (sys::RTE_ETH_EVENT_INTR_RESET, RESET),
    (sys::RTE_ETH_EVENT_INTR_RMV, REMOVED),
];

static PENDING: [AtomicU32; sys::RTE_MAX_ETHPORTS as usize] =
    [const { AtomicU32::new(0) }; sys::RTE_MAX_ETHPORTS as usize];

/// Called by DPDK's interrupt thread.
///
/// # Safety
/// Any thread may call it with anything: it reads its first two arguments and touches only atomics.
unsafe extern "C" fn note(
    port: u16,
    event: sys::rte_eth_event_type,
    _argument: *mut c_void,
    _result: *mut c_void,
) -> c_int {
    if let Some((_, bit)) = KINDS.iter().find(|(kind, _)| *kind == event) {
        raise(port, *bit);
    }
    0
}

/// Listens to a port.
pub(crate) fn listen(port: u16) {
    for (event, _) in KINDS {
        // SAFETY: the function lives as long as the program and touches only atomics.
        unsafe { sys::rte_eth_dev_callback_register(port, event, Some(note), ptr::null_mut()) };
    }
}

/// Stops listening.
pub(crate) fn ignore(port: u16) {
    for (event, _) in KINDS {
        // SAFETY: names the registration of `listen`; DPDK waits for a call that is under way.
        unsafe { sys::rte_eth_dev_callback_unregister(port, event, Some(note), ptr::null_mut()) };
    }
}

/// Adds an event, as a driver would.
pub(crate) fn raise(port: u16, event: u32) {
    if let Some(pending) = PENDING.get(usize::from(port)) {
        pending.fetch_or(event, Ordering::Release);
    }
}

/// Takes what was noted since the last call.
pub(crate) fn take(port: u16) -> u32 {
    PENDING.get(usize::from(port)).map_or(0, |pending| pending.swap(0, Ordering::Acquire))
}
