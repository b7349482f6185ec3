//! D06 Too many records in one reply (单次返回数据量过大).

use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D06",
    zh: "单次返回数据量过大",
    en: "too many records in one reply",
    group: Group::Disclosure,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(6)],
    owasp: "API3:2023 API4:2023 CWE-213 CWE-770",
    basis: "GB/T 46796-2025 7.3.2.2 b; CAICT 3.2.4, 4(2)3",
    how_zh: "单次 2xx 响应中明文敏感记录数（任一类型的最多值数）：6 条以上提示（须 3 级以上），100 条以上中，1000 条以上高；按接口汇总。记录数按 2 级以上个人信息中出现最多的类型计；脱敏记录、网络地址与用户名不计。",
    how_en: "Sensitive records in clear in one 2xx reply, counted by the most frequent type of personal data of grade 2 or above: 6 or more notice (grade 3 or above only), 100 or more medium, 1,000 or more high; one finding an interface. Masked records, network addresses and user names do not count.",
};

/// Identifies D06.
pub(super) struct Source {
    notice: u64,
    medium: u64,
    high: u64,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { notice: thresholds.d06_notice, medium: thresholds.d06_medium, high: thresholds.d06_high }
    }

    fn severity(&self, records: u64, level: u8) -> Option<Severity> {
        match records {
            n if n >= self.high => Some(Severity::High),
            n if n >= self.medium => Some(Severity::Medium),
            n if n >= self.notice && level >= 3 => Some(Severity::Info),
            _ => None,
        }
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
        let records = facts::given_out(seen)
            .filter(|(d, t)| facts::tells_of_person(t) && d.level >= 2)
            .filter_map(|(d, t)| Some((self.severity(u64::from(d.count), d.level)?, d, t)));
        let Some((severity, item, data_type)) = records.max_by_key(|(s, d, _)| (*s, d.count)) else { return };
        let (place, n) = (facts::place(seen, known), item.count);
        out.push(Sighting::of(&CARD, seen).rests_on(item).severity(severity).say(
            both(
                format!("{place} 单次响应返回 {n} 条敏感记录"),
                format!("{place} returns {n} sensitive records in one reply"),
            ),
            both(
                format!("响应字段 {}：{} {n} 个，如 {}", item.path, data_type.zh, item.sample),
                format!("response field {}: {n} of {}, such as {}", item.path, data_type.en, item.sample),
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

    fn severity(id: &str, n: u32) -> Option<Severity> {
        let calls = [call("GET", "/c").gives(id, 1, n)];
        World::new().found(&mut Source::new(&Thresholds::default()), calls).first().map(|f| f.severity)
    }

    #[test]
    fn grades_by_records() {
        let expected =
            [(5, None), (6, Some(Severity::Info)), (99, Some(Severity::Info)), (100, Some(Severity::Medium))];
        for (n, severity_expected) in expected {
            assert_eq!(severity("cn_mobile", n), severity_expected, "{n}");
        }
        assert_eq!(
            (severity("cn_mobile", 999), severity("cn_mobile", 1000)),
            (Some(Severity::Medium), Some(Severity::High))
        );
        assert_eq!((severity("email", 99), severity("email", 100)), (None, Some(Severity::Medium)));
    }

    #[test]
    fn leaves_masked_records_and_addresses_alone() {
        assert_eq!(severity("ipv4", 500), None);
        let masked = [call("GET", "/c").item("cn_id18", true, Part::Body, Form::Masked, 1, 500)];
        assert!(World::new().found(&mut Source::new(&Thresholds::default()), masked).is_empty());
    }
}
