//! What a running sensor says on standard error: one structured line an event, in the reader's language.
//!
//! ```text
//! 2026-01-02T03:04:05.123Z warn  lane.stuck lane=2 seconds=12  lane 2 has not moved for 12 s ...
//! ```
//! Under systemd's journal each line carries its priority (`<4>`) and no time, as the journal has its own. With `--json` a line is an
//! object. Fields are figures and names of this machine; nothing that came in packets is ever said. An event that repeats is
//! said [`BURST`] times in [`WINDOW`], then counted.

use crate::clock::{self, WallClock};
use crate::lang::Lang;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use weir_model::Summary;

/// Lines of one event in a window.
const BURST: u32 = 5;
/// The window.
const WINDOW: Duration = Duration::from_secs(10);

/// How much a line matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// For the record.
    Info,
    /// Something is lost or not as it should be; the sensor goes on.
    Warn,
    /// Somebody has to act.
    Error,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }
    /// As syslog counts it.
    const fn priority(self) -> u8 {
        match self {
            Level::Info => 6,
            Level::Warn => 4,
            Level::Error => 3,
        }
    }
}

/// A field of a line.
pub type Field<'a> = (&'static str, &'a dyn Display);

/// Lines of one event so far in its window.
#[derive(Default)]
struct Said {
    since: Duration,
    lines: u32,
    held: u64,
}

/// Where lines go.
pub struct Log {
    lang: Lang,
    json: bool,
    journal: bool,
    clock: WallClock,
    said: Mutex<BTreeMap<&'static str, Said>>,
}

impl Log {
    /// To standard error.
    pub fn new(lang: Lang, json: bool) -> Self {
        let journal = std::env::var_os("JOURNAL_STREAM").is_some();
        Log { lang, json, journal, clock: WallClock::start(), said: Mutex::new(BTreeMap::new()) }
    }

    /// For the record.
    pub fn info(&self, event: &'static str, fields: &[Field<'_>], zh: &str, en: &str) {
        self.say(Level::Info, event, fields, zh, en);
    }
    /// Something is lost or odd.
    pub fn warn(&self, event: &'static str, fields: &[Field<'_>], zh: &str, en: &str) {
        self.say(Level::Warn, event, fields, zh, en);
    }
    /// Somebody has to act.
    pub fn error(&self, event: &'static str, fields: &[Field<'_>], zh: &str, en: &str) {
        self.say(Level::Error, event, fields, zh, en);
    }
    /// A message that is there in both languages.
    pub fn told(&self, level: Level, event: &'static str, fields: &[Field<'_>], said: &Summary) {
        self.say(level, event, fields, &said.zh, &said.en);
    }

    fn say(&self, level: Level, event: &'static str, fields: &[Field<'_>], zh: &str, en: &str) {
        let Some(held) = self.admit(event) else { return };
        let line = self.line(level, event, fields, self.lang.pick(zh, en), held);
        // That nobody reads it does not stop the sensor.
        drop(std::io::stderr().lock().write_all(line.as_bytes()));
    }

    /// Whether a line of this event may be said now; how many were held back before it.
    fn admit(&self, event: &'static str) -> Option<u64> {
        let now = self.clock.elapsed();
        let mut all = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = all.entry(event).or_default();
        if now.saturating_sub(said.since) >= WINDOW {
            (said.since, said.lines) = (now, 0);
        }
        if said.lines >= BURST {
            said.held += 1;
            return None;
        }
        said.lines += 1;
        Some(std::mem::take(&mut said.held))
    }

    fn line(&self, level: Level, event: &str, fields: &[Field<'_>], message: &str, held: u64) -> String {
        let time = clock::now().to_string();
        if self.json {
            let mut object = serde_json::Map::new();
            object.insert("v".into(), 1.into());
            object.insert("time".into(), time.into());
            object.insert("level".into(), level.word().into());
            object.insert("event".into(), event.into());
            for (key, value) in fields {
                let text = value.to_string();
                object.insert((*key).into(), text.parse::<i64>().map_or_else(|_| text.into(), Into::into));
            }
            if held > 0 {
                object.insert("held_back".into(), held.into());
            }
            object.insert("message".into(), message.into());
            return format!("{}\n", serde_json::Value::Object(object));
        }
        let mut line = if self.journal { format!("<{}>", level.priority()) } else { format!("{time} ") };
        line += &format!("{:<5} {event}", level.word());
        for (key, value) in fields {
            line += &format!(" {key}={}", quoted(&value.to_string()));
        }
        if held > 0 {
            line += &format!(" held_back={held}");
        }
        // A library's message may run over several lines (TOML shows the place); a log line is one.
        format!("{line}  {}\n", message.replace('\n', " | "))
    }
}

/// A value as it stands in a line: quoted where it holds blanks, quotes or controls.
fn quoted(value: &str) -> String {
    let plain = !value.is_empty() && value.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '"');
    if plain { value.into() } else { format!("{value:?}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_are_structured() {
        let log = Log { journal: false, ..Log::new(Lang::En, false) };
        let line = log.line(Level::Warn, "lane.stuck", &[("lane", &2), ("why", &"a b")], "one\ntwo", 3);
        assert!(line.contains(" warn  lane.stuck lane=2 why=\"a b\" held_back=3  one | two\n"), "{line}");
        let log = Log { json: true, ..log };
        let line = log.line(Level::Error, "x", &[("lane", &2), ("name", &"eth0")], "m", 0);
        let object: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((object["lane"].as_i64(), object["name"].as_str()), (Some(2), Some("eth0")));
        assert_eq!(object["level"], "error");
        let log = Log { json: false, journal: true, ..log };
        assert!(log.line(Level::Info, "x", &[], "m", 0).starts_with("<6>info  x"));
    }

    #[test]
    fn what_repeats_is_counted() {
        let log = Log::new(Lang::En, false);
        let admitted = (0..100).filter(|_| log.admit("a").is_some()).count();
        assert_eq!(admitted as u32, BURST);
        assert_eq!(log.admit("b"), Some(0), "each event by itself");
        log.said.lock().unwrap().get_mut("a").unwrap().since = Duration::ZERO;
        log.said.lock().unwrap().get_mut("a").unwrap().lines = 0;
        assert_eq!(log.admit("a"), Some(95));
    }
}
