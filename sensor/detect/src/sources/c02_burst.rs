//! C02 Burst of sensitive data (短时大量获取敏感数据).

use crate::bursts::Bursts;
use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use weir_exchange::Effect;
use weir_model::{AccountId, CallerId, Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};

pub(super) static CARD: Card = Card {
    id: "C02",
    zh: "短时大量获取敏感数据",
    en: "burst of sensitive data",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(5)],
    measures: &[Handling(11), Handling(12), Handling(18)],
    owasp: "API6:2023 CWE-799",
    basis: "CAICT 4(2)2, 5.1",
    how_zh: "同一调用方（账号）10 分钟内在一个站点取得的 3 级以上明文个人信息记录数，超过 200 条，且超过自身惯常（24 个以上有数据的 10 分钟、首次出现已满 2 天；均值加 3 倍离散度）的 3 倍；按站点、调用方和账号汇总。没有自身基线的不报：绝对的量归 D06（单次）、D14（文件）、D08（一日）。本人记录、脱敏值、回显请求中的值不计。",
    how_en: "Within 10 minutes a caller, under one account, gets from one site more than 200 records of personal data of grade 3 or above in clear, and more than three times its own usual (24 stretches of 10 minutes that held any, 2 days since it was first seen; the mean and three spreads). One finding a site, caller and account. Without an own baseline nothing is reported: absolute amounts are D06 (one reply), D14 (a file) and D08 (a day). Own records, masked values and values that come back from the request do not count.",
};

/// Callers watched, and the window.
const CALLERS: usize = 8_192;
const SECONDS: u64 = 600;

/// Identifies C02.
pub(super) struct Source {
    records: u64,
    got: Bursts<(SiteId, CallerId, Option<AccountId>)>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { records: thresholds.c02_records, got: Bursts::new(SECONDS, CALLERS) }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(got);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if seen.exchange.data.is_empty() || !facts::succeeded(seen) {
            return;
        }
        let told = facts::given_out(seen).filter(|(d, t)| facts::tells_of_person(t) && d.level >= 3);
        let Some((item, data_type)) = told.max_by_key(|(d, _)| d.count) else { return };
        let n = facts::new_to_caller(seen, item);
        if n == 0 || facts::own_record(seen, known) {
            return;
        }
        let key = (seen.site, seen.caller, seen.account);
        let rate = self.got.add(&key, seen.exchange.time, n);
        let Some(own) = rate.own.filter(|own| rate.total > self.records && rate.total as f64 > *own) else {
            return;
        };
        let account = seen.account.and_then(|a| known.account(a)).map(|a| &*a.name);
        let (host, total) = (known.site(seen.site).map_or("", |s| &s.host), rate.total);
        let sighting =
            Sighting::of(&CARD, seen).of_site().by_caller().of_account(account).weigh_level(item.level);
        out.push(sighting.shows(Effect::Obtained, true).say(
            both(
                format!("短时间内从 {host} 取得远多于惯常的敏感记录"),
                format!("far more sensitive records than usual are taken from {host} in a short time"),
            ),
            both(
                format!("10 分钟内 {total} 条，自身惯常上限 {own:.0}；本次{} {n} 个", data_type.zh),
                format!(
                    "{total} within 10 minutes, {own:.0} the limit by own habit; {n} of {} now",
                    data_type.en
                ),
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

    /// Ten records an hour for so many hours, then so many at once.
    fn found(hours: u32, last: u32) -> Findings {
        let usual =
            (0..hours).map(|h| call("GET", "/c").gives("cn_mobile", h.into(), 10).at(f64::from(h) * 3_600.0));
        let burst = call("GET", "/c").gives("cn_mobile", 9_000, last).at(f64::from(hours) * 3_600.0);
        World::new().found(&mut Source::new(&Thresholds::default()), usual.chain([burst]).collect::<Vec<_>>())
    }

    #[test]
    fn reports_far_more_than_usual_of_who_is_known() {
        let f = found(60, 201);
        assert_eq!((f.len(), f[0].key.interface, f[0].severity), (1, None, Severity::High));
        assert!(found(60, 200).is_empty());
        assert!(found(40, 5_000).is_empty(), "too new");
    }
}
