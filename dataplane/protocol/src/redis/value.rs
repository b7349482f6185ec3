//! Values on the wire, cut anywhere: gathered as their leaves.

use crate::calls::Gathered;

/// Bytes of leaves kept of a value.
const MAX: usize = 256 * 1024;
/// Leaves kept of a value.
const MAX_LEAVES: usize = 4096;
/// Deepest nesting.
const MAX_DEPTH: usize = 16;
/// Longest line of a simple value or a length.
const MAX_LINE: usize = 4096;

/// A whole value.
#[derive(Default, Debug)]
pub(super) struct Value {
    /// Type byte of the outermost.
    pub(super) kind: u8,
    /// Texts and numbers in order; `None` is null.
    pub(super) leaves: Vec<Option<Vec<u8>>>,
}

/// What the bytes are not.
#[derive(Debug)]
pub(super) struct Broken;

/// Gathers values of one direction.
#[derive(Default)]
pub(super) struct Values {
    value: Value,
    /// Elements still to come at each level.
    stack: Vec<u64>,
    line: Vec<u8>,
    bulk: Option<Gathered>,
    held: usize,
    /// Bytes are missing, or broken.
    pub(super) lost: bool,
}

impl Values {
    /// How many of `bytes`, which are not empty, belong to the value under way, and that value where it ends with them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, Result<Option<Value>, Broken>) {
        if let Some(bulk) = &mut self.bulk {
            let (n, whole) = bulk.take(bytes, MAX.saturating_sub(self.held));
            if !whole {
                return (n, Ok(None));
            }
            let mut text = self.bulk.take().map(|b| b.bytes).unwrap_or_default();
            if text.ends_with(b"\r\n") {
                text.truncate(text.len() - 2);
            }
            return (n, Ok(self.leaf(Some(text))));
        }
        let end = memchr::memchr(b'\n', bytes);
        let n = end.map_or(bytes.len(), |n| n + 1);
        self.line.extend_from_slice(&bytes[..n.min(MAX_LINE.saturating_sub(self.line.len()))]);
        if end.is_none() {
            return (n, if self.line.len() >= MAX_LINE { Err(Broken) } else { Ok(None) });
        }
        let line = std::mem::take(&mut self.line);
        (n, self.line(line.trim_ascii_end()))
    }

    fn line(&mut self, line: &[u8]) -> Result<Option<Value>, Broken> {
        let Some((kind, text)) = line.split_first() else { return Err(Broken) };
        if self.stack.is_empty() && self.value.kind == 0 {
            self.value.kind = *kind;
        }
        let length = std::str::from_utf8(text).ok().and_then(|t| t.parse::<i64>().ok());
        match (kind, length) {
            (b'+' | b'-' | b':' | b',' | b'#' | b'(', _) => Ok(self.leaf(Some(text.to_vec()))),
            (b'_', _) => Ok(self.leaf(None)),
            (b'$' | b'=' | b'!' | b'*', Some(-1)) => Ok(self.leaf(None)),
            (b'$' | b'=' | b'!', Some(n @ 0..=0x2000_0000)) => {
                self.bulk = Some(Gathered::of(n as usize + 2));
                Ok(None)
            }
            (b'*' | b'~' | b'>' | b'%' | b'|', Some(n @ 0..=0x100_0000)) if self.stack.len() < MAX_DEPTH => {
                let n = if matches!(kind, b'%' | b'|') { 2 * n as u64 } else { n as u64 };
                if n == 0 {
                    return Ok(self.element());
                }
                self.stack.push(n);
                Ok(None)
            }
            _ => Err(Broken),
        }
    }

    fn leaf(&mut self, leaf: Option<Vec<u8>>) -> Option<Value> {
        let room = self.value.leaves.len() < MAX_LEAVES && self.held < MAX;
        self.held += leaf.as_ref().map_or(0, Vec::len);
        if room {
            self.value.leaves.push(leaf);
        }
        self.element()
    }

    /// An element is whole; so may be those that hold it.
    fn element(&mut self) -> Option<Value> {
        while let Some(left) = self.stack.last_mut() {
            *left -= 1;
            if *left > 0 {
                return None;
            }
            self.stack.pop();
        }
        self.held = 0;
        Some(std::mem::take(&mut self.value))
    }

    /// Forgets what is under way.
    pub(super) fn lose(&mut self) {
        *self = Values { lost: true, ..Values::default() };
    }
}
