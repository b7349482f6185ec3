//! One opened capture: its window and its format.

use crate::{
    BURST, Break, Input, KeyLog, Notice, SourceError,
    format::{Format, Record, Step},
    window::Window,
};
use smallvec::SmallVec;
use std::sync::Arc;
use weir_wire::{Frame, Timestamp};

/// What [`Reader::advance`] found.
#[derive(Debug)]
pub(crate) enum Advance {
    /// A frame, and perhaps more behind it: [`Reader::lend`] lends them.
    Frame,
    /// The next frame is not read yet, and reading was not allowed.
    Starved,
    /// No more frames; where that was a break, the notice says so.
    Ended(Option<Notice>),
}

/// An opened capture.
pub(crate) struct Reader {
    file: Arc<str>,
    window: Window,
    /// `None` where the file ends inside its header.
    format: Option<Format>,
    /// Frames found in the window, a burst at a time.
    found: SmallVec<[Record; BURST]>,
    /// How many of them were lent.
    lent: usize,
    /// Bytes of the window that they and what lies between them take.
    held: usize,
    /// Whether more is awaited where the input ends.
    follows: bool,
}

impl Reader {
    /// Opens `input` and recognises its format.
    pub(crate) fn open(input: Input) -> Result<Self, SourceError> {
        let file = input.name();
        let mut window = Window::new(input.open()?);
        let format = match Format::detect(&mut window) {
            Ok(format) => format,
            Err(found) => {
                return Err(match window.take_failure() {
                    Some(cause) => SourceError::Read { file, offset: window.offset(), cause },
                    None => SourceError::NotACapture { file, found },
                });
            }
        };
        Ok(Reader { file, window, format, found: SmallVec::new(), lent: 0, held: 0, follows: false })
    }

    /// Opens a plain file that grows: its end is where more is awaited, until [`Reader::stop_following`].
    pub(crate) fn follow(input: Input) -> Result<Self, SourceError> {
        let mut reader = Reader::open(input)?;
        if reader.window.is_packed() {
            return Err(SourceError::Packed { file: reader.file });
        }
        reader.follows = true;
        Ok(reader)
    }

    /// From here on the end of the file is its end.
    pub(crate) fn stop_following(&mut self) {
        self.follows = false;
    }

    /// Bytes of the input read so far, compressed where it is.
    pub(crate) fn position(&self) -> u64 {
        self.window.position()
    }

    /// Finds the next frames, where all found before were lent. Without `may_read` only bytes already read are looked
    /// at, so the call never waits for a pipe.
    pub(crate) fn advance(&mut self, may_read: bool) -> Advance {
        loop {
            if self.lent < self.found.len() {
                return Advance::Frame;
            }
            self.found.clear();
            self.lent = 0;
            self.window.consume(std::mem::take(&mut self.held) as u64);
            let stopped = self.gather();
            if !self.found.is_empty() {
                continue;
            }
            self.window.consume(std::mem::take(&mut self.held) as u64);
            match stopped {
                Some(Step::Pass(n)) => self.window.consume(n),
                Some(Step::Need(_)) if !may_read => return Advance::Starved,
                Some(Step::Need(n)) => {
                    if !self.window.fill(n) {
                        let awaits = self.follows && self.window.resume();
                        return if awaits { Advance::Starved } else { Advance::Ended(self.end()) };
                    }
                }
                Some(Step::Break(what)) => return Advance::Ended(Some(self.notice(Break::Corrupt(what)))),
                Some(Step::Frame(..)) | None => return Advance::Ended(Some(self.notice(Break::Truncated))),
            }
        }
    }

    /// Finds up to a burst of frames in the window; the step that ended the search, which is met again in the next.
    fn gather(&mut self) -> Option<Step> {
        let format = self.format.as_mut()?;
        let bytes = self.window.bytes();
        while self.found.len() < BURST {
            let rest = bytes.get(self.held..).unwrap_or_default();
            match format.step(rest) {
                Step::Frame(mut record, len) => {
                    record.data = record.data.start + self.held..record.data.end + self.held;
                    self.found.push(record);
                    self.held += len;
                }
                Step::Pass(n) if n <= rest.len() as u64 => self.held += n as usize,
                other => return Some(other),
            }
        }
        None
    }

    /// The input has no more bytes: a clean end, or a break.
    fn end(&mut self) -> Option<Notice> {
        match self.window.take_failure() {
            Some(cause) => Some(self.notice(Break::Unreadable(cause.to_string()))),
            None if self.window.exhausted() => None,
            None => Some(self.notice(Break::Truncated)),
        }
    }

    /// A notice about the place now reached.
    pub(crate) fn notice(&self, cause: Break) -> Notice {
        Notice { file: self.file.clone(), offset: self.window.offset(), cause }
    }

    /// The time of the next frame.
    pub(crate) fn next_time(&self) -> Option<Timestamp> {
        self.found.get(self.lent).map(|record| record.time)
    }

    /// Lends the next frame and, up to `most` frames and the first that passes `room` bytes, those found behind it
    /// whose time is `due`. How many, and their bytes.
    pub(crate) fn lend(
        &mut self,
        most: usize,
        room: usize,
        due: impl Fn(Timestamp) -> bool,
        lend: &mut dyn FnMut(&[Frame<'_>]),
    ) -> (usize, usize) {
        let window = self.window.bytes();
        let mut burst = SmallVec::<[Frame<'_>; BURST]>::new();
        let mut bytes = 0;
        for Record { time, link, wire_len, data } in self.found.iter().skip(self.lent) {
            let first = burst.is_empty();
            if !first && (burst.len() == most || bytes >= room || !due(*time)) {
                break;
            }
            let data = window.get(data.clone()).unwrap_or_default();
            bytes += data.len();
            burst.push(Frame { time: *time, link: *link, wire_len: *wire_len, vlan: None, data });
        }
        let lent = burst.len();
        if lent > 0 {
            lend(&burst);
        }
        self.lent += lent;
        (lent, bytes)
    }

    /// Key logs met since the last call, and the bytes of those not kept.
    pub(crate) fn take_key_logs(&mut self) -> (Vec<KeyLog>, usize) {
        let (mut logs, refused) = self.format.as_mut().map(Format::take_key_logs).unwrap_or_default();
        for log in &mut logs {
            log.file = self.file.clone();
        }
        (logs, refused)
    }
}
