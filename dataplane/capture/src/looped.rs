//! The same files several times over, as if traffic went on.

use crate::{BURST, Files, Input, KeyLog, Notice, Polled, Source, SourceCounters, SourceError};
use smallvec::SmallVec;
use std::path::PathBuf;
use weir_wire::{Duration, Frame, Timestamp};

/// Time between the last frame of one round and the first of the next.
const PAUSE: Duration = Duration::from_secs(1);

/// Replays files a number of times. Each round's frames are shifted in time by the capture's duration and one second,
/// so time goes on; addresses and bytes stay as they are, so the flows of each round are those of the one before,
/// begun anew.
pub struct Looped {
    paths: Vec<PathBuf>,
    rounds: u32,
    /// Rounds begun.
    begun: u32,
    current: Files,
    /// Of the first round: earliest and latest frame.
    span: Option<(Timestamp, Timestamp)>,
    shift: Duration,
    /// Totals of finished rounds; `total` is that of all rounds.
    finished: SourceCounters,
    /// What the first round left; the others would repeat it.
    first: Option<(Vec<Notice>, Vec<KeyLog>)>,
}

impl Looped {
    /// A source that reads `inputs`, merged by time, `rounds` times; none at all where `rounds` is 0.
    ///
    /// # Errors
    /// [`SourceError::OnlyOnce`] for anything but files.
    pub fn new(inputs: Vec<Input>, rounds: u32) -> Result<Self, SourceError> {
        let path = |input: Input| match input {
            Input::Path(path) => Ok(path),
            other => Err(SourceError::OnlyOnce { file: other.name() }),
        };
        Ok(Looped {
            paths: inputs.into_iter().map(path).collect::<Result<_, _>>()?,
            rounds,
            begun: 0,
            current: Files::new(Vec::new()),
            span: None,
            shift: Duration::ZERO,
            finished: SourceCounters::default(),
            first: None,
        })
    }

    /// Closes the round at its end and begins the next; `false` where there is none.
    fn next_round(&mut self) -> bool {
        let done = std::mem::replace(&mut self.current, Files::new(Vec::new()));
        let counters = done.counters();
        self.finished.frames += counters.frames;
        self.finished.bytes += counters.bytes;
        self.finished.read += counters.read;
        if self.begun == 1 {
            self.finished.total = self.all_rounds(counters.total);
            self.first = Some((done.notices().to_vec(), done.key_logs().to_vec()));
        }
        if self.begun == self.rounds || (self.begun > 0 && self.span.is_none()) {
            self.begun = self.rounds;
            return false;
        }
        if let Some((first, last)) = self.span {
            let period = last.since(first).as_nanos().saturating_add(PAUSE.as_nanos());
            self.shift = Duration::from_nanos(self.shift.as_nanos().saturating_add(period));
        }
        self.begun += 1;
        self.current = Files::new(self.paths.iter().cloned().map(Input::Path).collect());
        true
    }

    fn all_rounds(&self, one: Option<u64>) -> Option<u64> {
        one.map(|t| t.saturating_mul(u64::from(self.rounds)))
    }
}

impl Source for Looped {
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        let (shift, first_round) = (self.shift, self.begun == 1);
        let span = &mut self.span;
        let polled = self.current.poll(&mut |burst| {
            if first_round {
                for frame in burst {
                    let (first, last) = span.unwrap_or((frame.time, frame.time));
                    *span = Some((first.min(frame.time), last.max(frame.time)));
                }
            }
            let shifted = burst.iter().map(|frame| Frame { time: frame.time.plus(shift), ..*frame });
            lend(&shifted.collect::<SmallVec<[Frame<'_>; BURST]>>());
        });
        match polled {
            Ok(Polled::End) => Ok(if self.next_round() { Polled::Idle } else { Polled::End }),
            Ok(polled) => Ok(polled),
            Err(e) => {
                self.rounds = self.begun;
                Err(e)
            }
        }
    }

    fn counters(&self) -> SourceCounters {
        let now = self.current.counters();
        SourceCounters {
            frames: self.finished.frames + now.frames,
            bytes: self.finished.bytes + now.bytes,
            dropped: 0,
            damaged: 0,
            read: self.finished.read + now.read,
            total: self.finished.total.or(self.all_rounds(now.total)),
        }
    }

    fn notices(&self) -> &[Notice] {
        self.first.as_ref().map_or(self.current.notices(), |(notices, _)| notices)
    }

    fn key_logs(&self) -> &[KeyLog] {
        self.first.as_ref().map_or(self.current.key_logs(), |(_, logs)| logs)
    }
}
