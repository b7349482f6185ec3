//! Lines of text protocols, cut anywhere.

/// Gathers the lines of one direction.
pub(crate) struct Lines {
    kept: Vec<u8>,
    max: usize,
    /// What comes up to the next line end belongs to nothing: bytes before it are lost.
    torn: bool,
}

impl Lines {
    /// Lines are kept up to `max` bytes.
    pub(crate) fn new(max: usize) -> Self {
        Lines { kept: Vec::new(), max, torn: false }
    }
    /// How many of `bytes`, which are not empty, belong to the line under way, and that line where it ends with them.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> (usize, Option<Vec<u8>>) {
        let end = memchr::memchr(b'\n', bytes);
        let n = end.map_or(bytes.len(), |n| n + 1);
        let room = self.max.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&bytes[..n.min(room)]);
        if end.is_none() {
            return (n, None);
        }
        let mut line = std::mem::take(&mut self.kept);
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        (n, (!std::mem::take(&mut self.torn)).then_some(line))
    }
    /// Bytes are missing.
    pub(crate) fn lost(&mut self) {
        self.kept.fill(0);
        self.kept.clear();
        self.torn = true;
    }
}
