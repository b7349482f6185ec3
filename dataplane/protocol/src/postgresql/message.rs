//! Messages: a type, four bytes of length that count themselves, the rest. What a client begins with has no type.

use crate::calls::Gathered;

/// Bytes kept of a message.
pub(super) const MAX: usize = 256 * 1024;

/// A message, as far as it is kept.
pub(super) struct Message {
    /// Type; 0 where it has none.
    pub(super) kind: u8,
    pub(super) rest: Vec<u8>,
}

/// Bytes are no messages.
#[derive(Debug)]
pub(super) struct Broken;

/// Gathers the messages of one direction.
#[derive(Default)]
pub(super) struct Messages {
    head: Vec<u8>,
    body: Option<Gathered>,
    /// The next message has no type.
    pub(super) untyped: bool,
    /// Bytes are missing, or broken.
    pub(super) lost: bool,
}

impl Messages {
    /// How many of `bytes`, which are not empty, belong to the message under way, and that message where it ends with them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, Result<Option<Message>, Broken>) {
        let mut taken = 0;
        let before = usize::from(!self.untyped);
        if self.body.is_none() {
            taken = (before + 4 - self.head.len()).min(bytes.len());
            self.head.extend_from_slice(&bytes[..taken]);
            if self.head.len() < before + 4 {
                return (taken, Ok(None));
            }
        }
        let length = Cursor(&self.head[before..]).long().unwrap_or(0);
        if !(4..=1 << 30).contains(&length) {
            return (taken, Err(Broken));
        }
        let body = self.body.get_or_insert_with(|| Gathered::of(length as usize - 4));
        let (n, whole) = body.take(&bytes[taken..], MAX);
        if !whole {
            return (taken + n, Ok(None));
        }
        let rest = self.body.take().map(|b| b.bytes).unwrap_or_default();
        let kind = if self.untyped { 0 } else { self.head[0] };
        self.head.clear();
        (taken + n, Ok(Some(Message { kind, rest })))
    }

    /// Of a client, whose first message has no type.
    pub(super) fn of_client() -> Self {
        Messages { untyped: true, ..Messages::default() }
    }

    /// Whether no message is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.head.is_empty()
    }

    /// Forgets what is under way.
    pub(super) fn lose(&mut self) {
        *self = Messages { lost: true, ..Messages::default() };
    }
}

/// Whether a segment begins with a message of one of these types.
pub(super) fn begins(bytes: &[u8], kinds: &[u8]) -> bool {
    matches!(bytes, [kind, 0, high, rest @ ..] if kinds.contains(kind) && *high < 16 && rest.len() >= 2)
}

/// Reads a message from its front.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next `n` bytes.
    pub(super) fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(front)
    }
    /// The next two bytes as a number.
    pub(super) fn short(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.bytes(2)?.try_into().ok()?))
    }
    /// The next four bytes as a number.
    pub(super) fn long(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.bytes(4)?.try_into().ok()?))
    }
    /// A text that a zero ends.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let n = self.0.iter().position(|b| *b == 0)?;
        let text = self.bytes(n)?;
        self.bytes(1)?;
        Some(text)
    }
    /// A value with four bytes of length before it; `Some(None)` is NULL. A value that was cut off is what there is of it.
    pub(super) fn value(&mut self) -> Option<Option<&'a [u8]>> {
        match self.long()? {
            u32::MAX => Some(None),
            n => self.bytes((n as usize).min(self.0.len())).map(Some),
        }
    }
    /// Numbers of two bytes, as many as two bytes before them say.
    pub(super) fn shorts(&mut self) -> Option<Vec<u16>> {
        let n = self.short()?;
        (0..n).map(|_| self.short()).collect()
    }
}
