//! The one place of a replay that reads a clock: pacing.

use std::time::{Duration, Instant};

/// The machine's monotone clock, for `--pace`.
pub struct WallClock(Instant);

impl WallClock {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "pacing a replay is what a clock is for")]
    pub fn start() -> Self {
        WallClock(Instant::now())
    }
}

impl weir_capture::Clock for WallClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
