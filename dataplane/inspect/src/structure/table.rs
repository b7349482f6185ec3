//! Names of a table's columns.

/// Most columns whose names are kept.
const MAX_COLUMNS: usize = 256;
/// Longest name kept, in bytes.
const MAX_NAME: usize = 64;

/// Column names, by number.
#[derive(Default)]
pub(crate) struct Columns(Vec<Box<str>>);

impl Columns {
    /// The name of the next column.
    pub(crate) fn add(&mut self, name: &str) {
        let mut end = name.len().min(MAX_NAME);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        if self.0.len() < MAX_COLUMNS {
            self.0.push(name[..end].trim_start_matches('\u{feff}').into());
        }
    }
    /// The name of column `n`, where it has one.
    pub(crate) fn get(&self, n: usize) -> Option<&str> {
        self.0.get(n).map(|n| &**n).filter(|n| !n.is_empty())
    }
    /// Forgets every name.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
