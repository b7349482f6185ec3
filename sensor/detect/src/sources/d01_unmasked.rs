//! D01 Unmasked sensitive data (敏感数据未脱敏).

use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D01",
    zh: "敏感数据未脱敏",
    en: "unmasked sensitive data",
    group: Group::Disclosure,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(5)],
    owasp: "API3:2023 CWE-213 CWE-200",
    basis: "CAICT 3.2.3, 4(2)3",
    how_zh: "2xx 响应以明文给出策略要求脱敏、3 级以上且置信度 60 以上的值；按接口汇总，4 级升一级，仅内部访问降一级。调用方读取本人记录（路径为 me、profile 或其账号），以及回显调用方在同一请求中提交的值不报；脱敏、加密、散列形式不报。",
    how_en: "A 2xx reply gives in clear a value that policy wants masked, of grade 3 or above and confidence 60 or above; one finding an interface, one step more serious for grade 4, one less where the caller is internal. Callers who read their own record (path names me, profile or their account) and values that merely come back from the same request are not reported, nor are masked, encrypted or hashed forms.",
};

const CONFIDENT: u8 = 60;

/// Identifies D01.
pub(super) struct Source {
    level: u8,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { level: u8::try_from(thresholds.d01_level).unwrap_or(u8::MAX) }
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
        let clear: Vec<_> = facts::given_out(seen)
            .filter(|(d, t)| {
                t.mask_expected && !t.secret && d.level >= self.level && d.confidence >= CONFIDENT
            })
            .filter(|(d, _)| facts::new_to_caller(seen, d) > 0)
            .collect();
        let Some((item, data_type)) = clear.iter().max_by_key(|(d, _)| (d.level, d.count)) else { return };
        if facts::own_record(seen, known) {
            return;
        }
        let place = facts::place(seen, known);
        let values: u64 = clear.iter().map(|(d, _)| u64::from(d.count)).sum();
        let (zh, en) = facts::type_names(clear.iter().map(|(_, t)| *t));
        out.push(Sighting::of(&CARD, seen).rests_on(item).weigh_level(item.level).weigh_exposure(known).say(
            both(
                format!("{place} 以明文返回{zh}，最近一次 {values} 个值"),
                format!("{place} returns in clear: {en}; {values} values in the newest reply"),
            ),
            both(
                format!("响应字段 {}：{} {} 个，如 {}", item.path, data_type.zh, item.count, item.sample),
                format!(
                    "response field {}: {} of {}, such as {}",
                    item.path, item.count, data_type.en, item.sample
                ),
            ),
        ));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    use weir_exchange::{Form, Part};

    fn found(call: Call) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_clear_values_that_policy_wants_masked() {
        let f = found(call("GET", "/c").gives("cn_mobile", 1, 2).gives("cn_id18", 1, 1).signed_in());
        assert_eq!((f.len(), f[0].severity), (1, Severity::High), "grade 4 raises, internal lowers");
        assert_eq!(found(call("GET", "/c").gives("cn_mobile", 1, 1))[0].severity, Severity::Medium);
    }

    #[test]
    fn leaves_masked_low_grade_own_and_echoed_values_alone() {
        assert!(found(call("GET", "/c").item("cn_id18", true, Part::Body, Form::Masked, 1, 5)).is_empty());
        assert!(found(call("GET", "/c").gives("email", 1, 50)).is_empty());
        assert!(found(call("GET", "/api/me").gives("cn_mobile", 1, 1).signed_in()).is_empty());
        assert_eq!(found(call("GET", "/me/contacts").gives("cn_mobile", 1, 4).signed_in()).len(), 1);
        let mut own = call("GET", "/users/alice").gives("cn_mobile", 1, 1).signed_in();
        own.account = Some(0);
        assert!(found(own).is_empty());
        let echo = |sent| {
            call("POST", "/c").item("cn_mobile", false, Part::Body, Form::Plain, sent, 1).gives(
                "cn_mobile",
                5,
                1,
            )
        };
        assert!(found(echo(5)).is_empty());
        assert_eq!(found(echo(6)).len(), 1);
        assert!(found(call("GET", "/c").gives("cn_id18", 1, 1).status(500)).is_empty());
    }
}
