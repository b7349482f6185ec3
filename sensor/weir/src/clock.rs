//! The one place that reads clocks: pacing, and what a live sensor does by the clock on the wall.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use weir_wire::Timestamp;

/// The machine's monotone clock, from when it was started.
#[derive(Clone, Copy, Debug)]
pub struct WallClock(Instant);

/// The time of day, for log lines and for lanes on which nothing comes in.
#[expect(clippy::disallowed_methods, reason = "a live sensor says when")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

impl WallClock {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "pacing a replay is what a clock is for")]
    pub fn start() -> Self {
        WallClock(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
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
