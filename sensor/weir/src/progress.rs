//! The progress bar of a replay, on a terminal only.

use crate::lang::Lang;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use weir_capture::SourceCounters;

/// Shows how much of the captures was read; nothing where standard error is no terminal.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar at its start.
    pub fn new(lang: Lang) -> Self {
        if !std::io::stderr().is_terminal() {
            return Progress(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(0);
        let template = lang.pick(
            "{bar:32} {bytes}/{total_bytes}  {bytes_per_sec}  剩余 {eta}  {msg}",
            "{bar:32} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}",
        );
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Progress(bar)
    }

    /// Shows the source's position.
    pub fn show(&self, counters: &SourceCounters, lang: Lang) {
        if self.0.is_hidden() {
            return;
        }
        match counters.total {
            Some(total) => self.0.set_length(total),
            // Standard input has no end to count down to.
            None if self.0.length().is_some() => {
                self.0.unset_length();
                if let Ok(style) = ProgressStyle::with_template("{spinner} {bytes}  {bytes_per_sec}  {msg}") {
                    self.0.set_style(style);
                }
            }
            None => {}
        }
        self.0.set_position(counters.read);
        self.0.set_message(format!("{} {}", counters.frames, lang.pick("帧", "frames")));
    }

    /// Removes the bar.
    pub fn done(&self) {
        self.0.finish_and_clear();
    }
}
