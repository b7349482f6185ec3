//! The compression of messages of one direction (RFC 7692, 7).

use flate2::{Decompress, FlushDecompress, Status};

/// What one byte may become, once [`FREE`] has come out of a message.
const RATIO: u64 = 200;
const FREE: u64 = 1 << 20;
/// What a sender leaves out at the end of a message (RFC 7692, 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// Why nothing more comes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stopped {
    Broken,
    Limited,
}

/// A direction's decompression.
pub(super) struct Inflate {
    /// Made with the first compressed message; none once it is lost.
    state: Option<Decompress>,
    /// Each message begins anew (`..._no_context_takeover`).
    anew: bool,
    lost: bool,
    taken: u64,
    given: u64,
}

impl Inflate {
    pub fn new(anew: bool) -> Self {
        Inflate { state: None, anew, lost: false, taken: 0, given: 0 }
    }
    /// Before a message.
    pub fn begin(&mut self) {
        (self.taken, self.given) = (0, 0);
        if self.anew {
            self.lost = false;
            if let Some(s) = &mut self.state {
                s.reset(false);
            }
        }
    }
    /// What came before is not known whole: messages that build on it cannot be read.
    pub fn lose(&mut self) {
        self.lost = true;
        self.state = None;
    }
    /// The next bytes of a message.
    pub fn push(&mut self, input: &[u8], out: &mut dyn FnMut(&[u8])) -> Result<(), Stopped> {
        self.taken += input.len() as u64;
        let done = self.run(input, out);
        if done.is_err() {
            self.lose();
        }
        done
    }
    /// The end of a message.
    pub fn end(&mut self, out: &mut dyn FnMut(&[u8])) -> Result<(), Stopped> {
        self.push(&TAIL, out)
    }

    fn run(&mut self, mut input: &[u8], out: &mut dyn FnMut(&[u8])) -> Result<(), Stopped> {
        if self.lost {
            return Err(Stopped::Broken);
        }
        let state = self.state.get_or_insert_with(|| Decompress::new(false));
        let mut chunk = [0; 4096];
        loop {
            let (before_in, before_out) = (state.total_in(), state.total_out());
            let status =
                state.decompress(input, &mut chunk, FlushDecompress::Sync).map_err(|_| Stopped::Broken)?;
            let (used, made) =
                ((state.total_in() - before_in) as usize, (state.total_out() - before_out) as usize);
            input = &input[used..];
            self.given += made as u64;
            if self.given > FREE.max(self.taken.saturating_mul(RATIO)) {
                return Err(Stopped::Limited);
            }
            if made > 0 {
                out(&chunk[..made]);
            }
            // A sender may end a block as the last one (RFC 7692, 7.2.3.4): another begins.
            if status == Status::StreamEnd {
                state.reset(false);
            }
            if made < chunk.len() && (input.is_empty() || used == 0) {
                return Ok(());
            }
        }
    }
}
