//! V29 GraphQL or batch over-exposure (GraphQL/批量接口过宽).

use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use std::collections::BTreeMap;
use weir_model::{
    Card, Findings, Group, Handling, InterfaceForm, Known, Observation, RiskType, Severity, Summary,
};

pub(super) static CARD: Card = Card {
    id: "V29",
    zh: "GraphQL/批量接口过宽",
    en: "GraphQL or batch over-exposure",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(1), RiskType(3)],
    measures: &[Handling(6), Handling(7)],
    owasp: "API4:2023 API8:2023 CWE-770 CWE-200",
    basis: "OWASP API Security Top 10 2023, API4, API8",
    how_zh: "GraphQL 接口成功返回自身的模式定义（内省：data.__schema）；或一次请求执行的操作过多：数组批量超过 20 个操作，或同一字段以编号别名重复超过 20 次（a1、a2……），且成功响应。按接口汇总，仅内部访问降一级。单个类型的 __type、__typename 与持久化查询不计；查询深度无从得知（查询正文不保留），被逐项拒绝的批量也计。",
    how_en: "A GraphQL interface gives out its own schema (introspection: data.__schema), or carries out too much at once: more than 20 operations in an array, or one field more than 20 times under numbered aliases (a1, a2, ...), answered 2xx. One finding an interface, one step less serious where the caller is internal. __type of one type, __typename and persisted queries do not count; depth is not seen, as queries are not kept; a batch each part of which is refused counts as well.",
};

/// Identifies V29.
pub(super) struct Source {
    batch: u64,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { batch: thresholds.v29_batch }
    }

    /// What a successful reply shows.
    fn shown(&self, seen: &Observation<'_>) -> Option<Summary> {
        let (request, response) = (facts::request(seen)?, facts::response(seen)?);
        let fields = || response.fields.iter().map(|f| f.strip_prefix("[].").unwrap_or(f));
        let below = |f: &str| f.strip_prefix("data.").map(str::to_owned);
        if fields().any(|f| f.starts_with("data.__schema")) {
            return Some(both(
                "可被内省，给出全部模式定义",
                "can be introspected and gives out all of its schema",
            ));
        }
        let in_array = request.params.iter().any(|p| p.name.starts_with("[]."));
        let operations = u64::from(response.body.records);
        if in_array && operations > self.batch {
            return Some(both(
                format!("一次执行数组中的 {operations} 个操作"),
                format!("carries out an array of {operations} operations at once"),
            ));
        }
        let aliases = aliases(fields().filter_map(below));
        (aliases > self.batch).then(|| {
            both(
                format!("一次以 {aliases} 个以上编号别名重复同一字段"),
                format!("repeats one field under {aliases} or more numbered aliases at once"),
            )
        })
    }
}

/// How often, at most, one name comes with different numbers at its end.
fn aliases(paths: impl Iterator<Item = String>) -> u64 {
    let mut stems: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in paths {
        let name = path.split(['.', '[']).next().unwrap_or("");
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        if stem.len() < name.len() {
            stems.entry(stem.to_owned()).or_default().push(name.to_owned());
        }
    }
    let distinct = stems.into_values().map(|mut names| {
        names.sort_unstable();
        names.dedup();
        names.len() as u64
    });
    distinct.max().unwrap_or(0)
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let interface = seen.interface.and_then(|i| known.interface(i));
        if !facts::succeeded(seen) || interface.is_none_or(|i| i.form != InterfaceForm::GraphQl) {
            return;
        }
        let Some(shown) = self.shown(seen) else { return };
        let place = facts::place(seen, known);
        let bytes = facts::response(seen).map_or(0, |r| r.body.bytes);
        out.push(Sighting::of(&CARD, seen).weigh_exposure(known).say(
            both(format!("{place} {}", shown.zh), format!("{place} {}", shown.en)),
            both(
                format!("响应 {bytes} 字节：{}", shown.zh),
                format!("a reply of {bytes} bytes: {}", shown.en),
            ),
        ));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{ParamPlace, ParamValue, Text};

    fn found(call: Call) -> Findings {
        let mut w = World::new();
        w.interfaces[0].form = InterfaceForm::GraphQl;
        w.found(&mut Source::new(&Thresholds::default()), [call.by(100)])
    }
    fn query(fields: impl IntoIterator<Item = String>, records: u32) -> Call {
        let mut c = call("POST", "/graphql");
        let response = c.exchange.response.as_mut().unwrap();
        response.fields = fields.into_iter().map(|f| Text::from(&*f)).collect();
        response.body.records = records;
        c
    }

    #[test]
    fn reports_introspection() {
        let whole = || query(["data.__schema.types[].name".to_owned()], 40);
        assert_eq!(found(whole())[0].severity, Severity::Medium);
        assert!(found(whole().status(400)).is_empty());
        assert!(found(whole().to(1)).is_empty(), "no GraphQL");
        for other in ["data.__type.name", "data.user.__typename", "errors[].message", "data.schema.x"] {
            assert!(found(query([other.to_owned()], 1)).is_empty(), "{other}");
        }
    }

    #[test]
    fn reports_more_than_twenty_operations() {
        let batch = |n| {
            let c = query(["[].data.login".to_owned()], n);
            found(c.param(ParamPlace::Body, "[].query", ParamValue::Empty))
        };
        assert_eq!((batch(20).len(), batch(21).len()), (0, 1));
        assert!(found(query(["data.users[].name".to_owned()], 500)).is_empty(), "a listing");
        let aliased = |n: u32| found(query((0..n).map(|i| format!("data.a{i}.name")), 0));
        assert_eq!((aliased(20).len(), aliased(21).len()), (0, 1));
    }
}
