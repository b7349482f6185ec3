//! The receive ring: memory shared with the kernel, block by block.
//!
//! A block belongs to the kernel until its status word says otherwise, then to this process until it is given back
//! (Linux, `Documentation/networking/packet_mmap.rst`).
#![allow(unsafe_code)]

use super::socket::Socket;
use std::{
    io,
    mem::offset_of,
    ptr::{self, NonNull},
    slice,
    sync::atomic::{AtomicU32, Ordering},
};

/// Where the status word stands in a block.
const STATUS: usize =
    offset_of!(libc::tpacket_block_desc, hdr) + offset_of!(libc::tpacket_hdr_v1, block_status);

/// A mapped ring of `blocks` blocks. Invariant: `at` is the start of a mapping of `block_size * blocks` bytes that
/// nothing else in this process refers to, page-aligned, and live until the ring is dropped.
#[derive(Debug)]
pub(crate) struct Ring {
    at: NonNull<u8>,
    block_size: usize,
    blocks: usize,
}

// SAFETY: the mapping is owned by the ring alone and is bound to no thread.
unsafe impl Send for Ring {}

impl Ring {
    /// Maps the ring that `socket` was just given.
    pub(crate) fn map(socket: &Socket, block_size: usize, blocks: usize) -> io::Result<Self> {
        let len = block_size.checked_mul(blocks).ok_or(io::ErrorKind::OutOfMemory)?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice touches no other memory. Populated at once, so
        // that the first burst meets no page faults.
        let at = unsafe {
            let flags = libc::MAP_SHARED | libc::MAP_POPULATE;
            libc::mmap(ptr::null_mut(), len, protection, flags, socket.raw(), 0)
        };
        if at == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let at = NonNull::new(at.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Ring { at, block_size, blocks })
    }

    pub(crate) fn blocks(&self) -> usize {
        self.blocks
    }

    /// Start of block `n`, and its status word.
    fn block(&self, n: usize) -> (NonNull<u8>, &AtomicU32) {
        let n = n % self.blocks;
        // SAFETY: block `n` lies in the mapping; its status word is four aligned bytes in it, which this process
        // reaches only through atomics and through slices of blocks that the kernel does not write meanwhile.
        unsafe {
            let start = self.at.add(n * self.block_size);
            (start, AtomicU32::from_ptr(start.add(STATUS).cast().as_ptr()))
        }
    }

    /// The bytes of block `n`, where the kernel has handed it over.
    pub(crate) fn filled(&self, n: usize) -> Option<&[u8]> {
        let (start, status) = self.block(n);
        if status.load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
            return None;
        }
        // SAFETY: the block lies in the mapping and is this process's until `release`, which takes the ring by
        // exclusive reference and so outlives no slice; the acquiring load orders the kernel's writes before ours.
        Some(unsafe { slice::from_raw_parts(start.as_ptr(), self.block_size) })
    }

    /// Gives block `n` back to the kernel.
    pub(crate) fn release(&mut self, n: usize) {
        self.block(n).1.store(libc::TP_STATUS_KERNEL, Ordering::Release);
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mapping is the ring's own, whole, and no slice of it outlives the ring.
        unsafe { libc::munmap(self.at.as_ptr().cast(), self.block_size * self.blocks) };
    }
}
