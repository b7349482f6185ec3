//! JSON Lines: one record a line.

use crate::StoreError;
use crate::directory::write_whole;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

/// Longest line that is read back; no record comes near it.
const LONGEST: u64 = 16 << 20;

/// Writes the records, one a line, whole or not at all.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_lines<'r, R: Serialize + 'r>(
    path: &Path,
    what: &'static str,
    records: impl IntoIterator<Item = &'r R>,
) -> Result<(), StoreError> {
    write_whole(path, what, |out| {
        records.into_iter().try_for_each(|record| {
            serde_json::to_writer(&mut *out, record)?;
            out.write_all(b"\n")
        })
    })
}

/// Reads every record of a file.
pub(crate) fn read_lines<R: DeserializeOwned>(path: &Path) -> Result<Vec<R>, StoreError> {
    let file = File::open(path).map_err(|e| StoreError::io(path, "reading records", e))?;
    let mut input = BufReader::new(file);
    let (mut line, mut records) = (Vec::new(), Vec::new());
    for number in 1.. {
        line.clear();
        let read = input.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        match read.map_err(|e| StoreError::io(path, "reading records", e))? {
            0 => break,
            _ => records.push(serde_json::from_slice(&line).map_err(|e| StoreError::Broken {
                path: path.to_path_buf(),
                what: format!("line {number}"),
                why: format!("{:?} error in column {}", e.classify(), e.column()),
            })?),
        }
    }
    Ok(records)
}
