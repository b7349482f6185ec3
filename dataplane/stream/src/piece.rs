//! A stretch of one direction's sequence space, as one segment brings it.

/// Bytes from `seq` on, and behind them how many the snap length cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    pub seq: u32,
    pub data: &'a [u8],
    pub void: u32,
}

impl<'a> Piece<'a> {
    /// Sequence space covered. Callers have made sure that `data` is shorter than the window.
    pub fn len(&self) -> u32 {
        self.data.len() as u32 + self.void
    }
    pub fn is_empty(&self) -> bool {
        self.data.is_empty() && self.void == 0
    }
    /// The first `at` of it (all where it is shorter), and the rest.
    pub fn split(self, at: u32) -> (Piece<'a>, Piece<'a>) {
        let bytes = (at as usize).min(self.data.len());
        let void = (at - bytes as u32).min(self.void);
        let (head, tail) = self.data.split_at(bytes);
        let seq = self.seq.wrapping_add(bytes as u32 + void);
        (Piece { seq: self.seq, data: head, void }, Piece { seq, data: tail, void: self.void - void })
    }
}
