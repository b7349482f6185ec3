//! V01 Missing authentication (身份鉴别缺失).

use crate::openness::Openness;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use std::collections::BTreeSet;
use weir_exchange::DataItem;
use weir_model::{
    Card, Findings, Group, Handling, InterfaceForm, InterfaceId, Known, Observation, Operation, RiskType,
    Severity, SiteId,
};

pub(super) static CARD: Card = Card {
    id: "V01",
    zh: "身份鉴别缺失",
    en: "missing authentication",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(5)],
    measures: &[Handling(1), Handling(8)],
    owasp: "API2:2023 CWE-306",
    basis: "CAICT 3.2.1; GB/T 45577 接口 a, e; GB/T 46796-2025 7.3.2.1",
    how_zh: "请求不带任何凭证（不足 8 个字符的令牌不算凭证）而得到 2xx，响应含 3 级以上个人信息、秘密，或至少 3 个不同的 2 级个人信息值；或在其他接口需要凭证的站点上执行写操作至少 5 次。无凭证调用须占该接口成功调用的 20% 以上，或来自至少 5 个调用方。按接口汇总，仅内部访问降一级，只有 2 级数据或写操作再降一级。登录、注册、健康检查、静态内容不报；全站开放且只有公开数据的站点不报。",
    how_en: "A request without any credential (a token of fewer than 8 characters is none) is answered 2xx with personal data of grade 3 or above, a secret, or at least 3 different values of personal data of grade 2; or writes, at least 5 times, on a site where other interfaces take credentials. Such calls must make 20 % of the interface's successful calls or come from 5 callers. One finding an interface, one step less serious where callers are internal, one more for grade 2 alone or writes. Logins, registration, health checks and static content are not reported, nor are wholly open sites with public data alone.",
};

/// Different values of grade 2 that make a reply worth protecting.
const GRADE_2_VALUES: usize = 3;
const CONFIDENT: u8 = 60;
const INTERFACES: usize = 16_384;
const SITES: usize = 4_096;

/// Identifies V01.
pub(super) struct Source {
    percent: u64,
    callers: u64,
    writes: u64,
    openness: Openness,
    /// Open writes by interface.
    written: Table<InterfaceId, u64>,
    /// Sites where some call succeeded with a credential.
    protected: Table<SiteId, ()>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            percent: thresholds.v01_open_percent,
            callers: thresholds.v01_open_callers,
            writes: thresholds.v01_writes,
            openness: Openness::new(),
            written: Table::new(INTERFACES),
            protected: Table::new(SITES),
        }
    }

    /// Counts an open write; true from the fifth on, where the site protects other interfaces.
    fn writes_enough(&mut self, seen: &Observation<'_>, known: &Known<'_>) -> bool {
        let Some(id) = seen.interface else { return false };
        let Some(interface) = known.interface(id) else { return false };
        let writes = matches!(interface.operation, Operation::Create | Operation::Update | Operation::Delete);
        if !writes || matches!(interface.form, InterfaceForm::Page | InterfaceForm::GraphQl) {
            return false;
        }
        let written = self.written.entry(&id, || 0);
        *written += 1;
        *written >= self.writes && self.protected.get(&seen.site).is_some()
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(openness, written, protected);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if seen.authenticated && facts::succeeded(seen) {
            self.protected.entry(&seen.site, || ());
        }
        let Some(calls) = self.openness.count(seen, known) else { return };
        let (open, all) = (calls.open, calls.open + calls.closed);
        if !calls.is_open(self.percent, self.callers) {
            return;
        }
        let worth = worth_protecting(seen);
        let item = worth.as_ref().map(|(item, ..)| *item);
        let (severity, zh, en) = match worth {
            Some((item, zh, en)) if item.level >= 3 => (CARD.severity, zh, en),
            Some((_, zh, en)) => (CARD.severity.lowered(), zh, en),
            None if self.writes_enough(seen, known) => {
                (CARD.severity.lowered(), "写操作".to_owned(), "a write".to_owned())
            }
            None => return,
        };
        let place = facts::place(seen, known);
        let sighting = Sighting::of(&CARD, seen);
        let sighting = match item {
            Some(item) => sighting.rests_on(item),
            None => sighting,
        };
        out.push(sighting.severity(severity).weigh_exposure(known).say(
            both(
                format!("{place} 无需身份鉴别：{all} 次成功调用中 {open} 次无有效凭证"),
                format!("{place} needs no authentication: {open} of {all} successful calls had no valid credential"),
            ),
            both(format!("无凭证的请求得到{zh}"), format!("a request without a credential got {en}")),
        ));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        self.openness.merged(from, into);
        if let Some(n) = self.written.remove(&from) {
            *self.written.entry(&into, || 0) += n;
        }
    }

    fn evicted(&self) -> u64 {
        self.openness.evicted() + self.written.evicted() + self.protected.evicted()
    }
}

/// The gravest thing in the reply that ought to be protected, with its names.
fn worth_protecting<'a>(seen: &Observation<'a>) -> Option<(&'a DataItem, String, String)> {
    let mut values = BTreeSet::new();
    let mut gravest: Option<(&DataItem, &weir_exchange::DataType)> = None;
    for (item, data_type) in facts::given_out(seen) {
        let counts = data_type.secret || facts::tells_of_person(data_type);
        if !counts || item.confidence < CONFIDENT || item.level < 2 || facts::new_to_caller(seen, item) == 0 {
            continue;
        }
        values.extend(item.values.iter().map(|v| (item.data_type, *v)));
        if gravest.is_none_or(|(g, _)| item.level > g.level) {
            gravest = Some((item, data_type));
        }
    }
    let (item, data_type) = gravest?;
    let most = values.iter().filter(|(t, _)| *t == item.data_type).count();
    let enough = item.level >= 3 || data_type.secret || most >= GRADE_2_VALUES;
    let level = item.level;
    enough.then(|| {
        (item, format!("{}（{level} 级）", data_type.zh), format!("{} (grade {level})", data_type.en))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn found(world: &World, calls: impl IntoIterator<Item = Call>) -> Findings {
        world.found(&mut Source::new(&Thresholds::default()), calls)
    }

    #[test]
    fn reports_sensitive_replies_without_a_credential() {
        let w = World::new();
        assert_eq!(found(&w, [call("GET", "/c").gives("cn_id18", 1, 1)])[0].severity, Severity::Medium);
        assert_eq!(found(&w, [call("GET", "/c").gives("cn_id18", 1, 1).by(100)])[0].severity, Severity::High);
        assert!(found(&w, [call("GET", "/c").gives("email", 1, 2)]).is_empty());
        assert_eq!(found(&w, [call("GET", "/c").gives("email", 1, 3)])[0].severity, Severity::Low);
    }

    #[test]
    fn asks_for_a_share_or_for_callers() {
        let w = World::new();
        let closed = |n| (0..n).map(|_| call("GET", "/c").gives("cn_id18", 1, 1).signed_in());
        let open = |caller| call("GET", "/c").gives("cn_id18", 1, 1).by(caller);
        assert_eq!(found(&w, closed(4).chain([open(0)])).len(), 1, "one of five");
        assert!(found(&w, closed(5).chain([open(0)])).is_empty(), "one of six");
        let callers = |n| found(&w, closed(100).chain((0..n).map(open))).len();
        assert_eq!((callers(4), callers(5)), (0, 1));
    }

    #[test]
    fn reports_open_writes_only_where_others_are_protected() {
        let mut w = World::new();
        w.interfaces[1].operation = Operation::Create;
        let writes = |n| (0..n).map(|_| call("POST", "/o").to(1));
        assert!(found(&w, writes(9)).is_empty());
        let protected = || [call("GET", "/x").to(2).signed_in()];
        assert!(found(&w, protected().into_iter().chain(writes(4))).is_empty());
        assert_eq!(found(&w, protected().into_iter().chain(writes(5))).len(), 1);
    }

    #[test]
    fn leaves_logins_registration_and_public_data_alone() {
        let w = World::new();
        let login = call("POST", "/x").login("alice", 1, weir_model::LoginOutcome::Success);
        assert!(found(&w, [login.gives("cn_mobile", 1, 1)]).is_empty());
        for target in ["/users/v1/register", "/api/login/", "/healthz"] {
            assert!(found(&w, [call("POST", target).gives("cn_mobile", 1, 1)]).is_empty(), "{target}");
        }
        assert!(found(&w, (0..50).map(|_| call("GET", "/news"))).is_empty());
        assert!(found(&w, [call("GET", "/c").gives("cn_id18", 1, 1).status(401)]).is_empty());
        assert!(found(&w, [call("GET", "/c").gives("ipv4", 1, 9)]).is_empty());
    }

    #[test]
    fn unites_merged_interfaces() {
        let w = World::new();
        let mut source = Source::new(&Thresholds::default());
        let closed = |i| call("GET", "/c").signed_in().to(i);
        w.found(&mut source, (0..3).map(|_| closed(1)).chain((0..3).map(|_| closed(2))));
        source.merged(InterfaceId(1), InterfaceId(2));
        assert!(
            w.found(&mut source, [call("GET", "/c").gives("cn_id18", 1, 1).to(2)]).is_empty(),
            "one of seven"
        );
    }
}
