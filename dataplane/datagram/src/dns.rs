//! DNS messages (RFC 1035, 4.1): the one question, and the addresses that answer it.

use std::net::IpAddr;
use weir_wire::Cursor;

/// Where servers listen.
pub(crate) const PORT: u16 = 53;
const HEADER: usize = 12;
/// Longest name as text (RFC 1035, 2.3.4).
const MAX_NAME: usize = 253;
/// Answers that are looked at.
const MAX_ANSWERS: u16 = 64;

const A: u16 = 1;
const AAAA: u16 = 28;
const HTTPS: u16 = 65;
const ANY: u16 = 255;
/// EDNS (RFC 6891), and signatures of transactions (RFC 8945).
const ADDITIONAL: [u16; 2] = [41, 250];
const INTERNET: u16 = 1;

/// Whether the header fits: a standard query with one question, or its answer.
#[inline(always)]
pub(crate) fn may_be(payload: &[u8]) -> bool {
    let Some(&[_, _, flags, more, 0, 1, ..]) = payload.first_chunk::<HEADER>() else { return false };
    // Operation 0; the bit that must be zero is; a query says nothing of how it went.
    flags & 0x78 == 0 && more & 0x40 == 0 && (flags & 0x80 != 0 || more & 0x0f == 0)
}

/// A message whose question was read.
pub(crate) struct Message<'a> {
    name: Name,
    wants_address: bool,
    /// Of an answer that went well: how many answers there are.
    count: Option<u16>,
    rest: Cursor<'a>,
}

/// A host's name, lower case.
pub(crate) struct Name {
    bytes: [u8; MAX_NAME + 1],
    len: u8,
    /// Whether it has nothing but what names of hosts have.
    plain: bool,
}

impl Name {
    pub(crate) fn text(&self) -> &str {
        self.bytes.get(..usize::from(self.len)).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
    }

    /// The name of a question, which nothing is left out of (RFC 1035, 4.1.4 allows it, no one does it).
    fn read(c: &mut Cursor<'_>) -> Option<Name> {
        let mut name = Name { bytes: [0; MAX_NAME + 1], len: 0, plain: true };
        loop {
            let len = match c.u8().ok()? {
                0 => break,
                len @ 1..=63 => usize::from(len),
                _ => return None,
            };
            let at = usize::from(name.len);
            let dot = usize::from(at > 0);
            let room = name.bytes.get_mut(at..at + dot + len)?;
            if dot == 1 {
                room[0] = b'.';
            }
            for (out, byte) in room[dot..].iter_mut().zip(c.take(len).ok()?) {
                *out = byte.to_ascii_lowercase();
                name.plain &= byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            }
            name.len = u8::try_from(at + dot + len).ok().filter(|n| usize::from(*n) <= MAX_NAME)?;
        }
        Some(name)
    }
}

impl<'a> Message<'a> {
    /// Reads a payload that [`may_be`] one. Behind the question of a query nothing comes but what extends it, unless it came to or from
    /// the `standard` port.
    pub(crate) fn read(payload: &'a [u8], standard: bool) -> Option<Message<'a>> {
        let mut c = Cursor::new(payload);
        c.skip(2).ok()?;
        let (flags, _, answers) = (c.u16().ok()?, c.u16().ok()?, c.u16().ok()?);
        let (authorities, additional) = (c.u16().ok()?, c.u16().ok()?);
        let name = Name::read(&mut c)?;
        let (kind, class) = (c.u16().ok()?, c.u16().ok()?);
        if !matches!(class, 1 | 3 | 4 | 254 | 255) && !standard {
            return None;
        }
        let answer = flags & 0x8000 != 0;
        let plain_end = match (c.is_empty(), additional) {
            (true, 0) => true,
            (false, 1..) if answer => true,
            (false, 1..) => c.rest().starts_with(&[0]) && next_is_additional(c),
            (false, 0) => answer && (answers > 0 || authorities > 0),
            (true, _) => false,
        };
        if !plain_end && !standard {
            return None;
        }
        let count = (answer && flags & 0x0f == 0).then_some(answers);
        let wants_address = class == INTERNET && matches!(kind, A | AAAA | HTTPS | ANY);
        Some(Message { name, wants_address, count, rest: c })
    }

    /// Addresses that the name asked for stands for, where it is an answer to such a question.
    pub(crate) fn answers(self) -> Option<Answers<'a>> {
        let left = self.count?.min(MAX_ANSWERS);
        let named = self.wants_address && self.name.plain && self.name.len > 0;
        (named && left > 0).then_some(Answers { name: self.name, left, rest: self.rest })
    }
}

fn next_is_additional(mut c: Cursor<'_>) -> bool {
    c.skip(1).is_ok() && c.u16().is_ok_and(|kind| ADDITIONAL.contains(&kind))
}

/// The addresses of an answer, whatever aliases (CNAME) lead to them.
pub(crate) struct Answers<'a> {
    pub(crate) name: Name,
    left: u16,
    rest: Cursor<'a>,
}

impl Answers<'_> {
    /// The next address; `None` at the end, and where what follows is broken or cut.
    pub(crate) fn next(&mut self) -> Option<IpAddr> {
        while let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            skip_name(&mut self.rest)?;
            let (kind, class) = (self.rest.u16().ok()?, self.rest.u16().ok()?);
            self.rest.skip(4).ok()?;
            let length = self.rest.u16().ok()?;
            let data = self.rest.take(length.into()).ok()?;
            match (kind, class) {
                (A, INTERNET) => return Some(IpAddr::from(<[u8; 4]>::try_from(data).ok()?)),
                (AAAA, INTERNET) => return Some(IpAddr::from(<[u8; 16]>::try_from(data).ok()?)),
                _ => {}
            }
        }
        None
    }
}

/// Passes a name, which may end in a pointer.
fn skip_name(c: &mut Cursor<'_>) -> Option<()> {
    loop {
        match c.u8().ok()? {
            0 => return Some(()),
            len @ 1..=63 => c.skip(len.into()).ok()?,
            0xc0.. => return c.skip(1).ok(),
            _ => return None,
        }
    }
}
