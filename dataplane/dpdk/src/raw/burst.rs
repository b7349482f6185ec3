//! A burst of frames taken off a queue, and its buffers given back.

use dpdk_sys as sys;
use std::{marker::PhantomData, ptr, slice};
use weir_capture::BURST;

/// Where stamps lie in a buffer: offset and flag, as DPDK assigned them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StampField {
    offset: i32,
    flag: u64,
}

impl StampField {
    /// Asks DPDK for the place; none where no room is left.
    pub(crate) fn register() -> Option<StampField> {
        let (mut offset, mut flag) = (0, 0);
        // SAFETY: both are written during the call.
        let rc = unsafe { sys::rte_mbuf_dyn_rx_timestamp_register(&mut offset, &mut flag) };
        (rc == 0).then_some(StampField { offset, flag })
    }
}

/// One frame of a burst. Its bytes go back with the burst.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// Bytes of its first segment: all of them where `segments` is 1.
    pub data: &'a [u8],
    /// Bytes of all segments.
    pub len: u32,
    /// Segments.
    pub segments: u16,
    /// Tag control information of a tag that was taken off.
    pub vlan: Option<u16>,
    /// The card's clock.
    pub stamp: Option<u64>,
    /// The card found a checksum wrong.
    pub bad_checksum: bool,
    buffer: *const sys::rte_mbuf,
    burst: PhantomData<&'a Burst>,
}

impl View<'_> {
    /// Appends all segments to `to`, at most `room` bytes; how many.
    pub(crate) fn append_to(&self, to: &mut Vec<u8>, room: u32) -> usize {
        let room = room.min(self.len);
        to.reserve(room as usize);
        // SAFETY: `room` bytes are reserved behind the end; the buffer is held by the burst this view borrows; the shim writes
        // at most `room` bytes and says how many, so that all of the new length is written.
        unsafe {
            let end = to.as_mut_ptr().add(to.len());
            let written = sys::weir_flatten(self.buffer, end, room) as usize;
            to.set_len(to.len() + written);
            written
        }
    }
}

/// Up to [`BURST`] buffers taken off a queue. Whatever happens, each is given back once.
pub(crate) struct Burst {
    buffers: [*mut sys::rte_mbuf; BURST],
    frames: [sys::weir_frame; BURST],
    held: usize,
}

// SAFETY: buffers belong to whoever holds them, not to a thread; the pointers are used through `&mut self` and views of `&self`
// that cannot cross threads (they hold a raw pointer).
unsafe impl Send for Burst {}

impl Burst {
    /// Holds nothing.
    pub(crate) fn new() -> Burst {
        Burst { buffers: [ptr::null_mut(); BURST], frames: [sys::weir_frame::default(); BURST], held: 0 }
    }

    /// Takes what is ready, after giving back what is held. The port must be started and its gate entered: DPDK does not
    /// check here, and one thread at a time may take from a queue.
    pub(crate) fn receive(&mut self, port: u16, queue: u16, stamps: Option<StampField>) -> usize {
        self.release();
        let (offset, flag) = stamps.map_or((-1, 0), |s| (s.offset, s.flag));
        let (buffers, frames) = (self.buffers.as_mut_ptr(), self.frames.as_mut_ptr());
        // SAFETY: both arrays have BURST places; the queue hands each buffer to one caller; the gate keeps the port started.
        let n = unsafe { sys::weir_receive(port, queue, buffers, frames, BURST as u16, offset, flag) };
        self.held = usize::from(n).min(BURST);
        self.held
    }

    /// The frame at `index`; none behind the last.
    pub(crate) fn view(&self, index: usize) -> Option<View<'_>> {
        let frame = self.frames[..self.held].get(index)?;
        // SAFETY: the shim filled the frame from a buffer that this burst holds, and holds until `&mut self` is taken: the
        // bytes live, and nobody writes them.
        let data = unsafe { slice::from_raw_parts(frame.data, frame.first as usize) };
        let is = |flag| frame.flags & flag != 0;
        Some(View {
            data,
            len: frame.len,
            segments: frame.segments,
            vlan: is(sys::WEIR_VLAN).then_some(frame.vlan),
            stamp: is(sys::WEIR_STAMPED).then_some(frame.stamp),
            bad_checksum: is(sys::WEIR_BADSUM),
            buffer: self.buffers[index],
            burst: PhantomData,
        })
    }

    /// Gives all buffers back.
    pub(crate) fn release(&mut self) {
        let n = std::mem::take(&mut self.held);
        if n > 0 {
            // SAFETY: the first `n` came from `receive` and were not given back since: `held` is zero from here on.
            unsafe { sys::weir_release(self.buffers.as_mut_ptr(), n as u32) };
        }
    }
}

impl Drop for Burst {
    fn drop(&mut self) {
        self.release();
    }
}
