//! C23 Abnormal export (批量导出、下载异常).

use crate::days::{Days, ENOUGH};
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use weir_exchange::Effect;
use weir_model::{AccountId, Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};

pub(super) static CARD: Card = Card {
    id: "C23",
    zh: "批量导出、下载异常",
    en: "abnormal export",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(11), Handling(18)],
    owasp: "API6:2023 CWE-799",
    basis: "CAICT 3.2.5",
    how_zh: "账号在一个站点一日内下载的、含 2 级以上明文个人信息的文件数，多于 5 个，且多于自身有下载的日子（工作日与休息日分开）中位数的 3 倍；须已有 5 个这样的日子；按站点和账号汇总。不足 5 天的不报：单个大文件归 D14，一日的人数归 D08，非工作时间归 C05。无账号的下载不判断。",
    how_en: "An account downloads from one site within a day more than 5 files that hold personal data of grade 2 or above in clear, and more than three times the median of its own days with downloads (working days and days off apart), of which there must be 5. One finding a site and account. With fewer days nothing is reported: one large file is D14, the persons of a day D08, off-hours C05. Downloads without an account are not judged.",
};

const ACCOUNTS: usize = 8_192;
const TIMES: f64 = 3.0;

/// What an account downloaded.
#[derive(Serialize, Deserialize)]
struct Downloads {
    day: u32,
    works: bool,
    files: u32,
    days: Days,
}

/// Identifies C23.
pub(super) struct Source {
    files: u64,
    of: Table<(SiteId, AccountId), Downloads>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { files: thresholds.c23_files, of: Table::new(ACCOUNTS) }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(of);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(id) = seen.account.filter(|_| seen.authenticated) else { return };
        let Some((item, data_type)) = facts::records(seen).filter(|_| facts::is_file(seen)) else { return };
        let local = seen.catalogue.calendar.local(seen.exchange.time);
        let works = seen.catalogue.calendar.works_on(local);
        let day = local.day;
        let of =
            self.of.entry(&(seen.site, id), || Downloads { day, works, files: 0, days: Days::default() });
        if day > of.day {
            of.days.learn(of.files, of.works);
            (of.day, of.works, of.files) = (day, works, 0);
        }
        of.files = of.files.saturating_add(1);
        let (usual, files) = (of.days.usual(works), of.files);
        if usual.days < ENOUGH || u64::from(files) <= self.files || f64::from(files) <= usual.median * TIMES {
            return;
        }
        let Some(account) = known.account(id) else { return };
        let (place, name, median, n) = (facts::place(seen, known), &account.name, usual.median, item.count);
        let sighting = Sighting::of(&CARD, seen).of_site().of_account(Some(name)).weigh_level(item.level);
        out.push(sighting.shows(Effect::Obtained, true).say(
            both(
                format!("账号 {name} 下载的文件远多于惯常"),
                format!("account {name} downloads far more files than usual"),
            ),
            both(
                format!(
                    "当日第 {files} 个文件，惯常每日 {median:.0} 个（{} 天）；{place}，{} {n} 个",
                    usual.days, data_type.zh
                ),
                format!(
                    "file {files} of the day, {median:.0} a day usual ({} days); {place}, {n} of {}",
                    usual.days, data_type.en
                ),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.of.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::MediaKind;

    /// Two files a day for so many days, then so many on a working day.
    fn found(days: u32, last: u32) -> Findings {
        let file = |day: u32, n: u32| {
            let at = f64::from(day) * 86_400.0 + f64::from(n);
            let mut c =
                call("GET", "/e.csv").kind(MediaKind::Csv).gives("cn_mobile", 1, 9).at(at).signed_in();
            c.account = Some(0);
            c
        };
        let usual = (0..days).flat_map(|d| (0..2).map(move |n| file(d, n)));
        let all: Vec<_> = usual.chain((0..last).map(|n| file(9, n))).collect();
        World::new().found(&mut Source::new(&Thresholds::default()), all)
    }

    #[test]
    fn reports_more_files_than_usual_of_who_is_known() {
        assert!(found(6, 6).is_empty(), "three times as many");
        let f = found(6, 7);
        assert_eq!((f.len(), f[0].key.account.as_deref(), f[0].severity), (1, Some("alice"), Severity::High));
        assert!(found(4, 50).is_empty(), "too few days");
    }
}
