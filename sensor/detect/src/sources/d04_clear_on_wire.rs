//! D04 Sensitive data in clear on the wire (敏感数据明文传输).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D04",
    zh: "敏感数据明文传输（违规传输）",
    en: "sensitive data in clear on the wire",
    group: Group::Disclosure,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(4)],
    owasp: "API8:2023 CWE-319 CWE-311",
    basis: "GB/T 46796-2025 7.3.2.2 a; CAICT 4(2)3",
    how_zh: "未加密的链路（HTTP、FTP、数据库与消息协议）上，被接受的请求或成功的响应以明文携带 3 级以上个人信息；按接口汇总，4 级升一级，仅内部访问降一级。加密链路、脱敏与密文、2 级数据、失败的调用不报。链路本身未加密的站点另见 V22。",
    how_en: "On a link that is not encrypted (HTTP, FTP, databases, message brokers) an accepted request or a good reply carries personal data of grade 3 or above in clear; one finding an interface, one step more serious for grade 4, one less where the caller is internal. Encrypted links, masked values and ciphertext, grade 2 and failed calls are not reported. That the site's link is in clear at all is V22.",
};

/// Least grade.
const LEVEL: u8 = 3;

/// Identifies D04.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if !seen.exchange.scheme.is_clear() || seen.exchange.data.is_empty() || !facts::succeeded(seen) {
        return None;
    }
    let carried =
        facts::data(seen).filter(|(d, t)| d.form.is_clear() && d.level >= LEVEL && facts::tells_of_person(t));
    let (item, data_type) = carried.max_by_key(|(d, _)| (d.level, d.count))?;
    let (place, scheme, n) = (facts::place(seen, known), seen.exchange.scheme.key(), item.count);
    let (side_zh, side_en) = if item.place.response { ("响应", "response") } else { ("请求", "request") };
    let sighting = Sighting::of(&CARD, seen).rests_on(item).weigh_level(item.level);
    Some(sighting.weigh_exposure(known).say(
        both(
            format!("{place} 在未加密的链路上传输{}", data_type.zh),
            format!("{place} carries {} over a link in clear", data_type.en),
        ),
        both(
            format!("{scheme}，{side_zh}字段 {}：{} {n} 个，如 {}", item.path, data_type.zh, item.sample),
            format!(
                "{scheme}, {side_en} field {}: {n} of {}, such as {}",
                item.path, data_type.en, item.sample
            ),
        ),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{Form, Part};
    use weir_model::Findings;

    fn found(c: Call) -> Findings {
        World::new().found(&mut detector(&Thresholds::default()), [c.by(100)])
    }

    #[test]
    fn reports_grade_three_in_clear_and_nothing_less() {
        assert_eq!(found(call("GET", "/c").gives("cn_mobile", 1, 1))[0].severity, Severity::High);
        assert_eq!(found(call("GET", "/c").gives("cn_id18", 1, 1))[0].severity, Severity::Critical);
        let sent = call("POST", "/c").item("cn_mobile", false, Part::Body, Form::Plain, 1, 1);
        assert!(found(sent)[0].evidence.note.en.contains("request field"));
        assert!(found(call("GET", "/c").gives("email", 1, 9)).is_empty());
        assert!(found(call("GET", "/c").gives("cn_mobile", 1, 1).https()).is_empty());
        assert!(found(call("GET", "/c").gives("cn_mobile", 1, 1).status(404)).is_empty());
        let masked = call("GET", "/c").item("cn_id18", true, Part::Body, Form::Masked, 1, 1);
        assert!(found(masked).is_empty());
    }
}
