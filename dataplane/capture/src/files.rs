//! Several captures as one source, merged by time.

use crate::{
    Break, Input, KeyLog, Notice, Polled, Source, SourceCounters, SourceError,
    pcapng::KEY_LOGS,
    reader::{Advance, Reader},
    source::{BURST_BYTES, POLL},
};
use std::{cmp::Reverse, collections::BinaryHeap, path::PathBuf};
use weir_wire::{Frame, Timestamp};

/// Capture files, merged by time; frames of equal time come in the order in which their files were given.
///
/// Files are opened at the first poll. Where there are several, each is opened to learn the time of its first frame;
/// one that can be opened again is closed until that time comes, so a rotated series needs one buffer and one
/// descriptor.
pub struct Files {
    inputs: Vec<Input>,
    started: bool,
    /// Files whose time has not come, latest first.
    waiting: Vec<Waiting>,
    /// Open files by their place in the order.
    open: Vec<Option<Reader>>,
    /// The next frame of each open file but the stale one.
    next: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The file whose frame was lent last and must be advanced.
    stale: Option<usize>,
    counters: SourceCounters,
    /// Bytes read of files that are closed again.
    finished: u64,
    notices: Vec<Notice>,
    key_logs: KeyLogs,
}

/// Key logs kept so far, and their bytes with those not kept.
#[derive(Default)]
struct KeyLogs {
    kept: Vec<KeyLog>,
    bytes: usize,
}

impl KeyLogs {
    /// Keeps what `reader` has met, within the bound.
    fn take_from(&mut self, reader: &mut Reader, notices: &mut Vec<Notice>) {
        let before = self.bytes;
        let (logs, refused) = reader.take_key_logs();
        for log in logs {
            self.bytes = self.bytes.saturating_add(log.text.len());
            if self.bytes <= KEY_LOGS {
                self.kept.push(log);
            }
        }
        self.bytes = self.bytes.saturating_add(refused);
        if before <= KEY_LOGS && self.bytes > KEY_LOGS {
            notices.push(reader.notice(Break::KeyLogsOverBound));
        }
    }
}

/// A file whose first frame is known.
struct Waiting {
    first: Timestamp,
    order: usize,
    file: Parked,
}

/// How a waiting file waits.
enum Parked {
    Closed(PathBuf),
    Open(Box<Reader>),
}

impl Files {
    /// A source over `inputs`; nothing is opened yet.
    pub fn new(inputs: Vec<Input>) -> Self {
        Files {
            open: inputs.iter().map(|_| None).collect(),
            inputs,
            started: false,
            waiting: Vec::new(),
            next: BinaryHeap::new(),
            stale: None,
            counters: SourceCounters::default(),
            finished: 0,
            notices: Vec::new(),
            key_logs: KeyLogs::default(),
        }
    }

    /// Learns size and first frame of every file. The one file of a single-file source is not opened twice.
    fn start(&mut self) -> Result<(), SourceError> {
        let inputs = std::mem::take(&mut self.inputs);
        self.counters.total = inputs.iter().map(Input::size).sum();
        let alone = inputs.len() == 1;
        for (order, input) in inputs.into_iter().enumerate() {
            let path = match &input {
                Input::Path(path) if !alone && input.size().is_some() => Some(path.clone()),
                _ => None,
            };
            let mut reader = Reader::open(input)?;
            let advance = reader.advance(true);
            let Some(first) = reader.next_time() else {
                self.close(reader, advance);
                continue;
            };
            let file = path.map_or_else(|| Parked::Open(Box::new(reader)), Parked::Closed);
            self.waiting.push(Waiting { first, order, file });
        }
        self.waiting.sort_by_key(|w| Reverse((w.first, w.order)));
        Ok(())
    }

    /// Opens every waiting file whose first frame is due.
    fn admit(&mut self) -> Result<(), SourceError> {
        while let Some(w) = self.waiting.last() {
            if self.next.peek().is_some_and(|Reverse(next)| *next < (w.first, w.order)) {
                break;
            }
            let Some(Waiting { order, file, .. }) = self.waiting.pop() else { break };
            match file {
                Parked::Open(reader) => self.enqueue(order, *reader, Advance::Frame),
                Parked::Closed(path) => {
                    let mut reader = Reader::open(Input::Path(path))?;
                    let advance = reader.advance(true);
                    self.enqueue(order, reader, advance);
                }
            }
        }
        Ok(())
    }

    /// Puts an advanced reader where it belongs.
    fn enqueue(&mut self, order: usize, mut reader: Reader, advance: Advance) {
        self.key_logs.take_from(&mut reader, &mut self.notices);
        match reader.next_time() {
            Some(time) => {
                self.next.push(Reverse((time, order)));
                self.open[order] = Some(reader);
            }
            None => self.close(reader, advance),
        }
    }

    fn close(&mut self, mut reader: Reader, advance: Advance) {
        self.key_logs.take_from(&mut reader, &mut self.notices);
        self.finished += reader.position();
        if let Advance::Ended(Some(notice)) = advance {
            self.notices.push(notice);
        }
    }

    /// Finds the next frame of the file that lent last. `false`: it would have to wait for input.
    fn refill(&mut self, may_read: bool) -> bool {
        let Some(order) = self.stale else { return true };
        if let Some(reader) = &mut self.open[order] {
            let advance = reader.advance(may_read);
            self.key_logs.take_from(reader, &mut self.notices);
            match advance {
                Advance::Starved => return false,
                Advance::Frame => {
                    if let Some(time) = reader.next_time() {
                        self.next.push(Reverse((time, order)));
                    }
                }
                ended => {
                    if let Some(reader) = self.open[order].take() {
                        self.close(reader, ended);
                    }
                }
            }
        }
        self.stale = None;
        true
    }

    fn burst(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        if !std::mem::replace(&mut self.started, true) {
            self.start()?;
        }
        let (mut lent, mut bytes) = (0, 0);
        while lent < POLL && bytes < BURST_BYTES && self.refill(lent == 0) {
            self.admit()?;
            let Some(Reverse((_, order))) = self.next.pop() else { break };
            self.stale = Some(order);
            // Frames follow from the same file for as long as no other file's come before them.
            let waiting = self.waiting.last().map(|w| (w.first, w.order));
            let other = self.next.peek().map(|Reverse(next)| *next).into_iter().chain(waiting).min();
            let Some(reader) = &mut self.open[order] else { continue };
            let due = |time| other.is_none_or(|other| (time, order) < other);
            let (frames, size) = reader.lend(POLL - lent, BURST_BYTES - bytes, due, lend);
            self.counters.frames += frames as u64;
            self.counters.bytes += size as u64;
            lent += frames;
            bytes += size;
        }
        Ok(if lent > 0 { Polled::Frames(lent) } else { Polled::End })
    }
}

impl Source for Files {
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        let polled = self.burst(lend);
        if polled.is_err() {
            self.waiting.clear();
            self.next.clear();
            self.stale = None;
            self.open.iter_mut().for_each(|r| *r = None);
        }
        polled
    }

    fn counters(&self) -> SourceCounters {
        let open = self.open.iter().flatten().map(Reader::position);
        let parked = self.waiting.iter().map(|w| match &w.file {
            Parked::Open(reader) => reader.position(),
            Parked::Closed(_) => 0,
        });
        SourceCounters { read: self.finished + open.chain(parked).sum::<u64>(), ..self.counters }
    }

    fn notices(&self) -> &[Notice] {
        &self.notices
    }

    fn key_logs(&self) -> &[KeyLog] {
        &self.key_logs.kept
    }
}
