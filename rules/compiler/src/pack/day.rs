//! The day a pack was made.

use std::fmt;
use weir_wire::Timestamp;

/// A day from 1970 to 2199, written `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, Debug)]
#[serde(try_from = "String")]
pub(crate) struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |range: std::ops::Range<usize>| {
            let part = text.get(range).filter(|p| p.bytes().all(|b| b.is_ascii_digit()));
            part.and_then(|p| p.parse::<u16>().ok()).unwrap_or(0)
        };
        let (year, month, day) = (number(0..4), number(5..7), number(8..10));
        let dashes = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        let (Ok(month), Ok(day)) = (u8::try_from(month), u8::try_from(day)) else { return Err(wrong(&text)) };
        if dashes && (1970..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day) {
            Ok(Day { year, month, day })
        } else {
            Err(wrong(&text))
        }
    }
}

fn wrong(text: &str) -> String {
    format!("`{text}` is not a day of the form YYYY-MM-DD from 1970 to 2199")
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Day {
    /// Its first moment in UTC: days since 1970 of a date of the Gregorian calendar, counted from March.
    pub fn start(self) -> Timestamp {
        let (y, m) = (u64::from(self.year), u64::from(self.month));
        let (y, m) = if m > 2 { (y, m - 3) } else { (y - 1, m + 9) };
        let days = (365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + u64::from(self.day))
            .saturating_sub(719_469);
        Timestamp::from_secs_nanos(days * 86_400, 0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_days_and_refuses_others() {
        let day = Day::try_from("2026-11-22".to_string()).unwrap();
        assert_eq!(day.start().to_string(), "2026-11-22T00:00:00.000000000Z");
        assert_eq!(Day::try_from("1970-01-01".to_string()).unwrap().start(), Timestamp::default());
        assert_eq!(day.to_string(), "2026-11-22");
        for bad in ["", "2026-1-2", "2026-13-01", "2026-00-10", "yesterday!", "20-26-1122", "2026/11/22"] {
            assert!(Day::try_from(bad.to_string()).is_err(), "{bad}");
        }
    }

    /// Found by fuzzing: the days of this year did not fit and the addition overflowed.
    #[test]
    fn a_year_of_seventeen_digits_is_refused() {
        assert!(Day::try_from("20244444444444446-11-22".to_string()).is_err());
    }
}
