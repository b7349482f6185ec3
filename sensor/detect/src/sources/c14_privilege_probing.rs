//! C14 Privilege probing (越权尝试).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::window::Window;
use crate::{Detector, Seen, Thresholds, digest, facts, target};
use std::collections::BTreeSet;
use weir_exchange::Effect;
use weir_model::{AccountId, CallerId, Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};

pub(super) static CARD: Card = Card {
    id: "C14",
    zh: "越权尝试",
    en: "privilege probing",
    group: Group::AbnormalCall,
    severity: Severity::Medium,
    risks: &[RiskType(1), RiskType(2)],
    measures: &[Handling(12), Handling(3)],
    owasp: "API1:2023 API5:2023 CWE-285",
    basis: "CAICT 5.1",
    how_zh: "同一调用方（账号）10 分钟内在同一站点有 10 个以上不同路径被以 403 拒绝；按站点、调用方和账号汇总。其后同一调用方又在先前被拒绝的路径上成功的升一级。401 不计（会话过期的页面会成批得到 401），登录、静态内容与页面不计；仅内部访问降一级。",
    how_en: "Within 10 minutes a caller, under one account, is refused with 403 on 10 or more different paths of a site; one finding a site, caller and account. One step more serious where it then succeeds on a path that was refused. 401 does not count (a page whose session expired gets many at once), nor do logins, static content and pages; one step less serious where the caller is internal.",
};

/// Callers watched, and refusals kept of one.
const CALLERS: usize = 4_096;
const REFUSALS: usize = 128;

/// Who probes.
type Key = (SiteId, CallerId, Option<AccountId>);

/// Identifies C14.
pub(super) struct Source {
    paths: usize,
    seconds: u64,
    refused: Table<Key, Window<u64>>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            paths: usize::try_from(thresholds.c14_paths).unwrap_or(REFUSALS).min(REFUSALS),
            seconds: thresholds.c14_seconds,
            refused: Table::new(CALLERS),
        }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(refused);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let refused = seen.exchange.status() == Some(403);
        let key = (seen.site, seen.caller, seen.account);
        if seen.login.is_some()
            || facts::is_content(seen, known)
            || !refused && self.refused.get(&key).is_none()
        {
            return;
        }
        let Some(request) = facts::request(seen) else { return };
        let path = digest::digest(&format!("{} {}", request.method, target::path(&request.target)));
        let (time, seconds) = (seen.exchange.time, self.seconds);
        let window = self.refused.entry(&key, || Window::new(seconds, REFUSALS));
        if refused {
            window.add(time, path, drop);
        }
        let paths: BTreeSet<u64> = window.iter().map(|(_, path)| *path).collect();
        let got_in = !refused && facts::succeeded(seen) && paths.contains(&path);
        if paths.len() < self.paths || !refused && !got_in || window.since(time) == 0 {
            return;
        }
        let host = known.site(seen.site).map_or("", |s| &s.host);
        let account = seen.account.and_then(|a| known.account(a)).map(|a| &*a.name);
        let severity = if got_in { CARD.severity.raised() } else { CARD.severity };
        let (then_zh, then_en) = if got_in { ("，随后成功", ", and then gets in") } else { ("", "") };
        let (place, n) = (facts::place(seen, known), paths.len());
        let sighting = Sighting::of(&CARD, seen).of_site().by_caller().of_account(account).severity(severity);
        out.push(sighting.shows(Effect::Obtained, got_in).weigh_exposure(known).say(
            both(
                format!("站点 {host} 的多个接口被同一调用方越权尝试{then_zh}"),
                format!("a caller tries interfaces of site {host} that it may not use{then_en}"),
            ),
            both(
                format!("{seconds} 秒内第 {n} 个被拒绝的路径：{place}{then_zh}"),
                format!("path {n} refused within {seconds} s: {place}{then_en}"),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.refused.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn refused(i: u32) -> Call {
        call("GET", &format!("/admin/{i}")).status(403).by(100).at(f64::from(i))
    }

    #[test]
    fn reports_ten_refused_paths_and_the_one_that_opens() {
        assert!(found((0..9).map(refused)).is_empty());
        let f = found((0..10).map(refused));
        assert_eq!((f.len(), f[0].severity), (1, Severity::Medium));
        let opened = refused(3).status(200).at(30.0);
        assert_eq!(found((0..10).map(refused).chain([opened])).last().unwrap().severity, Severity::High);
        let other = call("GET", "/orders").by(100).at(30.0);
        assert_eq!(found((0..10).map(refused).chain([other])).len(), 1);
    }

    #[test]
    fn leaves_expired_sessions_one_path_and_many_callers_alone() {
        assert!(found((0..40).map(|i| refused(i).status(401))).is_empty());
        assert!(found((0..40).map(|i| refused(1).at(f64::from(i)))).is_empty());
        assert!(found((0..40).map(|i| refused(i).by(i))).is_empty());
        assert!(found((0..40).map(|i| refused(i).at(f64::from(i) * 90.0))).is_empty(), "slow");
    }

    #[test]
    fn stays_bounded() {
        let mut source = Source::new(&Thresholds::default());
        World::new().found(&mut source, (0..CALLERS as u32 + 5).map(|i| refused(1).by(i)));
        assert_eq!(source.evicted(), 5);
    }
}
