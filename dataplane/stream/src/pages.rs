//! Pages for bytes that arrived too early: chains of 2 KiB from a pool of fixed size.

use crate::wheel::NIL;

/// Bytes in a page. A full segment of an Ethernet path fits in one.
pub(crate) const PAGE: usize = 2048;
/// Pages mapped at once (128 KiB).
const SLAB: usize = 64;

#[derive(Clone, Copy)]
struct Head {
    next: u32,
    len: u32,
}

/// A chain of pages; empty where `head` is `NIL`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    pub head: u32,
    pub tail: u32,
}

impl Chain {
    pub const EMPTY: Chain = Chain { head: NIL, tail: NIL };
}

/// The pool. Slabs are mapped as they are first needed, up to the cap, and kept.
pub(crate) struct Pages {
    slabs: Vec<Box<[u8]>>,
    heads: Vec<Head>,
    free: u32,
    used: u32,
    cap: u32,
}

impl Pages {
    pub fn new(cap: u32) -> Self {
        Pages { slabs: Vec::new(), heads: Vec::new(), free: NIL, used: 0, cap }
    }
    /// Pages left under the cap.
    pub fn available(&self) -> u32 {
        self.cap - self.used
    }
    /// Pages that appending `len` bytes to `chain` would take.
    pub fn needed(&self, chain: &Chain, len: usize) -> u32 {
        let room = if chain.tail == NIL { 0 } else { PAGE - self.heads[chain.tail as usize].len as usize };
        (len.saturating_sub(room)).div_ceil(PAGE) as u32
    }
    /// Appends `bytes`; the caller has made sure that there is room.
    pub fn append(&mut self, chain: &mut Chain, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room =
                if chain.tail == NIL { 0 } else { PAGE - self.heads[chain.tail as usize].len as usize };
            if room == 0 {
                let page = self.take();
                self.link(chain, Chain { head: page, tail: page });
                continue;
            }
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            let from = PAGE - room;
            let tail = chain.tail as usize;
            let at = tail % SLAB * PAGE + from;
            self.slabs[tail / SLAB][at..at + now.len()].copy_from_slice(now);
            self.heads[tail].len += now.len() as u32;
            bytes = later;
        }
    }
    /// Puts `second` behind `first`.
    pub fn link(&mut self, first: &mut Chain, second: Chain) {
        if first.tail == NIL {
            first.head = second.head;
        } else {
            self.heads[first.tail as usize].next = second.head;
        }
        first.tail = second.tail;
    }
    /// The bytes of a page and the number of the next.
    pub fn read(&self, page: u32) -> (&[u8], u32) {
        let Head { next, len } = self.heads[page as usize];
        let at = page as usize % SLAB * PAGE;
        (&self.slabs[page as usize / SLAB][at..at + len as usize], next)
    }
    /// Gives one page back.
    pub fn release(&mut self, page: u32) {
        self.heads[page as usize] = Head { next: self.free, len: 0 };
        self.free = page;
        self.used -= 1;
    }
    fn take(&mut self) -> u32 {
        if self.free == NIL {
            let first = self.heads.len() as u32;
            self.slabs.push(vec![0; SLAB * PAGE].into_boxed_slice());
            let last = first + SLAB as u32 - 1;
            self.heads.extend((first..last).map(|page| Head { next: page + 1, len: 0 }));
            self.heads.push(Head { next: NIL, len: 0 });
            self.free = first;
        }
        let page = self.free;
        self.free = std::mem::replace(&mut self.heads[page as usize].next, NIL);
        self.used += 1;
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_keep_bytes_and_give_pages_back() {
        let mut pages = Pages::new(200);
        let bytes: Vec<u8> = (0..PAGE * 70 + 5).map(|n| n as u8).collect();
        let (mut a, mut b) = (Chain::EMPTY, Chain::EMPTY);
        assert_eq!(pages.needed(&a, 3 * PAGE + 1), 4);
        pages.append(&mut a, &bytes[..3 * PAGE + 1]);
        assert_eq!(pages.needed(&a, PAGE - 1), 0);
        pages.append(&mut b, &bytes[3 * PAGE + 1..]);
        pages.link(&mut a, b);
        let (mut page, mut out) = (a.head, Vec::new());
        while page != NIL {
            let (part, next) = pages.read(page);
            out.extend_from_slice(part);
            pages.release(page);
            page = next;
        }
        assert_eq!(out, bytes);
        assert_eq!(pages.available(), 200);
        assert_eq!(pages.slabs.len(), 2);
    }
}
