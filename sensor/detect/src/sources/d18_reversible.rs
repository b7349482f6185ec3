//! D18 Reversible de-identification (去标识化失效).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::{Form, Part};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D18",
    zh: "去标识化失效",
    en: "reversible de-identification",
    group: Group::Disclosure,
    severity: Severity::Medium,
    risks: &[RiskType(20), RiskType(1)],
    measures: &[Handling(5)],
    owasp: "CWE-327 CWE-759",
    basis: "GB/T 45577 数据脱敏 e",
    how_zh: "成功响应正文中，政策要求脱敏的个人信息（3 级以上）只以 base64、十六进制或百分号编码给出：任何人都能还原；按接口汇总，仅内部访问降一级。令牌自身的声明、文件与图像、整个正文的编码不计。无盐摘要（MD5、SHA-1、SM3）可否枚举还原须离线查对，不在此判断。",
    how_en: "In the body of a good reply personal data that policy wants masked (grade 3 or above) are merely written in base64, hex or percent-encoding, which anyone can undo; one finding an interface, one step less serious where the caller is internal. Claims of tokens, files, images and bodies encoded as a whole do not count. Whether digests without salt (MD5, SHA-1, SM3) can be undone by trying all values needs a dictionary and is not judged here.",
};

/// Least grade.
const LEVEL: u8 = 3;

/// Identifies D18.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if seen.exchange.data.is_empty() || !facts::succeeded(seen) || facts::is_file(seen) {
        return None;
    }
    let encoded = facts::data(seen).filter(|(d, t)| {
        d.form == Form::Encoded
            && d.place.response
            && d.place.part == Part::Body
            && d.level >= LEVEL
            && t.mask_expected
            && !t.secret
            && facts::tells_of_person(t)
    });
    let (item, data_type) = encoded.max_by_key(|(d, _)| (d.level, d.count))?;
    let (place, n) = (facts::place(seen, known), item.count);
    Some(Sighting::of(&CARD, seen).rests_on(item).weigh_exposure(known).say(
        both(
            format!("{place} 以可还原的编码代替脱敏：{}", data_type.zh),
            format!("{place} encodes {} where it should be masked", data_type.en),
        ),
        both(
            format!("响应字段 {}：编码的{} {n} 个，如 {}", item.path, data_type.zh, item.sample),
            format!("response field {}: {n} of {} encoded, such as {}", item.path, data_type.en, item.sample),
        ),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    #[test]
    fn reports_encoded_values_that_should_be_masked() {
        let find = |c: Call| World::new().found(&mut detector(&Thresholds::default()), [c.by(100)]);
        let encoded = |id| call("GET", "/c").item(id, true, Part::Body, Form::Encoded, 1, 3);
        assert_eq!(find(encoded("cn_mobile"))[0].severity, Severity::Medium);
        assert!(find(encoded("email")).is_empty(), "need not be masked");
        assert!(find(call("GET", "/c").gives("cn_mobile", 1, 3)).is_empty(), "that is D01");
        let sent = call("GET", "/c").item("cn_mobile", false, Part::Body, Form::Encoded, 1, 3);
        assert!(find(sent).is_empty());
    }
}
