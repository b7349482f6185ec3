//! The working calendar (工作日历): when people of the organisation are at work.

use std::collections::BTreeSet;
use weir_wire::Timestamp;

const DAY: i64 = 86_400;

/// Working hours, rest days, and the days that are otherwise than their weekday. Data of the rule packs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calendar {
    /// Seconds that local time is ahead of UTC.
    pub ahead: i32,
    /// Second of the local day at which work begins, and at which it ends.
    pub hours: (u32, u32),
    /// Rest days of the week, Monday the first: bit 0 is Monday.
    pub rest: u8,
    /// Holidays, as local days since 1970.
    pub holidays: BTreeSet<u32>,
    /// Days worked to make up for holidays (调休).
    pub workdays: BTreeSet<u32>,
}

impl Default for Calendar {
    /// Monday to Friday from 07:00 to 20:00 in China Standard Time, without holidays.
    fn default() -> Self {
        Calendar {
            ahead: 8 * 3_600,
            hours: (7 * 3_600, 20 * 3_600),
            rest: 0b110_0000,
            holidays: BTreeSet::new(),
            workdays: BTreeSet::new(),
        }
    }
}

/// A moment as the clock on the wall shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LocalTime {
    /// Day since 1970.
    pub day: u32,
    /// Day of the week, Monday 0.
    pub weekday: u8,
    /// Second of the day.
    pub second: u32,
}

impl LocalTime {
    /// Hour of the day, 0 to 23.
    pub const fn hour(self) -> u8 {
        (self.second / 3_600) as u8
    }
}

impl Calendar {
    /// A moment on the local clock.
    pub fn local(&self, time: Timestamp) -> LocalTime {
        let seconds =
            i64::try_from(time.secs()).unwrap_or(i64::MAX).saturating_add(i64::from(self.ahead)).max(0);
        let day = u32::try_from(seconds / DAY).unwrap_or(u32::MAX);
        // The first of January 1970 was a Thursday.
        LocalTime { day, weekday: ((day + 3) % 7) as u8, second: (seconds % DAY) as u32 }
    }

    /// Whether people work on a local day.
    pub fn works_on(&self, local: LocalTime) -> bool {
        let rests = self.rest & (1 << local.weekday) != 0;
        self.workdays.contains(&local.day) || !rests && !self.holidays.contains(&local.day)
    }

    /// Whether people are at work at a moment.
    pub fn at_work(&self, time: Timestamp) -> bool {
        let local = self.local(time);
        self.works_on(local) && (self.hours.0..self.hours.1).contains(&local.second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Timestamp {
        Timestamp::from_secs_nanos(secs, 0)
    }

    #[test]
    fn knows_hours_and_rest_days() {
        let c = Calendar::default();
        // Sunday 2026-11-29 03:12 and Tuesday 2026-11-24 10:00, both in Shanghai.
        let (night, day) = (at(1_795_893_120), at(1_795_485_600));
        assert_eq!((c.local(night).weekday, c.local(night).hour()), (6, 3));
        assert_eq!((c.local(day).weekday, c.local(day).hour()), (1, 10));
        assert_eq!((c.at_work(night), c.at_work(day)), (false, true));
        assert!(c.at_work(at(1_795_485_600 - 3 * 3_600)) && !c.at_work(at(1_795_485_600 - 3 * 3_600 - 1)));
        assert!(!c.at_work(at(1_795_485_600 + 10 * 3_600)) && c.at_work(at(1_795_485_600 + 10 * 3_600 - 1)));
    }

    #[test]
    fn holidays_and_days_that_make_up_for_them() {
        let (day, sunday) = (at(1_795_485_600), at(1_795_485_600 + 5 * 86_400));
        let mut c = Calendar::default();
        assert!(!c.at_work(sunday));
        c.holidays.insert(c.local(day).day);
        c.workdays.insert(c.local(sunday).day);
        assert_eq!((c.at_work(day), c.at_work(sunday)), (false, true));
        assert_eq!(c.local(Timestamp::default()).day, 0);
    }
}
