//! Sources that fail, for tests; not in release builds.
//!
//! `fault:panic:CAPTURE` and `fault:hang:CAPTURE` make two lanes that look like a wire's: both read the capture, then the first one fails
//! and the second one stays idle.

use super::{LaneSource, Opened};
use std::time::Duration;
use weir_capture::{Files, Input, Polled, Source, SourceCounters, SourceError};
use weir_wire::Frame;

/// What happens at the end of the capture.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Panic,
    /// Polls take three seconds, once.
    Hang,
    /// Nothing.
    Idle,
}

struct Faulty {
    files: Files,
    fault: Fault,
    ended: bool,
}

/// What the specification asks for; `None` where it is not one of these.
pub(super) fn open(spec: &str) -> Option<Opened> {
    let (kind, path) = spec.strip_prefix("fault:")?.split_once(':')?;
    let fault = match kind {
        "panic" => Fault::Panic,
        "hang" => Fault::Hang,
        _ => return None,
    };
    let lane = |fault| -> LaneSource {
        Box::new(Faulty { files: Files::new(vec![Input::from_arg(path)]), fault, ended: false })
    };
    Some(Opened { lanes: vec![lane(fault), lane(Fault::Idle)], live: true, held: None })
}

impl Source for Faulty {
    #[expect(clippy::panic, reason = "that is what it is for")]
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        if !self.ended {
            match self.files.poll(lend)? {
                Polled::End => self.ended = true,
                other => return Ok(other),
            }
        }
        match self.fault {
            Fault::Panic => panic!("as the test asked, with 13812345678 in it"),
            Fault::Hang => {
                std::thread::sleep(Duration::from_secs(3));
                self.fault = Fault::Idle;
            }
            Fault::Idle => {}
        }
        Ok(Polled::Idle)
    }

    fn wait(&mut self, at_most: Duration) {
        std::thread::sleep(at_most);
    }

    fn counters(&self) -> SourceCounters {
        self.files.counters()
    }
}
