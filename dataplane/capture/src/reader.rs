//! One opened capture: its window and its format.

use crate::{
    Break, Input, KeyLog, Notice, SourceError,
    format::{Format, Record, Step},
    window::Window,
};
use std::sync::Arc;
use weir_wire::Frame;

/// What [`Reader::advance`] found.
#[derive(Debug)]
pub(crate) enum Advance {
    /// A frame: [`Reader::frame`] lends it until the next advance.
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
    head: Option<Record>,
    /// Bytes of the record that `head` lies in.
    held: usize,
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
        Ok(Reader { file, window, format, head: None, held: 0 })
    }

    /// Bytes of the input read so far, compressed where it is.
    pub(crate) fn position(&self) -> u64 {
        self.window.position()
    }

    /// Lets go of the current frame and finds the next. Without `may_read` only bytes already read are looked at,
    /// so the call never waits for a pipe.
    pub(crate) fn advance(&mut self, may_read: bool) -> Advance {
        self.head = None;
        self.window.consume(std::mem::take(&mut self.held) as u64);
        let Some(format) = &mut self.format else {
            return Advance::Ended(Some(self.notice(Break::Truncated)));
        };
        loop {
            match format.step(self.window.bytes()) {
                Step::Frame(record, len) => {
                    self.head = Some(record);
                    self.held = len;
                    return Advance::Frame;
                }
                Step::Pass(n) => self.window.consume(n),
                Step::Need(_) if !may_read => return Advance::Starved,
                Step::Need(n) => {
                    if !self.window.fill(n) {
                        return Advance::Ended(self.end());
                    }
                }
                Step::Break(what) => return Advance::Ended(Some(self.notice(Break::Corrupt(what)))),
            }
        }
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

    /// The frame found by the last [`Reader::advance`].
    pub(crate) fn frame(&self) -> Option<Frame<'_>> {
        let Record { time, link, wire_len, data } = self.head.as_ref()?;
        let data = self.window.bytes().get(data.clone())?;
        Some(Frame { time: *time, link: *link, wire_len: *wire_len, vlan: None, data })
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
