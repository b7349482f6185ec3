//! Sending through a DPDK port.

use dpdk_sys as sys;
use std::time::{Duration, Instant};

/// A pool of buffers to send from.
pub struct Sender {
    port: u16,
    pool: *mut sys::rte_mempool,
}

impl Sender {
    /// Through a port that was started.
    pub fn over(port: &str) -> Sender {
        let text = std::ffi::CString::new(port).unwrap();
        let mut number = 0;
        // SAFETY: a terminated string and a place for the answer.
        assert_eq!(unsafe { sys::rte_eth_dev_get_port_by_name(text.as_ptr(), &mut number) }, 0, "{port}");
        // SAFETY: EAL is up: it has the port.
        let pool = unsafe { sys::rte_pktmbuf_pool_create(c"send".as_ptr(), 2047, 0, 0, 2176, -1) };
        assert!(!pool.is_null());
        Sender { port: number, pool }
    }

    /// Sends all frames, trying again for ten seconds where the other side is not ready; how many were taken.
    pub fn send<'a>(&self, frames: impl IntoIterator<Item = &'a [u8]>) -> usize {
        let (mut sent, mut from) = (0, Instant::now());
        for frame in frames {
            let (data, len) = (frame.as_ptr(), u16::try_from(frame.len()).unwrap());
            // SAFETY: one frame of that length; the callee copies it.
            while unsafe { sys::weir_transmit(self.port, 0, self.pool, &data, &len, 1) } == 0 {
                if from.elapsed() > Duration::from_secs(10) {
                    return sent;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            from = Instant::now();
            sent += 1;
        }
        sent
    }
}
