//! The path to the value being read.

/// Longest path in bytes; names behind it are dropped.
const MAX_PATH: usize = 512;
/// Deepest nesting that has names of its own.
pub(crate) const MAX_DEPTH: usize = 64;

/// What a level is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Level {
    /// Named members.
    Object,
    /// Numbered elements, `[]` in paths.
    Array,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    level: Level,
    /// Bytes of the path outside this level.
    outer: usize,
    /// Bytes of the path before the names of this level's members.
    base: usize,
    /// The name nearest to a value here.
    key: (usize, usize),
    /// Records among the elements.
    records: u32,
}

/// A path kept as text, with the levels that made it.
#[derive(Clone, Default, Debug)]
pub(crate) struct Path {
    text: String,
    frames: Vec<Frame>,
    /// Levels entered beyond [`MAX_DEPTH`].
    beyond: u32,
}

impl Path {
    /// Goes a level down. An object inside an array is a record of it.
    pub(crate) fn enter(&mut self, level: Level) {
        if self.frames.len() == MAX_DEPTH {
            self.beyond = self.beyond.saturating_add(1);
            return;
        }
        let key = match self.frames.last_mut() {
            Some(f) => {
                if f.level == Level::Array && level == Level::Object {
                    f.records = f.records.saturating_add(1);
                }
                f.key
            }
            None => (0, 0),
        };
        let outer = self.text.len();
        if level == Level::Array && self.text.len() + 2 <= MAX_PATH {
            self.text.push_str("[]");
        }
        self.frames.push(Frame { level, outer, base: self.text.len(), key, records: 0 });
    }
    /// Goes a level up, where the innermost level is a `level`; says how many records it had.
    pub(crate) fn leave(&mut self, level: Level) -> Option<u32> {
        if self.beyond > 0 {
            self.beyond -= 1;
            return Some(0);
        }
        let f = self.frames.pop_if(|f| f.level == level)?;
        self.text.truncate(f.outer);
        Some(f.records)
    }
    /// Sets the name of the member that comes next.
    pub(crate) fn name(&mut self, name: &str) {
        if self.beyond > 0 {
            return;
        }
        let Some(f) = self.frames.last_mut() else { return };
        self.text.truncate(f.base);
        if !self.text.is_empty() && self.text.len() < MAX_PATH {
            self.text.push('.');
        }
        let start = self.text.len();
        let mut end = name.len().min(MAX_PATH.saturating_sub(start));
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        self.text.push_str(&name[..end]);
        f.key = (start, self.text.len());
    }
    /// The path.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
    /// The nearest name.
    pub(crate) fn key(&self) -> Option<&str> {
        let (start, end) = self.frames.last()?.key;
        self.text.get(start..end).filter(|k| !k.is_empty())
    }
    /// The innermost level.
    #[cfg(test)]
    pub(crate) fn level(&self) -> Option<Level> {
        if self.beyond > 0 { None } else { self.frames.last().map(|f| f.level) }
    }
    /// Levels entered and not left.
    #[cfg(test)]
    pub(crate) fn depth(&self) -> usize {
        self.frames.len() + self.beyond as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_path_stays_whole() {
        let mut p = Path::default();
        p.enter(Level::Object);
        p.name(&"x".repeat(MAX_PATH - 2));
        for _ in 0..MAX_DEPTH + 9 {
            p.enter(Level::Array);
        }
        for _ in 0..MAX_DEPTH + 9 {
            assert!(p.leave(Level::Array).is_some());
        }
        assert_eq!((p.text().len(), p.key().map(str::len)), (MAX_PATH - 2, Some(MAX_PATH - 2)));
        assert_eq!((p.leave(Level::Object), p.depth()), (Some(0), 0));
    }
}
