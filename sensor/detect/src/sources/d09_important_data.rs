//! D09 Important or core data over an interface (重要、核心数据经接口流出).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::Part;
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D09",
    zh: "重要、核心数据经接口流出",
    en: "important or core data over an interface",
    group: Group::Disclosure,
    severity: Severity::Critical,
    risks: &[RiskType(10), RiskType(1)],
    measures: &[Handling(8), Handling(19)],
    owasp: "API3:2023 CWE-200",
    basis: "GB/T 46796-2025 7.2.2 d 2; GB/T 43697-2024",
    how_zh: "所用分级方案（如 gbt43697）定为“重要”或“核心”级的数据类型，以任何形式（脱敏除外）出现在成功响应的正文中，一次即报；按接口和调用方汇总，不因内部访问降级。哪些类型属重要或核心数据由本行业目录决定，须以自有规则包的 grades 或 weir rules fingerprint 的精确名录给出；内置类型没有这样的级别，故未给出目录时不识别。",
    how_en: "Data of a type that the grading profile in force (such as gbt43697) has as important or core stand in the body of a good reply, in any form but masked; reported at the first. One finding an interface and caller, not less serious for insiders. Which types are important or core only the catalogue of the trade says: give it as `grades` of packs of your own, or as exact lists by weir rules fingerprint; no built-in type has such a level, so that without a catalogue nothing is identified.",
};

/// Ids of levels, in any profile, that mean it.
const LEVELS: &[&str] = &["important", "core"];

/// Identifies D09.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    let grading = seen.catalogue.grading.as_ref()?;
    if seen.exchange.data.is_empty() || !facts::succeeded(seen) {
        return None;
    }
    let graded = facts::data(seen).filter_map(|(d, t)| {
        let stands = d.place.response && d.place.part == Part::Body && d.form != weir_exchange::Form::Masked;
        let grade = grading.field(d.data_type, d.form);
        let label = grading.label(grade).filter(|l| stands && LEVELS.contains(&&*l.id))?;
        Some((grade, label, d, t))
    });
    let (_, label, item, data_type) = graded.max_by_key(|(grade, _, d, _)| (*grade, d.count))?;
    let (place, n) = (facts::place(seen, known), item.count);
    Some(Sighting::of(&CARD, seen).by_caller().rests_on(item).say(
        both(
            format!("{place} 给出{}级数据：{}", label.zh, data_type.zh),
            format!("{place} gives out data of level {}: {}", label.en, data_type.en),
        ),
        both(
            format!("响应字段 {}：{} {n} 个", item.path, data_type.zh),
            format!("response field {}: {n} of {}", item.path, data_type.en),
        ),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{Form, Grade, Graded, Grading, Label};
    use weir_model::Findings;

    fn grading() -> Grading {
        let label = |id: &str| Label { id: id.into(), zh: id.into(), en: id.into() };
        let of = |n: u8| (Graded { grade: Grade(n), category: None }, false);
        Grading {
            id: "gbt43697".into(),
            zh: "x".into(),
            en: "x".into(),
            standard: "x".into(),
            levels: ["general-4", "important"].map(label).to_vec(),
            categories: vec![],
            hidden_lower: false,
            many: None,
            // The first of the tests' types is important.
            types: std::iter::once(of(1)).chain((0..20).map(|_| of(0))).collect(),
        }
    }
    fn found(graded: bool, c: Call) -> Findings {
        let mut w = World::new();
        w.catalogue.grading = graded.then(grading);
        w.found(&mut detector(&Thresholds::default()), [c])
    }

    #[test]
    fn reports_what_the_profile_has_as_important() {
        let f = found(true, call("GET", "/c").gives("cn_id18", 1, 2));
        assert_eq!((f.len(), f[0].severity), (1, Severity::Critical));
        assert!(f[0].key.caller.is_some());
        assert!(found(true, call("GET", "/c").gives("cn_mobile", 1, 2)).is_empty());
        assert!(found(false, call("GET", "/c").gives("cn_id18", 1, 2)).is_empty());
        let masked = call("GET", "/c").item("cn_id18", true, Part::Body, Form::Masked, 1, 2);
        assert!(found(true, masked).is_empty());
    }
}
