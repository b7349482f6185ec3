//! Zip archives (APPNOTE 6.3): by their directory where it is there, else by the local headers, as far as they go.
//!
//! A reader of our own, because bounds are the point: libraries build their whole directory in memory before the first entry, and do
//! not read archives that are cut.

use super::open::{self, Opening};
use super::{Io, Reader, Unread, office};
use crate::coding::{Flow, Inflate};
use memchr::memmem;

/// Most entries of an archive that are looked at for being an office document.
const LOOK: usize = 256;
/// Longest comment behind the directory, and its end record.
const MAX_END: usize = 65_535 + 22;

/// An entry of an archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'z> {
    pub(super) name: &'z [u8],
    encrypted: bool,
    method: u16,
    data: &'z [u8],
}

/// The entries of an archive.
#[derive(Clone)]
pub(super) struct Entries<'z> {
    bytes: &'z [u8],
    at: usize,
    /// By the directory; how far offsets are shifted by what stands before the archive.
    directory: Option<usize>,
    broken: bool,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize)
}

impl<'z> Entries<'z> {
    pub(super) fn of(bytes: &'z [u8]) -> Self {
        match directory(bytes) {
            Some((at, shift)) => Entries { bytes, at, directory: Some(shift), broken: false },
            None => Entries { bytes, at: 0, directory: None, broken: false },
        }
    }
    /// Whether it ends too early or contradicts itself, asked behind the last entry. An archive that ends without its directory is cut.
    pub(super) fn is_damaged(&self) -> bool {
        self.broken || self.directory.is_none() && !self.bytes.starts_with(b"PK\x05\x06")
    }
    fn listed(&mut self, shift: usize) -> Option<Entry<'z>> {
        let (b, at) = (self.bytes, self.at);
        if b.get(at..at + 4)? != b"PK\x01\x02" {
            self.broken = b.get(at..at + 4)? != b"PK\x05\x06" && b.get(at..at + 4)? != b"PK\x06\x06";
            return None;
        }
        let (flags, method, size) = (u16_at(b, at + 8)?, u16_at(b, at + 10)?, u32_at(b, at + 20)?);
        let (name, extra, comment) = (u16_at(b, at + 28)?, u16_at(b, at + 30)?, u16_at(b, at + 32)?);
        let local = u32_at(b, at + 42)?.checked_add(shift)?;
        let name = b.get(at + 46..at + 46 + name)?;
        self.at = at + 46 + name.len() + extra + comment;
        let data = local_data(b, local).and_then(|from| b.get(from..)).map(|d| &d[..d.len().min(size)]);
        self.broken |= data.is_none_or(|d| d.len() < size);
        Some(Entry { name, encrypted: flags & 1 == 1, method: method as u16, data: data.unwrap_or_default() })
    }
    fn local(&mut self) -> Option<Entry<'z>> {
        let (b, at) = (self.bytes, self.at);
        if b.get(at..at + 4)? != b"PK\x03\x04" {
            return None;
        }
        let (flags, method, size) = (u16_at(b, at + 6)?, u16_at(b, at + 8)?, u32_at(b, at + 18)?);
        let name = b.get(at + 30..at + 30 + u16_at(b, at + 26)?)?;
        let rest = b.get(local_data(b, at)?..)?;
        let size = if flags & 8 == 8 && size == 0 { unsized_end(rest) } else { size };
        self.broken |= rest.len() < size;
        let data = &rest[..rest.len().min(size)];
        self.at = b.len() - rest.len() + data.len();
        // A descriptor of the sizes may follow, with or without its mark.
        let next = b.get(self.at..)?;
        let skip = [0, 16, 12, 24]
            .into_iter()
            .find(|n| next.get(*n..*n + 4).is_some_and(|m| m == b"PK\x03\x04" || m == b"PK\x01\x02"));
        self.at += skip.unwrap_or(0);
        Some(Entry { name, encrypted: flags & 1 == 1, method: method as u16, data })
    }
}

impl<'z> Iterator for Entries<'z> {
    type Item = Entry<'z>;
    fn next(&mut self) -> Option<Entry<'z>> {
        match self.directory {
            Some(shift) => self.listed(shift),
            None => self.local(),
        }
    }
}

/// Offset of the directory's first record, and how far offsets in it are shifted.
fn directory(bytes: &[u8]) -> Option<(usize, usize)> {
    let tail = bytes.len().saturating_sub(MAX_END);
    let end = tail + memmem::rfind(&bytes[tail..], b"PK\x05\x06")?;
    let (size, offset) = (u32_at(bytes, end + 12)?, u32_at(bytes, end + 16)?);
    let at = end.checked_sub(size)?;
    let shift = at.checked_sub(offset)?;
    (bytes.get(at..at + 4)? == b"PK\x01\x02").then_some((at, shift))
}

/// Where the data behind a local header begins.
fn local_data(bytes: &[u8], at: usize) -> Option<usize> {
    (bytes.get(at..at + 4)? == b"PK\x03\x04").then_some(())?;
    Some(at + 30 + u16_at(bytes, at + 26)? + u16_at(bytes, at + 28)?)
}

/// Bytes up to what follows data whose header does not say its size.
fn unsized_end(rest: &[u8]) -> usize {
    memmem::find_iter(rest, b"PK")
        .find(|n| matches!(rest.get(n + 2..n + 4), Some(b"\x07\x08" | b"\x03\x04" | b"\x01\x02")))
        .unwrap_or(rest.len())
}

/// Reads an archive; an office document as what it is.
pub(super) fn read(file: &Opening<'_>, io: &mut Io<'_, '_>) {
    let entries = Entries::of(file.bytes);
    if let Some(office) = office::Office::of(entries.clone().take(LOOK).map(|e| e.name)) {
        return office::read(office, file, io);
    }
    let (mut entries, mut unpack) = (entries, Unpack::default());
    for entry in entries.by_ref() {
        if !io.budget.entry() {
            return;
        }
        if entry.name.ends_with(b"/") {
            continue;
        }
        let name = open::name(entry.name);
        let (mut reader, hint) = (file.inside(&name), open::hint(&name));
        let whole = unpack.run(&entry, io, &mut |piece, io| reader.push(piece, hint, io));
        reader.finish(hint, whole, io);
    }
    if entries.is_damaged() {
        io.budget.note(Unread::Damaged);
    }
}

/// What unpacks entries, one behind the other.
pub(super) struct Unpack {
    inflate: Inflate,
    chunk: Vec<u8>,
}

impl Default for Unpack {
    fn default() -> Self {
        Unpack { inflate: Inflate::new(false), chunk: open::chunk() }
    }
}

impl Unpack {
    /// Gives what an entry holds to `out`; whether that was all of it.
    pub(super) fn run(
        &mut self,
        entry: &Entry<'_>,
        io: &mut Io<'_, '_>,
        out: &mut dyn FnMut(&[u8], &mut Io<'_, '_>),
    ) -> bool {
        let why = match (entry.encrypted, entry.method) {
            (true, _) => Some(Unread::Encrypted),
            (_, 0 | 8) => None,
            _ => Some(Unread::Unknown),
        };
        if let Some(why) = why {
            io.budget.note(why);
            return false;
        }
        if entry.method == 0 {
            let may = io.budget.spend(entry.data.len());
            if may {
                out(entry.data, io);
            }
            return may;
        }
        self.inflate.reset(false);
        let done = self.inflate.run(entry.data, &mut self.chunk, &mut |piece| {
            if !io.budget.spend(piece.len()) {
                return Flow::Stop;
            }
            out(piece, io);
            Flow::On
        });
        let whole = self.inflate.finished();
        if !whole && !matches!(done, Ok((_, Flow::Stop))) {
            io.budget.note(Unread::Damaged);
        }
        whole
    }
}

/// Feeds a reader with an entry; for parts whose reader is made before.
pub(super) fn feed(
    unpack: &mut Unpack,
    entry: &Entry<'_>,
    reader: &mut Reader,
    name: &str,
    io: &mut Io<'_, '_>,
) {
    let hint = open::hint(name);
    let whole = unpack.run(entry, io, &mut |piece, io| reader.push(piece, hint, io));
    reader.finish(hint, whole, io);
}
