//! P01 Unregistered interface (未登记、影子接口).

use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use weir_model::{
    Card, Findings, Group, Handling, Interface, InterfaceState, Known, Operation, RegistrationState,
    RiskType, Severity, Summary,
};
use weir_wire::Duration;

pub(super) static CARD: Card = Card {
    id: "P01",
    zh: "未登记（影子）接口",
    en: "unregistered interface",
    group: Group::AbnormalProvision,
    severity: Severity::Medium,
    risks: &[RiskType(19), RiskType(1)],
    measures: &[Handling(9)],
    owasp: "API9:2023 CWE-1059",
    basis: "GB/T 46796-2025 7.3.2.3 c; CAICT 5.2",
    how_zh: "已导入登记清单（weir import registered，CSV、JSON 或 OpenAPI）时，清单所无而成功响应的接口：2 小时以上、20 次以上调用；或一次即给出 2 级以上明文个人信息或秘密、接受登录、接受写操作（这样的接口不因偶然而存在）。按接口汇总，按数据级别与仅内部访问加减。没有清单时不判断；只返回 404、405 的猜测、页面与静态内容、健康检查、本方去往外部的调用不报。",
    how_en: "Where a registered list was imported (weir import registered: CSV, JSON or OpenAPI), an interface that it does not have and that answers well: 20 calls or more over 2 hours or more; or a single one that gives personal data of grade 2 or a secret in clear, takes a login, or takes a write (no such interface is there by accident). One finding an interface, weighed by grade and by whether only insiders call. Nothing is judged without a list; guesses answered 404 or 405 alone, pages and static content, health checks, and calls from inside to others' sites are not reported.",
};

/// Identifies P01.
pub(super) struct Source {
    calls: u64,
    span: Duration,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { calls: thresholds.p01_calls, span: Duration::from_secs(thresholds.p01_hours * 3_600) }
    }

    /// What shows that the interface is there for good.
    fn why(&self, seen: &Seen<'_>, interface: &Interface) -> Option<Summary> {
        let told =
            facts::given_out(seen).find(|(d, t)| d.level >= 2 && (facts::tells_of_person(t) || t.secret));
        if let Some((item, t)) = told {
            return Some(both(
                format!("响应字段 {} 明文给出{}", item.path, t.zh),
                format!("response field {} gives {} in clear", item.path, t.en),
            ));
        }
        if seen.login.is_some() {
            return Some(both("接受登录", "takes logins"));
        }
        let method = facts::request(seen).map_or("", |r| &*r.method);
        let asks = matches!(method, "GET" | "HEAD" | "OPTIONS");
        if !asks && !matches!(interface.operation, Operation::Read | Operation::Login) {
            return Some(both(format!("接受 {method}"), format!("takes {method}")));
        }
        let (n, span) = (interface.exchanges, interface.last_seen.since(interface.first_seen));
        (n >= self.calls && span >= self.span).then(|| {
            let hours = span.as_secs_f64() / 3_600.0;
            both(format!("{hours:.1} 小时内 {n} 次调用"), format!("{n} calls over {hours:.1} h"))
        })
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if !facts::succeeded(seen) {
            return;
        }
        let listed = seen.registration(known).is_none_or(|r| r.state != RegistrationState::Unregistered);
        let Some(interface) = seen.interface.and_then(|id| known.interface(id)).filter(|_| !listed) else {
            return;
        };
        if interface.state == InterfaceState::Noise || facts::is_content(seen, known) {
            return;
        }
        let Some(why) = self.why(seen, interface) else { return };
        let place = facts::place(seen, known);
        out.push(Sighting::of(&CARD, seen).weigh_level(interface.level.max(2)).weigh_exposure(known).say(
            both(format!("{place} 不在登记清单中"), format!("{place} is on no registered list")),
            both(
                format!("清单中没有该主机、方法与路径；{}", why.zh),
                format!("the list has no such host, method and path; {}", why.en),
            ),
        ));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::MediaKind;
    use weir_model::Shelf;
    use weir_wire::Timestamp;

    fn found(state: RegistrationState, change: impl FnOnce(&mut Interface), call: Call) -> Findings {
        let mut w = World::new().listed(state, &[]);
        change(&mut w.interfaces[0]);
        w.found(&mut Source::new(&Thresholds::default()), [call])
    }
    /// An interface of so many calls within so many minutes.
    fn lived(calls: u64, minutes: u64) -> impl FnOnce(&mut Interface) {
        move |i| (i.exchanges, i.last_seen) = (calls, Timestamp::from_secs_nanos(minutes * 60, 0))
    }

    #[test]
    fn reports_what_is_called_for_long_and_not_what_is_rare() {
        use RegistrationState::{Registered, Unregistered};
        let f = found(Unregistered, lived(20, 120), call("GET", "/x").by(100));
        assert_eq!((f.len(), f[0].key.id, f[0].severity), (1, "P01", Severity::Medium));
        assert!(f[0].evidence.note.en.contains("20 calls over 2.0 h"), "{}", f[0].evidence.note.en);
        assert!(found(Unregistered, lived(19, 120), call("GET", "/x")).is_empty());
        assert!(found(Unregistered, lived(20, 119), call("GET", "/x")).is_empty());
        assert!(found(Registered, lived(20, 120), call("GET", "/x")).is_empty());
        assert!(found(Unregistered, lived(20, 120), call("GET", "/x").status(404)).is_empty());
    }

    #[test]
    fn reports_data_logins_and_writes_at_once() {
        let found = |call| found(RegistrationState::Unregistered, |i| i.operation = Operation::Update, call);
        assert_eq!(found(call("GET", "/x").gives("cn_mobile", 1, 1)).len(), 1);
        assert_eq!(found(call("POST", "/x").login("a", 1, weir_model::LoginOutcome::Failure)).len(), 1);
        assert_eq!(found(call("PUT", "/x")).len(), 1);
        assert!(found(call("GET", "/x")).is_empty());
        assert!(found(call("GET", "/x").gives("cn_mobile", 1, 1).kind(MediaKind::Html)).is_empty());
    }

    #[test]
    fn says_nothing_without_a_list_of_noise_health_and_others_sites() {
        let told = || call("GET", "/x").gives("cn_mobile", 1, 1);
        assert!(World::new().found(&mut Source::new(&Thresholds::default()), [told()]).is_empty());
        let of = |change: fn(&mut Interface), call| found(RegistrationState::Unregistered, change, call);
        assert!(of(|i| i.state = InterfaceState::Noise, told()).is_empty());
        assert!(of(|i| i.shelf = Shelf::Health, told()).is_empty());
        let mut elsewhere = told();
        elsewhere.exchange.flow.server.ip = [93, 184, 216, 34].into();
        assert!(of(|_| (), elsewhere).is_empty());
    }
}
