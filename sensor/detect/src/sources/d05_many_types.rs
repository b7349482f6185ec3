//! D05 Too many data types (返回数据类型过多).

use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use std::collections::BTreeMap;
use weir_exchange::PersonalClass;
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D05",
    zh: "返回数据类型过多",
    en: "too many data types",
    group: Group::Disclosure,
    severity: Severity::Medium,
    risks: &[RiskType(1), RiskType(13)],
    measures: &[Handling(6)],
    owasp: "API3:2023 CWE-213",
    basis: "GB/T 46796-2025 7.3.2.2 b; CAICT 3.2.4",
    how_zh: "单次 2xx 响应以明文含 5 种以上个人信息类型（2 级以上），或 3 种以上敏感个人信息类型；按接口汇总，仅内部访问降一级。本人记录与请求中已有的值不计；脱敏、加密形式不计；网络地址、用户名不计。",
    how_en: "One 2xx reply holds, in clear, five or more types of personal data of grade 2 or above, or three or more types of sensitive personal information; one finding an interface, one step less serious where the caller is internal. The caller's own record and values that come back from the request do not count, nor do masked or encrypted forms, network addresses and user names.",
};

const CONFIDENT: u8 = 50;

/// Identifies D05.
pub(super) struct Source {
    types: usize,
    sensitive_types: usize,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Source { types: size(thresholds.d05_types), sensitive_types: size(thresholds.d05_sensitive_types) }
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
        let types: BTreeMap<&str, _> = facts::given_out(seen)
            .filter(|(d, t)| facts::tells_of_person(t) && d.level >= 2 && d.confidence >= CONFIDENT)
            .filter(|(d, _)| facts::new_to_caller(seen, d) > 0)
            .map(|(_, t)| (&*t.id, t))
            .collect();
        let sensitive = types.values().filter(|t| t.personal == PersonalClass::Sensitive).count();
        if types.len() < self.types && sensitive < self.sensitive_types || facts::own_record(seen, known) {
            return;
        }
        let (zh, en) = facts::type_names(types.values().copied());
        let (place, n) = (facts::place(seen, known), types.len());
        out.push(Sighting::of(&CARD, seen).weigh_exposure(known).say(
            both(
                format!("{place} 单次响应返回 {n} 种个人信息，其中敏感个人信息 {sensitive} 种"),
                format!(
                    "{place} returns {n} types of personal data in one reply, {sensitive} of them sensitive"
                ),
            ),
            both(format!("含{zh}"), format!("holds {en}")),
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
    fn reports_five_types_or_three_sensitive_ones() {
        let four = || {
            call("GET", "/c")
                .gives("cn_name", 1, 1)
                .gives("email", 1, 1)
                .gives("cn_mobile", 1, 1)
                .gives("cn_id18", 1, 1)
        };
        assert!(found(four()).is_empty());
        assert_eq!(found(four().gives("cn_address", 1, 1)).len(), 1);
        let two = || call("GET", "/c").gives("cn_id18", 1, 1).gives("cn_bankcard", 1, 1);
        assert!(found(two()).is_empty());
        assert_eq!(found(two().gives("cn_address", 1, 1)).len(), 1);
    }

    #[test]
    fn leaves_masked_common_and_own_data_alone() {
        let two = || call("GET", "/me").gives("cn_id18", 1, 1).gives("cn_bankcard", 1, 1);
        assert!(found(two().item("cn_address", true, Part::Body, Form::Masked, 1, 1)).is_empty());
        assert!(found(two().gives("cn_address", 1, 1).signed_in()).is_empty());
        let four = call("GET", "/c")
            .gives("cn_name", 1, 1)
            .gives("email", 1, 1)
            .gives("cn_mobile", 1, 1)
            .gives("cn_id18", 1, 1);
        assert!(found(four.gives("ipv4", 1, 1)).is_empty());
    }
}
