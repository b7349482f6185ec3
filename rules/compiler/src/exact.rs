//! Exact-data types: an organisation's own values, known by keyed digests alone.
//!
//! `weir rules fingerprint` writes the digests of a table's column. A candidate value is digested under the same key and looked for among
//! them; no value is kept in clear. Whoever holds both digests and key can try values of a small set (all mobiles of a country), so the key
//! is a file of its own, readable by its owner only.
//!
//! ```text
//! magic, digests: u64, little-endian, ascending
//! ```

use std::fs;
use std::path::Path;
use weir_exchange::Fingerprinter;

const MAGIC: &[u8; 8] = b"WEIREX1\n";
/// Keeps digests of this use apart from others under one key.
const DOMAIN: &str = "exact";
/// Longest value in bytes, separators left out.
const MAX_EXACT: usize = 256;
/// Shortest value that can be known without the name of its field: shorter ones are met by chance.
const MIN_ALONE: usize = 6;
/// Longest one.
const MAX_ALONE: usize = 63;
/// Most digests of one type.
const MAX_DIGESTS: usize = 16 << 20;
/// Bytes of a key.
const KEY: usize = 16;

/// What can be wrong with a file, and how to mend it.
type Fault = (String, &'static str);

/// Digests of values under a key.
pub(crate) struct ExactSet {
    fingerprinter: Fingerprinter,
    digests: Vec<u64>,
}

/// Its size only.
impl std::fmt::Debug for ExactSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExactSet({})", self.digests.len())
    }
}

impl ExactSet {
    /// Reads digests and key.
    pub(crate) fn read(digests: &Path, key: &Path) -> Result<ExactSet, Fault> {
        let again = "write both anew with `weir rules fingerprint`";
        let bytes = |path: &Path| {
            fs::read(path).map_err(|e| {
                (
                    format!("{} cannot be read: {e}", path.display()),
                    "give names relative to the pack, and check permissions",
                )
            })
        };
        let key_bytes: [u8; KEY] = bytes(key)?
            .try_into()
            .map_err(|_| (format!("{} is not a key of 16 bytes", key.display()), again))?;
        let size = fs::metadata(digests).map_or(0, |m| m.len());
        if size > (MAGIC.len() + MAX_DIGESTS * 8) as u64 {
            return Err((
                format!("{} holds more than {MAX_DIGESTS} digests", digests.display()),
                "split the table into several types",
            ));
        }
        let all = bytes(digests)?;
        let body = all.strip_prefix(MAGIC).filter(|b| b.len().is_multiple_of(8));
        let digests: Option<Vec<u64>> = body.map(|b| {
            b.chunks_exact(8).map(|c| c.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))).collect()
        });
        match digests {
            Some(digests) if digests.is_sorted() => {
                Ok(ExactSet { fingerprinter: Fingerprinter::new(key_bytes), digests })
            }
            _ => Err(("the file of digests is damaged or none".into(), again)),
        }
    }
    /// Whether a value is among them. Allocates nothing.
    pub(crate) fn has(&self, value: &[u8]) -> bool {
        let mut plain = [0; MAX_EXACT];
        plain_of(value, &mut plain)
            .is_some_and(|v| self.digests.binary_search(&self.fingerprinter.of(DOMAIN, v).0).is_ok())
    }
}

/// A value without blanks and dashes, in lower case: `138-0013 8000` and `13800138000` are one. `None` where nothing is left or too much.
fn plain_of<'a>(value: &[u8], out: &'a mut [u8; MAX_EXACT]) -> Option<&'a [u8]> {
    let mut length = 0;
    for b in value.iter().filter(|b| !b.is_ascii_whitespace() && **b != b'-') {
        *out.get_mut(length)? = b.to_ascii_lowercase();
        length += 1;
    }
    (length > 0).then(|| &out[..length])
}

/// The digests of a column, and what its values look like.
#[derive(Debug)]
pub struct ExactTable {
    digests: Vec<u64>,
    /// Values that were empty or longer than 256 bytes.
    pub skipped: usize,
    digits: bool,
    alone: bool,
    lengths: (usize, usize),
}

impl ExactTable {
    /// Of the values of a column, under a key.
    pub fn new<'a>(values: impl Iterator<Item = &'a str>, key: [u8; KEY]) -> ExactTable {
        let fingerprinter = Fingerprinter::new(key);
        let mut table = ExactTable {
            digests: Vec::new(),
            skipped: 0,
            digits: true,
            alone: true,
            lengths: (usize::MAX, 0),
        };
        for value in values {
            let mut plain = [0; MAX_EXACT];
            let Some(plain) = plain_of(value.as_bytes(), &mut plain) else {
                table.skipped += 1;
                continue;
            };
            let written = value.trim().as_bytes();
            table.digits &= written.iter().all(u8::is_ascii_digit);
            table.alone &= written.iter().all(u8::is_ascii_alphanumeric);
            table.lengths = (table.lengths.0.min(written.len()), table.lengths.1.max(written.len()));
            table.digests.push(fingerprinter.of(DOMAIN, plain).0);
        }
        table.digests.sort_unstable();
        table.digests.dedup();
        table.alone &= MIN_ALONE <= table.lengths.0 && table.lengths.1 <= MAX_ALONE;
        table
    }
    /// Distinct values.
    pub fn len(&self) -> usize {
        self.digests.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }
    /// Whether values are known wherever they stand; else only in fields of the names that the pack gives.
    pub fn stands_alone(&self) -> bool {
        self.alone
    }
    /// The pattern that its values have, where they stand alone.
    pub fn pattern(&self) -> Option<String> {
        let class = if self.digits { "[0-9]" } else { "[0-9A-Za-z]" };
        let (min, max) = self.lengths;
        self.alone.then(|| format!("{class}{{{min},{max}}}"))
    }
    /// The file of digests.
    pub fn to_bytes(&self) -> Vec<u8> {
        MAGIC.iter().copied().chain(self.digests.iter().flat_map(|d| d.to_le_bytes())).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn set_of(table: &ExactTable, key: &[u8]) -> Result<ExactSet, Fault> {
        let folder = tempfile::tempdir().unwrap();
        let (d, k) = (folder.path().join("d"), folder.path().join("k"));
        fs::write(&d, table.to_bytes()).unwrap();
        fs::write(&k, key).unwrap();
        ExactSet::read(&d, &k)
    }

    #[test]
    fn knows_its_values_under_its_key_only() {
        let table = ExactTable::new(["KH100200", "kh-100 201", "", "KH100200"].into_iter(), [7; 16]);
        assert_eq!((table.len(), table.skipped, table.stands_alone()), (2, 1, false));
        let set = set_of(&table, &[7; 16]).unwrap();
        assert!(set.has(b"kh100200") && set.has(b"KH-100200") && set.has(b"KH100201"));
        assert!(!set.has(b"KH100202") && !set.has(b"") && !set.has(&[b'9'; 300]));
        assert!(!set_of(&table, &[8; 16]).unwrap().has(b"KH100200"));
        assert!(!table.to_bytes().windows(6).any(|w| w == b"100200"));
    }

    #[test]
    fn says_what_values_look_like() {
        let pattern = |values: &[&str]| ExactTable::new(values.iter().copied(), [1; 16]).pattern();
        assert_eq!(pattern(&["100200", "10020030"]).as_deref(), Some("[0-9]{6,8}"));
        assert_eq!(pattern(&["A00200", "10020030"]).as_deref(), Some("[0-9A-Za-z]{6,8}"));
        assert_eq!(pattern(&["12345", "10020030"]), None);
        assert_eq!(pattern(&["张三"]), None);
    }

    #[test]
    fn wrong_files_are_told() {
        let table = ExactTable::new(["100200"].into_iter(), [7; 16]);
        assert!(set_of(&table, b"short").unwrap_err().0.contains("key of 16 bytes"));
        let folder = tempfile::tempdir().unwrap();
        let k = folder.path().join("k");
        fs::write(&k, [7; 16]).unwrap();
        assert!(ExactSet::read(&k, &k).unwrap_err().0.contains("damaged"));
        assert!(ExactSet::read(&folder.path().join("no"), &k).unwrap_err().0.contains("cannot be read"));
    }
}
