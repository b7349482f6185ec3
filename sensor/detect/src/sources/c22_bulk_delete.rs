//! C22 Bulk deletion (高危增删改异常).

use crate::bursts::Bursts;
use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use weir_exchange::Effect;
use weir_model::{
    AccountId, CallerId, Card, Findings, Group, Handling, Known, Operation, RiskType, Severity, SiteId,
};

pub(super) static CARD: Card = Card {
    id: "C22",
    zh: "高危增删改异常",
    en: "bulk deletion",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(2), RiskType(3), RiskType(4)],
    measures: &[Handling(11), Handling(3)],
    owasp: "API5:2023 CWE-285 CWE-862",
    basis: "GB/T 46796-2025 7.1 e 1; CAICT 4(1)3",
    how_zh: "同一调用方（账号）10 分钟内在一个站点成功删除（DELETE 方法，或操作类型为删除的接口）20 次以上；已有自身基线（24 个以上有删除的 10 分钟、首次出现已满 2 天）时还须超过惯常的 3 倍；按站点、调用方和账号汇总，仅内部访问降一级。一次请求删除多条的批量接口按一次计；批量新增与修改须与业务比对，不在此判断。",
    how_en: "Within 10 minutes a caller, under one account, deletes 20 times or more on one site with success (the method DELETE, or an interface whose operation is deletion); where it has a baseline of its own (24 stretches of 10 minutes that held any, 2 days since it was first seen) more than three times the usual too. One finding a site, caller and account, one step less serious where the caller is internal. A call that deletes many records counts once; bulk creation and change have to be compared with the business and are not judged here.",
};

const CALLERS: usize = 4_096;
const SECONDS: u64 = 600;

/// Identifies C22.
pub(super) struct Source {
    deletes: u64,
    done: Bursts<(SiteId, CallerId, Option<AccountId>)>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { deletes: thresholds.c22_deletes, done: Bursts::new(SECONDS, CALLERS) }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(done);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let interface = seen.interface.and_then(|id| known.interface(id));
        let deletes = interface.is_some_and(|i| i.operation == Operation::Delete)
            || facts::request(seen).is_some_and(|r| &*r.method == "DELETE");
        if !deletes || !facts::succeeded(seen) {
            return;
        }
        let rate = self.done.add(&(seen.site, seen.caller, seen.account), seen.exchange.time, 1);
        if rate.total < self.deletes || rate.own.is_some_and(|own| rate.total as f64 <= own) {
            return;
        }
        let account = seen.account.and_then(|a| known.account(a)).map(|a| &*a.name);
        let (host, place) = (known.site(seen.site).map_or("", |s| &s.host), facts::place(seen, known));
        let usual =
            rate.own.map_or_else(|| both("未知", "unknown"), |o| both(format!("{o:.0}"), format!("{o:.0}")));
        let (n, sighting) = (rate.total, Sighting::of(&CARD, seen).of_site().by_caller().of_account(account));
        out.push(sighting.shows(Effect::Changed, true).weigh_exposure(known).say(
            both(format!("短时间内在 {host} 大量删除"), format!("much is deleted on {host} in a short time")),
            both(
                format!("10 分钟内第 {n} 次删除，自身惯常上限 {}；{place}", usual.zh),
                format!("deletion {n} within 10 minutes, {} the limit by own habit; {place}", usual.en),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.done.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    #[test]
    fn reports_twenty_deletions_unless_they_are_habit() {
        let found = |calls: Vec<Call>| World::new().found(&mut Source::new(&Thresholds::default()), calls);
        let gone = |n: u32, at: f64| {
            (0..n).map(move |i| call("DELETE", &format!("/c/{i}")).by(100).at(at + f64::from(i)))
        };
        assert!(found(gone(19, 0.0).collect()).is_empty());
        let f = found(gone(20, 0.0).collect());
        assert_eq!((f.len(), f[0].severity, f[0].effect), (1, Severity::High, Some(Effect::Changed)));
        assert!(found(gone(20, 0.0).map(|c| c.status(404)).collect()).is_empty());
        let nightly =
            (0..60u32).flat_map(|h| gone(15, f64::from(h) * 3_600.0)).chain(gone(30, 60.0 * 3_600.0));
        assert!(found(nightly.collect()).is_empty(), "thirty are no more than usual of a cleaner");
    }
}
