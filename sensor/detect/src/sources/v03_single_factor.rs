//! V03 Single-factor login (单因素认证).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Meaning, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use weir_model::{
    CallerId, Card, Findings, Group, Handling, Known, LoginOutcome, RiskType, Severity, SiteId,
};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "V03",
    zh: "单因素认证",
    en: "single-factor login",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(2)],
    owasp: "API2:2023 CWE-308",
    basis: "CAICT 3.2.1, 4(2)1",
    how_zh: "一个站点的口令登录成功后，会话在 10 分钟内未提交任何一次性验证码（otp、smsCode、totp 等参数）即取得 3 级以上明文个人信息；这样的会话有 20 个以上、且占到取得数据的会话的 95% 以上，即为单因素；按站点汇总，仅内部访问降一级。登录请求自身带一次性验证码的视为双因素。客户端证书、动态口令与口令写在同一字段、在别的站点完成的第二步看不到，会误报；图形验证码不是第二因素。",
    how_en: "After a login by password succeeds on a site its session gets personal data of grade 3 or above in clear within 10 minutes without having sent a one-time code (parameters otp, smsCode, totp and the like); 20 such sessions or more, 95 % of those that got data, are single-factor. One finding a site, one step less serious where the caller is internal. A login that itself carries a code counts as two factors. Client certificates, codes written into the password's field and a second step on another site are not seen and make it wrong; a captcha is no second factor.",
};

const SESSIONS: usize = 8_192;
const SITES: usize = 2_048;
const WITHIN: Duration = Duration::from_secs(600);

/// Sessions of a site that got data.
#[derive(Default, Serialize, Deserialize)]
struct Factors {
    one: u64,
    two: u64,
}

/// Identifies V03.
pub(super) struct Source {
    sessions: u64,
    percent: u64,
    /// When a caller logged in by a password alone, and whether a code followed.
    logged_in: Table<(SiteId, CallerId), (Timestamp, bool)>,
    factors: Table<SiteId, Factors>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            sessions: thresholds.v03_sessions,
            percent: thresholds.v03_percent,
            logged_in: Table::new(SESSIONS),
            factors: Table::new(SITES),
        }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(logged_in, factors);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let (key, time) = ((seen.site, seen.caller), seen.exchange.time);
        let sends_code = || seen.params_that_say(Meaning::CODE).next().is_some();
        if seen.login == Some(LoginOutcome::Success) {
            let session = (time, sends_code());
            *self.logged_in.entry(&key, || session) = session;
            return;
        }
        let Some((then, second)) = self.logged_in.get(&key).copied() else { return };
        if !second && sends_code() && facts::succeeded(seen) {
            self.logged_in.entry(&key, || (then, true)).1 = true;
            return;
        }
        let Some((item, data_type)) = facts::records(seen).filter(|(d, _)| d.level >= 3) else { return };
        self.logged_in.remove(&key);
        if time.since(then) > WITHIN {
            return;
        }
        let factors = self.factors.entry(&seen.site, Factors::default);
        *(if second { &mut factors.two } else { &mut factors.one }) += 1;
        let (one, all) = (factors.one, factors.one + factors.two);
        if second || one < self.sessions || one * 100 < all * self.percent {
            return;
        }
        let (host, place) = (known.site(seen.site).map_or("", |s| &s.host), facts::place(seen, known));
        out.push(Sighting::of(&CARD, seen).of_site().rests_on(item).weigh_exposure(known).say(
            both(
                format!("站点 {host} 仅凭口令登录即可取得敏感数据"),
                format!("site {host} gives sensitive data after a login by password alone"),
            ),
            both(
                format!("取得数据的 {all} 个会话中 {one} 个没有第二因素；如 {place} 的{}", data_type.zh),
                format!(
                    "{one} of {all} sessions that got data had no second factor; such as {} of {place}",
                    data_type.en
                ),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.logged_in.evicted() + self.factors.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{ParamPlace, ParamValue};

    /// Sessions of callers, some of which send a code.
    fn found(alone: u32, with_code: u32) -> usize {
        let session = |n: u32, code: bool| {
            let at = f64::from(n) * 1_000.0;
            let by = n % 100;
            let login = call("POST", "/login").login("a", 1, LoginOutcome::Success).by(by).at(at);
            let code = code.then(|| {
                call("POST", "/otp")
                    .param(ParamPlace::Body, "otp", ParamValue::Integer(7))
                    .by(by)
                    .at(at + 1.0)
            });
            let gets = call("GET", "/c").gives("cn_mobile", 1, 1).by(by).at(at + 2.0);
            [Some(login), code, Some(gets)].into_iter().flatten()
        };
        let calls = (0..with_code).flat_map(|n| session(n, true));
        let calls = calls.chain((with_code..with_code + alone).flat_map(|n| session(n, false)));
        World::new().found(&mut Source::new(&Thresholds::default()), calls.collect::<Vec<_>>()).len()
    }

    #[test]
    fn reports_twenty_sessions_without_a_second_factor() {
        assert_eq!((found(19, 0), found(20, 0)), (0, 1));
        assert_eq!((found(20, 1), found(20, 2)), (1, 0), "95 in a hundred");
        assert_eq!(found(0, 40), 0);
    }
}
