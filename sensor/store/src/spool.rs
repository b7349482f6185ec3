//! The spool of exchanges: rows come in any order, leave in order of time, in flat memory.
//!
//! Rows are kept in an arena until it is full, sorted, and spilled as a run; runs are merged at the end (and, where there are many,
//! in between, so that neither open files nor read buffers grow with the capture). Rows are already serialised and masked when
//! they come, so what is spilled holds no value in clear either.

use crate::StoreError;
use crate::directory::private;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use weir_exchange::Exchange;

/// Bytes of a sort key: time, text of the Community ID, start of the flow, number.
const KEY: usize = 8 + 30 + 8 + 4;
/// Bytes before a row's text: its key, its interface (index plus one, 0 where none), its length.
const HEAD: usize = KEY + 4 + 4;
/// Runs merged at once.
const FAN_IN: usize = 64;
/// Read buffer of a run being merged.
const READ_BUFFER: usize = 1 << 16;

/// Name of a run, before its number.
const RUN: &str = "exchanges.jsonl.run";
/// What it says in errors.
const WHAT: &str = "exchanges";

/// Order of rows. As bytes, it compares like (time, flow, start of the flow, number); the flow compares as its text, so that
/// whoever reads `exchanges.jsonl` can check the order from what stands there.
pub(crate) fn sort_key(x: &Exchange, flow: &str) -> [u8; KEY] {
    let mut key = [0; KEY];
    key[..8].copy_from_slice(&x.time.nanos().to_be_bytes());
    let text = flow.as_bytes();
    let n = text.len().min(30);
    key[8..8 + n].copy_from_slice(&text[..n]);
    key[38..46].copy_from_slice(&x.flow.started.nanos().to_be_bytes());
    key[46..].copy_from_slice(&x.number.to_be_bytes());
    key
}

/// Whether a file of that name is a run.
pub(crate) fn is_run(name: &str) -> bool {
    name.strip_prefix(RUN).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

/// A serialised row: key, interface, text; ordered by key, then text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry(Vec<u8>);

impl Entry {
    fn interface(&self) -> Option<u32> {
        u32_at(&self.0, KEY).checked_sub(1)
    }
    fn time(&self) -> u64 {
        let eight = self.0.get(..8).and_then(|b| b.try_into().ok());
        u64::from_be_bytes(eight.unwrap_or_default())
    }
    fn text(&self) -> &[u8] {
        self.0.get(HEAD..).unwrap_or_default()
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|b| b.try_into().ok());
    u32::from_be_bytes(four.unwrap_or_default())
}

/// A sorted run on disk. `level` 0 came from the arena, higher ones from merging.
#[derive(Debug)]
struct Run {
    path: PathBuf,
    level: u32,
}

/// Rows on their way to `exchanges.jsonl`.
#[derive(Debug)]
pub(crate) struct Spool {
    dir: PathBuf,
    bound: usize,
    arena: Vec<u8>,
    starts: Vec<usize>,
    runs: Vec<Run>,
    made: u32,
}

impl Spool {
    /// In `dir`, with runs of about `bound` bytes.
    pub(crate) fn new(dir: &Path, bound: usize) -> Spool {
        let (arena, starts, runs) = (Vec::new(), Vec::new(), Vec::new());
        Spool { dir: dir.to_path_buf(), bound, arena, starts, runs, made: 0 }
    }

    /// Takes a row: its sort key, its interface as first numbered, and the text `fill` writes.
    pub(crate) fn push(
        &mut self,
        key: &[u8; KEY],
        interface: Option<u32>,
        fill: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        if !self.starts.is_empty() && self.arena.len() >= self.bound {
            self.spill()?;
        }
        let start = self.arena.len();
        self.arena.extend_from_slice(key);
        self.arena.extend_from_slice(&interface.map_or(0, |i| i.saturating_add(1)).to_be_bytes());
        self.arena.extend_from_slice(&[0; 4]);
        let text = self.arena.len();
        let filled = fill(&mut self.arena);
        let length = u32::try_from(self.arena.len() - text);
        match (filled, length) {
            (Ok(()), Ok(length)) => {
                self.arena[text - 4..text].copy_from_slice(&length.to_be_bytes());
                self.starts.push(start);
                Ok(())
            }
            (result, _) => {
                self.arena.truncate(start);
                let e = result.err().unwrap_or_else(|| io::ErrorKind::InvalidData.into());
                Err(StoreError::io(&self.dir, WHAT, e))
            }
        }
    }

    /// Row bytes starting at `start`.
    fn row(&self, start: usize) -> &[u8] {
        let length = u32_at(&self.arena, start + KEY + 4) as usize;
        self.arena.get(start..start + HEAD + length).unwrap_or_default()
    }

    /// By key; rows of one key (the same exchange captured twice) by what follows, so that the order is total.
    fn sort(&mut self) {
        let mut starts = std::mem::take(&mut self.starts);
        starts.sort_unstable_by(|a, b| self.row(*a).cmp(self.row(*b)));
        self.starts = starts;
    }

    /// Writes the arena as a run, and merges runs where there are many of one level.
    fn spill(&mut self) -> Result<(), StoreError> {
        self.sort();
        let run = self.next_run(0);
        let written =
            write_run(&run.path, |out| self.starts.iter().try_for_each(|s| out.write_all(self.row(*s))));
        self.runs.push(run);
        written?;
        self.arena.clear();
        self.starts.clear();
        let mut level = 0;
        while self.runs.iter().filter(|r| r.level == level).count() >= FAN_IN {
            self.unite(level)?;
            level += 1;
        }
        Ok(())
    }

    fn next_run(&mut self, level: u32) -> Run {
        self.made += 1;
        Run { path: self.dir.join(format!("{RUN}{}", self.made)), level }
    }

    /// Merges all runs of `level` into one of the next.
    fn unite(&mut self, level: u32) -> Result<(), StoreError> {
        let run = self.next_run(level + 1);
        let (old, kept) = std::mem::take(&mut self.runs).into_iter().partition(|r| r.level == level);
        self.runs = kept;
        let old = Runs(old);
        let mut merge = Merge::new(&old.0, Vec::new().into_iter())?;
        let path = run.path.clone();
        self.runs.push(run);
        let out = private().write(true).truncate(true).open(&path);
        let mut out = BufWriter::new(out.map_err(|e| StoreError::io(&path, WHAT, e))?);
        while let Some(entry) = merge.next()? {
            out.write_all(&entry.0).map_err(|e| StoreError::io(&path, WHAT, e))?;
        }
        out.flush().map_err(|e| StoreError::io(&path, WHAT, e))
    }

    /// Hands out all rows in order, as (interface as first numbered, time in nanoseconds, text).
    pub(crate) fn drain(
        mut self,
        mut each: impl FnMut(Option<u32>, u64, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.sort();
        let last: Vec<Entry> = self.starts.iter().map(|s| Entry(self.row(*s).to_vec())).collect();
        self.arena = Vec::new();
        let mut merge = Merge::new(&self.runs, last.into_iter())?;
        while let Some(entry) = merge.next()? {
            each(entry.interface(), entry.time(), entry.text())?;
        }
        Ok(())
    }
}

/// Runs are removed whatever happens.
impl Drop for Spool {
    fn drop(&mut self) {
        drop(Runs(std::mem::take(&mut self.runs)));
    }
}

/// Runs that are removed when dropped.
struct Runs(Vec<Run>);

impl Drop for Runs {
    fn drop(&mut self) {
        for run in &self.0 {
            // Nothing can be done about a run that cannot be removed; the next run of weir overwrites it.
            let _ = fs::remove_file(&run.path);
        }
    }
}

fn write_run(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), StoreError> {
    let file = private().write(true).truncate(true).open(path);
    let wrote = file.and_then(|file| {
        let mut out = BufWriter::new(file);
        fill(&mut out)?;
        out.flush()
    });
    wrote.map_err(|e| StoreError::io(path, WHAT, e))
}

/// One run being read.
struct Reader {
    path: PathBuf,
    input: BufReader<File>,
}

impl Reader {
    fn open(run: &Run) -> Result<Reader, StoreError> {
        let file = File::open(&run.path).map_err(|e| StoreError::io(&run.path, WHAT, e))?;
        Ok(Reader { path: run.path.clone(), input: BufReader::with_capacity(READ_BUFFER, file) })
    }

    fn next(&mut self) -> Result<Option<Entry>, StoreError> {
        let wrap = |path: &Path, e| StoreError::io(path, WHAT, e);
        let mut bytes = vec![0; HEAD];
        let first = self.input.read(&mut bytes[..1]).map_err(|e| wrap(&self.path, e))?;
        if first == 0 {
            return Ok(None);
        }
        self.input.read_exact(&mut bytes[1..]).map_err(|e| wrap(&self.path, e))?;
        let length = u32_at(&bytes, KEY + 4) as usize;
        bytes.resize(HEAD + length, 0);
        self.input.read_exact(&mut bytes[HEAD..]).map_err(|e| wrap(&self.path, e))?;
        Ok(Some(Entry(bytes)))
    }
}

/// K-way merge of runs and of the rows still in memory (source number `readers.len()`).
struct Merge {
    readers: Vec<Reader>,
    memory: std::vec::IntoIter<Entry>,
    heap: BinaryHeap<Reverse<(Entry, usize)>>,
}

impl Merge {
    fn new(runs: &[Run], memory: std::vec::IntoIter<Entry>) -> Result<Merge, StoreError> {
        let readers = runs.iter().map(Reader::open).collect::<Result<Vec<_>, _>>()?;
        let mut merge = Merge { readers, memory, heap: BinaryHeap::new() };
        for source in 0..=merge.readers.len() {
            merge.pull(source)?;
        }
        Ok(merge)
    }

    fn pull(&mut self, source: usize) -> Result<(), StoreError> {
        let next = match self.readers.get_mut(source) {
            Some(reader) => reader.next()?,
            None => self.memory.next(),
        };
        self.heap.extend(next.map(|entry| Reverse((entry, source))));
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Entry>, StoreError> {
        let Some(Reverse((entry, source))) = self.heap.pop() else { return Ok(None) };
        self.pull(source)?;
        Ok(Some(entry))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    fn fill(spool: &mut Spool, rows: &[([u8; KEY], Option<u32>, Vec<u8>)]) {
        for (key, interface, text) in rows {
            spool.push(key, *interface, |out| out.write_all(text)).unwrap();
        }
    }

    fn drained(spool: Spool) -> Vec<(Option<u32>, u64, Vec<u8>)> {
        let mut out = Vec::new();
        spool
            .drain(|interface, time, text| {
                out.push((interface, time, text.to_vec()));
                Ok(())
            })
            .unwrap();
        out
    }

    fn key(time: u64, flow: u8, number: u32) -> [u8; KEY] {
        let mut key = [0; KEY];
        key[..8].copy_from_slice(&time.to_be_bytes());
        key[8] = flow;
        key[46..].copy_from_slice(&number.to_be_bytes());
        key
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn leaves_in_order(
            rows in prop::collection::vec((0u64..50, 0u8..4, 0u32..9, prop::option::of(0u32..5), prop::collection::vec(any::<u8>(), 0..40)), 0..400),
            bound in 1usize..5_000,
        ) {
            let rows: Vec<_> = rows.into_iter().map(|(t, f, n, i, text)| (key(t, f, n), i, text)).collect();
            let dir = tempfile::tempdir().unwrap();
            let mut spool = Spool::new(dir.path(), bound);
            fill(&mut spool, &rows);
            let got = drained(spool);
            let mut sorted = rows;
            sorted.sort_by_key(|(k, i, text)| (*k, i.map_or(0, |i| i + 1), text.len(), text.clone()));
            let time = |k: &[u8; KEY]| u64::from_be_bytes(k[..8].try_into().unwrap());
            let want: Vec<_> = sorted.iter().map(|(k, i, text)| (*i, time(k), text.clone())).collect();
            prop_assert_eq!(got, want);
            prop_assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn many_runs_unite_in_between() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(dir.path(), 1);
        let count = (FAN_IN * FAN_IN + 70) as u64;
        for t in (0..count).rev() {
            spool.push(&key(t, 0, 0), None, |out| out.write_all(b"{}")).unwrap();
        }
        assert!(spool.runs.len() < 2 * FAN_IN, "{}", spool.runs.len());
        assert!(spool.runs.iter().any(|r| r.level == 2));
        let got = drained(spool);
        assert!(got.iter().map(|(_, t, _)| *t).eq(0..count));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_row_that_cannot_be_made_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(dir.path(), 1 << 20);
        let failed = spool.push(&key(1, 0, 0), None, |out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.unwrap_err().is_full());
        fill(&mut spool, &[(key(2, 0, 0), Some(3), b"whole".to_vec())]);
        assert_eq!(drained(spool), [(Some(3), 2, b"whole".to_vec())]);
    }
}
