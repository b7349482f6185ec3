//! A capture file that grows while it is read.

use crate::{
    Break, Input, KeyLog, Notice, Polled, Source, SourceCounters, SourceError,
    pcap::Pcap,
    reader::{Advance, Reader},
    source::{BURST_BYTES, POLL},
};
use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use weir_wire::Frame;

/// How long a file that did not grow is left alone.
const NAP: Duration = Duration::from_millis(100);
/// Notices kept; a file that is replaced for ever is not told of for ever.
const NOTICES: usize = 100;

/// One plain capture file, read as another program writes it.
///
/// Where it ends, even inside a record, more is awaited until `stop` is set; then it is read to its end like any other
/// file. A file that takes its name (a rotation) is read next, from its start, once the old one is read out; so is the
/// file itself where it becomes shorter than what was read. Both are told of by [`Source::notices`]. A corrupt record
/// ends the source, as nothing behind it can be found for sure.
pub struct Follow {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    current: Option<(Reader, Identity)>,
    /// Another file has its name: it is read out, then left.
    replaced: bool,
    /// Whether some file of this name was opened.
    began: bool,
    ended: bool,
    counters: SourceCounters,
    /// Bytes read of files that were left.
    finished: u64,
    notices: Vec<Notice>,
    key_logs: Vec<KeyLog>,
}

/// What tells one file of a name from the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Identity(u64, u64);

impl Identity {
    #[cfg(unix)]
    fn of(file: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Identity(file.dev(), file.ino())
    }
    /// Elsewhere a replaced file is known by being shorter alone.
    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Identity(0, 0)
    }
}

impl Follow {
    /// Follows the file at `path`, which may still be empty, until `stop` is set.
    pub fn new(path: &Path, stop: Arc<AtomicBool>) -> Self {
        Follow {
            path: path.into(),
            stop,
            current: None,
            replaced: false,
            began: false,
            ended: false,
            counters: SourceCounters::default(),
            finished: 0,
            notices: Vec::new(),
            key_logs: Vec::new(),
        }
    }

    /// Opens the file once its header may be whole. `false`: there is nothing to read yet.
    fn open(&mut self) -> Result<bool, SourceError> {
        let found = match fs::metadata(&self.path) {
            Ok(found) => found,
            // Between two files of a rotation there may be none.
            Err(e) if self.began && e.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(cause) => {
                return Err(SourceError::Open { file: self.path.to_string_lossy().into(), cause });
            }
        };
        if found.is_file() && found.len() < Pcap::HEADER as u64 {
            return Ok(false);
        }
        let reader = Reader::follow(Input::Path(self.path.clone()))?;
        self.current = Some((reader, Identity::of(&found)));
        self.began = true;
        Ok(true)
    }

    /// Leaves the file that is read.
    fn leave(&mut self, notice: Option<Notice>) {
        if let Some((reader, _)) = self.current.take() {
            self.finished += reader.position();
        }
        self.tell(notice);
    }

    fn tell(&mut self, notice: Option<Notice>) {
        self.notices.extend(notice.filter(|_| self.notices.len() < NOTICES));
    }

    /// The file has no more for now: why that may be, where it is not only that nobody wrote.
    fn changed(&self) -> Option<Break> {
        let (reader, identity) = self.current.as_ref()?;
        let found = fs::metadata(&self.path).ok()?;
        if Identity::of(&found) != *identity {
            return Some(Break::Replaced);
        }
        (found.is_file() && found.len() < reader.position()).then_some(Break::Shortened)
    }

    /// Nothing more can be read of the file now.
    fn starved(&mut self) -> Polled {
        let stop = self.stop.load(Ordering::Acquire);
        let why = if stop { None } else { self.changed() };
        let notice = why.as_ref().and_then(|why| Some(self.current.as_ref()?.0.notice(why.clone())));
        match (why, &mut self.current) {
            (Some(Break::Shortened), _) => self.leave(notice),
            (Some(_), Some((reader, _))) => {
                // Its writer may have added to it until the name was taken.
                reader.stop_following();
                self.replaced = true;
                self.tell(notice);
            }
            // So may this one's until it was told to stop.
            (None, Some((reader, _))) if stop => reader.stop_following(),
            _ => {}
        }
        Polled::Idle
    }

    fn burst(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        if self.current.is_none() && !self.open()? {
            self.ended = self.stop.load(Ordering::Acquire);
            return Ok(if self.ended { Polled::End } else { Polled::Idle });
        }
        let (mut lent, mut bytes) = (0, 0);
        while lent < POLL && bytes < BURST_BYTES {
            let Some((reader, _)) = &mut self.current else { break };
            let advance = reader.advance(lent == 0);
            for log in reader.take_key_logs().0 {
                // The bound of one file, kept for them all.
                let kept: usize = self.key_logs.iter().map(|l| l.text.len()).sum();
                if kept + log.text.len() <= crate::pcapng::KEY_LOGS {
                    self.key_logs.push(log);
                }
            }
            match advance {
                Advance::Frame => {
                    let (frames, size) = reader.lend(POLL - lent, BURST_BYTES - bytes, |_| true, lend);
                    lent += frames;
                    bytes += size;
                }
                Advance::Starved if lent > 0 => break,
                Advance::Starved => return Ok(self.starved()),
                Advance::Ended(notice) => {
                    self.leave(notice);
                    self.ended = !std::mem::take(&mut self.replaced);
                    break;
                }
            }
        }
        self.counters.frames += lent as u64;
        self.counters.bytes += bytes as u64;
        Ok(match lent {
            0 if self.ended => Polled::End,
            0 => Polled::Idle,
            _ => Polled::Frames(lent),
        })
    }
}

impl Source for Follow {
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        if self.ended {
            return Ok(Polled::End);
        }
        let polled = self.burst(lend);
        self.ended |= polled.is_err();
        polled
    }

    fn wait(&mut self, at_most: Duration) {
        thread::sleep(at_most.min(NAP));
    }

    fn counters(&self) -> SourceCounters {
        let now = self.current.as_ref().map_or(0, |(reader, _)| reader.position());
        SourceCounters { read: self.finished + now, ..self.counters }
    }

    fn notices(&self) -> &[Notice] {
        &self.notices
    }

    fn key_logs(&self) -> &[KeyLog] {
        &self.key_logs
    }
}
