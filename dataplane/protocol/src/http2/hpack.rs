//! Field lists from header blocks (RFC 7541), of connections seen from their start or picked up midway, of honest and hostile senders.
//!
//! Ours and no crate's: decoders made for endpoints take every table for whole and end at the first index they do not know.
//! A table here may be **in part**: after a start midway or a loss nothing is known of the entries from before. Indices count
//! from the latest entry, so what was added since is found all the same, and an index beyond that gives a field that is
//! *unknown*: it is noted, never guessed.
//!
//! Bounds: a table holds 64 KiB whatever its sender says; a list holds 16 KiB and 256 fields, what is more is read for the
//! table's sake only. A reference costs a copy of its entry, within the list's bound, so blocks cannot expand.

use super::huffman;
use super::statics::STATIC;
use crate::Header;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::ops::Range;

/// Size of a table before anything is said of it (RFC 9113, 6.5.2).
const DEFAULT_SIZE: usize = 4096;
/// Greatest table kept.
const MAX_SIZE: usize = 64 * 1024;
/// What an entry counts besides its text (RFC 7541, 4.1).
const OVERHEAD: usize = 32;
/// Bytes of a list that are kept.
const MAX_LIST: usize = 16 * 1024;
/// Fields of a list that are kept.
const MAX_FIELDS: usize = 256;
/// Bytes of a list's memory that are kept for the next one.
const SPARE: usize = 2048;

/// The block breaks RFC 7541: what follows in it is not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Broken;

/// The fields of a block, one text behind the other.
#[derive(Default, Debug)]
pub(super) struct List {
    bytes: Vec<u8>,
    /// Where names and values end; each begins where the one before ends.
    ends: Vec<(u32, u32)>,
    /// Fields were left out, as there are more than the bound.
    pub long: bool,
    /// Names or values were unknown, as they stand in a part of the table that was not seen.
    pub unknown: bool,
}

impl List {
    /// Before a block.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.bytes.shrink_to(SPARE);
        self.ends.shrink_to(SPARE / OVERHEAD);
        (self.long, self.unknown) = (false, false);
    }
    /// The fields in order.
    pub fn fields(&self) -> SmallVec<[Header<'_>; 32]> {
        let mut from = 0;
        let field = |(name, value): &(u32, u32)| {
            let (name, value) = (*name as usize, *value as usize);
            let start = std::mem::replace(&mut from, value);
            Header { name: &self.bytes[start..name], value: &self.bytes[name..value] }
        };
        self.ends.iter().map(field).collect()
    }
    fn end(&self) -> usize {
        self.ends.last().map_or(0, |e| e.1 as usize)
    }
    /// Keeps the field that was appended to `bytes`, whose name ends at `name`, where there is room for it.
    fn keep(&mut self, name: usize) {
        if self.bytes.len() <= MAX_LIST && self.ends.len() < MAX_FIELDS {
            self.ends.push((name as u32, self.bytes.len() as u32));
        } else {
            self.bytes.truncate(self.end());
            self.long = true;
        }
    }
    fn add(&mut self, name: &[u8], value: &[u8]) {
        if self.bytes.len() + name.len() + value.len() > MAX_LIST || self.ends.len() >= MAX_FIELDS {
            self.long = true;
            return;
        }
        self.bytes.extend_from_slice(name);
        let end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.ends.push((end as u32, self.bytes.len() as u32));
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Where its name begins, counted from the first byte that the table ever held.
    at: u64,
    name: u32,
    value: u32,
}

/// The dynamic table of one direction.
#[derive(Debug)]
pub(super) struct Decoder {
    /// Texts of the entries, the oldest first; those of evicted ones in front, until they outweigh the others.
    bytes: Vec<u8>,
    /// Where `bytes` begins.
    base: u64,
    /// The latest first.
    entries: VecDeque<Entry>,
    size: usize,
    max: usize,
    /// Every entry is known.
    whole: bool,
}

impl Decoder {
    /// Before the first block; `whole`: nothing came before it.
    pub fn new(whole: bool) -> Self {
        // Of a table of unknown size the most is kept that may be there: what its sender evicted it does not refer to.
        let max = if whole { DEFAULT_SIZE } else { MAX_SIZE };
        Decoder { bytes: Vec::new(), base: 0, entries: VecDeque::new(), size: 0, max, whole }
    }

    /// Blocks may have been lost: what stands at which index is no longer known.
    pub fn forget(&mut self) {
        *self = Decoder::new(false);
    }

    /// Reads a whole block. What it said before it broke is in `list`.
    pub fn block(&mut self, mut block: &[u8], list: &mut List) -> Result<(), Broken> {
        while let [first, ..] = block {
            let first = *first;
            if first & 0x80 != 0 {
                let index = integer(&mut block, 7)?;
                self.indexed(index, list)?;
            } else if first & 0xe0 == 0x20 {
                let size = integer(&mut block, 5)?;
                self.resize(size);
            } else {
                let adds = first & 0x40 != 0;
                let index = integer(&mut block, if adds { 6 } else { 4 })?;
                self.literal(index, adds, &mut block, list)?;
            }
        }
        Ok(())
    }

    fn indexed(&self, index: usize, list: &mut List) -> Result<(), Broken> {
        if index == 0 {
            return Err(Broken);
        }
        match STATIC.get(index - 1) {
            Some((name, value)) => list.add(name, value),
            None => match self.entries.get(index - 1 - STATIC.len()) {
                Some(e) => {
                    let (name, value) = self.text(*e);
                    list.add(&self.bytes[name], &self.bytes[value]);
                }
                None if self.whole => return Err(Broken),
                None => list.unknown = true,
            },
        }
        Ok(())
    }

    fn literal(
        &mut self,
        index: usize,
        adds: bool,
        block: &mut &[u8],
        list: &mut List,
    ) -> Result<(), Broken> {
        let start = list.bytes.len();
        match index.checked_sub(1).map(|i| (i, STATIC.get(i))) {
            None => string(block, &mut list.bytes)?,
            Some((_, Some((name, _)))) => list.bytes.extend_from_slice(name),
            Some((i, None)) => match self.entries.get(i - STATIC.len()) {
                Some(e) => {
                    let name = self.text(*e).0;
                    list.bytes.extend_from_slice(&self.bytes[name]);
                }
                None if self.whole => return Err(Broken),
                // The value stands without its name.
                None => list.unknown = true,
            },
        }
        let name = list.bytes.len();
        if string(block, &mut list.bytes).is_err() {
            list.bytes.truncate(start);
            return Err(Broken);
        }
        if adds {
            self.add(&list.bytes[start..], name - start);
        }
        list.keep(name);
        Ok(())
    }

    /// Where name and value of an entry stand in `bytes`.
    fn text(&self, e: Entry) -> (Range<usize>, Range<usize>) {
        let start = (e.at - self.base) as usize;
        let name = start + e.name as usize;
        (start..name, name..name + e.value as usize)
    }

    /// Adds an entry, the first `name` bytes of which are its name (RFC 7541, 4.4).
    fn add(&mut self, text: &[u8], name: usize) {
        let size = text.len() + OVERHEAD;
        self.evict(self.max.saturating_sub(size));
        if size > self.max {
            // It empties the table, which is whole in that.
            return;
        }
        self.compact();
        let at = self.base + self.bytes.len() as u64;
        self.bytes.extend_from_slice(text);
        self.entries.push_front(Entry { at, name: name as u32, value: (text.len() - name) as u32 });
        self.size += size;
    }

    fn evict(&mut self, to: usize) {
        while self.size > to
            && let Some(e) = self.entries.pop_back()
        {
            self.size -= e.name as usize + e.value as usize + OVERHEAD;
        }
    }

    /// Gives up the texts of evicted entries, once they are as long as those of the others.
    fn compact(&mut self) {
        let live = self.size - self.entries.len() * OVERHEAD;
        let dead = self.bytes.len() - live;
        if dead > live.max(DEFAULT_SIZE / 4) {
            self.bytes.drain(..dead);
            self.base += dead as u64;
        }
    }

    /// A size update (RFC 7541, 6.3). Above the bound, what the sender keeps and this does not is unknown.
    fn resize(&mut self, size: usize) {
        self.whole &= size <= MAX_SIZE;
        self.max = size.min(MAX_SIZE);
        self.evict(self.max);
        if size == 0 {
            // An empty table is known wholly.
            self.whole = true;
        }
    }
}

/// An integer with a prefix of so many bits (RFC 7541, 5.1), up to 2^28.
fn integer(block: &mut &[u8], prefix: u32) -> Result<usize, Broken> {
    let (first, mut rest) = block.split_first().ok_or(Broken)?;
    let mask = (1usize << prefix) - 1;
    let mut n = usize::from(*first) & mask;
    if n == mask {
        let mut shift = 0;
        loop {
            let (byte, behind) = rest.split_first().ok_or(Broken)?;
            rest = behind;
            n += usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
            if shift > 21 {
                return Err(Broken);
            }
        }
    }
    *block = rest;
    Ok(n)
}

/// A string (RFC 7541, 5.2), appended to `out`.
fn string(block: &mut &[u8], out: &mut Vec<u8>) -> Result<(), Broken> {
    let coded = block.first().ok_or(Broken)? & 0x80 != 0;
    let length = integer(block, 7)?;
    let (text, rest) = block.split_at_checked(length).ok_or(Broken)?;
    *block = rest;
    match coded {
        false => out.extend_from_slice(text),
        true if huffman::decode(text, out) => {}
        true => return Err(Broken),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter_map(|b| (b as char).to_digit(16)).map(|d| d as u8).collect();
        digits.chunks(2).map(|d| d[0] << 4 | d[1]).collect()
    }

    fn read(d: &mut Decoder, hex: &str) -> String {
        let mut list = List::default();
        d.block(&bytes(hex), &mut list).expect("a block");
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        let lines: Vec<_> =
            list.fields().iter().map(|h| format!("{}={}", text(h.name), text(h.value))).collect();
        lines.join("|") + if list.unknown { "|?" } else { "" }
    }

    /// RFC 7541, C.3 and C.4: requests without and with Huffman coding.
    #[test]
    fn appendix_c_requests() {
        const WANT: [&str; 3] = [
            ":method=GET|:scheme=http|:path=/|:authority=www.example.com",
            ":method=GET|:scheme=http|:path=/|:authority=www.example.com|cache-control=no-cache",
            ":method=GET|:scheme=https|:path=/index.html|:authority=www.example.com|custom-key=custom-value",
        ];
        for blocks in [
            [
                "828684410f7777772e6578616d706c652e636f6d",
                "828684be58086e6f2d6361636865",
                "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
            ],
            [
                "828684418cf1e3c2e5f23a6ba0ab90f4ff",
                "828684be5886a8eb10649cbf",
                "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
            ],
        ] {
            let mut d = Decoder::new(true);
            for ((hex, want), size) in blocks.iter().zip(WANT).zip([57, 110, 164]) {
                assert_eq!(read(&mut d, hex), want);
                assert_eq!(d.size, size);
            }
        }
    }

    /// RFC 7541, C.5 and C.6: responses, with a table of 256 bytes that evicts.
    #[test]
    fn appendix_c_responses() {
        const DATE: &str =
            "cache-control=private|date=Mon, 21 Oct 2013 20:13:21 GMT|location=https://www.example.com";
        for blocks in [
            [
                "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17\
                 68747470733a2f2f7777772e6578616d706c652e636f6d",
                "4803333037c1c0bf",
                "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d41\
                 53444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b207665727369\
                 6f6e3d31",
            ],
            [
                "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad1718\
                 63c78f0b97c8e9ae82ae43d3",
                "4883640effc1c0bf",
                "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b\
                 3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
            ],
        ] {
            let mut d = Decoder::new(true);
            d.max = 256;
            assert_eq!(read(&mut d, blocks[0]), format!(":status=302|{DATE}"));
            assert_eq!(d.size, 222);
            assert_eq!(read(&mut d, blocks[1]), format!(":status=307|{DATE}"));
            assert_eq!(
                read(&mut d, blocks[2]),
                ":status=200|cache-control=private|date=Mon, 21 Oct 2013 20:13:22 GMT|location=https://www.example.com|\
                 content-encoding=gzip|set-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"
            );
            assert_eq!((d.size, d.entries.len()), (215, 3));
        }
    }

    #[test]
    fn a_table_in_part_gives_what_was_seen() {
        let mut d = Decoder::new(false);
        // An index from before, a literal with a name from before, a literal of its own, and that again.
        assert_eq!(read(&mut d, "82 bf 7e 0131 400161 0162 be"), ":method=GET|=1|a=b|a=b|?");
        // What was added is found from the latest on, as well as what is behind it is not.
        assert_eq!(read(&mut d, "be c1"), "a=b|?");
        d.forget();
        assert_eq!(read(&mut d, "be"), "|?");
        // An update to nothing makes it whole.
        assert_eq!(read(&mut d, "20 3f e1 1f"), "");
        assert_eq!(d.block(&bytes("be"), &mut List::default()), Err(Broken));
    }

    #[test]
    fn broken_blocks() {
        for bad in ["80", "be", "40", "4001", "400161", "40016105", "7fffffffffff01", "4001618 1ff", "ff"] {
            assert_eq!(Decoder::new(true).block(&bytes(bad), &mut List::default()), Err(Broken), "{bad}");
        }
    }

    #[test]
    fn bombs_are_bounded() {
        let (mut d, mut list) = (Decoder::new(true), List::default());
        let mut block = vec![0x40, 1, b'a', 0x7f, 0x81, 0x1e];
        block.extend([b'x'; 4000]);
        block.extend([0xbe; 60_000]);
        d.block(&block, &mut list).expect("a block");
        assert!(list.long && list.bytes.len() <= MAX_LIST && list.ends.len() <= MAX_FIELDS);
        for i in 0..100_000u32 {
            list.clear();
            let mut block = vec![0x40, 4];
            block.extend(i.to_be_bytes());
            block.extend([3, b'a', b'b', b'c']);
            d.block(&block, &mut list).expect("a block");
        }
        assert!(d.size <= DEFAULT_SIZE && d.bytes.len() <= 2 * DEFAULT_SIZE && d.entries.len() <= 128);
        // A table as large as its sender likes is not kept.
        list.clear();
        d.block(&bytes("3f e1 ff ff 7f"), &mut list).expect("an update");
        assert_eq!((d.max, d.whole), (MAX_SIZE, false));
    }
}
