//! D21 Data of minors disclosed (未成年人信息披露).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D21",
    zh: "未成年人信息披露",
    en: "data of minors disclosed",
    group: Group::Disclosure,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(16)],
    measures: &[Handling(5), Handling(6)],
    owasp: "API3:2023 CWE-359",
    basis: "PIPL 28, 31",
    how_zh: "成功响应正文以明文给出未成年人标识（是否未成年、儿童姓名、监护人等字段），且同一响应还有 2 级以上的其他明文个人信息；按接口汇总，仅内部访问降一级。本人记录（监护人看自己的孩子）不报。身份证号只留指纹，故不由其中的出生日期推算年龄。",
    how_en: "The body of a good reply gives in clear what tells of a minor (fields such as isMinor, childName, guardian) and beside it other personal data of grade 2 or above; one finding an interface, one step less serious where the caller is internal. Own records (guardians who look at their children) are not reported. Of identity numbers only fingerprints are kept, so that no age is worked out from the dates in them.",
};

/// Identifies D21.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if seen.exchange.data.len() < 2 || !facts::succeeded(seen) {
        return None;
    }
    let (item, _) = facts::given_out(seen).find(|(_, t)| &*t.id == "minor_flag")?;
    let beside = facts::given_out(seen)
        .filter(|(d, t)| d.level >= 2 && &*t.id != "minor_flag" && facts::tells_of_person(t));
    let (zh, en) = facts::type_names(beside.map(|(_, t)| t));
    if en.is_empty() || facts::own_record(seen, known) {
        return None;
    }
    let (place, n) = (facts::place(seen, known), item.count);
    Some(Sighting::of(&CARD, seen).rests_on(item).weigh_exposure(known).say(
        both(format!("{place} 给出未成年人的信息"), format!("{place} gives out data of minors")),
        both(
            format!("响应字段 {} 标明未成年人 {n} 处，同时给出{zh}", item.path),
            format!("response field {} tells of {n} minors, beside {en}", item.path),
        ),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    #[test]
    fn reports_minors_with_other_data() {
        let find = |c: Call| World::new().found(&mut detector(&Thresholds::default()), [c.by(100)]);
        let minor = || call("GET", "/pupils").gives("minor_flag", 1, 1);
        assert_eq!(find(minor().gives("cn_name", 1, 1))[0].severity, Severity::High);
        assert!(find(minor()).is_empty() && find(call("GET", "/p").gives("cn_name", 1, 1)).is_empty());
        assert!(find(minor().gives("cn_name", 1, 1).status(403)).is_empty());
    }
}
