//! A lane's thread makes itself known to DPDK, so that it has a buffer cache of its own in every pool.

use super::eal;
use dpdk_sys as sys;

/// Known to DPDK while it lives.
struct Membership {
    joined: bool,
}

impl Drop for Membership {
    fn drop(&mut self) {
        if self.joined && eal::is_up() {
            // SAFETY: this thread registered itself and EAL is up.
            unsafe { sys::rte_thread_unregister() };
        }
    }
}

thread_local! {
    static MEMBERSHIP: Membership = Membership {
        // SAFETY: EAL is up wherever a queue is polled; DPDK refuses by a number when all of its places are taken.
        joined: unsafe { sys::rte_thread_register() } == 0,
    };
}

/// Makes the calling thread known; whether it is. Without, buffers come from the shared ring: slower, and as right.
pub(crate) fn join() -> bool {
    MEMBERSHIP.with(|m| m.joined)
}
