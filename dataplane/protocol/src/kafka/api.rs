//! Heads of requests, and the fields that they and the answers are made of.

use crate::Verdict;
use crate::framed::Bytes;

/// Longest message, by the default of `socket.request.max.bytes`.
pub(super) const MAX_MESSAGE: u32 = 104_857_600;
/// Shortest: key, version, number, and a name that is missing.
pub(super) const MIN_REQUEST: u32 = 10;
/// Greatest key of a request, with room for those to come.
const MAX_KEY: u16 = 100;
const MAX_VERSION: u16 = 20;
const MAX_NAME: usize = 255;

pub(super) const PRODUCE: u16 = 0;
pub(super) const FETCH: u16 = 1;
pub(super) const METADATA: u16 = 3;
pub(super) const HANDSHAKE: u16 = 17;
pub(super) const VERSIONS: u16 = 18;
pub(super) const AUTHENTICATE: u16 = 36;

/// From which version on messages are written compactly, with tagged fields.
pub(super) const fn flexible_from(key: u16) -> u16 {
    match key {
        PRODUCE | METADATA => 9,
        FETCH => 12,
        VERSIONS => 3,
        AUTHENTICATE => 2,
        _ => u16::MAX,
    }
}

/// What stands before the fields of a request.
pub(super) struct Head<'a> {
    pub(super) key: u16,
    pub(super) version: u16,
    pub(super) number: u32,
    pub(super) client: &'a [u8],
    pub(super) fields: Fields<'a>,
}

impl<'a> Head<'a> {
    /// Of a request, its length included.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Head<'a>> {
        let mut b = Bytes(bytes);
        b.be32().filter(|n| (MIN_REQUEST..=MAX_MESSAGE).contains(n))?;
        let (key, version, number) = (b.be16()?, b.be16()?, b.be32()?);
        if key > MAX_KEY || version > MAX_VERSION {
            return None;
        }
        let mut fields = Fields { b, flexible: false };
        // Also where all else is compact, this text is not.
        let client = fields.text()?;
        if client.len() > MAX_NAME || !client.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
            return None;
        }
        fields.flexible = version >= flexible_from(key);
        fields.tags()?;
        Some(Head { key, version, number, client, fields })
    }
}

/// The first request of a client that names itself: for versions or metadata, as all begin.
pub(super) fn recognise(first: &[u8]) -> Verdict {
    let mut b = Bytes(first);
    let may = |fits: bool| if fits { Verdict::More } else { Verdict::No };
    let Some(length) = b.be32() else { return may(first.first().is_none_or(|b| *b <= 6)) };
    if !(MIN_REQUEST..=MAX_MESSAGE).contains(&length) || length > 4096 {
        return Verdict::No;
    }
    let Some(key) = b.be16() else { return may(b.0.first().is_none_or(|b| *b == 0)) };
    let newest = match key {
        VERSIONS => 5,
        METADATA => 14,
        _ => return Verdict::No,
    };
    let Some(version) = b.be16() else { return may(b.0.first().is_none_or(|b| *b == 0)) };
    if version > newest {
        return Verdict::No;
    }
    let (Some(_), Some(name)) = (b.be32(), b.be16()) else { return Verdict::More };
    let shown = b.0.get(..usize::from(name)).unwrap_or(b.0);
    let fits = (1..=MAX_NAME).contains(&usize::from(name))
        && usize::from(name) + 10 <= length as usize
        && shown.iter().all(u8::is_ascii_graphic);
    match fits {
        false => Verdict::No,
        true if shown.len() < usize::from(name) => Verdict::More,
        true => Verdict::Yes,
    }
}

/// Fields, compact or not.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) b: Bytes<'a>,
    pub(super) flexible: bool,
}

impl<'a> Fields<'a> {
    /// A length: one less than what stands there where it is compact; `None` also of what is null.
    fn length(&mut self, short: bool) -> Option<Option<usize>> {
        let n = if self.flexible {
            self.b.varint()?.checked_sub(1)
        } else if short {
            self.b.be16().map(u16::cast_signed).map(|n| u64::try_from(n).ok())?
        } else {
            self.b.be32().map(u32::cast_signed).map(|n| u64::try_from(n).ok())?
        };
        Some(n.and_then(|n| usize::try_from(n).ok()))
    }
    /// A text; of null an empty one.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let n = self.length(true)?;
        self.b.take(n.unwrap_or(0))
    }
    /// Bytes, as many of them as there are, and whether that is all.
    pub(super) fn bytes(&mut self) -> Option<(&'a [u8], bool)> {
        let n = self.length(false)?.unwrap_or(0);
        let part = self.b.take_part(n);
        Some((part, part.len() == n))
    }
    /// How many elements an array has; of null none.
    pub(super) fn count(&mut self) -> Option<usize> {
        self.length(false).map(|n| n.unwrap_or(0))
    }
    /// Passes over tagged fields.
    pub(super) fn tags(&mut self) -> Option<()> {
        if !self.flexible {
            return Some(());
        }
        let count = self.b.varint()?;
        for _ in 0..count {
            self.b.varint()?;
            let n = usize::try_from(self.b.varint()?).ok()?;
            self.b.take(n)?;
        }
        Some(())
    }
    /// Passes over an array of numbers of so many bytes.
    pub(super) fn skip_array(&mut self, bytes: usize) -> Option<()> {
        let n = self.count()?.checked_mul(bytes)?;
        self.b.take(n).map(|_| ())
    }
}
