//! V17 Injection (注入缺陷).

use crate::payload::{self, Attack};
use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use weir_exchange::{Part, SignalFamily};
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V17",
    zh: "注入缺陷",
    en: "injection",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(2), RiskType(3)],
    measures: &[Handling(14), Handling(12)],
    owasp: "API8:2023 API10:2023 CWE-89 CWE-943",
    basis: "CAICT 3.1.2",
    how_zh: "请求含 SQL 注入特征（判别同 C17），且响应正文带有数据库自身的错误（MySQL、PostgreSQL、Oracle、SQL Server、SQLite 的错误文本）：输入进到了查询里；按接口汇总，一次即报。只有载荷而没有这样的应答归 C17。以行数突增、按载荷延迟判断的盲注，命令、模板与 LDAP 注入的应答特征暂无，不报。",
    how_en: "A request holds a sign of SQL injection (as told by C17), and the body of the reply an error of the database itself (texts of MySQL, PostgreSQL, Oracle, SQL Server, SQLite): the input reached the query. One finding an interface, reported at the first. A payload without such an answer is C17. Blind injection, told by more rows or by delays that the payload asks for, and the answers of command, template and LDAP injection are not known yet.",
};

/// Identifies V17.
pub(super) struct Source;

impl Source {
    pub(super) const fn new(_: &Thresholds) -> Self {
        Source
    }
}

/// Whether a request tries to inject SQL where none is normal.
fn injects(seen: &Seen<'_>) -> bool {
    let by_target = facts::request(seen).and_then(payload::in_target).is_some_and(Attack::is_sql);
    let mut hits = facts::signals(seen, SignalFamily::AttackPayload);
    by_target
        || hits.any(|(hit, kind)| {
            let normal = matches!(hit.place.part, Part::Query | Part::Body) && payload::takes_sql(seen);
            !hit.place.response && kind.id.ends_with(".sql") && !normal
        })
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let mut errors = facts::signals(seen, SignalFamily::ErrorDisclosure);
        let Some((hit, kind)) =
            errors.find(|(hit, kind)| hit.place.response && kind.id.starts_with("error.sql"))
        else {
            return;
        };
        if !injects(seen) {
            return;
        }
        let (place, status) = (facts::place(seen, known), seen.exchange.status().unwrap_or(0));
        out.push(Sighting::of(&CARD, seen).weigh_exposure(known).say(
            both(format!("{place} 存在 SQL 注入缺陷"), format!("{place} can be injected with SQL")),
            both(
                format!("请求含 SQL 注入特征，响应 {status} 带有{}：{}", kind.zh, hit.excerpt),
                format!("SQL injected, answered {status} with {}: {}", kind.en, hit.excerpt),
            ),
        ));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    #[test]
    fn reports_payloads_that_the_database_answers() {
        let found = |c: Call| World::new().found(&mut Source::new(&Thresholds::default()), [c.by(100)]);
        let answered = |c: Call| c.signal("error.sql-mysql", true, Part::Body).status(500);
        let sent = || call("POST", "/a").signal("attack.sql", false, Part::Body);
        assert_eq!(found(answered(sent()))[0].severity, Severity::High);
        assert_eq!(found(answered(call("GET", "/a?id=1%20union%20select%202"))).len(), 1);
        assert!(found(sent().status(500)).is_empty(), "that is C17");
        assert!(found(answered(call("GET", "/a?id=1"))).is_empty(), "that is V25");
        let other = call("POST", "/a").signal("error.trace", true, Part::Body).signal(
            "attack.sql",
            false,
            Part::Body,
        );
        assert!(found(other).is_empty());
    }
}
