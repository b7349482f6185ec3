//! C06 Unusual or overseas location (异地、境外访问).

use crate::abroad::abroad;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use weir_model::{
    AccountId, CallerId, Card, Findings, Group, Handling, Known, LoginOutcome, Observation, RiskType,
    Severity, SiteId,
};

pub(super) static CARD: Card = Card {
    id: "C06",
    zh: "异地、境外访问",
    en: "unusual or overseas location",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(12)],
    measures: &[Handling(11), Handling(12), Handling(16)],
    owasp: "API2:2023 CWE-287",
    basis: "GB/T 46796-2025 7.1 b 4; CAICT 4(1), 4",
    how_zh: "来自境外（位置库所示的境内以外国家和地区，含港澳台；或不属于任何国家的保留地址）的调用成功登录、携带凭证成功或取得 2 级以上个人信息，且：该站点至少有 2 个内部调用方，境外调用方不多于内部调用方；或该账号此前至少 5 次都在境内或内部成功。按站点、调用方和账号汇总。面向境外公众的站点、位置库不认识的公网地址、失败的调用不报；地理速度尚未判断。",
    how_en: "A call from abroad (a country or region other than the mainland by the place databases, Hong Kong, Macao and Taiwan among them, or a reserved address of no country) logs in, succeeds with a credential or gets personal data of grade 2 or above, and either the site has 2 internal callers or more and no fewer than callers from abroad, or the account succeeded 5 times or more before, always from the mainland or inside. One finding a site, caller and account. Sites that serve the public abroad, public addresses that no database knows and failed calls are not reported; the speed of travel is not judged yet.",
};

/// Sites and accounts watched, and callers told apart of one site.
const SITES: usize = 4_096;
const ACCOUNTS: usize = 16_384;
const CALLERS: usize = 64;

/// Who calls a site: from inside, and from abroad.
#[derive(Default, Serialize, Deserialize)]
struct Callers {
    inside: BTreeSet<CallerId>,
    abroad: BTreeSet<CallerId>,
}

/// Identifies C06.
pub(super) struct Source {
    inside: usize,
    home: u64,
    sites: Table<SiteId, Callers>,
    /// Successful calls of accounts from the mainland and inside, before any from abroad.
    home_calls: Table<AccountId, u64>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            inside: usize::try_from(thresholds.c06_inside).unwrap_or(CALLERS).min(CALLERS),
            home: thresholds.c06_home,
            sites: Table::new(SITES),
            home_calls: Table::new(ACCOUNTS),
        }
    }
}

fn note(callers: &mut BTreeSet<CallerId>, caller: CallerId) {
    if callers.len() < CALLERS {
        callers.insert(caller);
    }
}

/// What the call got that is not for everybody, where it got anything.
fn gained(seen: &Observation<'_>) -> Option<(&'static str, &'static str)> {
    if seen.login == Some(LoginOutcome::Success) {
        return Some(("登录成功", "logs in"));
    }
    if !facts::succeeded(seen) || seen.login.is_some() {
        return None;
    }
    if facts::given_out(seen).any(|(d, t)| facts::tells_of_person(t) && d.level >= 2) {
        return Some(("取得个人信息", "gets personal data"));
    }
    seen.authenticated.then_some(("凭证调用成功", "calls with a credential"))
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(sites, home_calls);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let outside = facts::from_outside(seen, known);
        let from = abroad(seen, known);
        if from.is_some() || !outside {
            let callers = self.sites.entry(&seen.site, Callers::default);
            note(if from.is_some() { &mut callers.abroad } else { &mut callers.inside }, seen.caller);
        }
        let Some((gained_zh, gained_en)) = gained(seen) else { return };
        let Some(from) = from else {
            if let Some(account) = seen.account {
                *self.home_calls.entry(&account, || 0) += 1;
            }
            return;
        };
        let for_inside = self
            .sites
            .get(&seen.site)
            .is_some_and(|c| c.inside.len() >= self.inside && c.abroad.len() <= c.inside.len());
        let at_home = seen.account.and_then(|a| self.home_calls.get(&a)).is_some_and(|n| *n >= self.home);
        if !for_inside && !at_home {
            return;
        }
        let account = seen.account.and_then(|a| known.account(a)).map(|a| &*a.name);
        let (place, host) = (facts::place(seen, known), known.site(seen.site).map_or("", |s| &s.host));
        let (why_zh, why_en) = if for_inside {
            ("该站点主要由内部使用", "the site is used from inside")
        } else {
            ("该账号此前都在境内", "the account was always on the mainland before")
        };
        out.push(Sighting::of(&CARD, seen).of_site().by_caller().of_account(account).say(
            both(
                format!("站点 {host} 被境外（{}）访问，{why_zh}", from.name.zh),
                format!("site {host} is used from abroad ({}); {why_en}", from.name.en),
            ),
            both(
                format!("{place} {gained_zh}，来自{}", from.name.zh),
                format!("{place} {gained_en} from {}", from.name.en),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.sites.evicted() + self.home_calls.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    /// Callers 100 to 119 are in Germany, 120 and above on the mainland.
    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        let mut w = World::new();
        w.place_callers(100..120, "DE");
        w.place_callers(120..128, "CN");
        w.found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn got(by: u32) -> Call {
        call("GET", "/c").gives("cn_mobile", 1, 1).by(by)
    }

    #[test]
    fn reports_calls_from_abroad_to_what_is_used_inside() {
        assert!(found([got(1), got(100)]).is_empty(), "one internal caller");
        let f = found([got(1), got(2), got(100)]);
        assert_eq!((f.len(), f[0].severity, f[0].key.caller), (1, Severity::High, Some(CallerId(100))));
        assert!(f[0].evidence.note.en.ends_with("from Germany"), "{}", f[0].evidence.note.en);
        assert!(found([got(1), got(2), got(121)]).is_empty(), "from the mainland");
        assert!(found([got(1), got(2), got(100).status(403)]).is_empty());
        assert!(found([got(1), got(2), call("GET", "/about").by(100)]).is_empty(), "nothing gained");
    }

    #[test]
    fn leaves_sites_for_the_public_abroad_alone() {
        let public = (100..110).map(|i| call("GET", "/").by(i));
        assert!(found(public.chain([got(1), got(2), got(111)])).is_empty());
    }

    #[test]
    fn reports_accounts_that_were_at_home_before() {
        let by = |caller| {
            let mut c = got(caller);
            c.account = Some(0);
            c
        };
        let calls = |n| (0..n).map(move |_| by(121)).chain([by(101)]);
        assert!(found(calls(4)).is_empty());
        let f = found(calls(5));
        assert_eq!((f.len(), f[0].key.account.as_deref()), (1, Some("alice")));
    }
}
