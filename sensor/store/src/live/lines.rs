//! `exchanges.jsonl` of a live sensor: appended to, begun anew when it is full, whole lines whatever happens.

use crate::StoreError;
use crate::directory::private;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Name of the file being written; full ones are called `exchanges.jsonl.1` (the newest) and so on.
const NAME: &str = "exchanges.jsonl";
/// Bytes gathered before they are written.
const BUFFER: usize = 1 << 20;
/// What it says in errors.
const WHAT: &str = "exchanges";

/// Whether a file of that name is a full one.
pub(crate) fn is_full_one(name: &str) -> bool {
    let number = name.strip_prefix(NAME).and_then(|n| n.strip_prefix('.'));
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The file and the lines that are not in it yet.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines in the file.
    length: u64,
    /// Bytes from which a new file is begun.
    full: u64,
    /// Full files kept.
    kept: u32,
    buffer: Vec<u8>,
    waiting: u64,
}

impl Lines {
    /// Goes on with the file of `dir`. A last line that a killed process left unfinished is cut off.
    pub(super) fn open(dir: &Path, full: u64, kept: u32) -> Result<Lines, StoreError> {
        let path = dir.join(NAME);
        let opened = || -> std::io::Result<(File, u64)> {
            let mut file = private().read(true).write(true).truncate(false).open(&path)?;
            let length = whole_lines(&mut file)?;
            file.set_len(length)?;
            file.seek(SeekFrom::Start(length))?;
            Ok((file, length))
        };
        let (file, length) = opened().map_err(|e| StoreError::io(&path, WHAT, e))?;
        Ok(Lines { path, file, length, full, kept, buffer: Vec::with_capacity(BUFFER), waiting: 0 })
    }

    /// Where to put a line; [`Lines::end`] ends it.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Ends the line. Returns how many lines were lost with the error, where the file could not take them.
    pub(super) fn end(&mut self) -> Result<(), (u64, StoreError)> {
        self.buffer.push(b'\n');
        self.waiting += 1;
        if self.buffer.len() >= BUFFER { self.write() } else { Ok(()) }
    }

    /// Writes what waits; begins a new file where this one is full.
    pub(super) fn commit(&mut self) -> Result<(), (u64, StoreError)> {
        self.write()?;
        if self.length >= self.full {
            self.rotate().map_err(|e| (0, StoreError::io(&self.path, WHAT, e)))?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), (u64, StoreError)> {
        let lines = std::mem::take(&mut self.waiting);
        let wrote = self.file.write_all(&self.buffer);
        let bytes = self.buffer.len() as u64;
        self.buffer.clear();
        match wrote {
            Ok(()) => {
                self.length += bytes;
                Ok(())
            }
            Err(e) => {
                // A part of the buffer may be there: back to the last whole line, which needs no space.
                drop(self.file.set_len(self.length));
                drop(self.file.seek(SeekFrom::Start(self.length)));
                Err((lines, StoreError::io(&self.path, WHAT, e)))
            }
        }
    }

    fn rotate(&mut self) -> std::io::Result<()> {
        let numbered = |n: u32| self.path.with_file_name(format!("{NAME}.{n}"));
        let oldest = numbered(self.kept);
        if oldest.exists() {
            fs::remove_file(oldest)?;
        }
        for n in (1..self.kept).rev().filter(|n| numbered(*n).exists()) {
            fs::rename(numbered(n), numbered(n + 1))?;
        }
        self.file.sync_data()?;
        fs::rename(&self.path, numbered(1))?;
        self.file = private().read(true).write(true).truncate(true).open(&self.path)?;
        self.length = 0;
        Ok(())
    }
}

/// Length up to and with the last line end.
fn whole_lines(file: &mut File) -> std::io::Result<u64> {
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut block = vec![0; 1 << 16];
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let part = &mut block[..usize::try_from(end - start).unwrap_or(0)];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(at) = part.iter().rposition(|b| *b == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn put(lines: &mut Lines, text: &[u8]) {
        lines.buffer().extend_from_slice(text);
        lines.end().unwrap();
    }

    #[test]
    fn an_unfinished_line_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        for (left, kept) in
            [(&b"{}\n{\"a\""[..], &b"{}\n"[..]), (b"{\"half", b""), (b"{}\n", b"{}\n"), (b"", b"")]
        {
            fs::write(&path, left).unwrap();
            let mut lines = Lines::open(dir.path(), 1 << 20, 2).unwrap();
            put(&mut lines, b"{1}");
            lines.commit().unwrap();
            assert_eq!(fs::read(&path).unwrap(), [kept, b"{1}\n"].concat());
        }
        let long = [vec![b'x'; 100_000], b"\n".to_vec(), vec![b'y'; 200_000]].concat();
        fs::write(&path, long).unwrap();
        drop(Lines::open(dir.path(), 1 << 20, 2).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().len(), 100_001);
    }

    #[test]
    fn full_files_are_kept_and_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let mut lines = Lines::open(dir.path(), 4, 2).unwrap();
        for n in 0..5 {
            put(&mut lines, format!("{{{n}}}").as_bytes());
            lines.commit().unwrap();
        }
        let text = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap_or_default();
        assert_eq!(
            (text(NAME), text("exchanges.jsonl.1"), text("exchanges.jsonl.2")),
            ("".into(), "{4}\n".into(), "{3}\n".into())
        );
        assert!(!dir.path().join("exchanges.jsonl.3").exists());
        assert!(
            is_full_one("exchanges.jsonl.12")
                && !is_full_one("exchanges.jsonl")
                && !is_full_one("exchanges.jsonl.run1")
        );
    }
}
