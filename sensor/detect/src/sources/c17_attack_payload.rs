//! C17 Attack payload (攻击载荷).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts, payload};
use std::collections::BTreeSet;
use weir_exchange::{Part, SignalFamily};
use weir_model::{
    CallerId, Card, Findings, Group, Handling, InterfaceId, InterfaceState, Known, Observation, RiskType,
    Severity, SiteId,
};

pub(super) static CARD: Card = Card {
    id: "C17",
    zh: "攻击载荷",
    en: "attack payload",
    group: Group::AbnormalCall,
    severity: Severity::Medium,
    risks: &[RiskType(1), RiskType(2), RiskType(3)],
    measures: &[Handling(12), Handling(14)],
    owasp: "API8:2023 CWE-20",
    basis: "CAICT 3.1.2",
    how_zh: "请求含攻击特征：目标经两次解码与归一化后匹配 SQL、NoSQL、命令、模板、JNDI 注入、跨站脚本、路径穿越、服务端请求伪造特征，正文与请求头以规则包的攻击特征为准；按调用方和接口汇总（一个调用方超过 8 个接口后按站点），注明应答结果。应答同时泄露错误信息升一级。以 SQL 为正常取值的参数（sql、query、statement）中的 SQL 不报。",
    how_en: "A request holds a sign of attack: its target, decoded twice and normalised, matches SQL, NoSQL, command, template or JNDI injection, cross-site scripting, path traversal or server-side request forgery; bodies and headers by the attack signatures of the rule packs. One finding a caller and interface (the site, after 8 interfaces of one caller), with how it was answered; one step more serious where the reply discloses errors as well. SQL in parameters that take SQL (sql, query, statement) is not reported.",
};

/// Callers under watch.
const CALLERS: usize = 8_192;
/// Interfaces of one caller that are told apart.
const INTERFACES: usize = 8;

/// Identifies C17.
pub(super) struct Source {
    attacked: Table<(SiteId, CallerId), BTreeSet<InterfaceId>>,
}

impl Source {
    pub(super) fn new(_: &Thresholds) -> Self {
        Source { attacked: Table::new(CALLERS) }
    }

    /// The interface a finding is about: none for guesses at interfaces there are none of, nor for a caller that attacks everything.
    fn place(&mut self, seen: &Observation<'_>, known: &Known<'_>) -> Option<InterfaceId> {
        let id = seen.interface?;
        let active = known.interface(id).is_some_and(|i| i.state == InterfaceState::Active);
        let attacked = self.attacked.entry(&(seen.site, seen.caller), BTreeSet::new);
        if active && attacked.len() < INTERFACES {
            attacked.insert(id);
        }
        attacked.contains(&id).then_some(id)
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(attacked);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some((zh, en)) = attack(seen) else { return };
        let disclosed =
            facts::signals(seen, SignalFamily::ErrorDisclosure).any(|(hit, _)| hit.place.response);
        let severity = if disclosed { CARD.severity.raised() } else { CARD.severity };
        let (status_zh, status_en) = match seen.exchange.status() {
            None => ("无应答".to_owned(), "no answer".to_owned()),
            Some(s @ (401 | 403 | 405 | 406 | 429)) => (format!("被拒绝（{s}）"), format!("refused ({s})")),
            Some(s @ 200..300) => (format!("得到成功应答（{s}）"), format!("answered with success ({s})")),
            Some(s) => (format!("应答 {s}"), format!("answered {s}")),
        };
        let interface = self.place(seen, known);
        let host = known.site(seen.site).map_or("", |s| &s.host);
        out.push(Sighting::of(&CARD, seen).of_interface(interface).by_caller().severity(severity).say(
            both(
                format!("向 {host} 发送攻击请求（{zh}），最近一次{status_zh}"),
                format!("sends {en} to {host}; the newest {status_en}"),
            ),
            both(format!("{zh}，{status_zh}"), format!("{en}, {status_en}")),
        ));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        for key in self.attacked.keys_where(|_| true) {
            if self.attacked.get(&key).is_some_and(|s| s.contains(&from)) {
                let attacked = self.attacked.entry(&key, BTreeSet::new);
                attacked.remove(&from);
                attacked.insert(into);
            }
        }
    }

    fn evicted(&self) -> u64 {
        self.attacked.evicted()
    }
}

/// Names of the attack a request holds.
fn attack(seen: &Seen<'_>) -> Option<(String, String)> {
    let request = facts::request(seen)?;
    if let Some(found) = payload::in_target(request).or_else(|| payload::operators_in_body(seen)) {
        return Some((found.zh.to_owned(), found.en.to_owned()));
    }
    let mut hits = facts::signals(seen, SignalFamily::AttackPayload).filter(|(hit, _)| !hit.place.response);
    let (_, kind) = hits.find(|(hit, kind)| {
        let normal = kind.id.contains("sql") && !kind.id.contains("nosql") && payload::takes_sql(seen);
        !(normal && matches!(hit.place.part, Part::Query | Part::Body))
    })?;
    Some((kind.zh.to_string(), kind.en.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    use weir_exchange::{ParamPlace, ParamValue};

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }

    #[test]
    fn reports_targets_and_signals() {
        let f = found([call("GET", "/u/x%27%20OR%201%3D1--")]);
        assert_eq!((f.len(), f[0].severity, f[0].key.caller), (1, Severity::Medium, Some(CallerId(0))));
        assert_eq!(found([call("POST", "/s").signal("attack.xxe", false, Part::Body)]).len(), 1);
        let worked =
            call("GET", "/u/x%27%20OR%201%3D1--").signal("error.trace", true, Part::Body).status(500);
        assert_eq!(found([worked])[0].severity, Severity::High);
    }

    #[test]
    fn leaves_sql_where_it_belongs_and_replies_alone() {
        let value = ParamValue::Other { fingerprint: weir_exchange::Fingerprint(1), length: 30 };
        let sql =
            |place, part| call("GET", "/q").param(place, "sql", value).signal("attack.sql", false, part);
        assert!(found([sql(ParamPlace::Query, Part::Query)]).is_empty());
        assert_eq!(found([sql(ParamPlace::Query, Part::Path)]).len(), 1);
        assert!(found([call("GET", "/a").signal("attack.xxe", true, Part::Body)]).is_empty());
        assert!(found([call("GET", "/search?q=O%27Neil+or+Smith")]).is_empty());
    }

    #[test]
    fn tells_few_interfaces_apart_and_none_that_are_not_there() {
        let f = found((0..20).map(|i| call("GET", "/f?n=../../etc/passwd").to(i)));
        assert_eq!(f.iter().filter(|f| f.key.interface.is_some()).count(), INTERFACES);
        let mut w = World::new();
        w.interfaces[0].state = InterfaceState::Noise;
        let f = w.found(&mut Source::new(&Thresholds::default()), [call("GET", "/f?n=../../etc/passwd")]);
        assert_eq!(f[0].key.interface, None);
    }
}
