//! The working calendar, as written.

use super::Day;
use serde::Deserialize;
use std::collections::BTreeSet;
use weir_exchange::Calendar;

/// Days that one range may have: a year.
const RANGE: u32 = 366;
const DAY: u64 = 86_400;

/// A working calendar.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarText {
    /// Offset of local time, `+08:00`.
    zone: Zone,
    /// When work begins, `HH:MM`.
    begins: Clock,
    /// When work ends; `24:00` for midnight.
    ends: Clock,
    /// Rest days of the week.
    rest: Vec<Weekday>,
    /// Days off.
    #[serde(default)]
    holidays: Vec<Days>,
    /// Days worked to make up for them.
    #[serde(default)]
    workdays: Vec<Days>,
}

/// Seconds that local time is ahead of UTC.
#[derive(Clone, Copy, Deserialize, Debug)]
#[serde(try_from = "String")]
struct Zone(i32);

/// A second of the day.
#[derive(Clone, Copy, PartialEq, PartialOrd, Deserialize, Debug)]
#[serde(try_from = "String")]
struct Clock(u32);

#[derive(Clone, Copy, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// A day, or the first and the last of several.
#[derive(Clone, Copy, Deserialize, Debug)]
#[serde(try_from = "String")]
struct Days {
    first: u32,
    last: u32,
}

/// Hours and minutes as seconds.
fn clock(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number =
        |t: &str| t.parse::<u32>().ok().filter(|_| t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit()));
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|m| *m < 60)?);
    (hours * 60 + minutes <= 24 * 60).then_some((hours * 60 + minutes) * 60)
}

impl TryFrom<String> for Clock {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        clock(&text).map(Clock).ok_or_else(|| format!("`{text}` is not a time of day of the form HH:MM"))
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, Some(rest)),
            None => (1, text.strip_prefix('+')),
        };
        let seconds = rest.and_then(clock).filter(|s| *s <= 14 * 3_600).and_then(|s| i32::try_from(s).ok());
        seconds.map(|s| Zone(sign * s)).ok_or_else(|| format!("`{text}` is not an offset of the form +08:00"))
    }
}

impl TryFrom<String> for Days {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (first, last) = text.split_once("..").unwrap_or((&text, &text));
        let day = |t: &str| -> Result<u32, String> {
            let start = Day::try_from(t.trim().to_owned())?.start().secs() / DAY;
            u32::try_from(start).map_err(|_| format!("`{t}` is too far off"))
        };
        let (first, last) = (day(first)?, day(last)?);
        if first <= last && last - first < RANGE {
            Ok(Days { first, last })
        } else {
            Err(format!("`{text}` does not go from an earlier day to a later one within a year"))
        }
    }
}

fn all(days: &[Days]) -> BTreeSet<u32> {
    days.iter().flat_map(|d| d.first..=d.last).collect()
}

impl CalendarText {
    /// What is meant, or what is wrong with it and how to put it right.
    pub(crate) fn calendar(&self) -> Result<Calendar, (String, &'static str)> {
        if self.begins >= self.ends {
            return Err((
                "work ends before it begins".into(),
                "let `begins` be earlier than `ends`; shifts over midnight: begins 00:00, ends 24:00",
            ));
        }
        let (holidays, workdays) = (all(&self.holidays), all(&self.workdays));
        if !holidays.is_disjoint(&workdays) {
            return Err(("a day is both in `holidays` and in `workdays`".into(), "keep it in one of them"));
        }
        Ok(Calendar {
            ahead: self.zone.0,
            hours: (self.begins.0, self.ends.0),
            rest: self.rest.iter().fold(0, |days, d| days | 1 << (*d as u8)),
            holidays,
            workdays,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_times_zones_and_days() {
        assert_eq!(
            (clock("07:30"), clock("24:00"), clock("24:01"), clock("7:00")),
            (Some(27_000), Some(86_400), None, None)
        );
        let zone = |t: &str| Zone::try_from(t.to_owned()).map(|z| z.0);
        assert_eq!((zone("+08:00"), zone("-03:30")), (Ok(28_800), Ok(-12_600)));
        assert!(zone("08:00").is_err() && zone("+15:00").is_err());
        let days = |t: &str| Days::try_from(t.to_owned()).map(|d| d.last - d.first + 1);
        assert_eq!((days("2026-02-15..2026-02-23"), days("2026-01-01")), (Ok(9), Ok(1)));
        assert!(days("2026-02-23..2026-02-15").is_err() && days("2020-01-01..2026-01-01").is_err());
    }
}
