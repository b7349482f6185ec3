//! From offsets in decoded text back to offsets in what it was decoded from.

/// From `text` on, every `text_unit` bytes of text stand for `raw_unit` bytes of what it was decoded from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Piece {
    text: u32,
    raw: u32,
    text_unit: u8,
    raw_unit: u8,
}

/// A piecewise map from text to raw offsets. Without pieces it is the identity.
#[derive(Clone, Default, Debug)]
pub(crate) struct OffsetMap {
    pieces: Vec<Piece>,
}

impl OffsetMap {
    /// Forgets every piece; keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.pieces.clear();
    }
    /// Says that from `text` on, units of `text_unit` bytes stand for units of `raw_unit` bytes from `raw` on. Pieces come in order;
    /// one that carries on the last is merged into it.
    pub(crate) fn push(&mut self, text: usize, raw: usize, text_unit: usize, raw_unit: usize) {
        let (Ok(text), Ok(raw)) = (u32::try_from(text), u32::try_from(raw)) else { return };
        let (text_unit, raw_unit) = (text_unit.clamp(1, 255) as u8, raw_unit.clamp(1, 255) as u8);
        if let Some(p) = self.pieces.last() {
            let same = p.text_unit == text_unit && p.raw_unit == raw_unit;
            let units = (text - p.text) / u32::from(text_unit);
            let whole = units * u32::from(text_unit) == text - p.text;
            if same && whole && p.raw + units * u32::from(raw_unit) == raw {
                return;
            }
        }
        self.pieces.push(Piece { text, raw, text_unit, raw_unit });
    }
    /// Raw offset of the unit that holds the text byte at `at`.
    pub(crate) fn start(&self, at: usize) -> usize {
        self.look_up(at, false)
    }
    /// Raw offset behind the unit that holds the text byte before `at`.
    pub(crate) fn end(&self, at: usize) -> usize {
        self.look_up(at, true)
    }
    fn look_up(&self, at: usize, behind: bool) -> usize {
        // An end belongs to the piece of the byte before it.
        let probe = if behind { at.saturating_sub(1) } else { at };
        let i = self.pieces.partition_point(|p| p.text as usize <= probe);
        let Some(p) = i.checked_sub(1).and_then(|i| self.pieces.get(i)) else { return at };
        let (tu, ru) = (usize::from(p.text_unit), usize::from(p.raw_unit));
        let off = at.saturating_sub(p.text as usize);
        let units = if behind { off.div_ceil(tu) } else { off / tu };
        p.raw as usize + units * ru
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_units_and_merges() {
        let mut m = OffsetMap::default();
        assert_eq!(m.start(7), 7);
        m.push(0, 0, 1, 1);
        m.push(4, 4, 3, 6);
        m.push(7, 10, 3, 6);
        m.push(10, 16, 1, 1);
        assert_eq!(m.pieces.len(), 3);
        assert_eq!(
            (m.start(2), m.start(4), m.start(5), m.start(7), m.start(10), m.start(12)),
            (2, 4, 4, 10, 16, 18)
        );
        assert_eq!((m.end(4), m.end(5), m.end(7), m.end(10), m.end(11)), (4, 10, 10, 16, 17));
    }
}
