//! C05 Off-hours bulk access (非工作时间调用).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::window::Window;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use weir_exchange::{Effect, LocalTime};
use weir_model::{AccountId, CallerId, Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};

pub(super) static CARD: Card = Card {
    id: "C05",
    zh: "非工作时间调用",
    en: "off-hours access",
    group: Group::AbnormalCall,
    severity: Severity::Medium,
    risks: &[RiskType(5), RiskType(1)],
    measures: &[Handling(11), Handling(18)],
    owasp: "API6:2023 CWE-778",
    basis: "CAICT 3.2.5, 4(2)2",
    how_zh: "工作日历（rules/packs/calendar.toml，可另行指定：时区、上下班时刻、周休日、节假日与调休）之外，同一调用方（账号）10 分钟内取得明文敏感记录 100 条以上；按调用方和接口汇总，1,000 条以上升一级，仅内部访问降一级。该调用方在同一钟点、同类日子（工作日或休息日）已有 5 天如此的，视为惯常作业，不报；由此新设的夜间作业前 5 次会被报告。脱敏记录、网络地址与用户名不计。",
    how_en: "Outside the working calendar (rules/packs/calendar.toml or one of one's own: zone, hours, rest days, holidays and days that make up for them) a caller, under one account, gets 100 or more sensitive records in clear within 10 minutes; one finding a caller and interface, one step more serious from 1,000 on, one less where the caller is internal. What the caller did at the same hour on 5 days of the same sort (working or not) is a habit and not reported; so a new nightly job is reported its first 5 times. Masked records, network addresses and user names do not count.",
};

/// Callers watched, and replies kept of one.
const CALLERS: usize = 8_192;
const REPLIES: usize = 128;
/// Records from which it is one step more serious.
const MANY: u64 = 1_000;
/// Hours of the day, of working days and of others.
const HOURS: usize = 48;

/// Who gets data.
type Key = (SiteId, CallerId, Option<AccountId>);

/// What one caller got.
#[derive(Serialize, Deserialize)]
struct Got {
    recent: Window<u32>,
    /// By hour and sort of day: on how many days it got as much before today, and the last such day.
    #[serde(with = "weir_model::state::array")]
    habit: [(u8, u32); HOURS],
}

/// Identifies C05.
pub(super) struct Source {
    records: u64,
    seconds: u64,
    days: u64,
    got: Table<Key, Got>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            records: thresholds.c05_records,
            seconds: thresholds.c05_seconds,
            days: thresholds.c05_habit_days,
            got: Table::new(CALLERS),
        }
    }
}

impl Got {
    /// Notes that it got much on this day at this hour; on how many days before it did.
    fn habit(&mut self, local: LocalTime, works: bool) -> u64 {
        let at = usize::from(local.hour()) + if works { 0 } else { HOURS / 2 };
        let Some((days, last)) = self.habit.get_mut(at) else { return 0 };
        // Days are counted from 1, so that 0 stands for none.
        let today = local.day + 1;
        if *last != today {
            *days = days.saturating_add(u8::from(*last != 0));
            *last = today;
        }
        u64::from(*days)
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(got);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let time = seen.exchange.time;
        let calendar = &seen.catalogue.calendar;
        if calendar.at_work(time) {
            return;
        }
        let Some((item, data_type)) = facts::records(seen) else { return };
        let seconds = self.seconds;
        let key = (seen.site, seen.caller, seen.account);
        let got =
            self.got.entry(&key, || Got { recent: Window::new(seconds, REPLIES), habit: [(0, 0); HOURS] });
        got.recent.add(time, item.count, drop);
        let records: u64 = got.recent.iter().map(|(_, n)| u64::from(*n)).sum();
        if records < self.records {
            return;
        }
        let local = calendar.local(time);
        let works = calendar.works_on(local);
        if got.habit(local, works) >= self.days {
            return;
        }
        let (place, n) = (facts::place(seen, known), item.count);
        let (hour, minute) = (local.hour(), local.second / 60 % 60);
        let (zh, en) = if works { ("工作日", "working day") } else { ("休息日", "day off") };
        let severity = if records >= MANY { CARD.severity.raised() } else { CARD.severity };
        let account = seen.account.and_then(|a| known.account(a)).map(|a| &*a.name);
        let sighting =
            Sighting::of(&CARD, seen).by_caller().of_account(account).rests_on(item).severity(severity);
        out.push(sighting.shows(Effect::Obtained, records >= MANY).weigh_exposure(known).say(
            both(
                format!("非工作时间从 {place} 批量取得敏感记录"),
                format!("sensitive records are taken in bulk from {place} outside working hours"),
            ),
            both(
                format!("{zh} {hour:02}:{minute:02}（当地时间），{seconds} 秒内共 {records} 条，本次 {} {n} 个", data_type.zh),
                format!("{en} {hour:02}:{minute:02} local time: {records} within {seconds} s, {n} of {} in this reply", data_type.en),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.got.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{Form, Part};

    /// Seconds from the beginning of the tests (Monday 1970-01-12 21:46:40 in Shanghai) to so many hours after that midnight.
    fn hours(h: f64) -> f64 {
        8_000.0 + h * 3_600.0
    }
    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn export(h: f64, n: u32) -> Call {
        call("GET", "/e").gives("cn_mobile", 1, n).at(hours(h))
    }

    #[test]
    fn reports_a_hundred_records_at_night() {
        assert!(found([export(3.0, 99)]).is_empty());
        let f = found([export(3.0, 100).by(100)]);
        assert_eq!((f.len(), f[0].severity, f[0].key.caller), (1, Severity::Medium, Some(CallerId(100))));
        assert!(f[0].evidence.note.en.starts_with("working day 03:00"), "{}", f[0].evidence.note.en);
        assert_eq!(found([export(3.0, 3_000).by(100)])[0].severity, Severity::High);
        assert_eq!(
            found((0..10).map(|i| export(3.0 + f64::from(i) / 100.0, 10))).len(),
            1,
            "little by little"
        );
        assert!(found((0..10).map(|i| export(3.0 + f64::from(i), 10))).is_empty(), "slowly");
    }

    #[test]
    fn leaves_working_hours_masked_and_common_data_alone() {
        assert!(found([export(10.0, 5_000)]).is_empty());
        assert_eq!(found([export(10.0 + 4.0 * 24.0, 5_000)]).len(), 1, "a Saturday");
        let masked = call("GET", "/e").item("cn_mobile", true, Part::Body, Form::Masked, 1, 900);
        assert!(found([masked.at(hours(3.0))]).is_empty());
        assert!(found([call("GET", "/e").gives("ipv4", 1, 900).at(hours(3.0))]).is_empty());
    }

    #[test]
    fn learns_what_is_done_every_night() {
        // Tuesday to Friday, then Monday to Thursday.
        let nights = [0, 1, 2, 3, 6, 7, 8, 9];
        let f = found(nights.into_iter().map(|n| export(3.0 + 24.0 * f64::from(n), 500)));
        assert_eq!(f.len(), 5);
        let same_night = (0..9).map(|n| export(3.0 + f64::from(n) / 20.0, 500));
        assert_eq!(found(same_night).len(), 9, "nine times in one night is no habit");
    }

    #[test]
    fn stays_bounded() {
        let mut source = Source::new(&Thresholds::default());
        let calls = (0..CALLERS as u32 + 5).map(|i| export(3.0, 1).by(i));
        World::new().found(&mut source, calls);
        assert_eq!(source.evicted(), 5);
    }
}
